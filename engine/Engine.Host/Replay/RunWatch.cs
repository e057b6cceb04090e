using Engine.Core.Diagnostics;
using Engine.Core.Memory;
using Engine.Core.Time;

namespace Engine.Host.Replay;

/// <summary>What the threads of one run share beside their data: bounds, the wish to stop, pacing, warm-up, clocks.</summary>
internal sealed class RunWatch(EngineLimits limits, StopSignal? stop, Pacer pacer, WarmUp warmUp)
{
    /// <summary>How long the machine's noise is listened to before and after a run.</summary>
    public const long HiccupNanos = 100_000_000;

    private bool _halted;
    private bool _sourceEnded;
    private long _begin;
    private long _end;

    /// <summary>Bounds of the run.</summary>
    public EngineLimits Limits => limits;

    /// <summary>The receiving thread is to end: somebody wants it (a live source sees to that itself), or something went wrong.</summary>
    public bool MustEnd => stop is { IsSet: true } || Volatile.Read(ref _halted);

    /// <summary>The run was ended before the source: what it made is true up to there. Known when the threads have ended.</summary>
    public bool Interrupted => !Volatile.Read(ref _sourceEnded);

    /// <summary>Of a live run: asked between packets for models that take the place of others; null of a replay, where all is planned.</summary>
    public ModelSwapper? Swapper { get; init; }

    /// <summary>Holds packets back.</summary>
    public Pacer Pacer => pacer;

    /// <summary>When the warm-up ends.</summary>
    public WarmUp WarmUp => warmUp;

    /// <summary>The machine's own noise, on the compute thread, right before and after the run.</summary>
    public LatencyHistogram Hiccups { get; } = new();

    /// <summary>Seconds from the first packet to the last prediction.</summary>
    public double ElapsedSeconds => (_end - _begin) / 1e9;

    /// <summary>Something went wrong, on whatever thread: no packet more.</summary>
    public void Halt() => Volatile.Write(ref _halted, true);

    /// <summary>There is no packet more, on the receiving thread.</summary>
    public void SourceEnded() => Volatile.Write(ref _sourceEnded, true);

    /// <summary>The run begins, on the compute thread.</summary>
    public void Begin() => _begin = MonotonicTimer.NowNanos;

    /// <summary>The run is over, on the compute thread.</summary>
    public void End() => _end = MonotonicTimer.NowNanos;
}
