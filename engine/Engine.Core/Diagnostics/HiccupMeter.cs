using Engine.Core.Time;

namespace Engine.Core.Diagnostics;

/// <summary>
/// The machine's own noise: the calling thread does nothing but read the timer, and every gap between two readings that is
/// longer than the timer's cost was taken by the scheduler, an interrupt, the hypervisor or the runtime.
/// </summary>
public static class HiccupMeter
{
    /// <summary>Longest measurement, ns: an hour.</summary>
    public const long MaxDurationNanos = 3_600_000_000_000;

    /// <summary>Spins for a while and records each gap between consecutive timer readings, ns.</summary>
    /// <param name="gaps">Where the gaps go; not cleared before.</param>
    /// <param name="durationNanos">How long, 1 to <see cref="MaxDurationNanos"/>.</param>
    /// <returns>The time spent, ns: the gaps' sum.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The duration is out of range.</exception>
    public static long Run(LatencyHistogram gaps, long durationNanos)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(durationNanos);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(durationNanos, MaxDurationNanos);
        long start = MonotonicTimer.NowNanos;
        long last = start;
        while (last - start < durationNanos)
        {
            long now = MonotonicTimer.NowNanos;
            gaps.Record(now - last);
            last = now;
        }

        return last - start;
    }
}
