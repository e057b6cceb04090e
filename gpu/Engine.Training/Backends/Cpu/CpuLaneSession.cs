using Engine.Core.Memory;
using Engine.Inference;
using Engine.Inference.Kernels;
using Engine.Training.Kernels;
using Engine.Training.Losses;
using Engine.Training.Networks;

namespace Engine.Training.Backends.Cpu;

/// <summary>
/// What both networks' sessions share: parameters and the optimiser, the rows of the batch, losses, chunks.
/// </summary>
/// <remarks>SAFETY, for all of it: buffers are as long as the parameters, rounded up to a tile.</remarks>
internal abstract unsafe class CpuLaneSession<TLanes, TVector> : CpuSession, IChunkWork
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private readonly NativeBuffer<float> _gradient;
    private readonly NativeBuffer<float> _first;
    private readonly NativeBuffer<float> _second;
    private readonly NativeBuffer<float> _decays;
    private readonly NativeBuffer<float> _parameters;
    private readonly double[] _chunkLosses;
    private readonly float[] _keptStatistics;
    private readonly int _chunkRows;
    private float[] _outputs = [];

    /// <param name="spec">The network.</param>
    /// <param name="rows">What is learnt from.</param>
    /// <param name="options">What a step does.</param>
    /// <param name="team">Who does the chunks.</param>
    /// <param name="kernel">The instruction set of <typeparamref name="TLanes"/>.</param>
    /// <param name="chunkRows">Rows of a chunk.</param>
    protected CpuLaneSession(NetworkSpec spec, TrainingRows rows, StepOptions options, WorkerTeam team, Kernel kernel, int chunkRows)
    {
        Table = ParameterTable.Of(spec);
        SessionChecks.CheckOptions(spec, rows, options);
        (Spec, Rows, Options, Team, Kernel, _chunkRows) = (spec, rows, options, team, kernel, chunkRows);
        int count = Tile.RoundUp(Table.Count);
        _parameters = new NativeBuffer<float>(count);
        _gradient = new NativeBuffer<float>(count);
        _first = new NativeBuffer<float>(count);
        _second = new NativeBuffer<float>(count);
        _decays = new NativeBuffer<float>(count);
        foreach (ParameterSlice slice in Table.Slices.Where(s => s.Decays))
        {
            _decays.Span.Slice(slice.Offset, slice.Count).Fill(1);
        }

        _chunkLosses = new double[MaxChunks];
        Statistics = new float[Table.StatisticCount];
        _keptStatistics = new float[Table.StatisticCount];
    }

    /// <summary>What a chunk is asked to do; zero is a prediction.</summary>
    protected int Phase { get; set; }

    /// <summary>The network.</summary>
    protected NetworkSpec Spec { get; }

    /// <summary>What is learnt from.</summary>
    protected TrainingRows Rows { get; }

    /// <summary>What a step does.</summary>
    protected StepOptions Options { get; }

    /// <summary>Where parameters lie.</summary>
    protected ParameterTable Table { get; }

    /// <summary>Who does the chunks.</summary>
    protected WorkerTeam Team { get; }

    /// <summary>The instruction set.</summary>
    protected Kernel Kernel { get; }

    /// <summary>Steps done.</summary>
    protected long StepCount { get; private set; }

    /// <summary>Running means, then variances.</summary>
    protected float[] Statistics { get; }

    /// <summary>The rows of the batch, or those to be predicted.</summary>
    protected int[] Batch { get; private set; } = [];

    /// <summary>How many of <see cref="Batch"/> count.</summary>
    protected int BatchCount { get; private set; }

    /// <summary>All parameters.</summary>
    protected float* Parameters => _parameters.Pointer;

    /// <summary>The gradient of the whole batch.</summary>
    protected float* Gradient => _gradient.Pointer;

    /// <summary>Chunks of the largest batch.</summary>
    protected int MaxChunks => (Options.BatchSize + _chunkRows - 1) / _chunkRows;

    /// <summary>Chunks of the batch at hand.</summary>
    protected int Chunks => (BatchCount + _chunkRows - 1) / _chunkRows;

    /// <summary>Dropout of the step at hand.</summary>
    protected DropoutSource Dropout => new(Kernel, Options.Seed, (uint)StepCount);

    /// <inheritdoc/>
    public sealed override StepResult Step(ReadOnlySpan<int> rows, double learningRate)
    {
        Statistics.CopyTo(_keptStatistics, 0);
        double loss = RunGradient(rows);
        double norm = Math.Sqrt(ParameterUpdate<TLanes, TVector>.Squares(Gradient, _gradient.Length));
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            _keptStatistics.CopyTo(Statistics, 0);
            OnParametersChanged();
            return new StepResult(loss, norm, false);
        }

        StepCount++;
        Optimisation.OptimiserSpec adam = Options.Optimiser;
        var step = AdamStep.Of(adam, StepCount, learningRate, norm > adam.ClipNorm ? (float)(adam.ClipNorm / norm) : 1);
        ParameterUpdate<TLanes, TVector>.Adam(step, Parameters, Gradient, _first.Pointer, _second.Pointer, _decays.Pointer, _parameters.Length);
        OnParametersChanged();
        return new StepResult(loss, norm, true);
    }

    /// <inheritdoc/>
    public sealed override void Predict(ReadOnlySpan<int> rows, Span<float> predictions)
    {
        Outputs(rows);
        for (int i = 0; i < rows.Length; i++)
        {
            predictions[i] = LossKernel.Prediction(Options.Loss, _outputs[i]);
        }
    }

    /// <inheritdoc/>
    public sealed override double Evaluate(ReadOnlySpan<int> rows)
    {
        SessionChecks.CheckEvaluated(Rows, Options, rows);
        Outputs(rows);
        double sum = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            sum += LossKernel.Of(Options.Loss, _outputs[i], Rows.Labels[rows[i]], out _);
        }

        return sum / rows.Length;
    }

    /// <inheritdoc/>
    public sealed override TrainingState Save() => new(
        StepCount, _parameters.Span[..Table.Count].ToArray(), _first.Span[..Table.Count].ToArray(), _second.Span[..Table.Count].ToArray(), [.. Statistics]);

    /// <inheritdoc/>
    public sealed override void Restore(TrainingState state)
    {
        SessionChecks.CheckState(Table, state);
        state.Parameters.CopyTo(_parameters.Span);
        state.First.CopyTo(_first.Span);
        state.Second.CopyTo(_second.Span);
        state.Statistics.CopyTo(Statistics, 0);
        StepCount = state.Step;
        OnParametersChanged();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _parameters.Dispose();
        _gradient.Dispose();
        _first.Dispose();
        _second.Dispose();
        _decays.Dispose();
    }

    /// <inheritdoc/>
    public abstract void Do(int chunk, int worker);

    /// <inheritdoc/>
    internal sealed override double GradientOf(ReadOnlySpan<int> rows, Span<float> gradient)
    {
        double loss = RunGradient(rows);
        _gradient.Span[..Table.Count].CopyTo(gradient);
        return loss;
    }

    /// <summary>Fills <see cref="Gradient"/> from the batch at hand, and the losses of its chunks.</summary>
    protected abstract void ComputeGradient();

    /// <summary>Called when parameters are other than before.</summary>
    protected virtual void OnParametersChanged()
    {
    }

    /// <summary>The rows of a chunk.</summary>
    protected ReadOnlySpan<int> ChunkRows(int chunk) =>
        Batch.AsSpan(chunk * _chunkRows, Math.Min(_chunkRows, BatchCount - (chunk * _chunkRows)));

    /// <summary>Losses of a chunk and their gradients, of the mean over the batch; rows that a tile has beyond the chunk's get 0.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="output">The first tile's slot of the output.</param>
    /// <param name="gradient">The first tile's slot of its gradient.</param>
    /// <param name="tileStride">Floats from tile to tile.</param>
    protected void Losses(int chunk, float* output, float* gradient, nint tileStride)
    {
        // SAFETY: as said above; the tiles hold the chunk's rows.
        ReadOnlySpan<int> rows = ChunkRows(chunk);
        float share = 1f / BatchCount;
        double sum = 0;
        for (int r = 0; r < Tile.RoundUp(rows.Length); r++)
        {
            nint at = (r / Tile.Rows * tileStride) + (r % Tile.Rows);
            float slope = 0;
            if (r < rows.Length)
            {
                sum += LossKernel.Of(Options.Loss, output[at], Rows.Labels[rows[r]], out slope);
            }

            gradient[at] = slope * share;
        }

        _chunkLosses[chunk] = sum;
    }

    /// <summary>Keeps the outputs of a chunk of rows that are predicted.</summary>
    protected void KeepOutputs(int chunk, float* output, nint tileStride)
    {
        // SAFETY: as said above; the tiles hold the chunk's rows.
        int count = ChunkRows(chunk).Length;
        for (int r = 0; r < count; r++)
        {
            _outputs[(chunk * _chunkRows) + r] = output[(r / Tile.Rows * tileStride) + (r % Tile.Rows)];
        }
    }

    private double RunGradient(ReadOnlySpan<int> rows)
    {
        SessionChecks.CheckBatch(Spec, Rows, Options, rows);
        Take(rows);
        ComputeGradient();
        double loss = 0;
        for (int c = 0; c < Chunks; c++)
        {
            loss += _chunkLosses[c];
        }

        return loss / rows.Length;
    }

    private void Outputs(ReadOnlySpan<int> rows)
    {
        SessionChecks.CheckWindows(Rows, Spec, rows);
        Take(rows);
        if (_outputs.Length < rows.Length)
        {
            _outputs = new float[rows.Length];
        }

        Phase = 0;
        Team.Run(this, Chunks);
    }

    private void Take(ReadOnlySpan<int> rows)
    {
        if (Batch.Length < rows.Length)
        {
            Batch = new int[rows.Length];
        }

        rows.CopyTo(Batch);
        BatchCount = rows.Length;
    }
}
