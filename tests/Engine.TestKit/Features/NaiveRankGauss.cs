namespace Engine.TestKit.Features;

/// <summary>Rank-Gauss from its definition, in float64: ranks by counting, the Gaussian by adding up slices of its density.</summary>
public static class NaiveRankGauss
{
    /// <summary>Interpolates between quantiles, found one after the other.</summary>
    /// <param name="quantiles">Ascending.</param>
    /// <param name="values">At the quantiles.</param>
    /// <param name="x">Any value.</param>
    public static double Value(ReadOnlySpan<float> quantiles, ReadOnlySpan<float> values, float x)
    {
        if (!float.IsFinite(x))
        {
            return 0;
        }

        for (int i = 0; i < quantiles.Length; i++)
        {
            if (x <= quantiles[i])
            {
                return i == 0 ? values[0] : values[i - 1] + (((double)x - quantiles[i - 1]) / ((double)quantiles[i] - quantiles[i - 1]) * ((double)values[i] - values[i - 1]));
            }
        }

        return values[^1];
    }

    /// <summary>The share of a column at the middle of the ranks of a value: those below it, and half of those equal to it.</summary>
    public static double MiddleRank(IEnumerable<float> column, float value)
    {
        float[] finite = [.. column.Where(float.IsFinite)];
        return (finite.Count(x => x < value) + (0.5 * finite.Count(x => x == value))) / finite.Length;
    }

    /// <summary>The share of a Gaussian below a value (Simpson's rule from 0).</summary>
    public static double Cumulative(double z)
    {
        const int Slices = 2_000;
        double width = z / Slices, sum = 0;
        for (int i = 0; i < Slices; i++)
        {
            double low = i * width;
            sum += width / 6 * (Density(low) + (4 * Density(low + (width / 2))) + Density(low + width));
        }

        return 0.5 + sum;
    }

    private static double Density(double z) => Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI);
}
