using Engine.Core.Diagnostics;
using Engine.Core.Memory;
using Engine.Core.Time;
using Engine.Inference;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;

namespace Engine.Latency.Sequences;

/// <summary>What one kernel costs on an LSTM, measured tick by tick; every lap holds one reading of the timer.</summary>
internal sealed unsafe class LstmTiming : IDisposable
{
    private readonly LstmNetwork _network;
    private readonly float[][] _rows;
    private readonly NativeLstmPredictor _predictor;
    private readonly NativeLstmPredictor _late;
    private readonly LstmKernel _kernel;
    private readonly NativeBuffer<float> _scratch;
    private readonly float[] _memory;
    private readonly List<(long Lap, long Before)> _laps;
    private long _lastTick;

    public LstmTiming(LstmNetwork network, Kernel kernel, float[][] rows, int rounds)
    {
        var limits = new EngineLimits { Instruments = 1, SequenceInstruments = 1 };
        _network = network;
        _rows = rows;
        _laps = new(rows.Length * rounds);
        _predictor = new NativeLstmPredictor(network, kernel, limits);
        _late = new NativeLstmPredictor(network, kernel, limits);
        _kernel = LstmKernel.Create(network, kernel);
        _scratch = new NativeBuffer<float>(_kernel.WindowFloats + _kernel.PreparedFloats + (rows.Length * _kernel.Inputs));
        _memory = new float[1 << 14];
        for (int i = 0; i < rows.Length; i++)
        {
            for (int f = 0; f < network.Features.Count; f++)
            {
                Ticks[(i * _kernel.Inputs) + f] = rows[i][network.Features[f]];
            }
        }
    }

    /// <summary>From the tick to the prediction, everything ready.</summary>
    public LatencyHistogram Tick { get; } = new();

    /// <summary>
    /// The same, of ticks that came as soon after the one before as most, a tenth more at most: nobody else ran on the CPU meanwhile, so
    /// that what lies in its caches is what the work between left there. Counted out when it is asked for.
    /// </summary>
    public LatencyHistogram QuietTick
    {
        get
        {
            var quiet = new LatencyHistogram();
            long usual = _laps.Count == 0 ? 0 : _laps.Select(l => l.Before).Order().ElementAt(_laps.Count / 2);
            foreach ((long lap, long _) in _laps.Where(l => l.Before <= usual + (usual / 10)))
            {
                quiet.Record(lap);
            }

            return quiet;
        }
    }

    /// <summary>The same after the first-level cache has been filled with other data, as features and books do.</summary>
    public LatencyHistogram ColdTick { get; } = new();

    /// <summary>The tick when no background work was done since the tick before.</summary>
    public LatencyHistogram LateTick { get; } = new();

    /// <summary>All background work after a tick.</summary>
    public LatencyHistogram Background { get; } = new();

    /// <summary>One piece of it.</summary>
    public LatencyHistogram Piece { get; } = new();

    /// <summary>A whole window from its first step, with nothing kept.</summary>
    public LatencyHistogram Scratch { get; } = new();

    /// <summary>The kernel's part of a tick: mean of many calls, each waiting for the one before, without a timer between.</summary>
    public LatencyHistogram Kernel { get; } = new();

    /// <summary>The machine's own noise, taken between the ticks.</summary>
    public MachineNoise Noise { get; } = new();

    /// <summary>Sum of the predictions.</summary>
    public double Checksum { get; private set; }

    private Span<float> Ticks => _scratch.Span[(_kernel.WindowFloats + _kernel.PreparedFloats)..];

    /// <summary>One round over all rows.</summary>
    public void Round()
    {
        Checksum = 0;
        for (int i = 0; i < _rows.Length; i++)
        {
            bool isCold = (i & 1) != 0;
            if (isCold)
            {
                Disturb();
            }

            long start = MonotonicTimer.NowNanos;
            float value = _predictor.Predict(0, _rows[i]);
            long end = MonotonicTimer.NowNanos;
            (isCold ? ColdTick : Tick).Record(end - start);
            if (!isCold)
            {
                _laps.Add((end - start, start - _lastTick));
            }

            _lastTick = end;
            Checksum += float.IsNaN(value) ? 0 : value;

            // Behind the lap: before one it would be part of what the caches hold.
            Noise.Sample();
            WorkBehind();
            start = MonotonicTimer.NowNanos;
            value = _late.Predict(0, _rows[i]);
            LateTick.Record(MonotonicTimer.NowNanos - start);
            _late.CompleteBackground();
            _late.Predict(0, _rows[i]);
        }

        KernelAlone();
        for (int i = 0; i + _network.Steps <= _rows.Length; i += _network.Steps)
        {
            FromScratch(i);
        }
    }

    /// <summary>Forgets what was recorded: the end of the warm-up.</summary>
    public void Reset()
    {
        foreach (LatencyHistogram histogram in (LatencyHistogram[])[Tick, ColdTick, LateTick, Background, Piece, Scratch, Kernel])
        {
            histogram.Reset();
        }

        Noise.Reset();
        _laps.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _predictor.Dispose();
        _late.Dispose();
        _kernel.Dispose();
        _scratch.Dispose();
    }

    private void KernelAlone()
    {
        const int Calls = 100;
        const int Times = 20;

        // SAFETY: a window, a prepared step and a tick lie in the buffer.
        float* window = _scratch.Pointer;
        float* prepared = window + _kernel.WindowFloats;
        float* tick = prepared + _kernel.PreparedFloats;
        float kept = *tick;
        _kernel.Begin(window);
        _kernel.Prepare(window, prepared);
        for (int time = 0; time < Times; time++)
        {
            long start = MonotonicTimer.NowNanos;
            for (int i = 0; i < Calls; i++)
            {
                *tick = kept + (_kernel.Finish(window, prepared, tick) * 1e-20f);
            }

            Kernel.Record((MonotonicTimer.NowNanos - start) / Calls);
        }

        *tick = kept;
    }

    private void WorkBehind()
    {
        long start = MonotonicTimer.NowNanos;
        long last = start;
        bool more = true;
        while (more)
        {
            more = _predictor.Background();
            long now = MonotonicTimer.NowNanos;
            Piece.Record(now - last);
            last = now;
        }

        Background.Record(last - start);
    }

    private void FromScratch(int row)
    {
        // SAFETY: a window, a prepared step and every tick lie in the buffer.
        float* window = _scratch.Pointer;
        float* prepared = window + _kernel.WindowFloats;
        float* tick = prepared + _kernel.PreparedFloats + ((nint)row * _kernel.Inputs);
        long start = MonotonicTimer.NowNanos;
        _kernel.Begin(window);
        for (int i = 0; i < _network.Steps - 1; i++, tick += _kernel.Inputs)
        {
            _kernel.Step(window, tick);
        }

        _kernel.Prepare(window, prepared);
        float value = _kernel.Finish(window, prepared, tick);
        Scratch.Record(MonotonicTimer.NowNanos - start);
        GC.KeepAlive(value);
    }

    // Reads and writes 64 KiB: twice a first-level cache.
    private void Disturb()
    {
        foreach (ref float value in _memory.AsSpan())
        {
            value += 1;
        }
    }
}
