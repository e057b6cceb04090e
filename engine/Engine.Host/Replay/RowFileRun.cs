using Engine.Books;
using Engine.Core.Diagnostics;
using Engine.Core.Events;
using Engine.Core.Rings;
using Engine.Core.Threads;
using Engine.Core.Time;
using Engine.Recording.Hdf5;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>Rows of a file → predictions, on one hot thread. What happens to a row is what happens to one that was just made.</summary>
internal sealed class RowFileRun(
    RowFileSource source, Pipeline<PredictionStage<RingSink>> pipeline, StageTimer timer, RunWatch watch) : IReplayRun
{
    private readonly HotThreadMeter _meter = new();
    private HotThread? _thread;

    /// <inheritdoc/>
    public void Start(ReplayOptions options) => _thread = HotThread.Start(
        new ThreadWish { Role = "compute", Cpu = options.Pins.Count > 0 ? options.Pins[0] : null, FifoPriority = options.FifoPriority }, Work);

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
    public void Dispose()
    {
    }

    private void Work()
    {
        WaitRehearsal.Run<YieldingWait>();
        HiccupMeter.Run(watch.Hiccups, RunWatch.HiccupNanos);
        watch.Begin();
        while (!watch.MustEnd)
        {
            long wire = MonotonicTimer.NowNanos;
            if (source.NextBlock() is not { } block)
            {
                watch.SourceEnded();
                break;
            }

            timer.Begin(wire);
            timer.Decoded(block.Count);
            Take(block);
        }

        _meter.Stop();
        watch.End();
        HiccupMeter.Run(watch.Hiccups, RunWatch.HiccupNanos);
    }

    /// <summary>Before a row: whether the warm-up ends with the one before it. A short file is one block.</summary>
    private void WarmUp()
    {
        if (_meter.IsStarted)
        {
            return;
        }

        watch.WarmUp.Update(source.Rows + source.PassedOver);
        if (watch.WarmUp.IsOver)
        {
            timer.Reset();
            timer.ResetDecode();
            _meter.Start();
        }
    }

    private void Take(FeatureRowBlock block)
    {
        for (int i = 0; i < block.Count; i++)
        {
            WarmUp();
            int instrument = source.InstrumentOf(i);
            if (instrument < 0)
            {
                continue;
            }

            // A row waits in its block for nobody: its path begins when its turn comes.
            timer.Wire(MonotonicTimer.NowNanos);
            timer.Skip();
            var e = new MarketEvent
            {
                ReceiveTime = block.ReceiveTimes[i],
                Sequence = block.Sequences[i],
                Flags = (EventFlags)block.Flags[i],
                Instrument = instrument,
            };
            pipeline.Rows.OnRow(new RowStamp(instrument, block.Times[i], block.Events[i], (BookTrust)block.Trusts[i]), e, block.Row(i));
        }
    }
}
