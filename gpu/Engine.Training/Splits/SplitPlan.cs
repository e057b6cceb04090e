namespace Engine.Training.Splits;

/// <summary>How a split came about.</summary>
public enum SplitKind
{
    /// <summary>Train, valid and test as they were named.</summary>
    Explicit,

    /// <summary>Each of K blocks of time is left out once.</summary>
    KFold,

    /// <summary>Each block of time is predicted by those before it.</summary>
    WalkForward,
}

/// <summary>One round of a split, by stretches of rows.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Train">Stretches to train on.</param>
/// <param name="Valid">Stretches to choose by.</param>
/// <param name="Test">Stretches to report on.</param>
public sealed record SplitRound(string Id, IReadOnlyList<SplitRange> Train, IReadOnlyList<SplitRange> Valid, IReadOnlyList<SplitRange> Test);

/// <summary>
/// A split by stretches of time: everything that decides which rows are in which list. A row that has a label is taken by the first stretch
/// that has it, in the order test, valid, train; purging and embargo then take rows away.
/// </summary>
public sealed record SplitPlan
{
    /// <summary>Most folds, or rounds of walking forward: each is one more training, and one more look at every row.</summary>
    public const int MaxRounds = 100;

    /// <summary>Longest embargo: a week.</summary>
    public const long MaxEmbargoNanos = Labels.LabelHorizon.MaxNanos;

    /// <summary>How it came about.</summary>
    public required SplitKind Kind { get; init; }

    /// <summary>The rounds.</summary>
    public required IReadOnlyList<SplitRound> Rounds { get; init; }

    /// <summary>Whether rows whose label's span meets one of valid or test leave train (and of test, valid).</summary>
    public bool Purges { get; init; } = true;

    /// <summary>How long behind a span of valid or test no row is trained on, ns: what happened there is not over at once. Goes with purging.</summary>
    public long EmbargoNanos { get; init; }
}
