namespace Engine.Core.Threads;

/// <summary>What the host granted at start, in one line.</summary>
public sealed class ThreadReport
{
    private readonly IReadOnlyList<ThreadPlacement> _placements;
    private readonly bool _locked;
    private readonly string? _lockRefusal;
    private readonly int _cpus;
    private readonly string _hugePages;

    /// <param name="placements">The threads, in flow order.</param>
    /// <param name="memoryLocked">Whether <see cref="HostMemory.LockAll"/> succeeded.</param>
    /// <param name="lockRefusal">Why it did not; null when it was not tried.</param>
    /// <param name="cpus">CPUs the process may use; take it before any thread is pinned.</param>
    /// <param name="hugePages">The kernel's mode for transparent huge pages: <see cref="HostMemory.HugePages"/>.</param>
    public ThreadReport(IReadOnlyList<ThreadPlacement> placements, bool memoryLocked, string? lockRefusal, int cpus, string hugePages)
    {
        _placements = placements;
        _locked = memoryLocked;
        _lockRefusal = lockRefusal;
        _cpus = cpus;
        _hugePages = hugePages;
    }

    /// <summary>A report on these threads and this host.</summary>
    public static ThreadReport Of(IReadOnlyList<ThreadPlacement> placements, bool memoryLocked, string? lockRefusal) =>
        new(placements, memoryLocked, lockRefusal, Environment.ProcessorCount, HostMemory.HugePages());

    /// <summary>
    /// The line, without an end of line: `threads: compute pinned to cpu 1, fifo refused (EPERM); record unpinned; memory not
    /// locked; 2 cpus, huge pages madvise`.
    /// </summary>
    public override string ToString()
    {
        string memory = (_locked, _lockRefusal) switch
        {
            (true, _) => "memory locked",
            (false, null) => "memory not locked",
            (false, string refusal) => $"memory not locked ({refusal})",
        };
        string threads = string.Concat(_placements.Select(placement => $"{placement}; "));
        string line = $"threads: {threads}{memory}; {_cpus} cpus, huge pages {_hugePages}";
        return line.ReplaceLineEndings(" ");
    }
}
