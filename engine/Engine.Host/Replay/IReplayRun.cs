using Engine.Core.Threads;

namespace Engine.Host.Replay;

/// <summary>The hot threads of a replay, in one of the topologies.</summary>
internal interface IReplayRun : IDisposable
{
    /// <summary>What was applied to each thread, in flow order.</summary>
    IReadOnlyList<ThreadPlacement> Placements { get; }

    /// <summary>Bytes that the hot threads allocated after the warm-up, and collections meanwhile.</summary>
    (long Bytes, int Collections) Allocations { get; }

    /// <summary>Starts the threads.</summary>
    void Start(ReplayOptions options);

    /// <summary>What the threads threw, the one that matters first; empty when they ended well.</summary>
    IEnumerable<Exception> Failures { get; }

    /// <summary>Waits for all of them to end, however they end; false while one still runs.</summary>
    bool Wait(TimeSpan timeout);

    /// <summary>Makes none of them wait for another, now or later; whoever calls it has halted the <see cref="RunWatch"/>.</summary>
    void Halt();
}
