namespace Engine.Training.Backends.Cpu;

/// <summary>A network in training on the CPU, whatever its instruction set. Not thread-safe.</summary>
internal abstract class CpuSession : IDisposable
{
    /// <summary>One step: the gradient of the mean loss over some rows, bounded, and the optimiser.</summary>
    /// <param name="rows">Rows with a label and a whole window, at least one and at most the batch size; two with batch normalisation.</param>
    /// <param name="learningRate">The rate of this step.</param>
    public abstract StepResult Step(ReadOnlySpan<int> rows, double learningRate);

    /// <summary>As <see cref="ITrainingGroup.Predict"/>.</summary>
    public abstract void Predict(ReadOnlySpan<int> rows, Span<float> predictions);

    /// <summary>As <see cref="ITrainingGroup.Evaluate"/>.</summary>
    public abstract double Evaluate(ReadOnlySpan<int> rows);

    /// <summary>As <see cref="ITrainingGroup.Save"/>.</summary>
    public abstract TrainingState Save();

    /// <summary>As <see cref="ITrainingGroup.Restore"/>.</summary>
    public abstract void Restore(TrainingState state);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>The mean loss over some rows and its gradient by parameter, as the next step would have it; nothing is changed but running statistics.</summary>
    internal abstract double GradientOf(ReadOnlySpan<int> rows, Span<float> gradient);
}
