using Engine.Training.Networks;

namespace Engine.Training.Backends;

/// <summary>One network in training, step by step: a group of one. Not thread-safe.</summary>
public sealed class TrainingSession : IDisposable
{
    private readonly ITrainingGroup _group;

    private TrainingSession(ITrainingGroup group) => _group = group;

    /// <summary>Makes a session.</summary>
    /// <param name="backend">What trains; must outlive it.</param>
    /// <param name="network">The network.</param>
    /// <param name="rows">What it learns from; must outlive it.</param>
    /// <param name="options">What a step does.</param>
    /// <exception cref="ArgumentException">Network, rows and options do not fit.</exception>
    public static TrainingSession Create(ITrainingBackend backend, NetworkSpec network, TrainingRows rows, StepOptions options) =>
        new(backend.CreateGroup(network, [new GroupMember(rows, options)]));

    /// <summary>One step: the gradient of the mean loss over some rows, bounded, and the optimiser.</summary>
    /// <param name="rows">Rows with a label and a whole window, at least one and at most the batch size; two with batch normalisation.</param>
    /// <param name="learningRate">The rate of this step.</param>
    public StepResult Step(ReadOnlySpan<int> rows, double learningRate) =>
        _group.Run([new MemberSteps(0, rows.ToArray(), new[] { rows.Length }, new[] { learningRate })])[0][0];

    /// <summary>As <see cref="ITrainingGroup.Predict"/>.</summary>
    public void Predict(ReadOnlySpan<int> rows, Span<float> predictions) => _group.Predict(0, rows, predictions);

    /// <summary>As <see cref="ITrainingGroup.Evaluate"/>.</summary>
    public double Evaluate(ReadOnlySpan<int> rows) => _group.Evaluate(0, rows);

    /// <summary>As <see cref="ITrainingGroup.Save"/>.</summary>
    public TrainingState Save() => _group.Save(0);

    /// <summary>As <see cref="ITrainingGroup.Restore"/>.</summary>
    public void Restore(TrainingState state) => _group.Restore(0, state);

    /// <inheritdoc/>
    public void Dispose() => _group.Dispose();
}
