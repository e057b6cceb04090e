using System.Buffers.Binary;
using Engine.Core.Numerics;
using Engine.Feeds.Itch;

namespace Engine.Fuzz.Generators;

/// <summary>ITCH 5.0 messages, and MoldUDP64 packets of them.</summary>
internal sealed class MoldGenerator : PacketGenerator
{
    private const int OrderAt = 11;
    private const int Repeatables = 251;
    private static readonly byte[][] s_repeatable = [.. Enumerable.Range(0, Repeatables).Select(Repeatable)];
    private static readonly byte[] s_types = [.. Enumerable.Range(0, 256).Select(t => (byte)t).Where(t => ItchLayouts.WireLength(t) != 0)];

    /// <summary>A message that comes again is the same again; else a repetition may differ, as a stream that begins again does.</summary>
    public bool IsRepeatable { get; init; }

    /// <inheritdoc/>
    public override int Head => 20;

    /// <summary>Writes a message without its length.</summary>
    /// <returns>Its bytes.</returns>
    public static int Message(SeededRandom random, Span<byte> target, bool isOrderly)
    {
        byte type = isOrderly ? (byte)"AADEX"[random.Next(5)] : random.Chance(0.98) ? s_types[random.Next(s_types.Length)] : (byte)random.Next(256);
        int length = ItchLayouts.WireLength(type);
        length = isOrderly || random.Chance(0.98) ? Math.Max(length, 1) : random.Next(60);
        Span<byte> message = target[..Math.Max(length, 20)];
        random.NextBytes(message);
        message[0] = type;
        BinaryPrimitives.WriteUInt16BigEndian(message[1..], (ushort)random.Next(300));
        BinaryPrimitives.WriteUInt64BigEndian(message[OrderAt..], (ulong)random.Next(2_000));
        if (type is (byte)'R' or (byte)'H' or (byte)'Y')
        {
            Symbol(random, message.Slice(11, 8), (byte)' ');
        }
        else if (type is (byte)'A' or (byte)'F' or (byte)'P' && length >= 32)
        {
            message[19] = isOrderly || random.Chance(0.98) ? (byte)(random.Chance(0.5) ? 'B' : 'S') : message[19];
            Symbol(random, message.Slice(24, 8), (byte)' ');
        }

        return length;
    }

    /// <inheritdoc/>
    protected override int Write(SeededRandom random, Span<byte> payload, int stream, ulong sequence, int count, int announced)
    {
        ByteWriter writer = new(payload);
        writer.Bytes("SESSION-1 "u8);
        payload[8] = (byte)('1' + stream);
        payload[9] = IsOrderly || random.Chance(0.95) ? (byte)' ' : (byte)random.Next(0x21, 0x7F);
        writer.Big64(sequence);
        writer.Big16(announced);
        for (int i = 0; i < count; i++)
        {
            int length = IsRepeatable ? Again(sequence + (ulong)i, writer.Rest[2..]) : Message(random, writer.Rest[2..], IsOrderly);
            if (IsOrderly)
            {
                // The order's number is the message's, so that a message out of place shows.
                BinaryPrimitives.WriteUInt64BigEndian(writer.Rest[(2 + OrderAt)..], sequence + (ulong)i);
            }

            writer.Big16(length);
            writer.Skip(length);
        }

        return writer.Length;
    }

    private static int Again(ulong sequence, Span<byte> target)
    {
        byte[] message = s_repeatable[sequence % Repeatables];
        message.CopyTo(target);
        return message.Length;
    }

    private static byte[] Repeatable(int number)
    {
        byte[] message = new byte[100];
        return message[..Message(new SeededRandom((ulong)number), message, true)];
    }
}
