using System.Runtime.InteropServices;

namespace Engine.Core.Threads;

/// <summary>What the host grants of memory that never waits for the pager.</summary>
public static class HostMemory
{
    private const string HugePageSwitch = "/sys/kernel/mm/transparent_hugepage/enabled";

    /// <summary>
    /// Locks every page of the process, mapped now or later, as soon as it is touched (mlockall with MCL_CURRENT, MCL_FUTURE
    /// and MCL_ONFAULT): no page is fetched early and none is evicted.
    /// </summary>
    /// <param name="refusal">The errno's name when it was refused (ENOMEM or EPERM: `ulimit -l`), else null.</param>
    public static bool LockAll(out string? refusal)
    {
        refusal = "not Linux";
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        bool done = Libc.LockAll(Libc.LockCurrent | Libc.LockFuture | Libc.LockOnFault) == 0;
        refusal = done ? null : Libc.ErrorName(Marshal.GetLastPInvokeError());
        return done;
    }

    /// <summary>Undoes <see cref="LockAll"/>.</summary>
    public static void UnlockAll()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Libc.UnlockAll();
        }
    }

    /// <summary>The kernel's mode for transparent huge pages: `always`, `madvise`, `never`, or `unknown`.</summary>
    public static string HugePages()
    {
        try
        {
            return Bracketed(File.ReadAllText(HugePageSwitch));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }

    /// <summary>The word in brackets of a line such as `always [madvise] never`; `unknown` when there is none.</summary>
    internal static string Bracketed(string line)
    {
        int open = line.IndexOf('[', StringComparison.Ordinal);
        int close = line.IndexOf(']', StringComparison.Ordinal);
        return open >= 0 && close > open ? line[(open + 1)..close] : "unknown";
    }
}
