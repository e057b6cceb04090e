using System.Diagnostics;
using System.Numerics;
using Engine.Core.Numerics;
using Engine.Core.Time;

namespace Engine.Core.Tests.Time;

/// <summary>Wall clock, replay clock and timer.</summary>
public class ClockTests
{
    [Test]
    public void The_wall_clock_agrees_with_the_runtime()
    {
        WallClock clock = new();
        long before = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * 100;
        long now = clock.NowNanos;
        long after = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * 100 + 100;
        Assert.That(now, Is.InRange(before - 1_000_000, after + 1_000_000));
    }

    [Test]
    [Platform("Linux")]
    public void The_wall_clock_is_finer_than_100_ns()
    {
        WallClock clock = new();
        bool odd = false;
        for (int i = 0; i < 1_000; i++)
        {
            odd |= clock.NowNanos % 100 != 0;
        }

        Assert.That(odd, Is.True);
    }

    [Test]
    public void The_replay_clock_stands_where_it_is_put()
    {
        ReplayClock clock = new(5);
        Assert.That(clock.NowNanos, Is.EqualTo(5));
        clock.Set(1_700_000_000_000_000_001);
        Assert.That(clock.NowNanos, Is.EqualTo(1_700_000_000_000_000_001));
        Assert.That(clock.StepsBack, Is.Zero);
        clock.Set(4);
        Assert.That((clock.NowNanos, clock.StepsBack), Is.EqualTo((4L, 1L)));
    }

    [Test]
    public void Ticks_become_nanoseconds_without_overflow([Values(1L, 3L, 1_000L, 10_000_000L, 24_000_000L, 1_000_000_000L, 2_994_371_000L)] long frequency)
    {
        SeededRandom random = new((ulong)frequency);
        for (int i = 0; i < 1_000; i++)
        {
            long ticks = (long)(random.NextUInt64() >> random.Next(1, 60));
            BigInteger expected = (BigInteger)ticks * 1_000_000_000 / frequency;
            if (expected > long.MaxValue)
            {
                Assert.That(() => MonotonicTimer.ToNanos(ticks, frequency), Throws.TypeOf<OverflowException>());
            }
            else
            {
                Assert.That((BigInteger)MonotonicTimer.ToNanos(ticks, frequency), Is.EqualTo(expected), $"{ticks} at {frequency}");
            }
        }
    }

    [Test]
    public void The_timer_goes_forward_and_knows_its_cost()
    {
        long start = MonotonicTimer.NowNanos;
        long ticks = Stopwatch.GetTimestamp();
        Thread.Sleep(5);
        Assert.That(MonotonicTimer.NowNanos - start, Is.GreaterThanOrEqualTo(4_000_000));
        Assert.That(MonotonicTimer.ToNanos(Stopwatch.GetTimestamp() - ticks), Is.GreaterThanOrEqualTo(4_000_000));
        TimerProperties timer = MonotonicTimer.Measure();
        Assert.That(timer.ResolutionNanos, Is.InRange(1, 1_000_000));
        Assert.That(timer.CostNanos, Is.InRange(0.1, 1_000_000));
    }
}
