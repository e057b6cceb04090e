using Engine.Features;
using Engine.Training.Splits;

namespace Engine.Training.Runs;

/// <summary>What becomes of a feature before a network sees it.</summary>
public enum NormaliserKind
{
    /// <summary>Its distance from the training rows' mean in units of their deviation, clipped.</summary>
    ZScore,

    /// <summary>The Gaussian value of its rank among the training rows.</summary>
    RankGauss,
}

/// <summary>The normaliser of a network.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Clip">Bound of z-scores; infinite for none.</param>
public readonly record struct NormaliserPlan(NormaliserKind Kind, double Clip)
{
    /// <summary>The usual clip. What is ten deviations out is an outlier, or of a feature that hardly moved in training: a network has seen next to
    /// none of it there, and would follow it as far as it goes.</summary>
    public const double UsualClip = 10;

    /// <summary>Z-scores with the usual clip.</summary>
    public static NormaliserPlan Usual => new(NormaliserKind.ZScore, UsualClip);

    /// <summary>The kinds, spelled.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["z_score", "rank_gauss"];

    /// <summary>The bound of z-scores, as a file has it.</summary>
    public float ClipOfScores => Kind == NormaliserKind.ZScore ? (float)Clip : float.PositiveInfinity;

    /// <summary>How many deviations out golden rows reach, so that they prove the bound; null where there is none.</summary>
    public float? GoldenReach => Kind == NormaliserKind.RankGauss ? (float)(2 * UsualClip) : double.IsFinite(Clip) ? (float)(2 * Clip) : null;

    /// <summary>The ranks that a file has; null for z-scores.</summary>
    public RankTable? RanksOf(PartStatistics statistics) => Kind == NormaliserKind.RankGauss ? statistics.Ranks : null;

    /// <summary>The normaliser with the statistics of a round.</summary>
    public Normaliser Create(PartStatistics statistics) =>
        RanksOf(statistics) is { } ranks ? new Normaliser(ranks) : new Normaliser(statistics.Mean, statistics.Deviation, clip: ClipOfScores);
}
