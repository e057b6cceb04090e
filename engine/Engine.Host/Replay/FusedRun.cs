using Engine.Core.Diagnostics;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Rings;
using Engine.Core.Threads;
using Engine.Core.Time;
using Engine.Feeds;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>Receive → predict on one hot thread.</summary>
internal sealed class FusedRun(
    MarketDataSource source, Pipeline<PredictionStage<RingSink>> pipeline, StageTimer timer, RunWatch watch) : IReplayRun
{
    private readonly NativeBuffer<MarketEvent> _events = new(watch.Limits.EventsPerPacket);
    private readonly HotThreadMeter _meter = new();
    private HotThread? _thread;
    private bool _polls;

    /// <inheritdoc/>
    public void Start(ReplayOptions options)
    {
        _polls = options.Live is { Parks: false };
        _thread = HotThread.Start(
            new ThreadWish { Role = "compute", Cpu = options.Pins.Count > 0 ? options.Pins[0] : null, FifoPriority = options.FifoPriority }, Work);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ThreadPlacement> Placements => [_thread!.Placement];

    /// <inheritdoc/>
    public IEnumerable<Exception> Failures => _thread?.Failure is { } failure ? [failure] : [];

    /// <inheritdoc/>
    public bool Wait(TimeSpan timeout) => _thread is null || _thread.Wait(timeout);

    /// <inheritdoc/>
    public void Halt()
    {
    }

    /// <inheritdoc/>
    public (long Bytes, int Collections) Allocations => (_meter.Bytes, _meter.Collections);

    /// <inheritdoc/>
    public void Dispose() => _events.Dispose();

    private void Work()
    {
        WaitRehearsal.Run<YieldingWait>();
        watch.Pacer.Rehearse();
        HiccupMeter.Run(watch.Hiccups, RunWatch.HiccupNanos);
        watch.Begin();
        while (!watch.MustEnd)
        {
            long wire = MonotonicTimer.NowNanos;
            int count = source.Read(_events.Span);
            if (count < 0)
            {
                watch.SourceEnded();
                break;
            }

            if (count > 0)
            {
                Take(_events.Span[..count], wire);
            }
            else if (_polls)
            {
                // No packet is there: a piece of what the models left for afterwards, then the next look.
                pipeline.Background();
            }
        }

        _meter.Stop();
        watch.End();
        HiccupMeter.Run(watch.Hiccups, RunWatch.HiccupNanos);
    }

    private void Take(Span<MarketEvent> events, long wire)
    {
        timer.Begin(wire);
        timer.Decoded(events.Length);
        if (!watch.Pacer.IsPacing)
        {
            WarmUp();
            Compute(events);
            return;
        }

        long decoding = MonotonicTimer.NowNanos - wire;
        while (!events.IsEmpty)
        {
            int due = Pacer.DueTogether(events);
            WarmUp();
            timer.Begin(Pacer.Begun(watch.Pacer.Wait(events[0].ReceiveTime, watch), wire, decoding));
            Compute(events[..due]);
            events = events[due..];
        }
    }

    /// <summary>Before events are computed, or waited for: whether the warm-up ends with those before them.</summary>
    private void WarmUp()
    {
        watch.WarmUp.Update(pipeline.Events);
        if (!_meter.IsStarted && watch.WarmUp.IsOver)
        {
            timer.Reset();
            timer.ResetDecode();
            watch.Pacer.Reset();
            _meter.Start();
        }
    }

    private void Compute(Span<MarketEvent> events)
    {
        watch.Swapper?.Poll();
        pipeline.OnPacket(events);
        if (!_polls)
        {
            // The next packet is there at once (a capture), or this thread will sleep: nothing comes between the pieces.
            pipeline.CompleteBackground();
        }
    }
}
