using Engine.Core.Threads;

namespace Engine.Core.Time;

/// <summary>
/// The host's wall clock with nanosecond precision, from clock_gettime(CLOCK_REALTIME); <see cref="DateTime.UtcNow"/> counts in
/// steps of 100 ns, and is used only off Linux. It follows the host's corrections, so it may step back: measure durations
/// with <see cref="MonotonicTimer"/>.
/// </summary>
public sealed unsafe class WallClock : IClock
{
    private const long NanosPerSecond = 1_000_000_000;
    private const long NanosPerTick = 100;

    /// <inheritdoc/>
    public long NowNanos
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * NanosPerTick;
            }

            Libc.Timespec time;

            // SAFETY: the call fills the local; CLOCK_REALTIME cannot fail.
            _ = Libc.ClockGetTime(Libc.ClockRealtime, &time);
            return time.Seconds * NanosPerSecond + time.Nanos;
        }
    }
}
