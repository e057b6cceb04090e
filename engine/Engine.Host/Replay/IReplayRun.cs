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

    /// <summary>Waits for the end; false while they still run.</summary>
    bool Join(TimeSpan timeout);
}
