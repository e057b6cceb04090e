using Engine.Core.Numerics;

namespace Engine.TestKit.Inference;

/// <summary>A row of an ONNX node table: a split of some mode, or a leaf.</summary>
/// <param name="Mode">`BRANCH_LEQ` and the like, or `LEAF`.</param>
/// <param name="Feature">Which feature a split reads.</param>
/// <param name="Threshold">What it compares with.</param>
/// <param name="NanIsTrue">Whether NaN takes the true branch; else it takes the comparison's own answer.</param>
/// <param name="WhenTrue">Row in the same tree.</param>
/// <param name="WhenFalse">Row in the same tree.</param>
/// <param name="Value">What a leaf gives.</param>
public sealed record ForestNode(string Mode, int Feature, float Threshold, bool NanIsTrue, int WhenTrue, int WhenFalse, float Value);

/// <summary>
/// Random forests as ONNX tables say them, evaluated one node after the other with sums in float64: the oracle of the kernels.
/// </summary>
public sealed class NaiveForest
{
    /// <summary>Modes that native kernels run.</summary>
    public static readonly string[] NativeModes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT"];

    /// <summary>Trees, each with its root first.</summary>
    public required IReadOnlyList<ForestNode[]> Trees { get; init; }

    /// <summary>Features of a row.</summary>
    public required int FeatureCount { get; init; }

    /// <summary>`SUM`, `AVERAGE`, `MIN` or `MAX`.</summary>
    public string Aggregate { get; init; } = "SUM";

    /// <summary>Added to the aggregate.</summary>
    public float Base { get; init; }

    /// <summary>Draws a forest of irregular trees; thresholds come from few values a feature, so that rows meet them exactly.</summary>
    public static NaiveForest Random(SeededRandom random, int features, int trees, int depth, string[] modes, double stopping = 0.2, int thresholds = 40)
    {
        float[][] lists = Enumerable.Range(0, features)
            .Select(_ => Enumerable.Range(0, thresholds).Select(_ => Threshold(random)).ToArray())
            .ToArray();
        return new NaiveForest
        {
            FeatureCount = features,
            Aggregate = new[] { "SUM", "SUM", "AVERAGE", "MIN", "MAX" }[random.Next(5)],
            Base = random.Chance(0.5) ? (float)random.NextNormal() : 0,

            // Many trees are boosted ones, with small steps: ONNX Runtime's plain float32 sum of large ones is itself off by more than 1e-5.
            Trees = Enumerable.Range(0, trees).Select(_ => Draw(random, lists, depth, modes, stopping, trees > 100 ? 0.1f : 1)).ToArray(),
        };
    }

    /// <summary>A row whose values are often a threshold, its neighbour, a zero of either sign, NaN or infinite.</summary>
    public float[] Row(SeededRandom random, double nan = 0.05)
    {
        ForestNode[] splits = [.. Trees.SelectMany(t => t).Where(n => n.Mode != "LEAF").Take(5_000)];
        var row = new float[FeatureCount];
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = (float)random.NextNormal();
        }

        for (int i = 0; i < row.Length && splits.Length != 0; i++)
        {
            ForestNode split = splits[random.Next(splits.Length)];
            row[split.Feature] = random.Next(4) switch
            {
                0 => split.Threshold,
                1 => MathF.BitIncrement(split.Threshold),
                2 => MathF.BitDecrement(split.Threshold),
                _ => row[split.Feature],
            };
        }

        for (int i = 0; i < row.Length; i++)
        {
            if (random.Chance(nan))
            {
                row[i] = random.Next(6) switch
                {
                    0 => float.PositiveInfinity,
                    1 => float.NegativeInfinity,
                    2 => -0f,
                    3 => BitConverter.UInt32BitsToSingle(0xFFC12345),
                    _ => float.NaN,
                };
            }
        }

        return row;
    }

    /// <summary>What the forest gives, with the aggregate in float64.</summary>
    public double Evaluate(ReadOnlySpan<float> row)
    {
        var values = new List<double>();
        foreach (ForestNode[] tree in Trees)
        {
            ForestNode node = tree[0];
            while (node.Mode != "LEAF")
            {
                node = tree[Answer(node, row[node.Feature]) ? node.WhenTrue : node.WhenFalse];
            }

            values.Add(node.Value);
        }

        return Base + Aggregate switch
        {
            "AVERAGE" => values.Sum() / values.Count,
            "MIN" => values.Min(),
            "MAX" => values.Max(),
            _ => values.Sum(),
        };
    }

    private static bool Answer(ForestNode node, float x) => (node.NanIsTrue && float.IsNaN(x)) || node.Mode switch
    {
        "BRANCH_LEQ" => x <= node.Threshold,
        "BRANCH_LT" => x < node.Threshold,
        "BRANCH_GTE" => x >= node.Threshold,
        "BRANCH_GT" => x > node.Threshold,
        "BRANCH_EQ" => x == node.Threshold,
        "BRANCH_NEQ" => x != node.Threshold,
        _ => throw new NotSupportedException(node.Mode),
    };

    private static float Threshold(SeededRandom random) => random.Next(20) switch
    {
        0 => 0f,
        1 => -0f,
        2 => float.Epsilon,
        3 => float.MaxValue,
        4 => float.MinValue,
        _ => (float)random.NextNormal(),
    };

    private static ForestNode[] Draw(SeededRandom random, float[][] thresholds, int depth, string[] modes, double stopping, float scale)
    {
        var nodes = new List<ForestNode?>();
        Grow(0);
        return [.. nodes.Select(n => n!)];

        int Grow(int level)
        {
            int index = nodes.Count;
            nodes.Add(null);
            if (level == depth || random.Chance(level == 0 ? stopping / 4 : stopping))
            {
                nodes[index] = new ForestNode("LEAF", 0, 0, false, 0, 0, scale * (float)random.NextNormal());
                return index;
            }

            int feature = random.Next(thresholds.Length);
            string mode = modes[random.Next(modes.Length)];
            float threshold = thresholds[feature][random.Next(thresholds[feature].Length)];
            bool nan = random.Chance(0.5);
            nodes[index] = new ForestNode(mode, feature, threshold, nan, Grow(level + 1), Grow(level + 1), 0);
            return index;
        }
    }
}
