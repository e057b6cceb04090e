using Engine.Core.Numerics;
using Engine.Features;
using Engine.Training.Datasets;

namespace Engine.Training.Tests.Support;

/// <summary>Seeded rows in memory: days of a grid of one second, a label that a feature tells a little of.</summary>
internal static class InMemoryRows
{
    public const int Columns = 4;
    public const long Second = 1_000_000_000;

    /// <summary>Makes rows.</summary>
    /// <param name="seed">Seed.</param>
    /// <param name="days">Days.</param>
    /// <param name="rowsPerDay">Rows of a day; two instruments in turn, at the same times.</param>
    /// <param name="horizonSeconds">How far labels look.</param>
    /// <param name="isClass">Labels are −1, 0, 1.</param>
    /// <param name="windowSeconds">How far the contract says that a feature looks back.</param>
    public static TrainingData Make(ulong seed, int days = 4, int rowsPerDay = 400, int horizonSeconds = 10, bool isClass = false, int windowSeconds = 0)
    {
        var random = new SeededRandom(seed);
        int rows = days * rowsPerDay;
        var data = new TrainingData
        {
            Contract = Contract(windowSeconds: windowSeconds),
            Features = new float[rows * Columns],
            Label = "return_10s",
            Labels = new float[rows],
            Times = new long[rows],
            Ends = new long[rows],
            Instruments = new int[rows],
            Symbols = ["A", "B"],
            Days = new int[rows],
            DayIds = [.. Enumerable.Range(0, days).Select(d => $"day-{d}")],
            DayHashes = [.. Enumerable.Range(0, days).Select(d => new string((char)('a' + d), 64))],
        };
        for (int row = 0; row < rows; row++)
        {
            int day = row / rowsPerDay;
            data.Days[row] = day;
            data.Instruments[row] = row % 2;
            data.Times[row] = (1_000_000L + (day * 86_400L) + (row % rowsPerDay / 2)) * Second;
            data.Ends[row] = data.Times[row] + (horizonSeconds * Second);
            double signal = random.NextNormal();
            double noise = random.NextNormal();
            double value = 0.0001 * ((0.3 * signal) + noise);
            data.Labels[row] = row % rowsPerDay >= rowsPerDay - (2 * horizonSeconds) ? float.NaN : isClass ? Math.Sign(Math.Round(value / 0.0001)) : (float)value;
            Span<float> features = Features(data).AsSpan(row * Columns, Columns);
            features[0] = (float)signal;
            features[1] = (float)(row * 0.001 + random.NextNormal());
            features[2] = random.Chance(0.1) ? float.NaN : (float)random.NextNormal();
            features[3] = 1;
        }

        return data;
    }

    /// <summary>The features, to change.</summary>
    public static float[] Features(TrainingData data) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(data.Features, out ArraySegment<float> segment) ? segment.Array! : throw new InvalidOperationException();

    /// <summary>The contract of the rows.</summary>
    public static FeatureContract Contract(string third = "third", int windowSeconds = 0) =>
        new("test", [new("first", "some", 0, "bps"), new("second", "some", windowSeconds * Second, "bps"), new(third, "other", 0, "bps"), new("fourth", "other", 0, "bps")], "grid-1000");
}
