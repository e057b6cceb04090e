using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>Statistics of the normaliser for one round of a split: those of its training rows, and of nothing else.</summary>
/// <param name="Mean">Mean by feature.</param>
/// <param name="Deviation">Standard deviation by feature.</param>
public sealed record PartStatistics(float[] Mean, float[] Deviation)
{
    /// <summary>Fits them on the training rows, in their order: equal rows give equal bits.</summary>
    public static PartStatistics Fit(TrainingData data, SplitPart part) => FitOn(data, part.Train);

    /// <summary>Fits them on any rows.</summary>
    public static PartStatistics FitOn(TrainingData data, ReadOnlySpan<int> rows)
    {
        var fit = new NormaliserFit(data.Columns);
        foreach (int row in rows)
        {
            fit.Add(data.Row(row));
        }

        return new PartStatistics(fit.Mean(), fit.Deviation());
    }
}
