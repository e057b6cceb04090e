using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Engine.Host.Tests.Support;

/// <summary>An ITCH message as it was on the wire.</summary>
/// <param name="Sequence">The feed's number of the message, from 1.</param>
/// <param name="ReceiveTime">ns since the Unix epoch; null where the capture has none.</param>
/// <param name="Body">The message from its type byte.</param>
internal sealed record WireMessage(ulong Sequence, long? ReceiveTime, byte[] Body)
{
    public char Type => (char)Body[0];

    public int Locate => U16(1);

    public int U16(int offset) => BinaryPrimitives.ReadUInt16BigEndian(Body.AsSpan(offset));

    public uint U32(int offset) => BinaryPrimitives.ReadUInt32BigEndian(Body.AsSpan(offset));

    public ulong U64(int offset) => BinaryPrimitives.ReadUInt64BigEndian(Body.AsSpan(offset));

    /// <summary>Nanoseconds since midnight.</summary>
    public long Time => ((long)U16(5) << 32) | U32(7);

    public string Text(int offset, int length = 1) => Encoding.ASCII.GetString(Body, offset, length).TrimEnd(' ');

    /// <summary>A price of 1e-4 as its shortest exact decimal.</summary>
    public string Price(int offset) => PriceText(U32(offset));

    public static string PriceText(uint price) => (price / 10_000m).ToString("0.####", CultureInfo.InvariantCulture);
}

/// <summary>Takes captures apart, one message at a time, with offsets from the formats' descriptions and nothing else.</summary>
internal static class NaiveCaptures
{
    /// <summary>BinaryFILE: u16 length and message. A message that is cut ends the list.</summary>
    public static List<WireMessage> BinaryFile(byte[] file)
    {
        var messages = new List<WireMessage>();
        for (int at = 0; at + 2 <= file.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at));
            if (at + 2 + length > file.Length)
            {
                break;
            }

            messages.Add(new WireMessage((ulong)messages.Count + 1, null, file[(at + 2)..(at + 2 + length)]));
            at += 2 + length;
        }

        return messages;
    }

    /// <summary>Little-endian nanosecond pcap of Ethernet, IPv4 without options, UDP, MoldUDP64, one session without loss.</summary>
    public static List<WireMessage> Pcap(byte[] file)
    {
        const int Frame = 14 + 20 + 8;
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(file), Is.EqualTo(0xA1B23C4D), "ns pcap");
        var messages = new List<WireMessage>();
        for (int at = 24; at < file.Length;)
        {
            long seconds = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));
            long time = (seconds * 1_000_000_000) + BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 4));
            int captured = (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8));
            int mold = at + 16 + Frame;
            ulong sequence = BinaryPrimitives.ReadUInt64BigEndian(file.AsSpan(mold + 10));
            int count = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(mold + 18));
            int message = mold + 20;
            for (int i = 0; count != 0xFFFF && i < count; i++, sequence++)
            {
                int length = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(message));
                Assert.That(sequence, Is.EqualTo((ulong)messages.Count + 1), "no loss");
                messages.Add(new WireMessage(sequence, time, file[(message + 2)..(message + 2 + length)]));
                message += 2 + length;
            }

            at += 16 + captured;
        }

        return messages;
    }

    /// <summary>ns since the Unix epoch of midnight in New York on a winter day (UTC−5).</summary>
    public static long WinterMidnight(int year, int month, int day) =>
        (long)(new DateTime(year, month, day, 5, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalSeconds * 1_000_000_000;
}

/// <summary>The orders of a day, in a dictionary.</summary>
internal sealed class NaiveOrders
{
    /// <summary>The side of an order that replaced one never seen.</summary>
    public const char NoSide = ' ';

    /// <summary>An order that rests.</summary>
    internal sealed record Order(char Side, uint Price, long Shares, int Locate);

    public Dictionary<ulong, Order> Live { get; } = [];

    /// <summary>The latest symbol of each locate, from messages that carry one.</summary>
    public Dictionary<int, string> Symbols { get; } = [];

    /// <summary>Messages that named an order never seen in any message before.</summary>
    public int Unknown { get; private set; }

    /// <summary>Takes a message. Returns the order it names as it was before, or null.</summary>
    public Order? Take(WireMessage m)
    {
        int symbolAt = m.Type switch { 'R' or 'H' or 'Y' => 11, 'L' => 15, 'A' or 'F' or 'P' => 24, 'Q' => 19, 'I' => 28, _ => 0 };
        if (symbolAt > 0)
        {
            Symbols[m.Locate] = m.Text(symbolAt, 8);
        }

        switch (m.Type)
        {
            case 'A' or 'F':
                Live.Add(m.U64(11), new Order((char)m.Body[19], m.U32(32), m.U32(20), m.Locate));
                return null;
            case 'E' or 'C' or 'X':
                return Change(m, order => order with { Shares = order.Shares - m.U32(19) });
            case 'D':
                return Change(m, order => order with { Shares = 0 });
            case 'U':
                Order? old = Change(m, order => order with { Shares = 0 });

                // The replacement of an order never seen is an order without a side.
                Live.Add(m.U64(19), new Order(old?.Side ?? NoSide, m.U32(31), m.U32(27), m.Locate));
                return old;
            default:
                return null;
        }
    }

    private Order? Change(WireMessage m, Func<Order, Order> change)
    {
        ulong id = m.U64(11);
        if (!Live.Remove(id, out Order? order))
        {
            Unknown++;
            return null;
        }

        Order after = change(order);
        Assert.That(after.Shares, Is.Not.Negative, "no order gives more than it has");
        if (after.Shares > 0)
        {
            Live.Add(id, after);
        }

        return order;
    }
}
