using System.Globalization;

namespace Engine.Core.Diagnostics;

/// <summary>
/// The percentile text of a histogram: rows of value, share, running count and 1/(1 − share), denser towards the tail, then
/// three lines of totals that begin with `#[`. Fixed columns: 12 wide values, 12 decimals of share.
/// </summary>
internal static class HgrmText
{
    /// <summary>Rows between one halving of the distance to 100 % and the next.</summary>
    private const int RowsPerHalving = 5;

    /// <summary>Halvings before only the last row is left: 2^-40 is below one value in a trillion.</summary>
    private const int MaxHalvings = 40;

    /// <summary>Writes the distribution.</summary>
    public static void Write(LatencyHistogram histogram, TextWriter writer, double scale)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scale);
        writer.Write("       Value     Percentile TotalCount 1/(1-Percentile)\n\n");
        WriteRows(histogram, writer, scale);
        CultureInfo culture = CultureInfo.InvariantCulture;
        double mean = histogram.Count == 0 ? 0 : histogram.Mean / scale;
        double deviation = histogram.Count == 0 ? 0 : histogram.StandardDeviation / scale;
        writer.Write(string.Create(culture, $"#[Mean    = {mean,12:F3}, StdDeviation   = {deviation,12:F3}]\n"));
        writer.Write(string.Create(culture, $"#[Max     = {histogram.Max / scale,12:F3}, Total count    = {histogram.Count,12}]\n"));
        writer.Write(string.Create(culture, $"#[Buckets = {histogram.Buckets,12}, SubBuckets     = {histogram.SubBuckets,12}]\n"));
    }

    private static void WriteRows(LatencyHistogram histogram, TextWriter writer, double scale)
    {
        if (histogram.Count == 0)
        {
            return;
        }

        CultureInfo culture = CultureInfo.InvariantCulture;
        int slot = 0;
        long seen = histogram.CountAt(0);
        double distance = 1;
        for (int halving = 0; halving < MaxHalvings; halving++, distance /= 2)
        {
            for (int row = 0; row < RowsPerHalving; row++)
            {
                double share = 1 - distance * (1 - row / (2.0 * RowsPerHalving));
                long rank = Math.Max(1, (long)Math.Ceiling(share * histogram.Count));
                for (; seen < rank && slot < histogram.Slots - 1;)
                {
                    seen += histogram.CountAt(++slot);
                }

                if (seen == histogram.Count)
                {
                    // Nothing lies further out: the row of 100 % says it all.
                    WriteLast(histogram, writer, scale);
                    return;
                }

                double value = histogram.ValueAt(slot) / scale;
                writer.Write(string.Create(culture, $"{value,12:F3} {share,14:F12} {seen,10} {1 / (1 - share),14:F2}\n"));
            }
        }

        WriteLast(histogram, writer, scale);
    }

    private static void WriteLast(LatencyHistogram histogram, TextWriter writer, double scale) =>
        writer.Write(string.Create(
            CultureInfo.InvariantCulture, $"{histogram.Max / scale,12:F3} {1.0,14:F12} {histogram.Count,10}\n"));
}
