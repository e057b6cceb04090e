namespace Engine.Training.Backends;

/// <summary>One of several networks that are trained side by side.</summary>
/// <param name="Rows">What it learns from; must outlive the group. Members may share them.</param>
/// <param name="Options">
/// What its steps do. Members of a group have the same kind of loss and the same batch size; seeds, class weights, δ and the optimiser's numbers are
/// each one's own.
/// </param>
public sealed record GroupMember(TrainingRows Rows, StepOptions Options)
{
    /// <summary>Refuses members that cannot be of one group.</summary>
    /// <exception cref="ArgumentException">There are none, too many, or two of different batch size or loss.</exception>
    public static void Check(IReadOnlyList<GroupMember> members)
    {
        if (members.Count is < 1 or > ITrainingBackend.MaxGroup)
        {
            throw new ArgumentException($"A group of {members.Count}; 1 to {ITrainingBackend.MaxGroup} are allowed.", nameof(members));
        }

        StepOptions first = members[0].Options;
        if (members.FirstOrDefault(m => m.Options.BatchSize != first.BatchSize || m.Options.Loss.Kind != first.Loss.Kind) is { Options: var other })
        {
            throw new ArgumentException(
                $"Members of a group have one batch size and one kind of loss: {first.BatchSize}, {first.Loss.Kind} and {other.BatchSize}, {other.Loss.Kind} do not go together.", nameof(members));
        }
    }
}

/// <summary>Steps that one member is to make.</summary>
/// <param name="Member">Its place in the group.</param>
/// <param name="Rows">
/// The rows of all these steps, one behind the other: each with a label and a whole window, and of a step at least one and at most the batch size (two at
/// least with batch normalisation).
/// </param>
/// <param name="Ends">Where in <paramref name="Rows"/> each step's rows end.</param>
/// <param name="Rates">The learning rate of each step.</param>
public sealed record MemberSteps(int Member, ReadOnlyMemory<int> Rows, ReadOnlyMemory<int> Ends, ReadOnlyMemory<double> Rates)
{
    /// <summary>Steps.</summary>
    public int Count => Ends.Length;

    /// <summary>The rows of one step.</summary>
    /// <param name="step">Which.</param>
    public ReadOnlySpan<int> RowsOf(int step)
    {
        ReadOnlySpan<int> ends = Ends.Span;
        return Rows.Span[(step == 0 ? 0 : ends[step - 1])..ends[step]];
    }

    /// <summary>Refuses steps that a group cannot make sense of.</summary>
    /// <param name="steps">What a group is asked for.</param>
    /// <param name="members">Members of the group.</param>
    /// <exception cref="ArgumentException">A member that is not there or named twice, or lists that do not fit each other.</exception>
    public static void Check(IReadOnlyList<MemberSteps> steps, int members)
    {
        var seen = new HashSet<int>();
        foreach (MemberSteps entry in steps)
        {
            if ((uint)entry.Member >= (uint)members || !seen.Add(entry.Member))
            {
                throw new ArgumentException($"Steps for member {entry.Member} of {members}, who is not there or was named before.", nameof(steps));
            }

            ReadOnlySpan<int> ends = entry.Ends.Span;
            bool fits = entry.Rates.Length == ends.Length && (ends.IsEmpty ? entry.Rows.IsEmpty : ends[^1] == entry.Rows.Length);
            for (int i = 0; i < ends.Length; i++)
            {
                fits &= ends[i] > (i == 0 ? 0 : ends[i - 1]);
            }

            if (!fits)
            {
                throw new ArgumentException(
                    $"Member {entry.Member}: {entry.Rows.Length} rows, {ends.Length} ends and {entry.Rates.Length} rates do not fit; each step has rows, and the last ends with them.", nameof(steps));
            }
        }
    }
}

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

    /// <summary>A member's predictions, without dropout and with running statistics; of a logit its sigmoid.</summary>
    /// <param name="member">Its place.</param>
    /// <param name="rows">Rows with a whole window, any number.</param>
    /// <param name="predictions">One each.</param>
    void Predict(int member, ReadOnlySpan<int> rows, Span<float> predictions);

    /// <summary>A member's mean loss over some rows, as <see cref="Predict"/> runs the network.</summary>
    /// <param name="member">Its place.</param>
    /// <param name="rows">Rows with a label and a whole window, any number but 0.</param>
    double Evaluate(int member, ReadOnlySpan<int> rows);

    /// <summary>Copies everything that a member's next step depends on.</summary>
    TrainingState Save(int member);

    /// <summary>A member goes on from a saved state, to the same bits.</summary>
    /// <exception cref="ArgumentException">The state is another network's.</exception>
    void Restore(int member, TrainingState state);
}
