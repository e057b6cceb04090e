using System.Buffers.Binary;

namespace Engine.Simulator.Tests;

/// <summary>A packet of any venue: its first number and its messages.</summary>
internal sealed record NaiveMessages(NaiveDatagram Datagram, ulong Sequence, List<byte[]> Messages);

/// <summary>
/// Takes XDP packets and IEX-TP segments apart and checks every head on the way, with lengths from the formats' descriptions.
/// </summary>
internal static class NaiveVenues
{
    private const long Second = 1_000_000_000;

    /// <summary>XDP 2.5 lengths by type.</summary>
    public static readonly Dictionary<int, int> XdpLengths = new()
    {
        [1] = 14, [2] = 16, [3] = 44, [34] = 46, [100] = 39, [101] = 35, [102] = 25, [103] = 42, [104] = 42, [105] = 73,
        [110] = 33, [111] = 29, [112] = 20,
    };

    /// <summary>DEEP lengths by type.</summary>
    public static readonly Dictionary<int, int> DeepLengths = new()
    {
        ['S'] = 10, ['D'] = 31, ['H'] = 22, ['P'] = 19, ['E'] = 18, ['8'] = 30, ['5'] = 30, ['T'] = 38, ['X'] = 26, ['B'] = 38, ['A'] = 80,
    };

    public static NaiveMessages Xdp(NaiveDatagram datagram)
    {
        byte[] p = datagram.Payload;
        Require(datagram.Port == 11_077 && U16(p, 0) == p.Length, "size of an XDP packet");
        long sent = (U32(p, 8) * Second) + U32(p, 12);
        Require(sent < datagram.ReceiveUnixNanos && U32(p, 12) < Second, "an XDP packet is sent before it arrives");
        var messages = new List<byte[]>();
        int at = 16;
        while (at < p.Length)
        {
            int size = U16(p, at);
            Require(XdpLengths[U16(p, at + 2)] == size, $"size {size} of type {U16(p, at + 2)}");
            messages.Add(p[at..(at + size)]);
            at += size;
        }

        Require(at == p.Length && messages.Count == p[3], "count of an XDP packet");
        bool resets = messages.Any(m => U16(m, 2) == 1);
        Require(p[2] == (messages.Count == 0 ? 1 : resets ? 12 : 11), "delivery flag");
        Require(!resets || (messages.Count == 1 && U32(p, 4) == 1), "a reset is alone and first");
        return new NaiveMessages(datagram, U32(p, 4), messages);
    }

    public static NaiveMessages Deep(NaiveDatagram datagram)
    {
        byte[] p = datagram.Payload;
        Require(datagram.Port == 10_378 && p[0] == 1 && p[1] == 0 && U16(p, 2) == 0x8004, "head of a segment");
        Require(U32(p, 4) == 1 && U32(p, 8) == 20_260_105, "channel and session");
        Require(U16(p, 12) == p.Length - 40 && I64(p, 32) < datagram.ReceiveUnixNanos, "payload and time of a segment");
        var messages = new List<byte[]>();
        int at = 40;
        while (at < p.Length)
        {
            int length = U16(p, at);
            Require(DeepLengths[p[at + 2]] == length, $"length {length} of type {(char)p[at + 2]}");
            messages.Add(p[(at + 2)..(at + 2 + length)]);
            at += 2 + length;
        }

        Require(at == p.Length && messages.Count == U16(p, 14), "count of a segment");
        return new NaiveMessages(datagram, (ulong)I64(p, 24), messages);
    }

    public static long StreamOffset(NaiveMessages segment) => I64(segment.Datagram.Payload, 16);

    public static int U16(byte[] m, int at) => BinaryPrimitives.ReadUInt16LittleEndian(m.AsSpan(at));

    public static uint U32(byte[] m, int at) => BinaryPrimitives.ReadUInt32LittleEndian(m.AsSpan(at));

    public static long I64(byte[] m, int at) => BinaryPrimitives.ReadInt64LittleEndian(m.AsSpan(at));

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            Assert.Fail($"the capture fails at: {what}");
        }
    }
}
