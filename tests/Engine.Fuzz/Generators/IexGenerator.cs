using System.Buffers.Binary;
using Engine.Core.Numerics;
using Engine.Feeds.IexDeep;

namespace Engine.Fuzz.Generators;

/// <summary>DEEP 1.0 messages in IEX-TP segments.</summary>
internal sealed class IexGenerator : PacketGenerator
{
    private const long Now = 1_600_000_000_000_000_000;
    private static readonly byte[] s_types = [.. Enumerable.Range(1, 255).Where(t => IexLayouts.Of((byte)t).Length != 0).Select(t => (byte)t)];
    private readonly ulong[] _offsets = new ulong[Streams];

    /// <inheritdoc/>
    public override int Head => IexHeader.Size;

    /// <inheritdoc/>
    public override void Repair(Span<byte> payload) =>
        BinaryPrimitives.WriteUInt16LittleEndian(payload[12..], (ushort)(payload.Length - IexHeader.Size));

    /// <inheritdoc/>
    protected override int Write(SeededRandom random, Span<byte> payload, int stream, ulong sequence, int count, int announced)
    {
        ByteWriter writer = new(payload[40..]);
        for (int i = 0; i < count; i++)
        {
            int length = Message(random, writer.Rest[2..]);
            writer.Little16(length);
            writer.Skip(length);
        }

        ByteWriter head = new(payload);
        head.U8(1);
        head.U8(0);
        head.Little16(random.Chance(0.98) ? IexHeader.Deep : random.Next(0x8003, 0x8006));
        head.Little32((uint)stream / 2);
        head.Little32((uint)stream % 2);
        head.Little16(writer.Length);
        head.Little16(announced);
        head.Little64(random.Chance(0.99) ? _offsets[stream] : random.NextUInt64());
        head.Little64(sequence);
        head.Little64((ulong)(Now + random.Next(1_000_000)));
        _offsets[stream] += (ulong)writer.Length;
        return 40 + writer.Length;
    }

    private static int Message(SeededRandom random, Span<byte> target)
    {
        byte type = random.Chance(0.98) ? random.Chance(0.6) ? (byte)"85T"[random.Next(3)] : s_types[random.Next(s_types.Length)] : (byte)random.Next(256);
        int length = random.Chance(0.98) ? Math.Max((int)IexLayouts.Of(type).Length, 1) : random.Next(90);
        Span<byte> message = target[..Math.Max(length, 80)];
        random.NextBytes(message);
        message[0] = type;
        message[1] = (byte)(random.Chance(0.9) ? random.Next(2) : random.Next(256));
        if (random.Chance(0.98))
        {
            Symbol(random, message.Slice(10, 8), (byte)' ');
            message[28] = message[29] = 0;
        }

        return length;
    }
}
