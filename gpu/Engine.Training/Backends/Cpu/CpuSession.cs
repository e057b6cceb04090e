namespace Engine.Training.Backends.Cpu;

/// <summary>A session on the CPU, whatever its instruction set.</summary>
internal abstract class CpuSession : ITrainingSession
{
    /// <inheritdoc/>
    public abstract StepResult Step(ReadOnlySpan<int> rows, double learningRate);

    /// <inheritdoc/>
    public abstract void Predict(ReadOnlySpan<int> rows, Span<float> predictions);

    /// <inheritdoc/>
    public abstract double Evaluate(ReadOnlySpan<int> rows);

    /// <inheritdoc/>
    public abstract TrainingState Save();

    /// <inheritdoc/>
    public abstract void Restore(TrainingState state);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>The mean loss over some rows and its gradient by parameter, as the next step would have it; nothing is changed but running statistics.</summary>
    internal abstract double GradientOf(ReadOnlySpan<int> rows, Span<float> gradient);
}
