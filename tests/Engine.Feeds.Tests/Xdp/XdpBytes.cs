using static Engine.Feeds.Tests.PcapWriter;

namespace Engine.Feeds.Tests.Xdp;

/// <summary>XDP packets and messages for tests that need traffic rather than exact vectors.</summary>
internal static class XdpBytes
{
    public const long Time = 1_577_716_200_000_000_000;
    public const uint Seconds = 1_577_716_200;

    public static byte[] Message(int type, params byte[] body) => [.. Little((ulong)body.Length + 4, 2), .. Little((ulong)type, 2), .. body];

    public static byte[] Packet(int delivery, uint sequence, params byte[][] messages) => PacketCount(delivery, sequence, messages.Length, messages);

    public static byte[] PacketCount(int delivery, uint sequence, int count, params byte[][] messages)
    {
        byte[] body = [.. messages.SelectMany(m => m)];
        return
        [
            .. Little((ulong)body.Length + 16, 2), (byte)delivery, (byte)count, .. Little(sequence, 4), .. Little(Seconds, 4), .. Little(500, 4),
            .. body,
        ];
    }

    public static byte[] Original(uint sequence, params byte[][] messages) => Packet(11, sequence, messages);

    public static byte[] Mapping(uint index = 7, string symbol = "ABC", byte scale = 4, byte system = 3) => Message(3,
    [
        .. Little(index, 4), .. System.Text.Encoding.ASCII.GetBytes(symbol.PadRight(11, '\0')), 0, 1, 0, system, (byte)'N', scale, (byte)'A',
        100, 0, .. Little(505_000, 4), .. Little(77, 4), 0, (byte)'Y', .. Little(500, 2), 1, 0, 0, 0,
    ]);

    public static byte[] TimeReference(uint id = 3, uint seconds = Seconds) => Message(2, [.. Little(id, 4), .. Little(0, 4), .. Little(seconds, 4)]);

    public static byte[] Add(ulong order, uint index = 7, uint price = 123_400, uint volume = 100, char side = 'B', uint nanos = 1_000) => Message(100,
    [
        .. Little(nanos, 4), .. Little(index, 4), .. Little(order, 4), .. Little(order, 8), .. Little(price, 4), .. Little(volume, 4),
        (byte)side, .. "FIRM "u8, 0,
    ]);

    public static byte[] Reset(byte channel = 1) => Message(1, [.. Little(Seconds, 4), .. Little(9, 4), 11, channel]);

    public static byte[][] Adds(uint first, int count, uint index = 7) =>
        [.. Enumerable.Range(0, count).Select(i => Add(first + (ulong)i, index))];

    /// <summary>A capture of packets a nanosecond apart, each with its group.</summary>
    public static byte[] Capture(params (byte Group, byte[] Packet)[] packets)
    {
        PcapWriter writer = new();
        long time = Time;
        foreach ((byte group, byte[] packet) in packets)
        {
            writer.Record(++time, Frame(packet, group));
        }

        return writer.ToArray();
    }

    public static byte[] Capture(params byte[][] packets) => Capture([.. packets.Select(packet => ((byte)1, packet))]);
}
