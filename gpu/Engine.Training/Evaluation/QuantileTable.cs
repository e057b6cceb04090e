namespace Engine.Training.Evaluation;

/// <summary>Rows of one quantile of the predictions.</summary>
/// <param name="Low">Smallest prediction in it.</param>
/// <param name="High">Greatest prediction in it.</param>
/// <param name="Rows">Rows in it.</param>
/// <param name="MeanPrediction">Their mean prediction.</param>
/// <param name="MeanLabel">Their mean label: of a classification, how often it came.</param>
/// <param name="StandardError">Of the mean label, if rows were independent: a lower bound.</param>
public sealed record QuantileBin(double Low, double High, int Rows, double MeanPrediction, double MeanLabel, double StandardError);

/// <summary>Prediction against label by quantile of the prediction: reliability of a classification, monotony of a regression.</summary>
public static class QuantileTable
{
    /// <summary>Cuts rows into bins of nearly equal size, in the order of predictions; equal predictions stay together.</summary>
    /// <param name="scored">Predictions and labels.</param>
    /// <param name="bins">Most bins.</param>
    public static IReadOnlyList<QuantileBin> Of(Scored scored, int bins)
    {
        ArgumentNullException.ThrowIfNull(scored);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        int[] order = [.. Enumerable.Range(0, scored.Rows).OrderBy(i => scored.Predictions[i])];
        var table = new List<QuantileBin>();
        for (int from = 0, bin = 1; from < order.Length; bin++)
        {
            int to = Math.Max(from + 1, (int)((long)order.Length * Math.Min(bin, bins) / bins));
            while (to < order.Length && scored.Predictions[order[to]] == scored.Predictions[order[to - 1]])
            {
                to++;
            }

            table.Add(Bin(scored, order[from..to]));
            from = to;
        }

        return table;
    }

    private static QuantileBin Bin(Scored scored, int[] rows)
    {
        double mean = rows.Average(i => (double)scored.Labels[i]);
        double variance = rows.Average(i => (scored.Labels[i] - mean) * (scored.Labels[i] - mean));
        return new QuantileBin(
            scored.Predictions[rows[0]],
            scored.Predictions[rows[^1]],
            rows.Length,
            rows.Average(i => (double)scored.Predictions[i]),
            mean,
            Math.Sqrt(variance / rows.Length));
    }
}
