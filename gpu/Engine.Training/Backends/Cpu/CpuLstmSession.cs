using Engine.Core.Memory;
using Engine.Inference;
using Engine.Inference.Kernels;
using Engine.Training.Kernels;
using Engine.Training.Networks;

namespace Engine.Training.Backends.Cpu;

/// <summary>
/// LSTMs: a chunk of 32 windows goes forward through all steps, then through the head and back, then back through the steps. In
/// between the batch is met as a whole, for batch normalisation.
/// </summary>
/// <remarks>
/// SAFETY, for all of it: a chunk has a tape of <see cref="LstmTape.Floats"/>, two tiles of the head's plan and a gradient of packed weights and the
/// head's parameters; a worker has two chunks' states.
/// </remarks>
internal sealed unsafe class CpuLstmSession<TLanes, TVector> : CpuLaneSession<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Most memory that the steps of a batch may take.</summary>
    public const long MaxTapeBytes = 64L << 30;

    private const int RowsPerChunk = 32;
    private const int BlockRows = 4;
    private const int Forward = 1;
    private const int Head = 2;
    private const int Backward = 3;

    private readonly LstmSpec _lstm;
    private readonly LstmTape _shape;
    private readonly DensePlan _head;
    private readonly BatchNorm? _norm;
    private readonly int _headOffset;
    private readonly int _normOffset;
    private readonly int _gradientStride;
    private readonly int[] _features;
    private readonly NativeBuffer<float>[] _tapes;
    private readonly NativeBuffer<float>[] _states;
    private readonly NativeBuffer<float> _tiles;
    private readonly NativeBuffer<float> _gradients;
    private readonly NativeBuffer<float> _sum;
    private readonly NativeBuffer<float> _weights;
    private readonly NativeBuffer<float> _back;
    private readonly double[] _normShares;
    private bool _isPacked;

    /// <param name="spec">The network.</param>
    /// <param name="rows">What is learnt from.</param>
    /// <param name="options">What a step does.</param>
    /// <param name="team">Who does the chunks.</param>
    /// <param name="kernel">The instruction set.</param>
    public CpuLstmSession(LstmSpec spec, TrainingRows rows, StepOptions options, WorkerTeam team, Kernel kernel)
        : base(spec, rows, options, team, kernel, RowsPerChunk)
    {
        _lstm = spec;
        _shape = new LstmTape(spec.Steps, RowsPerChunk, spec.Features.Count, spec.Units);
        _headOffset = Table["head.dense0.weight"].Offset;
        _head = DensePlan.OfHead(spec, _headOffset);
        _norm = spec.HasBatchNorm ? new BatchNorm(spec.Units) : null;
        _normOffset = spec.HasBatchNorm ? Table["norm.scale"].Offset : 0;
        _features = [.. spec.Features];
        _gradientStride = Tile.RoundUp(_shape.WeightFloats + Table.Count - _headOffset);
        int tapes = Math.Max(MaxChunks, team.Workers);
        if (tapes * _shape.Floats * sizeof(float) > MaxTapeBytes)
        {
            throw new ArgumentException(
                $"A batch of {options.BatchSize} windows of {spec.Steps} steps takes {tapes * _shape.Floats * sizeof(float)} bytes; at most {MaxTapeBytes} are allowed: use smaller batches.", nameof(options));
        }

        _tapes = Buffers(tapes, checked((int)_shape.Floats));
        _tiles = new NativeBuffer<float>(checked(tapes * TileFloats));
        _states = Buffers(team.Workers, 2 * _shape.StateFloats);
        _gradients = new NativeBuffer<float>(checked(MaxChunks * _gradientStride));
        _sum = new NativeBuffer<float>(_gradientStride);
        _weights = new NativeBuffer<float>(_shape.WeightFloats);
        _back = new NativeBuffer<float>(_shape.BackFloats);
        _normShares = new double[MaxChunks * 2 * spec.Units];
        Restore(TrainingState.Begin(spec, options.Seed));
    }

    private int TileFloats => RowsPerChunk / Tile.Rows * _head.TileStride;

    /// <inheritdoc/>
    public override void Do(int chunk, int worker)
    {
        // SAFETY: as said above; a prediction has no later phase, so that its tape can be the worker's.
        ReadOnlySpan<int> rows = ChunkRows(chunk);
        int place = Phase == 0 ? worker : chunk;
        float* tape = _tapes[place].Pointer;
        float* tiles = _tiles.Pointer + ((nint)place * TileFloats);
        if (Phase is 0 or Forward)
        {
            Gather(rows, tape + _shape.Ticks);
            for (int step = 0; step < _shape.Steps; step++)
            {
                LstmForward<TLanes, TVector>.Step(_shape, tape, _weights.Pointer, step, Blocks(rows.Length));
            }
        }

        switch (Phase)
        {
            case 0:
                RunHead(rows.Length, tape, tiles, chunk, isTraining: false);
                KeepOutputs(chunk, tiles + (_head.Output * Tile.Rows), _head.TileStride);
                break;
            case Head:
                RunHead(rows.Length, tape, tiles, chunk, isTraining: true);
                break;
            case Backward:
                RunBackward(chunk, rows.Length, tape, tiles, _states[worker].Pointer);
                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        foreach (NativeBuffer<float> buffer in _tapes.Concat(_states).Concat([_tiles, _gradients, _sum, _weights, _back]))
        {
            buffer.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void ComputeGradient()
    {
        MakeReady();
        RunPhase(Forward);
        if (_norm is not null)
        {
            Normalise(_norm);
        }

        RunPhase(Head);
        _norm?.Collect(_normShares, Chunks);
        RunPhase(Backward);
        Collect();
    }

    /// <inheritdoc/>
    protected override void OnParametersChanged()
    {
        _isPacked = false;
        MakeReady();
        _norm?.UseRunning(Statistics);
    }

    private static NativeBuffer<float>[] Buffers(int count, int floats) => [.. Enumerable.Range(0, count).Select(_ => new NativeBuffer<float>(floats))];

    private static int Blocks(int rows) => (rows + BlockRows - 1) / BlockRows * BlockRows;

    private void RunPhase(int phase)
    {
        Phase = phase;
        Team.Run(this, Chunks);
    }

    private void MakeReady()
    {
        if (!_isPacked)
        {
            LstmPack.Pack(_shape, Parameters, _weights.Pointer, _back.Pointer);
            _isPacked = true;
        }
    }

    private float* LastHidden(int chunk) => _tapes[chunk].Pointer + _shape.Hidden + ((nint)_shape.Steps * _shape.StateFloats);

    private void Normalise(BatchNorm norm)
    {
        norm.Begin();
        AddRows(norm, isCentered: false);
        norm.Center(BatchCount);
        AddRows(norm, isCentered: true);
        norm.Finish(BatchCount, Statistics);
    }

    private void AddRows(BatchNorm norm, bool isCentered)
    {
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            int count = ChunkRows(chunk).Length;
            for (int row = 0; row < count; row++)
            {
                norm.Add(new ReadOnlySpan<float>(LastHidden(chunk) + (row * _shape.Padded), _shape.Units), isCentered);
            }
        }
    }

    private void Gather(ReadOnlySpan<int> rows, float* ticks)
    {
        // SAFETY: rows have their window, feature indices were checked.
        int inputs = _shape.Inputs;
        nint columns = Rows.Columns;
        int[] previous = Rows.Previous;
        for (int r = 0; r < Blocks(rows.Length); r++)
        {
            int tick = r < rows.Length ? rows[r] : -1;
            for (int step = _shape.Steps - 1; step >= 0; step--)
            {
                float* to = ticks + ((((nint)step * RowsPerChunk) + r) * inputs);
                if (tick < 0)
                {
                    new Span<float>(to, inputs).Clear();
                    continue;
                }

                float* from = Rows.Pointer + (tick * columns);
                for (int i = 0; i < inputs; i++)
                {
                    to[i] = from[_features[i]];
                }

                tick = previous[tick];
            }
        }
    }

    private void RunHead(int count, float* tape, float* tiles, int chunk, bool isTraining)
    {
        // SAFETY: as said above.
        float* hidden = tape + _shape.Hidden + ((nint)_shape.Steps * _shape.StateFloats);
        int tileCount = Tile.RoundUp(count) / Tile.Rows;
        for (int row = 0; row < tileCount * Tile.Rows; row++)
        {
            float* to = TileRow(tiles, row) + (_head.Input * Tile.Rows);
            for (int u = 0; u < _shape.Units; u++)
            {
                float h = row < count ? hidden[(row * _shape.Padded) + u] : 0;
                to[u * Tile.Rows] = _norm is null
                    ? h
                    : MathF.FusedMultiplyAdd((h - _norm.Mean[u]) * _norm.Inverse[u], Parameters[_normOffset + u], Parameters[_normOffset + _shape.Units + u]);
            }
        }

        DenseTiles<TLanes, TVector>.Forward(_head, tiles, tileCount, Parameters, chunk * RowsPerChunk, isTraining ? Dropout : null);
        if (!isTraining)
        {
            return;
        }

        Losses(chunk, tiles + (_head.Output * Tile.Rows), tiles + (_head.OutputGradient * Tile.Rows), _head.TileStride);
        float* gradient = _gradients.Pointer + ((nint)chunk * _gradientStride) + _shape.WeightFloats;
        DenseTiles<TLanes, TVector>.Backward(_head, tiles, tileCount, Parameters, gradient, _headOffset);
        if (_norm is not null)
        {
            ShareNorm(_norm, count, hidden, tiles, _normShares.AsSpan(chunk * 2 * _shape.Units, 2 * _shape.Units));
        }
    }

    private float* TileRow(float* tiles, int row) => tiles + (row / Tile.Rows * (nint)_head.TileStride) + (row % Tile.Rows);

    private void ShareNorm(BatchNorm norm, int count, float* hidden, float* tiles, Span<double> shares)
    {
        // SAFETY: as said above.
        shares.Clear();
        for (int row = 0; row < count; row++)
        {
            float* d = TileRow(tiles, row) + (_head.InputGradient * Tile.Rows);
            for (int u = 0; u < _shape.Units; u++)
            {
                float normalised = (hidden[(row * _shape.Padded) + u] - norm.Mean[u]) * norm.Inverse[u];
                shares[u] += (double)d[u * Tile.Rows] * normalised;
                shares[_shape.Units + u] += d[u * Tile.Rows];
            }
        }
    }

    private void RunBackward(int chunk, int count, float* tape, float* tiles, float* states)
    {
        // SAFETY: as said above.
        float* hiddenGradient = states;
        float* cellGradient = states + _shape.StateFloats;
        float* hidden = LastHidden(chunk);
        float* gradient = _gradients.Pointer + ((nint)chunk * _gradientStride);
        new Span<float>(gradient, _shape.WeightFloats).Clear();
        new Span<float>(states, 2 * _shape.StateFloats).Clear();
        for (int row = 0; row < count; row++)
        {
            float* d = TileRow(tiles, row) + (_head.InputGradient * Tile.Rows);
            for (int u = 0; u < _shape.Units; u++)
            {
                nint at = (row * _shape.Padded) + u;
                hiddenGradient[at] = _norm is null ? d[u * Tile.Rows] : ThroughNorm(_norm, u, hidden[at], d[u * Tile.Rows]);
            }
        }

        for (int step = _shape.Steps - 1; step >= 0; step--)
        {
            LstmBackward<TLanes, TVector>.Step(_shape, tape, _back.Pointer, step, Blocks(count), hiddenGradient, cellGradient, gradient);
        }
    }

    // scale × inverse × (d − mean of d − x̂ × mean of d x̂), the means over the batch.
    private float ThroughNorm(BatchNorm norm, int u, float h, float d)
    {
        float normalised = (h - norm.Mean[u]) * norm.Inverse[u];
        float share = 1f / BatchCount;
        return Parameters[_normOffset + u] * norm.Inverse[u] * (d - (norm.OffsetGradient[u] * share) - (normalised * (norm.ScaleGradient[u] * share)));
    }

    private void Collect()
    {
        ParameterUpdate<TLanes, TVector>.Sum(_gradients.Pointer, Chunks, _gradientStride, _sum.Pointer, _gradientStride);
        LstmPack.Unpack(_shape, _sum.Pointer, Gradient);
        _norm?.ScaleGradient.CopyTo(new Span<float>(Gradient + _normOffset, _shape.Units));
        _norm?.OffsetGradient.CopyTo(new Span<float>(Gradient + _normOffset + _shape.Units, _shape.Units));
        new ReadOnlySpan<float>(_sum.Pointer + _shape.WeightFloats, Table.Count - _headOffset).CopyTo(new Span<float>(Gradient + _headOffset, Table.Count - _headOffset));

        // Predictions are by running statistics.
        _norm?.UseRunning(Statistics);
    }
}
