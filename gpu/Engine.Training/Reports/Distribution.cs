using MathNet.Numerics.Statistics;

namespace Engine.Training.Reports;

/// <summary>How values lie: a histogram between the 0.1 and 99.9 % quantiles, what lies outside in its first and last bin.</summary>
/// <param name="Edges">Edges of the bins, one more than there are bins.</param>
/// <param name="Counts">Values by bin.</param>
/// <param name="Quantiles">Share and value: 0, 1, 5, 25, 50, 75, 95, 99, 100 %.</param>
/// <param name="Mean">Mean.</param>
/// <param name="Deviation">Standard deviation of the population.</param>
/// <param name="ExcessKurtosis">Of the population: 0 for a normal distribution, large for heavy tails; NaN where nothing varies.</param>
public sealed record Distribution(
    IReadOnlyList<double> Edges,
    IReadOnlyList<long> Counts,
    IReadOnlyList<(double Share, double Value)> Quantiles,
    double Mean,
    double Deviation,
    double ExcessKurtosis)
{
    private const double Tail = 0.001;
    private static readonly double[] s_shares = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1];

    /// <summary>Of values, which are finite; none gives empty lists.</summary>
    /// <param name="values">The values.</param>
    /// <param name="bins">How many bins.</param>
    public static Distribution Of(IEnumerable<float> values, int bins)
    {
        double[] sorted = [.. values.Select(v => (double)v).Order()];
        if (sorted.Length == 0)
        {
            return new Distribution([], [], [], double.NaN, double.NaN, double.NaN);
        }

        double low = At(sorted, Tail), high = At(sorted, 1 - Tail);
        double width = high > low ? (high - low) / bins : 1;
        long[] counts = new long[bins];
        foreach (double value in sorted)
        {
            counts[(int)Math.Clamp((value - low) / width, 0, bins - 1)]++;
        }

        return new Distribution(
            [.. Enumerable.Range(0, bins + 1).Select(i => low + (i * width))],
            counts,
            [.. s_shares.Select(share => (share, At(sorted, share)))],
            sorted.Mean(),
            sorted.PopulationStandardDeviation(),
            sorted[0] < sorted[^1] ? sorted.PopulationKurtosis() : double.NaN);
    }

    private static double At(double[] sorted, double share) => SortedArrayStatistics.Quantile(sorted, share);
}
