using System.Runtime.InteropServices;

namespace Engine.Core.Threads;

/// <summary>The C library's calls that threads and clocks need. Linux only; callers check.</summary>
internal static unsafe class Libc
{
    /// <summary>clock_gettime's wall clock.</summary>
    public const int ClockRealtime = 0;

    /// <summary>The real-time policy of sched_setscheduler: first in, first out.</summary>
    public const int SchedFifo = 1;

    /// <summary>mlockall: what is mapped now.</summary>
    public const int LockCurrent = 1;

    /// <summary>mlockall: what is mapped later.</summary>
    public const int LockFuture = 2;

    /// <summary>mlockall: a page is locked when it is first touched, not fetched at once.</summary>
    public const int LockOnFault = 4;

    /// <summary>struct timespec of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Timespec
    {
        /// <summary>Whole seconds.</summary>
        public long Seconds;

        /// <summary>Nanoseconds below one second.</summary>
        public long Nanos;
    }

    /// <summary>An errno by its symbol where a start report would show it, else by number.</summary>
    public static string ErrorName(int errno) => errno switch
    {
        1 => "EPERM",
        3 => "ESRCH",
        11 => "EAGAIN",
        12 => "ENOMEM",
        13 => "EACCES",
        14 => "EFAULT",
        22 => "EINVAL",
        38 => "ENOSYS",
        _ => $"errno {errno}",
    };

    // SAFETY: signatures are those of 64-bit Linux; callers pass addresses of locals, and mask lengths in bytes.
    // Thread id 0 is the calling thread in the three sched_ calls.
    [DllImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    public static extern int SchedSetAffinity(int thread, nuint bytes, ulong* mask);

    [DllImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    public static extern int SchedGetAffinity(int thread, nuint bytes, ulong* mask);

    [DllImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    public static extern int SchedSetScheduler(int thread, int policy, int* priority);

    [DllImport("libc", EntryPoint = "sched_getcpu")]
    public static extern int SchedGetCpu();

    [DllImport("libc", EntryPoint = "mlockall", SetLastError = true)]
    public static extern int LockAll(int flags);

    [DllImport("libc", EntryPoint = "munlockall", SetLastError = true)]
    public static extern int UnlockAll();

    // Answered by the vDSO in tens of nanoseconds without blocking, so the switch of GC mode can be left out.
    [SuppressGCTransition]
    [DllImport("libc", EntryPoint = "clock_gettime")]
    public static extern int ClockGetTime(int clock, Timespec* time);

    [DllImport("libc", EntryPoint = "nanosleep")]
    public static extern int NanoSleep(Timespec* duration, Timespec* rest);
}
