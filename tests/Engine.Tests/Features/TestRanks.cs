using Engine.Core.Numerics;
using Engine.Features;

namespace Engine.Tests.Features;

/// <summary>Random rank tables, and values that meet their corners.</summary>
internal static class TestRanks
{
    private static readonly float[] s_odd = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, 0f, float.MaxValue, float.Epsilon, -float.MaxValue];

    /// <summary>Tables of 1 to 32 quantiles of all sizes, some values twice.</summary>
    public static RankTable Draw(SeededRandom random, int features)
    {
        var quantiles = new float[features][];
        var values = new float[features][];
        for (int f = 0; f < features; f++)
        {
            int count = random.Chance(0.2) ? 1 : random.Next(1, RankTable.MaxQuantiles + 1);
            float scale = random.Next(4) switch { 0 => 1e-6f, 1 => 1, 2 => 1e4f, _ => 1e12f };
            quantiles[f] = [.. Enumerable.Range(0, count).Select(_ => scale * (float)random.NextNormal()).Distinct().Order()];
            values[f] = [.. Enumerable.Range(0, quantiles[f].Length).Select(i => random.Chance(0.1) ? 0.5f : (float)random.NextNormal()).Order()];
        }

        return new RankTable(quantiles, values);
    }

    /// <summary>A value at, beside, between or far from the quantiles; or none.</summary>
    public static float Near(SeededRandom random, ReadOnlySpan<float> quantiles)
    {
        float quantile = quantiles[random.Next(quantiles.Length)];
        return random.Next(8) switch
        {
            0 => s_odd[random.Next(s_odd.Length)],
            1 => quantile,
            2 => MathF.BitIncrement(quantile),
            3 => MathF.BitDecrement(quantile),
            4 => quantiles[^1] + MathF.Abs(quantile),
            _ => quantiles[0] + ((float)random.NextDouble() * (quantiles[^1] - quantiles[0])),
        };
    }
}
