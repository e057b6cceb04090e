namespace Engine.Inference.Sequences;

/// <summary>What one or several predictors that remember earlier rows counted.</summary>
/// <param name="WarmingUp">Predictions that are NaN because an instrument had too few ticks: of an ensemble those of its longest window.</param>
/// <param name="WithoutState">Predictions that are NaN because no state was left: of an ensemble those of the member with the fewest states.</param>
/// <param name="LateBackground">Predictions that had to finish background work first, added up over the members of an ensemble.</param>
public readonly record struct SequenceCounts(long WarmingUp, long WithoutState, long LateBackground)
{
    /// <summary>The counts of several models.</summary>
    public SequenceCounts Plus(SequenceCounts other) =>
        new(WarmingUp + other.WarmingUp, WithoutState + other.WithoutState, LateBackground + other.LateBackground);

    /// <summary>The counts of one model.</summary>
    /// <param name="members">Its members in any order, or itself; null stands for one that remembers nothing.</param>
    public static SequenceCounts Of(IEnumerable<SequencePredictor?> members)
    {
        SequenceCounts counts = default;
        foreach (SequencePredictor member in members.OfType<SequencePredictor>())
        {
            counts = new SequenceCounts(
                Math.Max(counts.WarmingUp, member.WarmingUp),
                Math.Max(counts.WithoutState, member.WithoutState),
                counts.LateBackground + member.LateBackground);
        }

        return counts;
    }
}
