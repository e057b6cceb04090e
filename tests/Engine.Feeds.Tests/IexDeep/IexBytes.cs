using static Engine.Feeds.Tests.PcapWriter;

namespace Engine.Feeds.Tests.IexDeep;

/// <summary>IEX-TP segments and DEEP messages for tests that need traffic rather than exact vectors.</summary>
internal static class IexBytes
{
    public const long Time = 1_577_716_200_000_000_000;

    public static byte[] Segment(long sequence, long offset, params byte[][] messages) =>
        SegmentOf(0x8004, 1_000, sequence, offset, messages.Length, messages);

    public static byte[] SegmentOf(int protocol, uint session, long sequence, long offset, int count, params byte[][] messages)
    {
        byte[] body = [.. messages.SelectMany(m => Little((ulong)m.Length, 2).Concat(m))];
        return
        [
            1, 0, .. Little((ulong)protocol, 2), .. Little(1, 4), .. Little(session, 4), .. Little((ulong)body.Length, 2), .. Little((ulong)count, 2),
            .. Little((ulong)offset, 8), .. Little((ulong)sequence, 8), .. Little(Time, 8), .. body,
        ];
    }

    public static byte[] Level(char side, uint size, long price, byte flags = 1, string symbol = "ABC", long time = Time) =>
        [(byte)side, flags, .. Little((ulong)time, 8), .. ItchBytes.Symbol(symbol), .. Little(size, 4), .. Little((ulong)price, 8)];

    public static byte[] Trade(uint size, long price, ulong id, string symbol = "ABC", char type = 'T') =>
        [(byte)type, 0, .. Little(Time, 8), .. ItchBytes.Symbol(symbol), .. Little(size, 4), .. Little((ulong)price, 8), .. Little(id, 8)];

    /// <summary>Segments of one level update each, with their sequences and offsets in order.</summary>
    public static byte[][] Run(int count) => [.. Enumerable.Range(0, count).Select(i => One(i + 1))];

    /// <summary>The segment of a run that holds this sequence.</summary>
    public static byte[] One(int sequence) => Segment(sequence, 32 * (sequence - 1), Level('8', (uint)sequence, 10_000));

    public static byte[] Capture(params byte[][] segments)
    {
        PcapWriter writer = new();
        for (int i = 0; i < segments.Length; i++)
        {
            writer.Record(Time + 1 + i, Frame(segments[i]));
        }

        return writer.ToArray();
    }
}
