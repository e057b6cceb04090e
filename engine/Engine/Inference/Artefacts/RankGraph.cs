using Engine.Features;
using Engine.Inference.Artefacts.Onnx;

namespace Engine.Inference.Artefacts;

/// <summary>
/// A <see cref="RankTable"/> as nodes: the value at the quantile nearest to a Gaussian 0, and from there, up and down, of each section between two
/// quantiles what lies between there and the feature, times the section's slope. Far sections add 0, so that the sum is as exact as its value.
/// </summary>
internal static class RankGraph
{
    private const int Sections = RankTable.MaxQuantiles - 1;

    /// <summary>Adds the nodes.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="own">What their names begin with.</param>
    /// <param name="rows">Name of the raw rows, features last.</param>
    /// <param name="ranks">The table.</param>
    /// <returns>Name of the values; of NaN and infinity anything.</returns>
    public static string Write(GraphProto graph, string own, string rows, RankTable ranks)
    {
        float[] from = new float[ranks.Count * Sections], low = new float[from.Length], high = new float[from.Length], slope = new float[from.Length];
        float[] start = new float[ranks.Count];
        for (int f = 0; f < ranks.Count; f++)
        {
            ReadOnlySpan<float> quantiles = ranks.Quantiles(f), values = ranks.Values(f);
            int middle = 0;
            for (int i = 1; i < values.Length; i++)
            {
                middle = MathF.Abs(values[i]) < MathF.Abs(values[middle]) ? i : middle;
            }

            start[f] = values[middle];
            for (int i = 0; i < Sections; i++)
            {
                int at = (f * Sections) + i;
                float width = i < quantiles.Length - 1 ? quantiles[i + 1] - quantiles[i] : 0;
                from[at] = quantiles[Math.Min(i < middle ? i + 1 : i, quantiles.Length - 1)];
                (low[at], high[at]) = i < middle ? (-width, 0f) : (0f, width);
                slope[at] = ranks.Slope(f, i);
            }
        }

        Table("from", from);
        Table("low", low);
        Table("high", high);
        Table("slope", slope);
        graph.Initializer.Add(TensorData.Make($"{own}start", start, start.Length));
        graph.Initializer.Add(TensorData.Make($"{own}sections", [-1]));
        SiloGraph.Node(graph, "Unsqueeze", [rows, $"{own}sections"], $"{own}columns");
        SiloGraph.Node(graph, "Sub", [$"{own}columns", $"{own}from"], $"{own}over");
        SiloGraph.Node(graph, "Max", [$"{own}over", $"{own}low"], $"{own}above");
        SiloGraph.Node(graph, "Min", [$"{own}above", $"{own}high"], $"{own}within");
        SiloGraph.Node(graph, "Mul", [$"{own}within", $"{own}slope"], $"{own}steps");
        SiloGraph.Node(graph, "ReduceSum", [$"{own}steps", $"{own}sections"], $"{own}climbed").Attribute.Add(SiloGraph.Integer("keepdims", 0));
        SiloGraph.Node(graph, "Add", [$"{own}climbed", $"{own}start"], $"{own}ranked");
        return $"{own}ranked";

        void Table(string name, float[] values) => graph.Initializer.Add(TensorData.Make(own + name, values, ranks.Count, Sections));
    }
}
