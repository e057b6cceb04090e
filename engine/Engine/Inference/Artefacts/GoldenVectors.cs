namespace Engine.Inference.Artefacts;

/// <summary>
/// Raw feature rows and the outputs that the exporter computed for them. The rows go through the normaliser, so that a
/// replay covers it too; NaN and infinity occur in them as in life. Of a model of windows the rows are ticks of one
/// instrument, one after the other, and the outputs begin with a NaN for each tick before the first window is full.
/// </summary>
public sealed class GoldenVectors
{
    /// <summary>Most vectors of a file.</summary>
    public const int MaxCount = 4_096;

    private const double Wider = 10;

    private readonly float[] _rows;
    private readonly float[] _outputs;

    /// <param name="rows">[count × featureCount], raw. Kept, not copied.</param>
    /// <param name="outputs">[count], finite from the first that is not NaN. Kept, not copied.</param>
    /// <param name="featureCount">Features of a row.</param>
    /// <exception cref="ArgumentException">No vectors, too many, lengths that do not fit, or an output that is not finite.</exception>
    public GoldenVectors(float[] rows, float[] outputs, int featureCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(featureCount);
        if (outputs.Length is 0 or > MaxCount || rows.Length != (long)outputs.Length * featureCount)
        {
            throw new ArgumentException($"{rows.Length} golden inputs and {outputs.Length} outputs do not fit rows of {featureCount}; 1 to {MaxCount} vectors are allowed.");
        }

        WarmUp = Math.Max(0, Array.FindIndex(outputs, o => !float.IsNaN(o)));
        int bad = Array.FindIndex(outputs, WarmUp, o => !float.IsFinite(o));
        if (bad >= 0)
        {
            throw new ArgumentException($"The output of golden vector {bad} is not finite.");
        }

        double largest = outputs.Skip(WarmUp).Select(o => Math.Abs((double)o)).DefaultIfEmpty().Max();
        Scale = largest > 0 ? Math.Min(1, Wider * largest) : 1;
        _rows = rows;
        _outputs = outputs;
        FeatureCount = featureCount;
    }

    /// <summary>Features of a row.</summary>
    public int FeatureCount { get; }

    /// <summary>Outputs at the beginning that are NaN: the ticks before the first window is full.</summary>
    public int WarmUp { get; }

    /// <summary>What size predictions have: ten times the largest golden output, since rows may go further than these, but at most 1; 1 where all are 0. So
    /// what predicts returns of basis points is held at their size.</summary>
    public double Scale { get; }

    /// <summary>How many vectors.</summary>
    public int Count => _outputs.Length;

    /// <summary>[count] expected outputs.</summary>
    public ReadOnlySpan<float> Outputs => _outputs;

    /// <summary>One raw row, <see cref="FeatureCount"/> long.</summary>
    public ReadOnlySpan<float> Row(int index) => _rows.AsSpan(index * FeatureCount, FeatureCount);
}
