using Engine.Core.Events;
using static Engine.Feeds.Tests.PcapWriter;

namespace Engine.Feeds.Tests;

public class MoldTests
{
    private const long Time = 1_577_716_200_000_000_000;
    private long _time = Time;

    [Test]
    public void A_gap_is_one_event_with_its_first_missing_sequence()
    {
        Feed.Result result = Capture(P("S", 1, 2), P("S", 6, 1), P("S", 7, 1));
        FeedStatistics s = result.Statistics;
        MarketEvent gap = result.Events[2];
        Assert.Multiple(() =>
        {
            Assert.That(Kinds(result), Is.EqualTo("Add* Add Gap Add Add"));
            Assert.That((gap.Quantity, gap.Sequence, gap.Instrument, gap.ReceiveTime), Is.EqualTo((3L, 3UL, MarketEvent.AllInstruments, Time + 2)));
            Assert.That(gap.ExchangeTime, Is.EqualTo(result.Events[3].ExchangeTime));
            Assert.That(result.Messages[2], Is.Null);
            Assert.That((s.Gaps, s.Lost, s.Duplicates, s.Restarts), Is.EqualTo((1L, 3L, 0L, 0L)));
        });
    }

    [Test]
    public void Joining_late_is_no_gap_and_no_start()
    {
        Feed.Result result = Capture(P("S", 500, 2), P("S", 502, 1));
        Assert.That(Kinds(result), Is.EqualTo("Add Add Add"));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
    }

    [Test]
    public void Heartbeats_count_and_one_that_is_ahead_is_a_gap()
    {
        Feed.Result result = Capture(MoldCount("S", 1, 0), P("S", 1, 2), MoldCount("S", 3, 0), MoldCount("S", 5, 0), MoldCount("S", 5, 0xFFFF));
        FeedStatistics s = result.Statistics;
        Assert.That(Kinds(result), Is.EqualTo("Add* Add Gap"));
        Assert.That((s.Heartbeats, s.EndOfSession, s.Gaps, s.Lost, s.FeedPackets), Is.EqualTo((3L, 1L, 1L, 2L, 5L)));
        Assert.That(result.Events[2].Flags.HasFlag(EventFlags.BadExchangeTime));
    }

    [Test]
    public void Duplicates_and_partial_overlaps_give_only_what_is_new()
    {
        Feed.Result result = Capture(P("S", 1, 3), P("S", 1, 3), P("S", 2, 4), P("S", 6, 1));
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 1, 2, 3, 4, 5, 6 }));
        FeedStatistics s = result.Statistics;
        Assert.That((s.Duplicates, s.Gaps, s.Restarts, s.Messages), Is.EqualTo((5L, 0L, 0L, 6L)));
    }

    [Test]
    public void Sequence_1_again_after_more_than_16_packets_is_a_restart()
    {
        List<byte[]> packets = [];
        for (int run = 0; run < 2; run++)
        {
            packets.AddRange(Enumerable.Range(1, 20).Select(i => P("S", (ulong)i, 1)));
        }

        Feed.Result result = Capture([.. packets]);
        FeedStatistics s = result.Statistics;
        Assert.That(result.Orders, Has.Length.EqualTo(40));
        Assert.That(result.Events.FindAll(e => e.Flags.HasFlag(EventFlags.SessionStart)).ConvertAll(e => e.Sequence), Is.EqualTo(new ulong[] { 1, 1 }));
        Assert.That((s.Restarts, s.Duplicates, s.Gaps), Is.EqualTo((1L, 0L, 0L)));
        Assert.That(result.Instruments.Count, Is.EqualTo(1), "the symbol keeps its instrument");
    }

    [Test]
    public void Sequence_1_again_soon_is_a_repetition_or_with_other_bytes_a_restart()
    {
        Feed.Result same = Capture(P("S", 1, 1), P("S", 2, 1), P("S", 1, 1), P("S", 3, 1));
        Assert.That((same.Statistics.Restarts, same.Statistics.Duplicates), Is.EqualTo((0L, 1L)));

        Feed.Result other = Capture(P("S", 1, 1), P("S", 2, 1), Mold("S", 1, ItchBytes.Add(77)), Mold("S", 2, ItchBytes.Add(78)));
        Assert.That((other.Statistics.Restarts, other.Statistics.Duplicates), Is.EqualTo((1L, 0L)));
        Assert.That(other.Orders, Is.EqualTo(new ulong[] { 1, 2, 77, 78 }));
        Assert.That(Kinds(other), Is.EqualTo("Add* Add Add* Add"));
    }

    [TestCase(1UL, "Add* Add Add*")]
    [TestCase(9UL, "Add* Add Clear Add")]
    public void A_new_session_on_a_line_is_a_restart(ulong first, string kinds)
    {
        Feed.Result result = Capture(P("ONE", 1, 2), P("TWO", first, 1));
        FeedStatistics s = result.Statistics;
        Assert.That(Kinds(result), Is.EqualTo(kinds));
        Assert.That((s.Restarts, s.Gaps, s.Duplicates), Is.EqualTo((1L, 0L, 0L)));
    }

    [Test]
    public void Two_lines_of_a_session_fill_each_other()
    {
        byte[] a = File([P("S", 1, 2), P("S", 3, 2), P("S", 7, 2)], 0, 1);
        byte[] b = File([P("S", 1, 2), P("S", 3, 2), P("S", 5, 2), P("S", 7, 2)], 1, 2);
        Feed.Result result = Feed.Read(a, b);
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 1, 2, 3, 4, 5, 6, 7, 8 }), "B's 5 comes behind A's 7, which waits for it");
        Assert.That((result.Statistics.Holes, result.Statistics.Missing, result.Statistics.Recovered, result.Statistics.Lost), Is.EqualTo((1L, 2L, 2L, 0L)));
        byte[] early = File([P("S", 1, 2), P("S", 3, 2), P("S", 5, 2), P("S", 7, 2)], -5, 2);
        result = Feed.Read(a, early);
        FeedStatistics s = result.Statistics;
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 1, 2, 3, 4, 5, 6, 7, 8 }));
        Assert.That((s.Duplicates, s.Gaps, s.Restarts), Is.EqualTo((6L, 0L, 0L)));
    }

    [Test]
    public void A_session_that_begins_while_another_goes_on_is_told()
    {
        Feed.Result result = Feed.Read(File([P("S", 1, 2), P("S", 3, 2)], 0, 1), File([P("T", 1, 2), P("T", 3, 2)], 1, 2));
        Assert.That(result.Statistics.ConcurrentSessions, Is.EqualTo(1));
        Assert.That(result.Statistics.Irregularities().Select(i => i.Key), Does.Contain("concurrent_sessions"));
        Assert.That(Feed.Read(File([P("S", 1, 2), P("T", 1, 2)], 0, 1)).Statistics.ConcurrentSessions, Is.Zero, "the one that follows another on its line");
    }

    [Test]
    public void Both_lines_restarting_is_one_restart()
    {
        byte[][] day = [.. Enumerable.Range(1, 20).Select(i => P("S", (ulong)i, 1)), .. Enumerable.Range(1, 20).Select(i => P("S", (ulong)i, 1))];
        Feed.Result result = Feed.Read(File(day, 0, 1), File(day, 25, 2));
        FeedStatistics s = result.Statistics;
        Assert.That(result.Orders, Has.Length.EqualTo(40));
        Assert.That((s.Restarts, s.Gaps, s.Lost, s.Duplicates), Is.EqualTo((1L, 0L, 0L, 40L)));
    }

    [Test]
    public void The_late_line_of_a_replaced_session_is_duplicates()
    {
        byte[] a = File([P("ONE", 1, 1), P("ONE", 2, 1), P("TWO", 1, 1), P("TWO", 2, 1)], 0, 1);
        byte[] b = File([P("ONE", 1, 1), P("ONE", 2, 1), P("ONE", 3, 1), P("TWO", 1, 1), P("TWO", 2, 1), P("TWO", 3, 1)], 15, 2);
        Feed.Result result = Feed.Read(a, b);
        FeedStatistics s = result.Statistics;
        Assert.That(Kinds(result), Is.EqualTo("Add* Add Add* Add Add"));
        Assert.That((s.Restarts, s.Duplicates, s.Gaps), Is.EqualTo((1L, 5L, 0L)));
    }

    [Test]
    public void A_later_capture_of_the_same_group_continues_its_line()
    {
        byte[][] day = [.. Enumerable.Range(1, 20).Select(i => P("S", (ulong)i, 1))];
        Feed.Result restarted = Feed.Read(File(day, 0, 1), File(day, 1_000, 1));
        Assert.That((restarted.Statistics.Restarts, restarted.Orders.Length), Is.EqualTo((1L, 40)));
        Feed.Result rotated = Feed.Read(File(day[..10], 0, 1), File(day[10..], 1_000, 1));
        Assert.That(rotated.Statistics.Irregularities(), Is.Empty);
    }

    [Test]
    public void Sessions_side_by_side_keep_their_own_locates()
    {
        byte[] capture = new PcapWriter()
            .Record(Time, Frame(Mold("X", 1, ItchBytes.Add(1, locate: 9, symbol: "AAA")), 1))
            .Record(Time + 1, Frame(Mold("Y", 1, ItchBytes.Add(2, locate: 9, symbol: "BBB")), 2))
            .Record(Time + 2, Frame(Mold("X", 2, ItchBytes.Delete(1, locate: 9)), 1))
            .ToArray();
        Feed.Result result = Feed.Read(capture);
        Assert.That(result.Events.ConvertAll(e => result.Instruments.Symbol(e.Instrument)), Is.EqualTo(new[] { "AAA", "BBB", "AAA" }));
        Assert.That(result.Statistics.Restarts, Is.Zero);
    }

    [Test]
    public void Absurd_sequences_empty_messages_and_trailing_bytes_are_counted()
    {
        Feed.Result result = Capture(
            P("S", 1, 1), Mold("S", 0, ItchBytes.Add(9)), Mold("S", 1UL << 60, ItchBytes.Add(9)),
            Mold("S", 2, [], ItchBytes.Add(3)), [.. P("S", 4, 1), 1, 2, 3]);
        FeedStatistics s = result.Statistics;
        Assert.That(result.Orders, Is.EqualTo(new ulong[] { 1, 3, 4 }));
        Assert.That((s.BadSequencePackets, s.EmptyMessages, s.TrailingBytes, s.Gaps), Is.EqualTo((2L, 1L, 3L, 0L)));
    }

    [TestCase(100, 2UL, 1, TestName = "A restart without its first packet is told by its bytes")]
    [TestCase(100, 2UL, 3, TestName = "A restart without its first packet is told by its bytes however it is packed")]
    [TestCase(5_000, 2UL, 1, TestName = "A restart far behind is told by a line that goes on there")]
    public void A_restart_whose_first_packet_is_lost(int before, ulong from, int size)
    {
        List<byte[]> packets = [.. Enumerable.Range(1, before).Select(i => P("S", (ulong)i, 1))];
        packets.AddRange(Enumerable.Range(0, 50).Select(i => Mold("S", from + (ulong)(i * size), ItchBytes.Adds(9_000 + (ulong)(i * size), size))));
        Feed.Result result = Capture([.. packets]);
        FeedStatistics s = result.Statistics;
        bool isRemembered = before < Network.SeenMessages.Window;
        int late = isRemembered ? 0 : Network.SequenceSessions.RepeatWindow;
        Assert.Multiple(() =>
        {
            Assert.That((s.Restarts, s.Gaps, s.Lost, s.Duplicates), Is.EqualTo((1L, 0L, 0L, (long)late)));
            Assert.That(result.Events[before].Kind, Is.EqualTo(EventKind.Clear));
            Assert.That(result.Events.FindAll(e => e.Kind == EventKind.Clear), Has.Count.EqualTo(1));
            Assert.That(result.Orders, Has.Length.EqualTo(before + (50 * size) - late));
            Assert.That(result.Orders[before], Is.EqualTo(9_000 + (ulong)late));
        });
    }

    [Test]
    public void Both_lines_restarting_without_their_first_packets_is_one_restart([Values(1, 5)] int lostOnB)
    {
        byte[][] first = [.. Enumerable.Range(1, 100).Select(i => P("S", (ulong)i, 1))];
        byte[][] second = [.. Enumerable.Range(2, 60).Select(i => Mold("S", (ulong)i, ItchBytes.Add(9_000 + (ulong)i)))];
        Feed.Result result = Feed.Read(File([.. first, .. second], 0, 1), File([.. first, .. second[lostOnB..]], 85, 2));
        FeedStatistics s = result.Statistics;
        Assert.That((s.Restarts, s.Gaps, s.Lost, s.Duplicates), Is.EqualTo((1L, 0L, 0L, 160L - lostOnB)));
        Assert.That(result.Orders, Has.Length.EqualTo(160));
    }

    [Test]
    public void Late_and_repeated_packets_are_no_restart([Values(1, 3)] int size)
    {
        byte[][] day = [.. Enumerable.Range(0, 3_000).Select(i => P("S", 1 + (ulong)(i * size), size))];
        byte[] one = day[20];
        byte[][] late = [.. day[..20], .. day[21..30], one, .. day[30..]];
        byte[][] burst = [.. day[..2_000], .. day[1_900..1_990], .. day[2_000..]];
        byte[][] repacked = [.. day[..100], .. Enumerable.Range(40, 50).Select(i => P("S", 1 + (ulong)i, 1)), .. day[100..]];
        byte[][] old = [.. day[..2_500], .. day[1..(1 + Network.SequenceSessions.RepeatWindow)], .. day[2_500..]];
        byte[][] twice = [.. day.SelectMany(packet => new[] { packet, packet })];
        foreach ((byte[][] packets, long duplicates, long lost) in new[]
            { (late, size, size), (burst, 90L * size, 0L), (repacked, 50L, 0L), (old, 16L * size, 0L), (twice, 3_000L * size, 0) })
        {
            FeedStatistics s = Capture(packets).Statistics;
            Assert.That((s.Restarts, s.Duplicates, s.Lost), Is.EqualTo((0L, duplicates, lost)));
        }
    }

    [Test]
    public void A_line_of_old_repetitions_behind_a_line_at_the_front_is_no_restart()
    {
        byte[][] day = [.. Enumerable.Range(1, 3_000).Select(i => P("S", (ulong)i, 1))];
        byte[] repetitions = File([.. day[500..540], .. day[100..140]], 25_000, 2);
        FeedStatistics s = Feed.Read(File(day, 0, 1), repetitions).Statistics;
        Assert.That((s.Restarts, s.Duplicates, s.Gaps), Is.EqualTo((0L, 80L, 0L)));
    }

    private static byte[] P(string session, ulong sequence, int count) => Mold(session, sequence, ItchBytes.Adds(sequence, count));

    private static byte[] File(byte[][] packets, long offset, byte group)
    {
        PcapWriter writer = new();
        for (int i = 0; i < packets.Length; i++)
        {
            writer.Record(Time + (10 * i) + offset, Frame(packets[i], group));
        }

        return writer.ToArray();
    }

    private static string Kinds(Feed.Result result) =>
        string.Join(' ', result.Events.Select(e => e.Kind + (e.Flags.HasFlag(EventFlags.SessionStart) ? "*" : "")));

    private Feed.Result Capture(params byte[][] packets)
    {
        PcapWriter writer = new();
        _time = Time;
        foreach (byte[] packet in packets)
        {
            writer.Record(++_time, Frame(packet));
        }

        return Feed.Read(writer.ToArray());
    }
}
