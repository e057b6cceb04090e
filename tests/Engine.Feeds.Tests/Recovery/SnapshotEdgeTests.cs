using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;
using Engine.Feeds.Tests.Xdp;
using static Engine.Feeds.Tests.Recovery.RecoveryText;

namespace Engine.Feeds.Tests.Recovery;

public class SnapshotEdgeTests
{
    private static readonly GapPolicy s_policy = new() { UsesSnapshots = true };
    private readonly TrueStream _stream = TrueStream.Adds(60);

    [Test]
    public void A_snapshot_ahead_of_the_stream_makes_what_comes_of_it_known()
    {
        Feed.Result result = RecoveryRun.Play(s_policy, P(1, 1, 3), P(2, 5, 2), S(3, 10), P(4, 7, 4), P(5, 11, 2));
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 gap4+1 5 6 ( 1 2 3 4 5 6 7 8 9 )10 10 11 12"));
        FeedStatistics s = result.Statistics;
        Assert.That((s.Snapshots, s.SnapshotMessages, s.UselessSnapshots, s.Duplicates, s.Lost), Is.EqualTo((1L, 9L, 0L, 3L, 1L)));
        Assert.That(result.Events.Count(e => e.Flags.HasFlag(EventFlags.SessionStart)), Is.EqualTo(1));
    }

    [Test]
    public void What_came_meanwhile_is_repeated_from_the_snapshots_sequence_on()
    {
        ScriptedInput input = new([P(1, 1, 3), P(2, 5, 4), P(3, 9, 3), S(4, 7), P(5, 12, 1)]);
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(s_policy), input);
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 gap4+1 5 6 7 8 9 10 11 ( 1 2 3 4 5 6 7 8 9 10 11 )12 12"));
        Assert.That(result.Events.FindAll(e => e.Flags.HasFlag(EventFlags.FromSnapshot)).ConvertAll(e => e.ReceiveTime), Is.EqualTo(new long[]
        {
            4, 4, 4, 4, 4, 4, 4, 2, 2, 3, 3, 3, 3,
        }), "what is repeated keeps its own time");
        Assert.That((result.Statistics.SnapshotMessages, input.SnapshotRequests), Is.EqualTo((11L, 1)));
    }

    [TestCase(long.MaxValue)]
    [TestCase(1L << 62)]
    [TestCase(100)]
    public void A_count_of_messages_that_its_bytes_cannot_hold_is_not_believed(long messages)
    {
        Feed.Result result = RecoveryRun.Play(s_policy, P(1, 1, 3), P(2, 5, 2), S(3, 10) with { Messages = messages, Bytes = new byte[199] }, P(4, 7, 4));
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 gap4+1 5 6 7 8 9 10"));
        FeedStatistics s = result.Statistics;
        Assert.That((s.Snapshots, s.SnapshotMessages, s.UselessSnapshots, s.MessagesCutOff), Is.EqualTo((0L, 0L, 1L, 0L)));
    }

    [Test]
    public void One_for_nothing_changes_nothing([Values] bool uses)
    {
        Feed.Result result = RecoveryRun.Play(s_policy with { UsesSnapshots = uses }, P(1, 1, 3), S(2, 3), P(3, 4, 2));
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 4 5"));
        Assert.That((result.Statistics.UselessSnapshots, result.Statistics.Snapshots), Is.EqualTo((1L, 0L)));
    }

    [Test]
    public void One_that_is_too_old_or_absurd_is_asked_for_again()
    {
        ScriptedInput input = new([P(1, 1, 3), P(2, 5, 2), S(3, 4), Step.Snapshot(4, ulong.MaxValue), S(5, 5), P(6, 7, 1)]);
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(s_policy), input);
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 gap4+1 5 6 ( 1 2 3 4 5 6 )7 7"));
        Assert.That((result.Statistics.UselessSnapshots, result.Statistics.Snapshots, input.SnapshotRequests), Is.EqualTo((2L, 1L, 3)));
    }

    [Test]
    public void One_that_the_kept_messages_have_outrun_is_asked_for_again()
    {
        // Room for three messages of 38 bytes with their heads: what is kept begins again at the fourth.
        EngineLimits limits = RecoveryRun.Limits with { CatchUpBytes = 3 * 72 };
        ScriptedInput input = new([P(1, 1, 3), P(2, 5, 1), P(3, 6, 1), P(4, 7, 1), P(5, 8, 1), S(6, 7), P(7, 9, 9), S(8, 9), P(9, 18, 1), S(10, 18)]);
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(s_policy, limits), input);
        Assert.That(Sequences(result), Does.EndWith("17 18 ( 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 )19"));
        Assert.That((result.Statistics.UselessSnapshots, result.Statistics.Snapshots, input.SnapshotRequests), Is.EqualTo((2L, 1L, 3)));
    }

    [TestCase(11UL)]
    [TestCase(12UL)]
    [TestCase(14UL)]
    [TestCase(19UL)]
    [TestCase(40UL)]
    public void One_that_skips_over_an_open_hole_recovers_what_it_holds_of_it(ulong next)
    {
        GapPolicy policy = new() { WaitNanos = 1_000, UsesSnapshots = true };
        Step[] steps = [P(1, 1, 3), P(2, 5, 1), P(2_000, 6, 5), P(2_001, 13, 2), P(2_002, 17, 2), S(2_003, next), P(9_000, 19, 1)];
        Feed.Result result = RecoveryRun.Play(policy, steps);
        FeedStatistics s = result.Statistics;
        RecoveryRun.AssertAddsUp(s);
        Assert.That((s.Holes, s.Missing, s.Snapshots), Is.EqualTo((3L, 5L, 1L)));
        Assert.That(s.Lost, Is.EqualTo(1 + new ulong[] { 11, 12, 15, 16 }.Count(sequence => sequence >= next)));
        ulong[] orders = [.. result.Events.Where(e => !e.Flags.HasFlag(EventFlags.FromSnapshot) && e.Kind == EventKind.Add && e.Sequence >= next).Select(e => e.Sequence)];
        Assert.That(orders, Is.EqualTo(new ulong[] { 13, 14, 17, 18, 19 }.Where(sequence => sequence >= next)));
    }

    [Test]
    public void A_cut_off_packet_is_kept_as_far_as_it_goes()
    {
        byte[] cut = PcapWriter.MoldCount(TrueStream.Session, 5, 30, _stream.Messages[4..7]);
        Feed.Result result = RecoveryRun.Play(s_policy, P(1, 1, 3), Step.Packet(2, cut), P(3, 8, 2), S(4, 6), P(5, 10, 1));
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 gap4+1 5 6 7 8 9 ( 1 2 3 4 5 6 7 8 9 )10 10 gap11+24"));
        Assert.That((result.Statistics.SnapshotMessages, result.Statistics.MessagesCutOff), Is.EqualTo((9L, 27L)));
    }

    [Test]
    public void Kept_messages_are_stepped_over_in_their_own_framing()
    {
        TrueStream stream = TrueStream.Xdp(20);
        Step[] steps =
        [
            Step.Packet(1, stream.Pack(1, 4)), Step.Packet(2, stream.Pack(6, 5)), Step.Snapshot(3, 9), Step.Packet(4, stream.Pack(11, 1)),
        ];
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(s_policy), new ScriptedInput(steps), Venue.Xdp);
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 4 gap5+1 6 7 8 9 10 ( 9 10 )11 11"));
        Assert.That(result.Events.FindAll(e => e.Flags.HasFlag(EventFlags.FromSnapshot)), Has.Count.EqualTo(4));
        Assert.That(result.Statistics.UnknownMessages, Is.Zero);
    }

    [Test]
    public void A_refresh_on_the_lines_is_not_kept()
    {
        TrueStream stream = TrueStream.Xdp(20);
        byte[] refresh = XdpBytes.Packet(17, 700, XdpBytes.Adds(900, 3));
        Step[] steps =
        [
            Step.Packet(1, stream.Pack(1, 4)), Step.Packet(2, stream.Pack(6, 2)), Step.Packet(3, refresh), Step.Snapshot(4, 6), Step.Packet(5, stream.Pack(8, 1)),
        ];
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(s_policy), new ScriptedInput(steps), Venue.Xdp);
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 4 gap5+1 6 7 700 701 702 ( 6 7 )8 8"));
    }

    [Test]
    public void A_snapshot_of_one_of_two_streams_is_not_taken_for_the_venues_books()
    {
        byte[] other = PcapWriter.Mold("OTHER", 1, ItchBytes.Adds(1_001, 1));
        Feed.Result result = RecoveryRun.Play(s_policy, P(1, 1, 3), P(2, 5, 1), Step.Packet(3, other, 2), S(4, 5), P(5, 6, 1));
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 gap4+1 5 1 6"));
        Assert.That((result.Statistics.UselessSnapshots, result.Statistics.ConcurrentSessions), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public void One_that_holds_fewer_messages_than_it_says_does_not_end_with_books_that_are_good()
    {
        Feed.Result result = RecoveryRun.Play(s_policy, P(1, 1, 3), P(2, 5, 1), S(4, 5) with { Messages = 6 }, P(5, 6, 1));
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 gap4+1 5 ( 1 2 3 4 5 6"));
        Assert.That((result.Statistics.MessagesCutOff, result.Events.Exists(e => e.Kind == EventKind.SnapshotEnd)), Is.EqualTo((2L, false)), "six are announced, four are there");
    }

    [Test]
    public void A_session_that_begins_anew_from_its_start_needs_none()
    {
        byte[] other = PcapWriter.Mold("OTHER", 1, ItchBytes.Adds(1_001, 1));
        Feed.Result result = RecoveryRun.Play(s_policy, P(1, 1, 3), P(2, 5, 1), Step.Packet(3, other), S(4, 5));
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 gap4+1 5 1"));
        Assert.That(result.Statistics.UselessSnapshots, Is.EqualTo(1));
    }

    [Test]
    public void One_before_the_first_message_is_no_start()
    {
        byte[] heartbeat = PcapWriter.MoldCount("OTHER", 1, 0);
        byte[] late = PcapWriter.Mold("OTHER", 5, ItchBytes.Adds(1_005, 1));
        Feed.Result result = RecoveryRun.Play(s_policy, P(1, 1, 3), Step.Packet(2, heartbeat), Step.Snapshot(3, 5, ItchBytes.Adds(1_001, 4)), Step.Packet(4, late));
        Assert.That(result.Events.ConvertAll(e => (e.Kind, e.Flags.HasFlag(EventFlags.SessionStart))).TakeLast(2), Is.EqualTo(new[]
        {
            (EventKind.SnapshotEnd, false), (EventKind.Add, false),
        }));
    }

    [TestCase(0)]
    [TestCase(1)]
    public void One_that_was_asked_for_before_another_session_began_is_not_taken_for_its_own(int count)
    {
        byte[] begin = PcapWriter.MoldCount("OTHER", 1, count, ItchBytes.Adds(1_001, count));
        byte[] late = PcapWriter.Mold("OTHER", 5, ItchBytes.Adds(1_005, 1));
        ScriptedInput input = new([P(1, 1, 3), P(2, 5, 2), Step.Packet(3, begin), Step.Packet(4, late), S(5, 50), Step.Snapshot(6, 6, ItchBytes.Adds(1_001, 5))]);
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(s_policy), input);
        Assert.That(Sequences(result), Does.EndWith("5 ( 1 2 3 4 5 )6"));
        Assert.That((result.Statistics.UselessSnapshots, result.Statistics.Snapshots), Is.EqualTo((1L, 1L)));
        Assert.That(input.SnapshotRequests, Is.GreaterThan(1));
    }

    [Test]
    public void One_that_was_asked_for_before_the_stream_began_again_is_not_taken_for_its_own()
    {
        Step[] day = [.. Enumerable.Range(1, 20).Select(i => P(i, (ulong)i, 1))];
        ScriptedInput input = new([.. day, P(21, 25, 1), P(22, 1, 2), P(23, 4, 1), S(24, 50), S(25, 5)]);
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(s_policy), input);
        Assert.That(Sequences(result), Does.EndWith("gap21+4 25 1 2 gap3+1 4 ( 1 2 3 4 )5"));
        Assert.That((result.Statistics.UselessSnapshots, result.Statistics.Snapshots), Is.EqualTo((1L, 1L)));
    }

    private Step P(long time, ulong from, int count) => Step.Packet(time, _stream.Pack(from, count));

    /// <summary>A snapshot of the stream before a sequence.</summary>
    private Step S(long time, ulong next) => Step.Snapshot(time, next, _stream.Messages[..((int)next - 1)]);
}
