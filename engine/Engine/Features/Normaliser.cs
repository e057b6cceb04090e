using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Features;

/// <summary>
/// Z-score with the statistics of the training split: (x − mean) × inverse standard deviation, in float32, within ± a clip; or the ranks of a
/// <see cref="RankTable"/>. NaN and infinity become 0 after normalising, and are counted per feature.
/// </summary>
public sealed class Normaliser
{
    private readonly float[] _mean;
    private readonly float[] _inverseDeviation;
    private readonly long[] _missing;
    private readonly bool _isRaw;
    private readonly RankRow? _ranks;

    /// <param name="mean">Mean by feature.</param>
    /// <param name="deviation">Standard deviation by feature; 0 (a constant in the training split) passes 0 on.</param>
    /// <param name="isRaw">Count only: rows pass as they are, with NaN and infinity.</param>
    /// <param name="clip">Most that a z-score is, either way; infinite for no bound.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a statistic is negative or not finite, or a deviation so small that its inverse is not, or the clip is not above 0.</exception>
    public Normaliser(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation, bool isRaw = false, float clip = float.PositiveInfinity)
    {
        if (mean.Length != deviation.Length)
        {
            throw new ArgumentException($"{mean.Length} means but {deviation.Length} standard deviations.");
        }

        if (!(clip > 0))
        {
            throw new ArgumentException($"Z-scores clipped at ±{clip}, which is not above 0.");
        }

        for (int i = 0; i < mean.Length; i++)
        {
            if (!float.IsFinite(mean[i]) || !float.IsFinite(deviation[i]) || deviation[i] < 0
                || (deviation[i] > 0 && !float.IsFinite(1f / deviation[i])))
            {
                throw new ArgumentException($"Normaliser statistics of feature {i} are not finite and non-negative: mean {mean[i]}, deviation {deviation[i]}.");
            }
        }

        _mean = mean.ToArray();
        Deviation = deviation.ToArray();
        _inverseDeviation = new float[mean.Length];
        for (int i = 0; i < mean.Length; i++)
        {
            _inverseDeviation[i] = deviation[i] == 0 ? 0 : 1f / deviation[i];
        }

        _missing = new long[mean.Length];
        _isRaw = isRaw;
        Clip = clip;
    }

    /// <summary>Normalises to ranks.</summary>
    /// <param name="ranks">The ranks of the training split.</param>
    public Normaliser(RankTable ranks)
        : this(new float[ranks.Count], new float[ranks.Count]) => _ranks = new RankRow(ranks);

    /// <summary>Features in a row.</summary>
    public int Count => _mean.Length;

    /// <summary>Mean by feature.</summary>
    public ReadOnlySpan<float> Mean => _mean;

    /// <summary>Standard deviation by feature, as given.</summary>
    public float[] Deviation { get; }

    /// <summary>One over the standard deviation by feature; 0 where that is 0.</summary>
    internal ReadOnlySpan<float> InverseDeviation => _inverseDeviation;

    /// <summary>Most that a z-score is, either way; infinite where there is no bound.</summary>
    public float Clip { get; }

    /// <summary>Whether rows become z-scores: neither ranks, nor passed as they are.</summary>
    internal bool IsZScore => !_isRaw && _ranks is null;

    /// <summary>How often each feature was NaN or infinite since the start.</summary>
    public ReadOnlySpan<long> Missing => _missing;

    /// <summary>Normalises one row.</summary>
    /// <param name="row">Raw features, <see cref="Count"/> long.</param>
    /// <param name="output">Normalised features, at least <see cref="Count"/> long.</param>
    /// <returns>How many features of this row were NaN or infinite.</returns>
    public int Apply(ReadOnlySpan<float> row, Span<float> output)
    {
        if (_ranks is not null)
        {
            return _ranks.Apply(row, output, this);
        }

        int missing = Normalise(row, output);
        if (_isRaw)
        {
            row[.._mean.Length].CopyTo(output);
        }

        return missing;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Normalise(ReadOnlySpan<float> row, Span<float> output)
    {
        ReadOnlySpan<float> mean = _mean;
        ReadOnlySpan<float> inverse = _inverseDeviation;
        row = row[..mean.Length];
        output = output[..mean.Length];
        float clip = Clip;
        int missing = 0;
        int i = 0;
        for (; i + Vector256<float>.Count <= row.Length; i += Vector256<float>.Count)
        {
            // x − x is NaN exactly when x is NaN or infinite: no lane can see another.
            Vector256<float> x = Vector256.Create(row[i..]);
            Vector256<float> y = (x - Vector256.Create(mean[i..])) * Vector256.Create(inverse[i..]);
            Vector256<float> finite = Vector256.Equals(y - y, Vector256<float>.Zero);
            // + 0 turns −0 into +0, so that equal values have equal bits.
            y = Vector256.BitwiseAnd(y, finite) + Vector256<float>.Zero;
            Vector256.MinNative(Vector256.MaxNative(y, Vector256.Create(-clip)), Vector256.Create(clip)).CopyTo(output[i..]);
            uint bad = ~finite.ExtractMostSignificantBits() & 0xFF;
            if (bad != 0)
            {
                missing += CountMissing(bad, i);
            }
        }

        for (; i < row.Length; i++)
        {
            float y = (row[i] - mean[i]) * inverse[i];
            bool finite = y - y == 0f;
            output[i] = finite ? Math.Clamp(y + 0f, -clip, clip) : 0f;
            if (!finite)
            {
                missing++;
                _missing[i]++;
            }
        }

        return missing;
    }

    /// <summary>Counts features that were NaN or infinite.</summary>
    /// <param name="bad">A bit for each feature that was.</param>
    /// <param name="first">The feature of the lowest bit.</param>
    /// <returns>How many there are.</returns>
    internal int CountMissing(ulong bad, int first)
    {
        int count = System.Numerics.BitOperations.PopCount(bad);
        for (; bad != 0; bad &= bad - 1)
        {
            _missing[first + System.Numerics.BitOperations.TrailingZeroCount(bad)]++;
        }

        return count;
    }
}
