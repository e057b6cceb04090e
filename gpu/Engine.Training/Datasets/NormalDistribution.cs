using Engine.Core.Numerics;

namespace Engine.Training.Datasets;

/// <summary>The Gaussian distribution of mean 0 and deviation 1, in double, the same bits on every machine.</summary>
internal static class NormalDistribution
{
    /// <summary>Beyond this the distribution is 0 or 1 as far as a count of rows can tell.</summary>
    private const double Reach = 8;

    private const double InverseRootTwoPi = 0.39894228040143267794;
    private const int Halvings = 60;
    private const int MaxTerms = 400;

    /// <summary>
    /// Share below a value: ½ + φ(z) × Σ z^(2k+1) ÷ (1 × 3 × … × (2k+1)), whose terms are all of one sign. Within 1e-15.
    /// </summary>
    public static double Cumulative(double z)
    {
        if (!(Math.Abs(z) < Reach))
        {
            return z > 0 ? 1 : 0;
        }

        double term = z, sum = z, square = z * z;
        for (int k = 1; k < MaxTerms && Math.Abs(term) > 1e-18 * Math.Abs(sum); k++)
        {
            term *= square / ((2 * k) + 1);
            sum += term;
        }

        return 0.5 + (InverseRootTwoPi * DeterministicMath.Exp(-0.5 * square) * sum);
    }

    /// <summary>The value below which a share lies, by halving; the same distance from 0 for a share and its complement.</summary>
    /// <param name="below">Parts below it.</param>
    /// <param name="above">Parts above it; some of either.</param>
    public static double Quantile(long below, long above)
    {
        if (below == above)
        {
            return 0;
        }

        double share = (double)Math.Min(below, above) / ((double)below + above);
        double low = -Reach, high = 0;
        for (int i = 0; i < Halvings; i++)
        {
            double middle = 0.5 * (low + high);
            (low, high) = Cumulative(middle) < share ? (middle, high) : (low, middle);
        }

        return below < above ? high : -high;
    }
}
