using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Optimisation;

namespace Engine.Training.Backends;

/// <summary>What a training step does.</summary>
public sealed record StepOptions
{
    /// <summary>The loss.</summary>
    public LossSpec Loss { get; init; } = new();

    /// <summary>The optimiser.</summary>
    public OptimiserSpec Optimiser { get; init; } = new();

    /// <summary>Most rows of a batch; memory is sized by it.</summary>
    public int BatchSize { get; init; } = 1_024;

    /// <summary>Of dropout: its stream is a function of seed, step, layer, unit and row of the batch.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>What came out of a training step.</summary>
/// <param name="Loss">Mean over the batch, before the step, with dropout.</param>
/// <param name="GradientNorm">Euclidean norm of the gradient over all parameters, before it was bounded.</param>
/// <param name="IsFinite">Whether both are finite. If not, nothing was changed.</param>
public readonly record struct StepResult(double Loss, double GradientNorm, bool IsFinite);

/// <summary>What trains networks: the CPU, or a device. The same network, data and options give the same results within a stated tolerance.</summary>
public interface ITrainingBackend : IDisposable
{
    /// <summary>A name for reports, e.g. `cpu-avx512 ×2`.</summary>
    string Name { get; }

    /// <summary>Makes a session.</summary>
    /// <param name="network">The network.</param>
    /// <param name="rows">What it learns from; must outlive the session.</param>
    /// <param name="options">What a step does.</param>
    /// <exception cref="ArgumentException">Network, rows and options do not fit.</exception>
    ITrainingSession Create(NetworkSpec network, TrainingRows rows, StepOptions options);
}

/// <summary>A network in training. Not thread-safe.</summary>
public interface ITrainingSession : IDisposable
{
    /// <summary>One step: the gradient of the mean loss over some rows, bounded, and the optimiser.</summary>
    /// <param name="rows">Rows with a label and a whole window, at least one and at most the batch size; two with batch normalisation.</param>
    /// <param name="learningRate">The rate of this step.</param>
    StepResult Step(ReadOnlySpan<int> rows, double learningRate);

    /// <summary>The network's predictions, without dropout and with running statistics; of a logit its sigmoid.</summary>
    /// <param name="rows">Rows with a whole window, any number.</param>
    /// <param name="predictions">One each.</param>
    void Predict(ReadOnlySpan<int> rows, Span<float> predictions);

    /// <summary>The mean loss over some rows, as <see cref="Predict"/> runs the network.</summary>
    /// <param name="rows">Rows with a label and a whole window, any number but 0.</param>
    double Evaluate(ReadOnlySpan<int> rows);

    /// <summary>Copies everything that the next step depends on.</summary>
    TrainingState Save();

    /// <summary>Goes on from a saved state, to the same bits.</summary>
    /// <exception cref="ArgumentException">The state is another network's.</exception>
    void Restore(TrainingState state);
}
