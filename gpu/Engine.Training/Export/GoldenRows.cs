using Engine.Core.Numerics;
using Engine.Inference.Artefacts;

namespace Engine.Training.Export;

/// <summary>Raw rows to be answered at export: mostly ordinary ones, with NaN and both infinities among them.</summary>
public sealed class GoldenRows
{
    private const float FarReach = 3;

    private readonly float[] _values;
    private readonly int _featureCount;

    private GoldenRows(float[] values, int featureCount)
    {
        _values = values;
        _featureCount = featureCount;
    }

    /// <summary>
    /// Draws rows around the given statistics, every other one three times as far out, so that units which ordinary rows leave
    /// at 0 answer too. Row 0 is all means, in row 1 every third feature is NaN, and row 2 has one infinity of each sign. In row 3, where a reach is
    /// given, features lie that far out, up and down in turn: beyond what a normaliser lets through.
    /// </summary>
    /// <param name="mean">Mean by feature.</param>
    /// <param name="deviation">Standard deviation by feature.</param>
    /// <param name="count">Rows, at least 3.</param>
    /// <param name="seed">The same seed gives the same rows.</param>
    /// <param name="reach">Deviations of row 3; null for an ordinary row.</param>
    public static GoldenRows Draw(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation, int count, ulong seed, float? reach = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 3);
        var random = new SeededRandom(seed);
        int features = mean.Length;
        var values = new float[count * features];
        for (int r = 0; r < count; r++)
        {
            float usual = r % 2 == 0 ? 1 : FarReach;
            for (int i = 0; i < features; i++)
            {
                float drawn = mean[i] + (usual * deviation[i] * (float)random.NextNormal());
                values[(r * features) + i] = r == 0 ? mean[i] : r == 1 && i % 3 == 0 ? float.NaN
                    : r == 3 && reach is { } far ? Math.Clamp(mean[i] + ((i % 2 == 0 ? far : -far) * deviation[i]), float.MinValue, float.MaxValue)
                    : drawn;
            }
        }

        values[2 * features] = float.PositiveInfinity;
        values[(3 * features) - 1] = float.NegativeInfinity;
        return new GoldenRows(values, features);
    }

    /// <summary>The rows with outputs of 0, to be computed at export.</summary>
    public GoldenVectors WithoutOutputs() => new(_values, new float[_values.Length / _featureCount], _featureCount);
}
