using Engine.Core.Numerics;

namespace Engine.Fuzz.Generators;

/// <summary>Puts payloads into link, IP and UDP headers, and damages what comes out.</summary>
/// <param name="packets">Writes the payloads.</param>
internal sealed class FrameGenerator(PacketGenerator packets)
{
    /// <summary>Most bytes of a frame.</summary>
    public const int MaxFrame = 4_096;

    private const int MaxNoise = 200, Headers = 64;
    private static readonly byte[] s_macs = [1, 0, 94, 1, 1, 1, 2, 0, 0, 0, 0, 1];
    private readonly byte[] _payload = new byte[MaxFrame - Headers];
    private readonly byte[] _before = new byte[MaxFrame];
    private int _beforeLength;

    /// <summary>A batch begins.</summary>
    public void Reset()
    {
        packets.Reset();
        _beforeLength = 0;
    }

    /// <summary>Writes an Ethernet frame.</summary>
    /// <returns>Its bytes.</returns>
    public int Write(SeededRandom random, Span<byte> frame)
    {
        int kind = packets.IsOrderly ? 10 : random.Next(20);
        int length;
        if (kind == 0)
        {
            length = Noise(random, frame);
        }
        else if (kind == 1 && _beforeLength > 0)
        {
            length = _beforeLength;
            _before.AsSpan(0, length).CopyTo(frame);
        }
        else
        {
            int payload = kind == 2 ? Noise(random, _payload) : packets.Write(random, _payload);
            payload = kind >= 13 ? Damage(random, payload) : payload;
            length = Wrap(random, _payload.AsSpan(0, payload), frame, random.Next(1, packets.IsOrderly ? 4 : 7));
            length = kind == 3 ? Mutator.Mutate(random, frame[..MaxFrame], length, _before.AsSpan(0, _beforeLength)) : length;
        }

        frame[..length].CopyTo(_before);
        _beforeLength = length;
        return length;
    }

    /// <summary>Damages a payload; mostly not its head, since a sequence far ahead turns all that follows into repetitions.</summary>
    private int Damage(SeededRandom random, int length)
    {
        Span<byte> head = stackalloc byte[packets.Head];
        _payload.AsSpan(0, packets.Head).CopyTo(head);
        length = Mutator.Mutate(random, _payload, length, _before.AsSpan(0, _beforeLength));
        if (random.Chance(0.9) && length >= packets.Head)
        {
            head.CopyTo(_payload);
            packets.Repair(_payload.AsSpan(0, length));
        }

        return length;
    }

    private static int Noise(SeededRandom random, Span<byte> target)
    {
        int length = random.Next(MaxNoise);
        random.NextBytes(target[..length]);
        return length;
    }

    private int Wrap(SeededRandom random, ReadOnlySpan<byte> payload, Span<byte> frame, int group)
    {
        ByteWriter writer = new(frame);
        writer.Bytes(s_macs);
        for (int tags = random.Chance(0.9) ? 0 : random.Next(random.Chance(0.1) && !packets.IsOrderly ? 4 : 3); tags > 0; tags--)
        {
            writer.Big16(0x8100);
            writer.Big16(tags);
        }

        bool isIpv6 = random.Chance(0.05);
        writer.Big16(isIpv6 ? 0x86DD : 0x0800);
        if (isIpv6)
        {
            writer.Big32(0x60000000);
            writer.Big16(payload.Length + 8);
            writer.Big16(0x1140);
            writer.Big64(1);
            writer.Big64(2);
            writer.Big64(0xFF02UL << 48);
            writer.Big64((ulong)group);
        }
        else
        {
            writer.Big16(0x4500);
            writer.Big16(payload.Length + 28);
            writer.Big32(0);
            writer.Big32(0x40110000);
            writer.Big32(0x0A000001);
            writer.Big32(0xE9360C00 | (uint)group);
        }

        writer.Big16(4_000);
        writer.Big16(26_477);
        writer.Big16(payload.Length + 8);
        writer.Big16(0);
        writer.Bytes(payload);
        return writer.Length;
    }
}
