namespace Engine.Core.Threads;

/// <summary>Sleeps below the millisecond that <see cref="Thread.Sleep(int)"/> can do.</summary>
public static unsafe class ShortSleep
{
    /// <summary>Longest sleep, ns: below one second.</summary>
    public const long MaxNanos = 999_999_999;

    /// <summary>Gives the core away for at least <paramref name="nanos"/> (1 to <see cref="MaxNanos"/>, clamped), less if a signal comes.</summary>
    public static void Sleep(long nanos)
    {
        nanos = Math.Clamp(nanos, 1, MaxNanos);
        if (!OperatingSystem.IsLinux())
        {
            Thread.Sleep((int)((nanos + 999_999) / 1_000_000));
            return;
        }

        Libc.Timespec duration = new() { Nanos = nanos };

        // SAFETY: a local, read during the call; no rest is asked for.
        _ = Libc.NanoSleep(&duration, null);
    }
}
