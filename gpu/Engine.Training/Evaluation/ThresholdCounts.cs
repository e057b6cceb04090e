namespace Engine.Training.Evaluation;

/// <summary>What acting on predictions beyond a threshold would have met.</summary>
/// <param name="Threshold">The threshold: a prediction counts if it is at or beyond it on its side of the middle.</param>
/// <param name="Rows">Predictions beyond it.</param>
/// <param name="Right">Of those, how many labels lay on the same side of the middle.</param>
/// <param name="MeanLabel">Their mean label, turned so that the predicted side is positive; NaN without rows.</param>
public sealed record ThresholdCount(double Threshold, int Rows, int Right, double MeanLabel);

/// <summary>How many predictions lie beyond thresholds, and how they fared: how often a model dares to say something.</summary>
public static class ThresholdCounts
{
    /// <summary>Counts, by threshold.</summary>
    /// <param name="scored">Predictions and labels.</param>
    /// <param name="middle">Where neither side is predicted: 0 for a regression, 0.5 for a classification.</param>
    /// <param name="thresholds">Distances from the middle.</param>
    public static IReadOnlyList<ThresholdCount> Of(Scored scored, double middle, IEnumerable<double> thresholds)
    {
        ArgumentNullException.ThrowIfNull(scored);
        return [.. thresholds.Select(threshold => Count(scored, middle, threshold))];
    }

    private static ThresholdCount Count(Scored scored, double middle, double threshold)
    {
        int rows = 0, right = 0;
        double sum = 0;
        for (int i = 0; i < scored.Rows; i++)
        {
            double off = scored.Predictions[i] - middle;
            if (Math.Abs(off) < threshold || off == 0)
            {
                continue;
            }

            double label = (scored.Labels[i] - middle) * Math.Sign(off);
            rows++;
            right += label > 0 ? 1 : 0;
            sum += label;
        }

        return new ThresholdCount(threshold, rows, right, rows == 0 ? double.NaN : sum / rows);
    }
}
