using System.Buffers.Binary;
using Engine.Core.Numerics;
using Engine.Feeds.Xdp;

namespace Engine.Fuzz.Generators;

/// <summary>XDP packets.</summary>
internal sealed unsafe class XdpGenerator : PacketGenerator
{
    private const uint Second = 1_600_000_000;
    private static readonly byte[] s_types = [.. Enumerable.Range(1, 255).Where(t => XdpLayouts.WireSize(t, 0) != 0).Select(t => (byte)t)];
    private static readonly byte[] s_deliveries = [11, 11, 11, 11, 11, 11, 11, 11, 1, 10, 12, 13, 15, 17, 18, 19, 20, 21];

    /// <inheritdoc/>
    public override int Head => 16;

    /// <inheritdoc/>
    public override void Repair(Span<byte> payload) => BinaryPrimitives.WriteUInt16LittleEndian(payload, (ushort)payload.Length);

    /// <inheritdoc/>
    protected override int Write(SeededRandom random, Span<byte> payload, int stream, ulong sequence, int count, int announced)
    {
        ByteWriter writer = new(payload[16..]);
        for (int i = 0; i < count; i++)
        {
            writer.Skip(Message(random, writer.Rest));
        }

        ByteWriter head = new(payload);
        head.Little16(16 + writer.Length);
        head.U8(random.Chance(0.99) ? s_deliveries[random.Next(s_deliveries.Length)] : random.Next(256));
        head.U8(announced);
        head.Little32((uint)sequence);
        head.Little32(Second + (uint)random.Next(3));
        head.Little32((uint)random.Next(1_000_000_000));
        return 16 + writer.Length;
    }

    private static int Message(SeededRandom random, Span<byte> target)
    {
        int type = random.Chance(0.98) ? s_types[random.Next(s_types.Length)] : random.Next(1, 1_000);
        int size = random.Chance(0.98) ? Math.Max(XdpLayouts.WireSize(type, random.Next(2) * 255), 4) : random.Next(4, 90);
        Span<byte> message = target[..Math.Max(size, 80)];
        random.NextBytes(message);
        BinaryPrimitives.WriteUInt16LittleEndian(message, (ushort)size);
        BinaryPrimitives.WriteUInt16LittleEndian(message[2..], (ushort)type);

        // SAFETY: the table has 256 entries.
        XdpLayout layout = type < 256 ? XdpLayouts.Table[type] : default;
        Field(random, message, layout.Symbol, 40);
        Field(random, message, layout.Order, 2_000);
        if (layout.Side != 0)
        {
            message[layout.Side] = (byte)(random.Chance(0.5) ? 'B' : 'S');
        }

        switch (type)
        {
            case 2:
                Field(random, message, 4, 4);
                BinaryPrimitives.WriteUInt32LittleEndian(message[12..], Second + (uint)random.Next(3));
                break;
            case 3:
                Symbol(random, message.Slice(8, 11), 0);
                message[22] = (byte)random.Next(4);
                message[24] = (byte)random.Next(11);
                break;
            case 35:
                BinaryPrimitives.WriteUInt16LittleEndian(message[4..], (ushort)random.Next(4));
                BinaryPrimitives.WriteUInt16LittleEndian(message[6..], (ushort)random.Next(4));
                break;
        }

        return size;
    }

    private static void Field(SeededRandom random, Span<byte> message, int at, int bound)
    {
        if (at != 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(message[at..], (uint)random.Next(bound));
        }
    }
}
