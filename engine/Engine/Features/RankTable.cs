using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Features;

/// <summary>
/// Rank-Gauss: of each feature some quantiles of the training split, each with the value that a Gaussian has at its rank. Between two quantiles a
/// value is interpolated linearly; below the first and above the last it stays at theirs, so that whatever comes is bounded. A feature with one
/// quantile, a constant, has that one's value everywhere. Immutable.
/// </summary>
/// <remarks>
/// The arithmetic, one feature by itself, in float32: x is brought into [q₀, qₙ]; i is the last quantile that is not above it; the value is
/// (x − qᵢ) × sᵢ + vᵢ in one fused multiply-add. The slope sᵢ is (vᵢ₊₁ − vᵢ) ÷ (qᵢ₊₁ − qᵢ), which has to be finite, made smaller by single units
/// until the value at qᵢ₊₁ is not above vᵢ₊₁: so values never descend. Behind the last quantile it is 0.
/// </remarks>
public sealed unsafe class RankTable
{
    /// <summary>Most quantiles of a feature: as many as two registers hold, for all are compared, whatever their number.</summary>
    public const int MaxQuantiles = 32;

    /// <summary>Largest absolute value at a quantile.</summary>
    public const float MaxValue = 10;

    /// <summary>Largest absolute quantile: half of float32's range, so that every difference is finite.</summary>
    public const float MaxQuantile = float.MaxValue / 2;

    private readonly float[][] _quantiles;
    private readonly float[][] _values;

    // Of each feature: 32 quantiles, the last one repeated; then 32 pairs of slope and value.
    private readonly float[] _knots;
    private readonly float[] _lines;

    /// <param name="quantiles">By feature, ascending, 1 to <see cref="MaxQuantiles"/>, none too close to the next for a finite slope. Kept, not copied.</param>
    /// <param name="values">By feature, as many, not descending. Kept, not copied.</param>
    /// <param name="nameOf">The name of a feature for messages; null for none.</param>
    /// <exception cref="ArgumentException">The tables are not as said; the first feature of which this holds is named.</exception>
    public RankTable(float[][] quantiles, float[][] values, Func<int, string>? nameOf = null)
    {
        if (quantiles.Length != values.Length)
        {
            throw new ArgumentException($"Quantiles of {quantiles.Length} features but values of {values.Length}.");
        }

        for (int f = 0; f < quantiles.Length; f++)
        {
            if (Fault(quantiles[f], values[f]) is { } fault)
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture, $"Ranks of feature {f}{(nameOf is null ? "" : $" '{nameOf(f)}'")}: {fault}."));
            }
        }

        (_quantiles, _values) = (quantiles, values);
        _knots = new float[Count * MaxQuantiles];
        _lines = new float[Count * MaxQuantiles * 2];
        for (int f = 0; f < Count; f++)
        {
            Pack(f);
        }
    }

    /// <summary>Features in a row.</summary>
    public int Count => _quantiles.Length;

    /// <summary>The quantiles of a feature.</summary>
    public ReadOnlySpan<float> Quantiles(int feature) => _quantiles[feature];

    /// <summary>The values at the quantiles of a feature.</summary>
    public ReadOnlySpan<float> Values(int feature) => _values[feature];

    /// <summary>What the value rises by between a quantile and the next, for each unit of the feature; 0 behind the last one.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="index">The quantile, below <see cref="MaxQuantiles"/>.</param>
    internal float Slope(int feature, int index) => _lines[2 * ((feature * MaxQuantiles) + index)];

    /// <summary>The first feature in which two tables differ, in any bit; −1 where they are the same.</summary>
    public static int FirstDifference(RankTable a, RankTable b)
    {
        for (int f = 0; f < Math.Max(a.Count, b.Count); f++)
        {
            if (f >= a.Count || f >= b.Count || !a.Quantiles(f).SequenceEqual(b.Quantiles(f)) || !a.Values(f).SequenceEqual(b.Values(f)))
            {
                return f;
            }
        }

        return -1;
    }

    /// <summary>The value of some features of a row; of NaN and infinity 0.</summary>
    /// <param name="which">A bit for each feature that is asked for.</param>
    /// <param name="first">The feature of the lowest bit.</param>
    /// <param name="row">The features, <see cref="Count"/> long.</param>
    /// <param name="output">Where the values go, <see cref="Count"/> long.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Apply(uint which, int first, ReadOnlySpan<float> row, Span<float> output)
    {
        // SAFETY: there are 32 quantiles and 32 pairs for each feature, the last that is not above x is one of 0 to 31, and rows are indexed as spans.
        fixed (float* allKnots = _knots, allLines = _lines)
        {
            for (; which != 0; which &= which - 1)
            {
                int feature = first + System.Numerics.BitOperations.TrailingZeroCount(which);
                float* knots = allKnots + (feature * MaxQuantiles);
                float x = row[feature];
                if (x - x != 0f)
                {
                    output[feature] = 0f;
                    continue;
                }

                x = Math.Min(Math.Max(x, knots[0]), knots[MaxQuantiles - 1]);
                int at = (Vector512.IsHardwareAccelerated ? NotAbove512(knots, x) : NotAbove256(knots, x)) - 1;
                float* line = allLines + (((feature * MaxQuantiles) + at) * 2);
                output[feature] = MathF.FusedMultiplyAdd(x - knots[at], line[0], line[1]);
            }
        }
    }

    /// <summary>How many of 32 quantiles are not above a value: no step waits for the one before, and no branch has to be guessed.</summary>
    // SAFETY: the caller passes the address of 32 readable floats.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int NotAbove512(float* knots, float x)
    {
        Vector512<float> value = Vector512.Create(x);
        ulong low = Vector512.LessThanOrEqual(Vector512.Load(knots), value).ExtractMostSignificantBits();
        ulong high = Vector512.LessThanOrEqual(Vector512.Load(knots + 16), value).ExtractMostSignificantBits();
        return System.Numerics.BitOperations.PopCount(low | (high << 16));
    }

    /// <summary>As <see cref="NotAbove512"/>, in smaller registers.</summary>
    // SAFETY: as above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int NotAbove256(float* knots, float x)
    {
        Vector256<float> value = Vector256.Create(x);
        uint bits = 0;
        for (int i = 0; i < MaxQuantiles; i += Vector256<float>.Count)
        {
            bits |= Vector256.LessThanOrEqual(Vector256.Load(knots + i), value).ExtractMostSignificantBits() << i;
        }

        return System.Numerics.BitOperations.PopCount(bits);
    }

    /// <summary>Whether a line between two quantiles rises by more than float32 can say.</summary>
    internal static bool IsTooSteep(float quantile, float value, float nextQuantile, float nextValue) => !float.IsFinite((nextValue - value) / (nextQuantile - quantile));

    private static string? Fault(float[] quantiles, float[] values)
    {
        if (quantiles.Length is 0 or > MaxQuantiles || values.Length != quantiles.Length)
        {
            return $"{quantiles.Length} quantiles and {values.Length} values; 1 to {MaxQuantiles} of each are expected, as many of one as of the other";
        }

        for (int i = 0; i < quantiles.Length; i++)
        {
            if (!(MathF.Abs(quantiles[i]) <= MaxQuantile) || !(MathF.Abs(values[i]) <= MaxValue))
            {
                return string.Create(CultureInfo.InvariantCulture, $"quantile {i} is {quantiles[i]} with the value {values[i]}; finite numbers within ±{MaxQuantile} and ±{MaxValue} are expected");
            }

            if (i > 0 && !(quantiles[i] > quantiles[i - 1] && values[i] >= values[i - 1]))
            {
                return string.Create(CultureInfo.InvariantCulture, $"quantile {i} is {quantiles[i]} after {quantiles[i - 1]}, its value {values[i]} after {values[i - 1]}; quantiles ascend and values do not descend");
            }

            if (i > 0 && IsTooSteep(quantiles[i - 1], values[i - 1], quantiles[i], values[i]))
            {
                return string.Create(CultureInfo.InvariantCulture, $"quantile {i} is {quantiles[i]} after {quantiles[i - 1]}, too close for the values {values[i - 1]} and {values[i]}: fit the normaliser again");
            }
        }

        return null;
    }

    private void Pack(int feature)
    {
        (float[] quantiles, float[] values) = (_quantiles[feature], _values[feature]);
        int first = feature * MaxQuantiles;
        for (int i = 0; i < MaxQuantiles; i++)
        {
            int at = Math.Min(i, quantiles.Length - 1);
            _knots[first + i] = quantiles[at];
            _lines[2 * (first + i)] = i < quantiles.Length - 1 ? SlopeOf(quantiles[i + 1] - quantiles[i], values[i], values[i + 1]) : 0f;

            // + 0 turns −0 into +0, so that equal values have equal bits.
            _lines[(2 * (first + i)) + 1] = values[at] + 0f;
        }
    }

    private static float SlopeOf(float width, float low, float high)
    {
        float slope = (high - low) / width;
        while (MathF.FusedMultiplyAdd(width, slope, low) > high)
        {
            slope = MathF.BitDecrement(slope);
        }

        return slope;
    }
}
