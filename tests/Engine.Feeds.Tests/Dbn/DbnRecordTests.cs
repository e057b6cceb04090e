using Engine.Core.Events;
using Engine.TestKit.Captures;

namespace Engine.Feeds.Tests.Dbn;

/// <summary>What each record of a DBN file becomes.</summary>
public class DbnRecordTests
{
    private const ulong Time = 1_600_000_000_000_000_000;
    private const byte Last = 0x80, Top = 0x40, Snapshot = 0x20, Level = 0x10, BadReceive = 0x08, BadBook = 0x04;

    [Test]
    public void Every_version_and_record_is_read([Values(1, 2, 3)] int version, [Values] bool sendTime)
    {
        DbnWriter writer = new DbnWriter(version, 0xFFFF, sendTime).Map("AA", 7);
        writer.Mbo('R', 'N', 0, DbnWriter.NoPrice, 0).Mbo('A', 'B', 5, 100, 9, flags: 0).Mbo('M', 'B', 5, 101, 8).Mbo('C', 'B', 5, 101, 3);
        writer.Mbo('T', 'A', 6, 101, 4, flags: 0).Mbo('F', 'B', 5, 101, 4, flags: 0).Mbo('N', 'N', 0, DbnWriter.NoPrice, 0);
        writer.Trade('B', 77, 2).Record(0x17, new byte[304]).Mbp10('A', 'B', 5, 6, [new DbnLevel(50, 1, 60, 2)], instrument: 8);
        Feed.Result result = Feed.Read(writer.ToArray());
        Assert.That(result.Events.Select(e => $"{e.Kind} {e.Side} {Number(e.Price)} {Number(e.Quantity)} {e.OrderId} {e.Flags & EventFlags.LastOfEvent}"), Is.EqualTo(new[]
        {
            "Status None - 0 0 LastOfEvent",
            "Add Buy 100 9 5 None",
            "Modify Buy 101 8 5 LastOfEvent",
            "Cancel Buy 101 3 5 LastOfEvent",
            "Trade Sell 101 4 6 None",
            "Status Buy 101 4 5 None",
            "Status None - 0 0 LastOfEvent",
            "Trade Buy 77 2 0 LastOfEvent",
            "LevelSet Buy 50 1 0 None",
            "LevelSet Sell 60 2 0 LastOfEvent",
        }));
        Assert.Multiple(() =>
        {
            Assert.That(result.Fault, Is.Null);
            Assert.That(result.Format, Is.EqualTo($"DBN {version} / TEST.SET / several schemas"));
            Assert.That(result.Statistics.Messages, Is.EqualTo(10));
            Assert.That(result.Statistics.Bytes, Is.EqualTo(writer.RecordBytes));
            Assert.That(result.Statistics.PassedOverRecords, Is.EqualTo(1));
            Assert.That(result.Statistics.LongMessages, Is.Zero);
            Assert.That(result.Statistics.UnmappedMessages, Is.EqualTo(1));
            Assert.That(result.Instruments.Symbol(0), Is.EqualTo("AA"));
            Assert.That(result.Instruments.Symbol(1), Is.EqualTo("8"), "an id that nothing names");
            Assert.That(result.Events[0].Flags.HasFlag(EventFlags.SessionStart) && result.Events.Count(e => e.Flags.HasFlag(EventFlags.SessionStart)) == 1);
        });
    }

    [Test]
    public void Flags_become_those_of_events()
    {
        DbnWriter writer = new DbnWriter().Map("AA", 7).Mbo('R', 'N', 0, DbnWriter.NoPrice, 0, flags: Snapshot | BadReceive);
        writer.Mbo('A', 'B', 5, 100, 9, flags: Snapshot | BadReceive | Last).Mbo('A', 'B', 6, 100, 9, flags: 0);
        writer.Mbo('A', 'B', 7, 100, 9, time: ulong.MaxValue, receive: Time).Mbo('A', 'B', 8, 100, 9, receive: ulong.MaxValue);
        writer.Mbo('A', 'B', 9, 100, 9, time: ulong.MaxValue, receive: ulong.MaxValue);
        Feed.Result result = Feed.Read(writer.ToArray());
        const EventFlags BadSnapshot = EventFlags.FromSnapshot | EventFlags.BadReceiveTime;
        Assert.That(result.Events.Select(e => e.Flags & ~(EventFlags.Watched | EventFlags.SessionStart)), Is.EqualTo(new[]
        {
            BadSnapshot, BadSnapshot | EventFlags.LastOfEvent, EventFlags.None, EventFlags.LastOfEvent | EventFlags.BadExchangeTime,
            EventFlags.LastOfEvent | EventFlags.BadReceiveTime,
            EventFlags.LastOfEvent | EventFlags.BadReceiveTime | EventFlags.BadExchangeTime,
        }));
        Assert.That(result.Statistics.UndefinedTimes, Is.EqualTo(3));
        Assert.That(result.Events[3].ExchangeTime, Is.EqualTo((long)Time));
        Assert.That(result.Events[4].ReceiveTime, Is.EqualTo((long)Time));
    }

    [Test]
    public void A_book_that_may_be_bad_is_a_gap_once_until_it_is_said_to_be_good()
    {
        DbnWriter writer = new DbnWriter().Map("AA", 7).Mbo('R', 'N', 0, DbnWriter.NoPrice, 0);
        writer.Mbo('A', 'B', 5, 100, 9, flags: Last | BadBook).Mbo('A', 'B', 6, 100, 9, flags: Last | BadBook).Mbo('A', 'B', 7, 100, 9);
        writer.Mbo('A', 'B', 8, 100, 9, flags: Last | BadBook).Mbo('R', 'N', 0, DbnWriter.NoPrice, 0).Mbo('A', 'B', 9, 1, 1, flags: Last | BadBook);
        Assert.That(Kinds(Feed.Read(writer.ToArray())), Is.EqualTo("Status Gap Add Add Add Gap Add Clear SnapshotEnd Gap Add"));
    }

    [Test]
    public void An_instrument_that_does_not_begin_with_a_clear_is_cleared()
    {
        DbnWriter writer = new DbnWriter().Map("AA", 7).Map("BB", 8).Mbo('A', 'B', 5, 100, 9).Mbo('R', 'N', 0, 0, 0, instrument: 8);
        writer.Mbo('A', 'B', 5, 100, 9, instrument: 8).Mbo('R', 'N', 0, 0, 0);
        Feed.Result result = Feed.Read(writer.ToArray());
        Assert.That(Kinds(result), Is.EqualTo("Clear Add Status Add Clear SnapshotEnd"));
        Assert.That(result.Messages.Select(m => m is null), Is.EqualTo(new[] { true, false, false, false, false, false }));
        Assert.That(result.Events[0].Flags.HasFlag(EventFlags.SessionStart));
    }

    [Test]
    public void A_top_of_book_order_sets_its_whole_side()
    {
        DbnWriter writer = new DbnWriter().Map("AA", 7).Mbo('R', 'N', 0, DbnWriter.NoPrice, 0).Mbo('A', 'B', 0, 100, 9, flags: Last | Top);
        writer.Mbo('A', 'A', 0, 103, 4, flags: Last | Top).Mbo('A', 'B', 0, 101, 2, flags: Last | Top).Mbo('A', 'B', 0, 101, 2, flags: Last | Top);
        writer.Mbo('A', 'B', 0, DbnWriter.NoPrice, 0, flags: Last | Top).Mbo('A', 'B', 1, 99, 1, flags: Last | Level);
        Feed.Result result = Feed.Read(writer.ToArray());
        Assert.That(string.Join(' ', result.Events.Skip(1).Select(e => $"{e.Kind}:{e.Side}:{Number(e.Price)}:{Number(e.Quantity)}")), Is.EqualTo(
            "LevelSet:Buy:100:9 LevelSet:Sell:103:4 LevelSet:Buy:100:0 LevelSet:Buy:101:2 LevelSet:Buy:101:2 LevelSet:Buy:101:0 "
            + "Gap:None:-:- Status:Buy:99:1"));
        Assert.That(result.Statistics.LevelRecords, Is.EqualTo(1));
    }

    [Test]
    public void Mbp_10_gives_level_changes_removals_first_and_a_trade_last()
    {
        DbnWriter writer = new DbnWriter(schema: 2).Map("AA", 7);
        writer.Mbp10('A', 'B', 0, 0, [new(100, 5, 110, 6), new(90, 7, DbnWriter.NoPrice, 0)]);
        writer.Mbp10('M', 'A', 0, 0, [new(111, 5, 112, 6), new(90, 8, 113, 1)]);
        writer.Mbp10('T', 'A', 111, 2, [new(111, 5, 112, 6), new(90, 8, 113, 1)]);
        writer.Mbp10('C', 'B', 111, 2, [new(111, 5, 112, 6), new(90, 8, 113, 1)]);
        writer.Mbp10('A', 'B', 0, 0, [new(90, 8, 113, 1), new(111, 5, 113, 1)]);
        writer.Mbp10('R', 'N', 0, 0, []).Mbp10('R', 'N', 0, 0, []);
        Feed.Result result = Feed.Read(writer.ToArray());
        Assert.That(string.Join(' ', result.Events.Select(e => $"{(e.Flags.HasFlag(EventFlags.LastOfEvent) ? "*" : "")}{e.Kind}:{e.Side}:{Number(e.Price)}:{Number(e.Quantity)}")), Is.EqualTo(
            "LevelSet:Buy:100:5 LevelSet:Buy:90:7 *LevelSet:Sell:110:6 "
            + "LevelSet:Buy:100:0 LevelSet:Sell:110:0 LevelSet:Buy:111:5 LevelSet:Buy:90:8 LevelSet:Sell:112:6 *LevelSet:Sell:113:1 "
            + "*Trade:Sell:111:2 *LevelSet:Buy:111:5 "
            + "LevelSet:Sell:112:0 *LevelSet:Sell:113:2 "
            + "LevelSet:Buy:111:0 LevelSet:Buy:90:0 *LevelSet:Sell:113:0 *Status:None:-:-"));
        Assert.That(result.Statistics.UnsortedLevels, Is.EqualTo(2));
    }

    [Test]
    public void What_a_record_cannot_say_is_counted_and_skipped()
    {
        DbnWriter writer = new DbnWriter().Map("AA", 7).Mbo('R', 'N', 0, 0, 0).Mbo('A', 'X', 5, 100, 9).Mbo('Z', 'B', 5, 100, 9);
        writer.Record(0xA0, new byte[28]).Record(0x99, new byte[8]).Record(0xA0, new byte[100]).Trade('B', 1, 1, action: 'A');
        writer.Mbp10('Q', 'B', 0, 0, []).Record(0x16, new byte[8]).Mbo('A', 'B', 0, 0, uint.MaxValue);
        Feed.Result result = Feed.Read(writer.ToArray());
        FeedStatistics s = result.Statistics;
        Assert.Multiple(() =>
        {
            Assert.That(Kinds(result), Is.EqualTo("Status Add"));
            Assert.That((s.BadSide, s.BadActions, s.ShortByType[0xA0], s.ShortByType[0x16], s.UnknownByType[0x99], s.LongByType[0xA0]), Is.EqualTo((1, 4, 1, 1, 1, 1)));
            Assert.That(s.Messages, Is.EqualTo(10));
            Assert.That(s.Messages, Is.EqualTo(2 + s.UnknownMessages + s.MalformedMessages + s.PassedOverRecords));
            Assert.That(result.Events[1].Quantity, Is.EqualTo(MarketEvent.Absent));
        });
    }

    internal static string Kinds(Feed.Result result) => string.Join(' ', result.Events.Select(e => e.Kind));

    private static string Number(long value) => value == MarketEvent.Absent ? "-" : $"{value}";
}
