namespace Engine.Training.Backends;

/// <summary>One of several networks that are trained side by side.</summary>
/// <param name="Rows">What it learns from; must outlive the group. Members may share them.</param>
/// <param name="Options">
/// What its steps do. Members of a group have the same kind of loss and the same batch size; seeds, class weights, δ and the optimiser's numbers are
/// each one's own.
/// </param>
public sealed record GroupMember(TrainingRows Rows, StepOptions Options);

/// <summary>Steps that one member is to make.</summary>
/// <param name="Member">Its place in the group.</param>
/// <param name="Rows">The rows of all these steps, one behind the other.</param>
/// <param name="Ends">Where in <paramref name="Rows"/> each step's rows end.</param>
/// <param name="Rates">The learning rate of each step.</param>
public sealed record MemberSteps(int Member, ReadOnlyMemory<int> Rows, ReadOnlyMemory<int> Ends, ReadOnlyMemory<double> Rates);

/// <summary>
/// Networks of one shape in training side by side (folds, seeds, learning rates): each as it would be alone, to the same bits. Not thread-safe.
/// </summary>
public interface ITrainingGroup : IDisposable
{
    /// <summary>Members.</summary>
    int Count { get; }

    /// <summary>As many steps as should be asked for at once, so that the device need not wait for the host.</summary>
    int BurstSteps { get; }

    /// <summary>
    /// Makes steps. A member whose step is not finite (<see cref="StepResult.IsFinite"/>) is left as it was before that step, and makes no further one:
    /// its results end with that step's.
    /// </summary>
    /// <param name="steps">At most one entry a member; members without one rest.</param>
    /// <returns>By entry, the results of the steps that were made.</returns>
    StepResult[][] Run(IReadOnlyList<MemberSteps> steps);

    /// <summary>As <see cref="ITrainingSession.Predict"/>, of one member.</summary>
    void Predict(int member, ReadOnlySpan<int> rows, Span<float> predictions);

    /// <summary>As <see cref="ITrainingSession.Evaluate"/>, of one member.</summary>
    double Evaluate(int member, ReadOnlySpan<int> rows);

    /// <summary>As <see cref="ITrainingSession.Save"/>, of one member.</summary>
    TrainingState Save(int member);

    /// <summary>As <see cref="ITrainingSession.Restore"/>, of one member.</summary>
    void Restore(int member, TrainingState state);
}
