using Engine.Features;
using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>Statistics of the normaliser for one round of a split: those of its training rows, and of nothing else.</summary>
/// <param name="Mean">Mean by feature.</param>
/// <param name="Deviation">Standard deviation by feature.</param>
public sealed record PartStatistics(float[] Mean, float[] Deviation)
{
    /// <summary>Ranks; null where nothing asked for them.</summary>
    public RankTable? Ranks { get; init; }

    /// <summary>Fits them on the training rows, in their order: equal rows give equal bits.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="part">The round.</param>
    /// <param name="withRanks">Ranks too.</param>
    public static PartStatistics Fit(TrainingData data, SplitPart part, bool withRanks = false) => FitOn(data, part.Train, withRanks);

    /// <summary>Fits them on any rows.</summary>
    public static PartStatistics FitOn(TrainingData data, ReadOnlySpan<int> rows, bool withRanks = false)
    {
        var fit = new NormaliserFit(data.Columns);
        foreach (int row in rows)
        {
            fit.Add(data.Row(row));
        }

        return new PartStatistics(fit.Mean(), fit.Deviation()) { Ranks = withRanks ? RankFit.Fit(data, rows) : null };
    }
}
