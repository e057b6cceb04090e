using Engine.Features;

namespace Engine.Training.Datasets;

/// <summary>
/// Fits a <see cref="RankTable"/>: of each feature the values at ranks whose Gaussian values lie evenly between those of its least and its largest one,
/// each with the Gaussian value of the middle of the ranks that equal values share. Quantiles too close for a
/// finite slope between them are one, with the middle of the ranks of all. NaN and infinity are left out. Give it the training split only.
/// </summary>
public static class RankFit
{
    /// <summary>Fits.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="rows">Which of them.</param>
    public static RankTable Fit(TrainingData data, ReadOnlySpan<int> rows)
    {
        ArgumentNullException.ThrowIfNull(data);
        var quantiles = new float[data.Columns][];
        var values = new float[data.Columns][];
        var column = new float[rows.Length];
        ReadOnlySpan<float> features = data.Features.Span;
        for (int f = 0; f < data.Columns; f++)
        {
            int count = 0;
            foreach (int row in rows)
            {
                float value = features[(row * data.Columns) + f];
                if (float.IsFinite(value))
                {
                    // + 0 turns −0 into +0.
                    column[count++] = Math.Clamp(value, -RankTable.MaxQuantile, RankTable.MaxQuantile) + 0f;
                }
            }

            (quantiles[f], values[f]) = Fit(column.AsSpan(0, count));
        }

        return new RankTable(quantiles, values, i => data.Contract.Features[i].Name);
    }

    private static (float[] Quantiles, float[] Values) Fit(Span<float> column)
    {
        if (column.IsEmpty)
        {
            return ([0f], [0f]);
        }

        column.Sort();
        var quantiles = new List<float>();
        var values = new List<float>();
        var firsts = new List<int>();
        foreach (int place in Places(column.Length))
        {
            float quantile = column[place];
            if (quantiles.Count == 0 || quantile > quantiles[^1])
            {
                (int below, int upTo) = (FirstNotBelow(column, quantile), FirstAbove(column, quantile));
                float value = Value(below, upTo, column.Length);
                while (quantiles.Count > 0 && RankTable.IsTooSteep(quantiles[^1], values[^1], quantile, value))
                {
                    (quantile, below) = (quantiles[^1], firsts[^1]);
                    value = Value(below, upTo, column.Length);
                    quantiles.RemoveAt(quantiles.Count - 1);
                    values.RemoveAt(values.Count - 1);
                    firsts.RemoveAt(firsts.Count - 1);
                }

                quantiles.Add(quantile);
                values.Add(value);
                firsts.Add(below);
            }
        }

        return ([.. quantiles], [.. values]);
    }

    /// <summary>The Gaussian value of the middle of some ranks.</summary>
    private static float Value(int below, int upTo, int count) => (float)NormalDistribution.Quantile((long)below + upTo, (2L * count) - below - upTo);

    /// <summary>The places in the sorted column, the first and the last among them.</summary>
    private static IEnumerable<int> Places(int count)
    {
        double end = -NormalDistribution.Quantile(1, (2L * count) - 1);
        for (int i = 0; i < RankTable.MaxQuantiles; i++)
        {
            double share = NormalDistribution.Cumulative(end * ((2.0 * i / (RankTable.MaxQuantiles - 1)) - 1));
            yield return i == RankTable.MaxQuantiles - 1 ? count - 1 : Math.Clamp((int)(share * count), 0, count - 1);
        }
    }

    private static int FirstNotBelow(ReadOnlySpan<float> sorted, float value)
    {
        (int low, int high) = (0, sorted.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static int FirstAbove(ReadOnlySpan<float> sorted, float value)
    {
        (int low, int high) = (0, sorted.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = sorted[middle] <= value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
