using System.Runtime.CompilerServices;
using Engine.Core.Diagnostics;
using Engine.Core.Time;

namespace Engine.Signals;

/// <summary>
/// What each stage costs, by event, on the compute thread: a lap after every stage, from one timer. Nothing is recorded while
/// warming up; <see cref="Enabled"/> off (commands that do not report latency) costs a branch.
/// </summary>
public sealed class StageTimer
{
    private readonly List<RunningModel> _models = [];
    private long _last;
    private long _wire;

    /// <summary>Whether laps are taken at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Decoding, ns a message: a packet's time over its messages.</summary>
    public LatencyHistogram Decode { get; } = new();

    /// <summary>Applying an event to its book, ns.</summary>
    public LatencyHistogram Book { get; } = new();

    /// <summary>Following an event and making a row, ns.</summary>
    public LatencyHistogram Features { get; } = new();

    /// <summary>Normalising a row and running the models that read it, ns.</summary>
    public LatencyHistogram Inference { get; } = new();

    /// <summary>From the packet's pick-up (before decoding) to the publication of a row's last prediction, ns of service time.</summary>
    public LatencyHistogram WireToPrediction { get; } = new();

    /// <summary>When the last lap ended.</summary>
    public long Last => _last;

    /// <summary>Models whose times begin anew with the others, too.</summary>
    public void Follow(IEnumerable<RunningModel> models) => _models.AddRange(models);

    /// <summary>A packet was picked up at <paramref name="wire"/>; laps start now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(long wire)
    {
        if (Enabled)
        {
            _wire = wire;
            _last = MonotonicTimer.NowNanos;
        }
    }

    /// <summary>The packet of the next event was picked up at <paramref name="wire"/>; the lap under way goes on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Wire(long wire) => _wire = wire;

    /// <summary>Records the decoding of a packet, from its pick-up to the lap's start, by message.</summary>
    public void Decoded(int messages) => Decode.Record((_last - _wire) / messages);

    /// <summary>Ends a lap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Lap(LatencyHistogram stage)
    {
        if (Enabled)
        {
            long now = MonotonicTimer.NowNanos;
            stage.Record(now - _last);
            _last = now;
        }
    }

    /// <summary>What passed since the last lap belongs to no stage.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip()
    {
        if (Enabled)
        {
            _last = MonotonicTimer.NowNanos;
        }
    }

    /// <summary>Ends the lap of one model, whose prediction is published.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Lap(RunningModel model)
    {
        if (Enabled)
        {
            long now = MonotonicTimer.NowNanos;
            model.Inference.Record(now - _last);
            model.WireToPrediction.Record(now - _wire);
            _last = now;
        }
    }

    /// <summary>Ends the path from the wire; call after the last model's lap.</summary>
    /// <param name="begun">When the first model's lap began.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Predicted(long begun)
    {
        if (Enabled)
        {
            Inference.Record(_last - begun);
            WireToPrediction.Record(_last - _wire);
        }
    }

    /// <summary>Forgets what decoding recorded, on the thread that decodes.</summary>
    public void ResetDecode() => Decode.Reset();

    /// <summary>Forgets what the compute thread recorded: the end of the warm-up.</summary>
    public void Reset()
    {
        Book.Reset();
        Features.Reset();
        Inference.Reset();
        WireToPrediction.Reset();
        foreach (RunningModel model in _models)
        {
            model.ResetTimes();
        }
    }
}
