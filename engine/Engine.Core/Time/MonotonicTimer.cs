using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Engine.Core.Time;

/// <summary>What measuring itself costs, ns.</summary>
/// <param name="ResolutionNanos">The smallest step between two different readings.</param>
/// <param name="CostNanos">One reading, as the mean of a tight loop.</param>
public readonly record struct TimerProperties(long ResolutionNanos, double CostNanos);

/// <summary>Durations: a counter that never steps back (<see cref="Stopwatch"/>), in nanoseconds without overflow.</summary>
public static class MonotonicTimer
{
    private const long NanosPerSecond = 1_000_000_000;
    private const int Readings = 20_000;

    /// <summary>Nanoseconds since an arbitrary start.</summary>
    public static long NowNanos
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ToNanos(Stopwatch.GetTimestamp());
    }

    /// <summary>Stopwatch ticks in nanoseconds, rounded down; exact for every value that fits, as no product exceeds 64 bits on the way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ToNanos(long ticks) =>
        Stopwatch.Frequency == NanosPerSecond ? ticks : ToNanos(ticks, Stopwatch.Frequency);

    /// <summary>Ticks of any counter in nanoseconds: whole seconds and the rest apart.</summary>
    /// <param name="ticks">Any count; negative rounds towards zero.</param>
    /// <param name="frequency">Ticks a second, 1 to 9.2e9.</param>
    /// <exception cref="OverflowException">The result does not fit: 292 years.</exception>
    public static long ToNanos(long ticks, long frequency)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frequency);
        long seconds = Math.DivRem(ticks, frequency, out long rest);
        return checked(seconds * NanosPerSecond + rest * NanosPerSecond / frequency);
    }

    /// <summary>Measures this timer on this host, a millisecond of work or so.</summary>
    public static TimerProperties Measure()
    {
        long resolution = long.MaxValue;
        long start = NowNanos;
        long last = start;
        for (int i = 0; i < Readings; i++)
        {
            long now = NowNanos;
            if (now > last)
            {
                resolution = Math.Min(resolution, now - last);
            }

            last = now;
        }

        return new TimerProperties(resolution == long.MaxValue ? 0 : resolution, (double)(last - start) / Readings);
    }
}
