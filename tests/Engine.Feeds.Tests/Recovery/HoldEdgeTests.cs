using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;
using Engine.TestKit;
using static Engine.Feeds.Tests.Recovery.RecoveryText;

namespace Engine.Feeds.Tests.Recovery;

public class HoldEdgeTests
{
    private static readonly GapPolicy s_patient = new() { WaitNanos = 1_000_000 };
    private readonly TrueStream _stream = TrueStream.Adds(100);

    [Test]
    public void A_heartbeat_shows_what_is_missing_at_the_tail([Values] bool answered)
    {
        GapPolicy policy = s_patient with { Requests = 1, RequestTimeoutNanos = 1_000_000 };
        Step[] steps = [P(1, 1, 3), P(2, 6, 0), Step.Mark(2_000_000), Step.Reply(2_500_000, _stream.Pack(4, 2)), P(9_000_000, 6, 0)];
        ScriptedInput input = new(answered ? steps : [.. steps.Where(step => !step.IsReply)]);
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(policy), input);
        Assert.That(Sequences(result), Is.EqualTo(answered ? "1 2 3 4 5" : "1 2 3 gap4+2"));
        Assert.That(input.Requests, Is.EqualTo(new[] { (2_000_000L, 4UL, 2UL) }));
        FeedStatistics s = result.Statistics;
        Assert.That((s.Holes, s.Missing, s.Recovered, s.Lost, s.Heartbeats), Is.EqualTo((1L, 2L, answered ? 2L : 0L, answered ? 0L : 2L, 2L)));
    }

    [Test]
    public void Holes_open_at_the_end_are_lost_and_what_is_behind_them_is_not()
    {
        Feed.Result result = RecoveryRun.Play(s_patient with { Requests = 3, RequestTimeoutNanos = 1 }, P(1, 1, 2), P(2, 5, 2), P(3, 9, 1), P(4, 12, 0));
        Assert.That(Sequences(result), Is.EqualTo("1 2 gap3+2 5 6 gap7+2 9 gap10+2"));
        FeedStatistics s = result.Statistics;
        Assert.That((s.Holes, s.Missing, s.Lost, s.Gaps, s.Requests), Is.EqualTo((3L, 6L, 6L, 3L, 0L)));
    }

    [TestCase(1L, "1 2 gap3+1 4 5 6", 1)]
    [TestCase(GapPolicy.MaxWaitNanos, "1 2 3 4 5 6", 0)]
    public void The_wait_may_be_a_nanosecond_or_a_minute(long waitNanos, string sequences, long lost)
    {
        Feed.Result result = RecoveryRun.Play(new GapPolicy { WaitNanos = waitNanos }, P(1, 1, 2), P(2, 4, 2), P(59_000_000_000, 3, 1), P(59_000_000_001, 6, 1));
        Assert.That(Sequences(result), Is.EqualTo(sequences));
        Assert.That((result.Statistics.Lost, result.Statistics.Restarts), Is.EqualTo((lost, 0L)));
    }

    [TestCase(1_000_001L, "1 2 3 4")]
    [TestCase(1_000_002L, "1 2 gap3+1 4")]
    public void A_mark_ends_the_wait_at_its_time(long time, string sequences) =>
        Assert.That(Sequences(RecoveryRun.Play(s_patient, P(1, 1, 2), P(2, 4, 1), Step.Mark(time), P(time, 3, 1))), Is.EqualTo(sequences));

    [Test]
    public void What_finds_no_room_costs_what_is_missing_and_nothing_that_is_held()
    {
        EngineLimits limits = RecoveryRun.Limits with { HeldPackets = 4 };
        Step[] steps = [P(1, 1, 1), P(2, 3, 2), P(3, 5, 1), P(4, 8, 1), P(5, 20, 1), P(6, 9, 2), P(7, 11, 1), P(8, 12, 8), P(9, 21, 1)];
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(s_patient, limits), new ScriptedInput(steps));
        Assert.That(Sequences(result), Is.EqualTo("1 gap2+1 3 4 5 gap6+2 8 9 10 11 12 13 14 15 16 17 18 19 20 21"));
        FeedStatistics s = result.Statistics;
        Assert.That((s.HoldOverflows, s.HeldPackets, s.Lost, s.Duplicates), Is.EqualTo((1L, 4L, 3L, 0L)));
        RecoveryRun.AssertAddsUp(s);
    }

    [Test]
    public void What_finds_no_room_fills_the_next_hole_though_its_wait_is_over()
    {
        EngineLimits limits = RecoveryRun.Limits with { HeldPackets = 2 };
        GapPolicy policy = new() { WaitNanos = 10 };
        Step[] steps = [P(1, 1, 3), P(2, 8, 1), P(10, 6, 1), P(11, 4, 1), P(15, 7, 1)];
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(policy, limits), new ScriptedInput(steps));
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 4 gap5+1 6 7 8"));
        Assert.That((result.Statistics.HoldOverflows, result.Statistics.Lost, result.Statistics.Duplicates), Is.EqualTo((1L, 1L, 0L)));
        RecoveryRun.AssertAddsUp(result.Statistics);
    }

    [Test]
    public void A_packet_too_large_to_be_held_is_decoded_behind_what_is_held()
    {
        EngineLimits limits = RecoveryRun.Limits with { HeldPacketBytes = 100 };
        Feed.Result result = RecoveryRun.Read(
            RecoveryRun.Options(s_patient, limits), new ScriptedInput([P(1, 1, 1), P(2, 3, 1), P(3, 5, 9), P(4, 20, 9), P(5, 29, 1)]));
        Assert.That(Sequences(result), Is.EqualTo("1 gap2+1 3 gap4+1 5 6 7 8 9 10 11 12 13 gap14+6 20 21 22 23 24 25 26 27 28 29"));
        FeedStatistics s = result.Statistics;
        Assert.That((s.HoldOverflows, s.HeldPackets, s.Lost, s.Holes), Is.EqualTo((2L, 1L, 8L, 3L)));
        RecoveryRun.AssertAddsUp(s);
    }

    [Test]
    public void Small_holds_under_loss_lose_only_what_is_missing()
    {
        foreach (ulong seed in Seeds.Take(10))
        {
            SeededRandom random = new(seed);
            LossyLines lossy = new(TrueStream.Adds(1_500), new LineFaults { Loss = 0.2, Reordered = 0.2, CutsAnew = true, DelayNanos = 100_000 }, random);
            EngineLimits limits = new() { HeldPackets = random.Next(1, 12), HeldPacketBytes = random.Next(100, 400) };
            Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(s_patient, limits), new ScriptedInput(lossy.Steps));
            FeedStatistics s = result.Statistics;
            RecoveryRun.AssertAddsUp(s);
            ulong next = 1;
            foreach (MarketEvent e in result.Events)
            {
                Assert.That(e.Sequence, Is.EqualTo(next), $"seed {seed}");
                next += e.Kind == EventKind.Gap ? (ulong)e.Quantity : 1;
            }

            Assert.That(next, Is.EqualTo(lossy.Stream.End), $"seed {seed}");
            Assert.That(s.HoldOverflows, Is.GreaterThan(0), $"seed {seed}");
            Assert.That(s.Messages + s.Duplicates, Is.EqualTo(lossy.Arrivals.Sum(arrival => (long)arrival.Count)), $"seed {seed}");
            Assert.That((s.Messages + s.Lost, s.Restarts), Is.EqualTo((1_500L, 0L)), $"seed {seed}");
        }
    }

    [Test]
    public void Packets_that_lie_over_each_other_count_once()
    {
        foreach (ulong seed in Seeds.Take(30))
        {
            // Each packet on a line of its own, so that none steps back; of any extent, in any order.
            SeededRandom random = new(seed);
            List<Step> steps = [P(1, 1, 2)];
            long sent = 2;
            HashSet<int> came = [1, 2];
            for (int i = 0; i < 40; i++)
            {
                int from = random.Next(2, 90), count = random.Next(10);
                steps.Add(Step.Packet(2 + i, _stream.Pack((ulong)from, count), 100 + (ulong)i));
                came.UnionWith(Enumerable.Range(from, count));
                sent += count;
            }

            steps.Add(Step.Packet(99, _stream.Pack(_stream.End, 0)));
            Feed.Result result = RecoveryRun.Play(s_patient, [.. steps]);
            FeedStatistics s = result.Statistics;
            RecoveryRun.AssertAddsUp(s);
            Assert.That(result.Orders, Is.EqualTo(came.Order().Select(sequence => (ulong)sequence)), $"seed {seed}");
            Assert.That((s.Lost, s.Duplicates), Is.EqualTo((100L - came.Count, sent - came.Count)), $"seed {seed}");
        }
    }

    [Test]
    public void A_packet_that_covers_held_ones_leaves_the_count_right()
    {
        Feed.Result result = RecoveryRun.Play(s_patient, P(1, 1, 1), L(2, 15, 3, 2), L(3, 10, 20, 3), L(4, 18, 5, 4), L(5, 2, 4, 5), L(6, 40, 1, 6));
        Assert.That(Sequences(result), Is.EqualTo($"{Range(1, 5)} gap6+4 {Range(10, 29)} gap30+10 40"));
        FeedStatistics s = result.Statistics;
        Assert.That((s.Missing, s.Recovered, s.Lost, s.Holes, s.Duplicates), Is.EqualTo((23L, 9L, 14L, 2L, 8L)));
    }

    [Test]
    public void What_a_held_packet_announces_and_lacks_is_missing()
    {
        byte[] cut = PcapWriter.MoldCount(TrueStream.Session, 5, 10, _stream.Messages[4..7]);
        Feed.Result filled = RecoveryRun.Play(s_patient, P(1, 1, 2), Step.Packet(2, cut), L(3, 15, 1, 2), P(4, 3, 2), L(5, 8, 7, 2));
        Assert.That(Sequences(filled), Is.EqualTo(Range(1, 15)));
        Assert.That((filled.Statistics.Missing, filled.Statistics.Recovered, filled.Statistics.Lost, filled.Statistics.MessagesCutOff), Is.EqualTo((9L, 9L, 0L, 7L)));

        Feed.Result lost = RecoveryRun.Play(s_patient, P(1, 1, 2), Step.Packet(2, cut), L(3, 15, 1, 2), P(4, 3, 2));
        Assert.That(Sequences(lost), Is.EqualTo($"{Range(1, 7)} gap8+7 15"));
        Assert.That((lost.Statistics.Missing, lost.Statistics.Recovered, lost.Statistics.Lost), Is.EqualTo((9L, 2L, 7L)));
    }

    [Test]
    public void What_a_filling_packet_announces_and_lacks_is_not_recovered()
    {
        byte[] cut = PcapWriter.MoldCount(TrueStream.Session, 3, 7, _stream.Messages[2..4]);
        Feed.Result result = RecoveryRun.Play(s_patient, P(1, 1, 2), P(2, 10, 1), Step.Packet(3, cut, 2));
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 4 gap5+5 10"));
        Assert.That((result.Statistics.Missing, result.Statistics.Recovered, result.Statistics.Lost), Is.EqualTo((7L, 2L, 5L)));
    }

    [Test]
    public void Time_that_runs_backwards_shortens_waits_and_stalls_nothing()
    {
        Step[] steps = [P(5_000_000, 1, 2), P(4_500_000, 4, 1), P(4_400_000, 3, 1), P(3_000_000, 6, 1), P(2_000_000, 5, 1), P(1_000_000, 7, 1)];
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(s_patient), new ScriptedInput(steps, isRecording: true));
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 4 gap5+1 6 7"), "half a millisecond back leaves half of the wait, two leave none");
        RecoveryRun.AssertAddsUp(result.Statistics);
    }

    [Test]
    public void A_clock_set_back_by_an_hour_starts_waits_anew([Values(0, 3)] int requests)
    {
        const long Hour = 3_600_000_000_000;
        GapPolicy policy = new() { WaitNanos = 2_000_000, Requests = requests, RequestTimeoutNanos = 1_000_000 };
        Step[] steps = [P(2 * Hour, 1, 2), .. Enumerable.Range(0, 20).Select(i => P(Hour + (i * 1_000_000L), 4 + (ulong)i, 1))];
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(policy), new ScriptedInput(steps, isRecording: true));
        Assert.That(Sequences(result), Does.StartWith("1 2 gap3+1 4 5 6"));
        Assert.That(result.Statistics.HeldPackets, Is.InRange(1, 8), "what comes behind the wait is not held");
        RecoveryRun.AssertAddsUp(result.Statistics);
    }

    [Test]
    public void What_another_line_brings_late_is_not_requested_piece_by_piece()
    {
        GapPolicy policy = new() { WaitNanos = 500_000, Requests = 5, RequestTimeoutNanos = 1_000_000 };
        List<Step> steps = [L(0, 1, 1, 1), L(1, 1, 1, 2), L(10, 92, 1, 1)];
        steps.AddRange(Enumerable.Range(0, 90).Select(i => L(1_000_000 + (i * 1_000L), 2 + (ulong)i, 1, 2)));
        var input = new ScriptedInput([.. steps]);
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(policy), input);
        Assert.That((result.Statistics.Lost, result.Statistics.Recovered), Is.EqualTo((0L, 90L)));
        Assert.That(input.Requests, Has.Count.LessThan(5));
    }

    private Step P(long time, ulong from, int count) => Step.Packet(time, _stream.Pack(from, count));

    private Step L(long time, ulong from, int count, ulong line) => Step.Packet(time, _stream.Pack(from, count), line);
}
