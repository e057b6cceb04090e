using Engine.Core.Numerics;
using Engine.Feeds.Network.Live;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Memory;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>SoupBinTCP bytes that come in pieces: the packets are those of the whole, wherever it is cut.</summary>
internal sealed unsafe class SoupTarget : InputTarget
{
    private const int MaxPackets = 12;
    private readonly GuardedMemory _part = new(MaxInput);

    /// <inheritdoc/>
    public override string Name => "soup";

    /// <inheritdoc/>
    public override int Weight => 4;

    /// <inheritdoc/>
    protected override int Generate(SeededRandom random, Span<byte> input)
    {
        ByteWriter writer = new(input);
        for (int i = random.Next(MaxPackets); i > 0; i--)
        {
            int payload = random.Chance(0.95) ? random.Next(40) : random.Next(4_000);
            writer.Big16(random.Chance(0.99) ? payload + 1 : 0);
            writer.U8("+AJSUHZLRO?"[random.Next(11)]);
            random.NextBytes(writer.Rest[..payload]);
            writer.Skip(payload);
        }

        if (random.Chance(0.2))
        {
            writer.Skip(SoupBinTcp.WriteLoginAccepted(writer.Rest, "S1", random.NextUInt64() >> random.Next(64)));
        }

        return random.Chance(0.5) ? Mutator.Mutate(random, input, writer.Length, input[..writer.Length]) : writer.Length;
    }

    /// <inheritdoc/>
    protected override void Try(byte* input, int length, FuzzBatch batch)
    {
        ReadOnlySpan<byte> bytes = new(input, length);
        int at = 0, expected = 0, seen = 0;
        while (at < length)
        {
            seen = Math.Min(length, Math.Max(seen, at) + batch.Random.Next(1, batch.Random.Chance(0.5) ? 4 : 200));
            while (Step(bytes[at..seen], batch.Random.Chance(0.2), out int consumed))
            {
                at += consumed;
            }

            expected = Naive(bytes, seen, out bool isOver);
            FuzzBatch.Require(at == expected, $"{at} bytes of {seen} are packets, expected {expected}");
            if (isOver || seen == length)
            {
                return;
            }
        }
    }

    /// <summary>Reads a packet out of bytes that end where the memory does.</summary>
    private bool Step(ReadOnlySpan<byte> part, bool atStart, out int consumed)
    {
        // SAFETY: the bytes lie in the guarded memory, which lives as long as the target.
        ReadOnlySpan<byte> placed = new(_part.Place(part, atStart), part.Length);
        SoupResult result = SoupBinTcp.TryRead(placed, out SoupPacket packet, out consumed);
        FuzzBatch.Require((result == SoupResult.Packet) == consumed > 0, $"{result} of {consumed} bytes");
        if (result != SoupResult.Packet)
        {
            return false;
        }

        FuzzBatch.Require(consumed == packet.Payload.Length + SoupBinTcp.HeadSize && packet.Type == part[2], "a packet of other bytes");
        FuzzBatch.Require(packet.Payload.SequenceEqual(part[SoupBinTcp.HeadSize..consumed]), "a payload of other bytes");
        if (SoupBinTcp.TryNumber(packet.Payload, out ulong number))
        {
            Span<byte> field = stackalloc byte[SoupBinTcp.SequenceSize];
            field.Fill((byte)' ');
            SoupBinTcp.PutNumber(field, number);
            FuzzBatch.Require(SoupBinTcp.TryNumber(field, out ulong again) && again == number, $"the number {number} does not come back");
        }

        return true;
    }

    /// <summary>Bytes of the whole packets that the first bytes hold.</summary>
    private static int Naive(ReadOnlySpan<byte> bytes, int seen, out bool isOver)
    {
        int at = 0;
        isOver = false;
        while (seen - at >= 2)
        {
            int length = (bytes[at] * 256) + bytes[at + 1];
            isOver = length == 0;
            if (isOver || at + 2 + length > seen)
            {
                break;
            }

            at += 2 + length;
        }

        return at;
    }
}
