using System.Runtime.InteropServices;

namespace Engine.Latency;

/// <summary>The processor time of the calling thread: what others do on the same core is not in it. Linux only.</summary>
public static class ThreadCpuTime
{
    private const int ThreadClock = 3;
    private const long NanosPerSecond = 1_000_000_000;

    /// <summary>Nanoseconds that the calling thread ran so far.</summary>
    public static long NowNanos
    {
        get
        {
            _ = ClockGetTime(ThreadClock, out TimeSpec time);
            return (time.Seconds * NanosPerSecond) + time.Nanos;
        }
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int ClockGetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanos;
    }
}
