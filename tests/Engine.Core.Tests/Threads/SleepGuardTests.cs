using Engine.Core.Numerics;
using Engine.Core.Threads;

namespace Engine.Core.Tests.Threads;

/// <summary>A thread that sleeps by the guard is awake in time, on machines that oversleep by more or less.</summary>
public class SleepGuardTests
{
    private const int Rehearsals = 32;

    [TestCase(1_000)]
    [TestCase(55_000)]
    [TestCase(150_000)]
    [TestCase(900_000)]
    [TestCase(4_000_000)]
    public void Nothing_is_late_on_a_machine_that_oversleeps_by_as_much_each_time(long oversleep)
    {
        SleepGuard guard = Rehearsed(() => oversleep);
        long slept = 0;
        foreach (long wait in (long[])[1_000, 250_000, 1_000_000, 30_000_000, 200_000_000, 7_000_000_000])
        {
            (long late, long asleep) = Wait(guard, wait, () => oversleep);
            Assert.That(late, Is.Zero, $"a wait of {wait} ns");
            slept += asleep;
        }

        Assert.That(slept, Is.GreaterThan(6_500_000_000), "and most of the long ones was slept");
    }

    [Test]
    public void Nothing_is_late_where_no_sleep_is_twice_as_late_as_most([Range(1, 5)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        long Oversleep() => 60_000 + random.Next(40_000);
        SleepGuard guard = Rehearsed(Oversleep);
        for (int i = 0; i < 2_000; i++)
        {
            Assert.That(Wait(guard, random.Next(5_000_000), Oversleep).Late, Is.Zero, $"seed {seed}, wait {i}");
        }
    }

    [Test]
    public void A_core_that_is_taken_away_now_and_then_does_not_end_all_sleeping([Range(1, 5)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        long Oversleep() => random.Chance(0.5) ? 1_000_000 + random.Next(20_000_000) : 60_000 + random.Next(20_000);
        SleepGuard guard = Rehearsed(Oversleep);
        int late = 0;
        for (int i = 0; i < 2_000; i++)
        {
            late += Wait(guard, 1_000_000, Oversleep).Late > 0 ? 1 : 0;
            Assert.That(guard.Nanos, Is.LessThan(300_000), $"seed {seed}, wait {i}");
        }

        Assert.That(late, Is.InRange(1, 1_100), $"seed {seed}: those that lost their core, and no others");
    }

    [Test]
    public void A_machine_that_changes_is_followed()
    {
        SleepGuard guard = Rehearsed(() => 60_000);
        foreach (long oversleep in (long[])[2_000_000, 60_000])
        {
            for (int i = 0; i < 300; i++)
            {
                guard.Slept(oversleep);
            }

            Assert.That(guard.Nanos, Is.InRange(SleepGuard.Margin * oversleep * 0.9, SleepGuard.Margin * oversleep * 1.1));
        }
    }

    [Test]
    public void A_sleep_that_a_signal_ended_and_one_that_never_seemed_to_end_stay_in_bounds()
    {
        var guard = new SleepGuard();
        for (int i = 0; i < 1_000; i++)
        {
            guard.Slept(long.MinValue);
        }

        Assert.That(guard.Nanos, Is.EqualTo(SleepGuard.MinNanos));
        guard.Begin([long.MaxValue]);
        Assert.That(guard.Nanos, Is.EqualTo(SleepGuard.MaxNanos));
        guard.Slept(long.MaxValue);
        Assert.That(guard.Nanos, Is.EqualTo(SleepGuard.MaxNanos));
        Assert.That(guard.SleepFor(long.MaxValue), Is.EqualTo(SleepGuard.LongestNanos));
    }

    private static SleepGuard Rehearsed(Func<long> oversleep)
    {
        var guard = new SleepGuard();
        long[] late = [.. Enumerable.Range(0, Rehearsals).Select(_ => oversleep())];
        guard.Begin(late);
        return guard;
    }

    /// <summary>Waits as a thread would, on a clock of the test's own: how late it is, and how long it was asleep.</summary>
    private static (long Late, long Asleep) Wait(SleepGuard guard, long wait, Func<long> oversleep)
    {
        long now = 0, asleep = 0;
        for (long sleep = guard.SleepFor(wait); sleep > 0; sleep = guard.SleepFor(wait - now))
        {
            long late = oversleep();
            guard.Slept(late);
            now += sleep + late;
            asleep += sleep + late;
        }

        // The rest is spun, which ends in time.
        return (Math.Max(0, now - wait), asleep);
    }
}
