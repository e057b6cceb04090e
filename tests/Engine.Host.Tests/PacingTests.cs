using System.Text.Json;
using Engine.Core.Memory;
using Engine.Core.Time;
using Engine.Host.Replay;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>What a paced run says of its pacing: how late the pacer was, and how long packets queued, each by itself.</summary>
public class PacerTests
{
    private const long Millisecond = 1_000_000;

    [Test]
    public void A_packet_that_is_waited_for_is_never_early_and_did_not_queue()
    {
        Pacer pacer = New(out RunWatch watch);
        long start = pacer.Wait(0, watch);
        for (int i = 1; i <= 3; i++)
        {
            Assert.That(pacer.Wait(i * 2 * Millisecond, watch), Is.EqualTo(start + (i * Millisecond)), "at twice the pace");
            Assert.That(MonotonicTimer.NowNanos, Is.GreaterThanOrEqualTo(start + (i * Millisecond)));
        }

        // On a busy machine one of them may have been overtaken by the clock.
        Assert.That(pacer.Queue.Count, Is.EqualTo(4));
        Assert.That(pacer.Late.Count, Is.InRange(0, 3));
        Assert.That(pacer.Late.Count < 3, Is.EqualTo(pacer.Queue.Max > 0), "each packet was waited for or queued");
    }

    [Test]
    public void A_packet_whose_time_has_gone_by_is_let_go_at_once_and_queued_that_long()
    {
        Pacer pacer = New(out RunWatch watch);
        long start = pacer.Wait(0, watch);
        while (MonotonicTimer.NowNanos < start + Millisecond)
        {
        }

        long due = pacer.Wait(Millisecond, watch);
        Assert.That(due, Is.EqualTo(start + (Millisecond / 2)));
        Assert.That(pacer.Late.Count, Is.Zero, "the pacer has no fault in it");
        Assert.That(pacer.Queue.Max, Is.InRange(Millisecond / 2, MonotonicTimer.NowNanos - due));
        pacer.Reset();
        Assert.That((pacer.Late.Count, pacer.Queue.Count), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public void A_run_that_is_stopped_waits_no_longer_and_counts_no_lateness()
    {
        Pacer pacer = New(out RunWatch watch);
        pacer.Wait(0, watch);
        watch.Halt();
        long due = pacer.Wait(3_600_000 * Millisecond, watch);
        Assert.That(MonotonicTimer.NowNanos, Is.LessThan(due));
        Assert.That(pacer.Late.Count, Is.Zero);
    }

    private static Pacer New(out RunWatch watch)
    {
        var pacer = new Pacer(2, yields: false);
        pacer.Rehearse();
        watch = new RunWatch(new EngineLimits(), null, pacer, null!);
        return pacer;
    }
}

/// <summary>The same in the summary of `engine replay --speed`.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class PacingTests(EngineBinary engine) : EngineTests(engine)
{
    [Test]
    public void The_summary_tells_lateness_from_queueing([Values("fused", "split")] string topology)
    {
        ReplayRun run = SampleRuns.Of(Binary, SampleRuns.SmallCapture, "--topology", topology, "--speed", "500x");
        long queued = Count(run, "queue_ns"), waited = Count(run, "pacer_late_ns");
        Assert.That(queued, Is.InRange(run.Number("packets") / 2, run.Number("packets")), "every packet after the warm-up");
        Assert.That(waited, Is.InRange(0, queued));
        Assert.That(run.Run.Error, Does.Match(@"\(queueing\) ").And.Match(@"\(pacer late\) "));
        Assert.That(run.Number("allocated_bytes_hot"), Is.Zero);
    }

    [Test]
    public void A_run_without_a_pace_says_nothing_of_it()
    {
        ReplayRun run = SampleRuns.Small(Binary);
        Assert.That(run.Json.TryGetProperty("queue_ns", out _), Is.False);
        Assert.That(run.Run.Error, Does.Not.Contain("pacer"));
    }

    private static long Count(ReplayRun run, string name) => run.Json.GetProperty(name).GetProperty("count").GetInt64();
}
