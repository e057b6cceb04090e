using System.Globalization;
using Engine.Training.Datasets;
using Engine.Training.Splits;

namespace Engine.Training.Runs;

/// <summary>Rows of the judged part in which a feature lies far beyond what the training rows showed: there a model was not fitted but goes on.</summary>
internal static class FarRows
{
    /// <summary>Deviations from the mean beyond which a value outside the training rows' range is far.</summary>
    public const double Deviations = 10;

    private const int MostNamed = 5;

    /// <summary>What a reader must know; null where there are no such rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="train">Rows that models were fitted on.</param>
    /// <param name="judged">Rows that they are judged on.</param>
    /// <param name="part">The judged part's name.</param>
    /// <param name="statistics">Of the training rows.</param>
    public static string? Warning(TrainingData data, int[] train, int[] judged, string part, PartStatistics statistics)
    {
        int[] counts = Count(data, train, judged, statistics, out int rows);
        if (rows == 0)
        {
            return null;
        }

        int[] features = [.. Enumerable.Range(0, counts.Length).Where(f => counts[f] > 0).OrderByDescending(f => counts[f])];
        string named = string.Join(", ", features.Take(MostNamed).Select(f => string.Create(CultureInfo.InvariantCulture, $"{data.Contract.Features[f].Name} ({counts[f]:N0})")));
        string more = features.Length > MostNamed ? string.Create(CultureInfo.InvariantCulture, $" and {features.Length - MostNamed} others") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{rows:N0} of the {judged.Length:N0} {part} rows lie far beyond what training saw, outside its range and over {Deviations} deviations from its mean: {named}{more}; clip z-scores, or rank them (normaliser rank_gauss)");
    }

    /// <summary>Far values by feature.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="train">Rows that models were fitted on.</param>
    /// <param name="judged">Rows that they are judged on.</param>
    /// <param name="statistics">Of the training rows.</param>
    /// <param name="rows">Rows with a far value.</param>
    internal static int[] Count(TrainingData data, int[] train, int[] judged, PartStatistics statistics, out int rows)
    {
        float[] least = [.. Enumerable.Repeat(float.PositiveInfinity, data.Columns)], most = [.. Enumerable.Repeat(float.NegativeInfinity, data.Columns)];
        foreach (int row in train)
        {
            ReadOnlySpan<float> values = data.Row(row);
            for (int f = 0; f < values.Length; f++)
            {
                (least[f], most[f]) = float.IsFinite(values[f]) ? (MathF.Min(least[f], values[f]), MathF.Max(most[f], values[f])) : (least[f], most[f]);
            }
        }

        var counts = new int[data.Columns];
        rows = 0;
        foreach (int row in judged)
        {
            bool isFar = false;
            ReadOnlySpan<float> values = data.Row(row);
            for (int f = 0; f < values.Length; f++)
            {
                bool isOutside = float.IsFinite(values[f]) && (values[f] < least[f] || values[f] > most[f]);
                if (isOutside && Math.Abs((double)values[f] - statistics.Mean[f]) > Deviations * statistics.Deviation[f])
                {
                    counts[f]++;
                    isFar = true;
                }
            }

            rows += isFar ? 1 : 0;
        }

        return counts;
    }
}
