using Engine.Core.Events;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;
using static Engine.Feeds.Tests.Recovery.RecoveryText;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>Sessions that begin again, and answers to requests, while packets are held.</summary>
public class SessionEdgeTests
{
    private const ulong Top = ulong.MaxValue;
    private static readonly GapPolicy s_patient = new() { WaitNanos = 1_000_000 };
    private readonly TrueStream _stream = TrueStream.Adds(100);
    private readonly TrueStream _other = TrueStream.Adds(200);

    [Test]
    public void A_restart_drops_what_is_held_and_counts_it()
    {
        Step[] day = [.. Enumerable.Range(1, 20).Select(i => P(i, (ulong)i, 1))];
        Feed.Result result = RecoveryRun.Play(s_patient, [.. day, P(21, 25, 2), P(22, 23, 1), P(23, 1, 2), P(24, 4, 1), P(25, 3, 1)]);
        Assert.That(Sequences(result), Is.EqualTo($"{Range(1, 20)} 1 2 3 4"));
        FeedStatistics s = result.Statistics;
        Assert.That((s.Restarts, s.Gaps, s.Lost, s.Duplicates), Is.EqualTo((1L, 1L, 6L, 0L)), "21 to 26, of which 23, 25 and 26 were held");
        RecoveryRun.AssertAddsUp(s);
    }

    [Test]
    public void A_new_session_drops_what_is_held_and_counts_it()
    {
        Feed.Result result = RecoveryRun.Play(s_patient, P(1, 1, 2), P(2, 5, 2), N(3, "OTHER", 1, 1), N(4, "OTHER", 3, 1), N(6, "OTHER", 2, 1));
        Assert.That(Sequences(result), Is.EqualTo("1 2 1 2 3"));
        FeedStatistics s = result.Statistics;
        Assert.That((s.Restarts, s.Gaps, s.Lost, s.Duplicates), Is.EqualTo((1L, 1L, 4L, 0L)), "3 to 6, of which 5 and 6 were held");
        RecoveryRun.AssertAddsUp(s);
    }

    [Test]
    public void Sessions_side_by_side_hold_apart()
    {
        Step[] steps =
        [
            P(1, 1, 2), N(2, "OTHER", 1, 2, 2), P(3, 5, 1), N(4, "OTHER", 4, 1, 2), P(5, 3, 1), N(6, "OTHER", 3, 1, 2), P(7, 4, 1), P(8, 9, 1),
            N(9, "OTHER", 7, 1, 2), P(2_000_000, 10, 1), N(2_000_001, "OTHER", 8, 1, 2),
        ];
        Feed.Result result = RecoveryRun.Play(s_patient, steps);
        string Of(Func<MarketEvent, bool> isOf) => Sequences(result with { Events = [.. result.Events.Where(isOf)] });
        Assert.That(Of(e => e.Kind == EventKind.Add && e.OrderId < 100), Is.EqualTo("1 2 3 4 5 9 10"));
        Assert.That(Of(e => e.Kind == EventKind.Add && e.OrderId >= 100), Is.EqualTo("1 2 3 4 7 8"));
        Assert.That(Of(e => e.Kind == EventKind.Gap), Is.EqualTo("gap6+3 gap5+2"));
        Assert.That((result.Statistics.Holes, result.Statistics.Missing, result.Statistics.Recovered, result.Statistics.Lost), Is.EqualTo((4L, 8L, 3L, 5L)));
    }

    [Test]
    public void An_answer_for_an_unknown_session_is_refused()
    {
        byte[] unknown = PcapWriter.Mold("UNKNOWN", 3, ItchBytes.Adds(1, 1));
        Feed.Result result = RecoveryRun.Play(s_patient, P(1, 1, 2), P(2, 4, 1), Step.Reply(3, unknown), R(4, 3, 1));
        Assert.That(Sequences(result), Is.EqualTo("1 2 3 4"));
        Assert.That((result.Statistics.RefusedPackets, result.Statistics.ReplyPackets), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public void An_answer_with_sequence_1_is_no_restart()
    {
        Step[] day = [.. Enumerable.Range(1, 40).Select(i => P(i, (ulong)i, 1))];
        Feed.Result result = RecoveryRun.Play(s_patient, [.. day, R(41, 1, 30), Step.Reply(42, _other.Pack(1, 1)), P(43, 41, 1)]);
        Assert.That(Sequences(result), Is.EqualTo(Range(1, 41)));
        Assert.That((result.Statistics.Restarts, result.Statistics.Duplicates, result.Statistics.ReplyPackets), Is.EqualTo((0L, 31L, 2L)));
    }

    [Test]
    public void An_answer_that_comes_behind_a_restart_is_refused()
    {
        Step[] day = [.. Enumerable.Range(1, 40).Select(i => P(i, (ulong)i, 1))];
        Feed.Result result = RecoveryRun.Play(s_patient, [.. day, P(41, 45, 1), P(42, 1, 2), R(43, 41, 4), R(44, 2, 4), P(45, 3, 2)]);
        Assert.That(Sequences(result), Is.EqualTo($"{Range(1, 40)} 1 2 3 4"));
        Assert.That((result.Statistics.RefusedPackets, result.Statistics.ReplyPackets, result.Statistics.Lost), Is.EqualTo((2L, 0L, 5L)));
        RecoveryRun.AssertAddsUp(result.Statistics);
    }

    [Test]
    public void An_answer_for_a_session_that_was_replaced_is_a_duplicate()
    {
        Feed.Result result = RecoveryRun.Play(s_patient, P(1, 1, 2), P(2, 5, 1), N(3, "OTHER", 1, 2), R(4, 3, 2), N(5, "OTHER", 3, 1));
        Assert.That(Sequences(result), Is.EqualTo("1 2 1 2 3"));
        Assert.That((result.Statistics.Duplicates, result.Statistics.RefusedPackets), Is.EqualTo((2L, 0L)));
    }

    [Test]
    public void Sequences_near_the_largest_number_neither_wrap_nor_stall()
    {
        ulong start = Top - SequenceSessions.MaxStep;
        Step[] steps = [At(1, start, 1), At(2, Top - 20, 2), At(3, Top - 12, 3), At(4, Top - 1, 2), At(5, Top, 5), At(6, Top - 9, 9), At(7, Top - 1, 1)];
        Feed.Result result = RecoveryRun.Play(s_patient, steps);
        FeedStatistics s = result.Statistics;
        RecoveryRun.AssertAddsUp(s);
        Assert.That(s.BadSequencePackets, Is.EqualTo(2), "what would end behind the largest number");
        Assert.That(s.Messages, Is.EqualTo(1 + 2 + 3 + 9));
        Assert.That(result.Events.FindAll(e => e.Kind == EventKind.Gap).ConvertAll(e => (e.Sequence, e.Quantity)), Is.EqualTo(new[]
        {
            (start + 1, (long)(Top - 20 - start - 1)), (Top - 18, 6L),
        }));
    }

    private static Step At(long time, ulong sequence, int count) =>
        Step.Packet(time, PcapWriter.Mold(TrueStream.Session, sequence, ItchBytes.Adds(1, count)));

    private static Step N(long time, string session, ulong from, int count, ulong line = 1) =>
        Step.Packet(time, PcapWriter.Mold(session, from, ItchBytes.Adds(100 + from, count)), line);

    private Step P(long time, ulong from, int count) => Step.Packet(time, _stream.Pack(from, count));

    private Step R(long time, ulong from, int count) => Step.Reply(time, _stream.Pack(from, count));
}
