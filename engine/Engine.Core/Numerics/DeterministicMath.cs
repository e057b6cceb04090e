namespace Engine.Core.Numerics;

/// <summary>
/// Logarithm and exponential that give the same bits on every machine and runtime: additions, multiplications, divisions and
/// explicit fused multiply-adds of IEEE 754 doubles only, in one fixed order. Accurate to about two units in the last place.
/// </summary>
public static class DeterministicMath
{
    // ln 2 in two parts: the high one has 21 trailing zero bits, so that its product with any exponent is exact.
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;
    private const double InverseLn2 = 1.44269504088896338700;
    private const double SqrtHalf = 0.70710678118654752440;
    private const long MantissaMask = 0x000F_FFFF_FFFF_FFFF;
    private const long HalfExponent = 0x3FE0_0000_0000_0000;
    private const double TwoTo54 = 18014398509481984.0;

    /// <summary>The largest argument of <see cref="Exp"/> with a finite result.</summary>
    public const double ExpMax = 709.782712893384;

    /// <summary>Arguments of <see cref="Exp"/> below this give 0: no denormal results.</summary>
    public const double ExpMin = -708.396418532264;

    // 1/(2k+1) for k = 1..11: the series of 2·atanh(s)/(2s) - 1 in s².
    private static ReadOnlySpan<double> AtanhSeries =>
        [1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23];

    // 1/k! for k = 2..13.
    private static ReadOnlySpan<double> ExpSeries =>
    [
        1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800,
        1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800,
    ];

    /// <summary>
    /// Natural logarithm. With x = m·2^e and m in [√½, √2): ln x = e·ln 2 + 2·atanh((m-1)/(m+1)), the series cut after s^23
    /// where |s| ≤ 0.172. Zero gives -∞, a negative number or NaN gives NaN, +∞ gives +∞.
    /// </summary>
    public static double Log(double x)
    {
        if (!(x > 0) || double.IsPositiveInfinity(x))
        {
            return x == 0 ? double.NegativeInfinity : x > 0 ? x : double.NaN;
        }

        int exponent = 0;
        if (!double.IsNormal(x))
        {
            x *= TwoTo54;
            exponent = -54;
        }

        long bits = BitConverter.DoubleToInt64Bits(x);
        exponent += (int)(bits >> 52) - 1022;
        double m = BitConverter.Int64BitsToDouble((bits & MantissaMask) | HalfExponent);
        if (m < SqrtHalf)
        {
            m += m;
            exponent--;
        }

        double s = (m - 1) / (m + 1);
        double square = s * s;
        double tail = 0;
        ReadOnlySpan<double> series = AtanhSeries;
        for (int i = series.Length - 1; i >= 0; i--)
        {
            tail = Math.FusedMultiplyAdd(tail, square, series[i]);
        }

        double twice = s + s;
        double small = Math.FusedMultiplyAdd(exponent, Ln2Low, twice * (square * tail));
        return Math.FusedMultiplyAdd(exponent, Ln2High, twice + small);
    }

    /// <summary>
    /// Exponential. With x = k·ln 2 + r and |r| ≤ ½·ln 2: e^x = 2^k·e^r, the series cut after r^13. Above
    /// <see cref="ExpMax"/> gives +∞, below <see cref="ExpMin"/> gives 0, NaN gives NaN.
    /// </summary>
    public static double Exp(double x)
    {
        if (!(x <= ExpMax))
        {
            return double.IsNaN(x) ? double.NaN : double.PositiveInfinity;
        }

        if (x < ExpMin)
        {
            return 0;
        }

        double k = Math.Floor(Math.FusedMultiplyAdd(x, InverseLn2, 0.5));
        double r = Math.FusedMultiplyAdd(-k, Ln2Low, Math.FusedMultiplyAdd(-k, Ln2High, x));
        double tail = 0;
        ReadOnlySpan<double> series = ExpSeries;
        for (int i = series.Length - 1; i >= 0; i--)
        {
            tail = Math.FusedMultiplyAdd(tail, r, series[i]);
        }

        double power = 1 + Math.FusedMultiplyAdd(r * r, tail, r);

        // Two factors, because 2^k itself overflows for k = 1024.
        int half = (int)k / 2;
        return power * PowerOfTwo(half) * PowerOfTwo((int)k - half);
    }

    private static double PowerOfTwo(int exponent) => BitConverter.Int64BitsToDouble((long)(exponent + 1023) << 52);
}
