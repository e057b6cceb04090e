namespace Engine.Training.Datasets;

/// <summary>
/// Mean and standard deviation by feature in one pass (Welford, Technometrics 1962), in double. NaN and infinity are left
/// out and counted. Give it the training split only.
/// </summary>
public sealed class NormaliserFit
{
    private readonly double[] _mean;
    private readonly double[] _squares;
    private readonly long[] _count;
    private readonly long[] _missing;

    /// <param name="featureCount">Features of a row.</param>
    public NormaliserFit(int featureCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(featureCount);
        _mean = new double[featureCount];
        _squares = new double[featureCount];
        _count = new long[featureCount];
        _missing = new long[featureCount];
    }

    /// <summary>Features of a row.</summary>
    public int FeatureCount => _mean.Length;

    /// <summary>Finite values seen, by feature.</summary>
    public ReadOnlySpan<long> Count => _count;

    /// <summary>Values that were NaN or infinite, by feature.</summary>
    public ReadOnlySpan<long> Missing => _missing;

    /// <summary>Takes one raw row.</summary>
    /// <param name="row"><see cref="FeatureCount"/> values.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public void Add(ReadOnlySpan<float> row)
    {
        if (row.Length != _mean.Length)
        {
            throw new ArgumentException($"A row of {row.Length} features, {_mean.Length} are expected.", nameof(row));
        }

        for (int i = 0; i < row.Length; i++)
        {
            double value = row[i];
            if (!double.IsFinite(value))
            {
                _missing[i]++;
                continue;
            }

            double off = value - _mean[i];
            _mean[i] += off / ++_count[i];
            _squares[i] += off * (value - _mean[i]);
        }
    }

    /// <summary>
    /// Means by feature; 0 where no value was finite. Saturated to the float32 range.
    /// </summary>
    public float[] Mean() => _mean.Select(Saturate).ToArray();

    /// <summary>
    /// Standard deviations by feature, of the population (÷ count). 0 where it is 0, or below 1e-7 of the mean's size: such a
    /// feature is constant as far as float32 can tell, and the normaliser passes 0 on for it.
    /// </summary>
    public float[] Deviation()
    {
        var result = new float[_mean.Length];
        for (int i = 0; i < result.Length; i++)
        {
            double deviation = _count[i] == 0 ? 0 : Math.Sqrt(Math.Max(0, _squares[i] / _count[i]));
            float rounded = Saturate(deviation);

            // The reciprocal must be a finite float as well.
            result[i] = deviation <= 1e-7 * Math.Abs(_mean[i]) || !float.IsFinite(1f / rounded) ? 0 : rounded;
        }

        return result;
    }

    private static float Saturate(double value) => (float)Math.Clamp(value, float.MinValue, float.MaxValue);
}
