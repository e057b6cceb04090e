using System.Runtime.InteropServices;

namespace Engine.Core.Threads;

/// <summary>Which CPUs this process may use, and the calling thread's place among them. Linux; elsewhere nothing can be pinned.</summary>
public static unsafe class CpuPlacement
{
    /// <summary>Highest CPU number handled, plus one.</summary>
    public const int MaxCpus = 1_024;

    private const int MaskWords = MaxCpus / 64;

    /// <summary>The CPUs that the calling thread may run on, ascending (sched_getaffinity); 0 to the processor count − 1 where that cannot be asked.</summary>
    public static int[] Available()
    {
        ulong* mask = stackalloc ulong[MaskWords];

        // SAFETY: the kernel writes at most the given number of bytes into the local mask.
        if (!OperatingSystem.IsLinux() || Libc.SchedGetAffinity(0, MaskWords * sizeof(ulong), mask) != 0)
        {
            return [.. Enumerable.Range(0, Environment.ProcessorCount)];
        }

        List<int> cpus = [];
        for (int cpu = 0; cpu < MaxCpus; cpu++)
        {
            if ((mask[cpu / 64] >> (cpu % 64) & 1) != 0)
            {
                cpus.Add(cpu);
            }
        }

        return [.. cpus];
    }

    /// <summary>The CPU that the calling thread is on at this moment; −1 where that cannot be asked.</summary>
    public static int Current() => OperatingSystem.IsLinux() ? Libc.SchedGetCpu() : -1;

    /// <summary>Binds the calling thread to one CPU.</summary>
    /// <param name="cpu">Its number, from 0.</param>
    /// <param name="refusal">The errno's name when it was refused, else null.</param>
    public static bool TryPin(int cpu, out string? refusal)
    {
        if (cpu is < 0 or >= MaxCpus)
        {
            refusal = $"cpu {cpu} is not 0 to {MaxCpus - 1}";
            return false;
        }

        return TryAllow([cpu], out refusal);
    }

    /// <summary>Lets the calling thread run on these CPUs only; undoes a pin when given <see cref="Available"/>'s earlier answer.</summary>
    /// <param name="cpus">Their numbers, 0 to <see cref="MaxCpus"/> − 1; others are ignored.</param>
    /// <param name="refusal">The errno's name when it was refused, else null.</param>
    public static bool TryAllow(ReadOnlySpan<int> cpus, out string? refusal)
    {
        refusal = "not Linux";
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        ulong* mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        foreach (int cpu in cpus)
        {
            if ((uint)cpu < MaxCpus)
            {
                mask[cpu / 64] |= 1UL << (cpu % 64);
            }
        }

        // SAFETY: the kernel reads exactly the local mask.
        bool done = Libc.SchedSetAffinity(0, MaskWords * sizeof(ulong), mask) == 0;
        refusal = done ? null : Libc.ErrorName(Marshal.GetLastPInvokeError());
        return done;
    }

    /// <summary>Gives the calling thread the real-time policy SCHED_FIFO.</summary>
    /// <param name="priority">1 (lowest) to 99.</param>
    /// <param name="refusal">The errno's name when it was refused (EPERM without CAP_SYS_NICE), else null.</param>
    public static bool TryFifo(int priority, out string? refusal)
    {
        refusal = "not Linux";
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        // SAFETY: struct sched_param is one int; the kernel reads the local.
        bool done = Libc.SchedSetScheduler(0, Libc.SchedFifo, &priority) == 0;
        refusal = done ? null : Libc.ErrorName(Marshal.GetLastPInvokeError());
        return done;
    }
}
