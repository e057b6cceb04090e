using System.Globalization;
using System.Text;
using Engine.Core.Numerics;

namespace Engine.Training.Tests.Import;

/// <summary>
/// Random models in LightGBM's text format, and what LightGBM answers to a row: float64 comparisons and sums, with its three
/// ways to treat what is missing. Written from the format's documentation, apart from the importer.
/// </summary>
internal sealed class LightGbmText
{
    private const double ZeroThreshold = 1e-35f;

    private readonly List<TextTree> _trees = [];

    public required string[] Names { get; init; }

    public string Objective { get; init; } = "regression";

    public bool Average { get; init; }

    public IReadOnlyList<TextTree> Trees => _trees;

    public static LightGbmText Random(SeededRandom random, int features, int trees, int leaves, string objective = "regression", bool average = false)
    {
        var model = new LightGbmText { Names = [.. Enumerable.Range(0, features).Select(i => $"f{i}")], Objective = objective, Average = average };
        for (int t = 0; t < trees; t++)
        {
            model._trees.Add(TextTree.Random(random, features, t % 7 == 6 ? 1 : random.Next(2, leaves + 1)));
        }

        return model;
    }

    public string Write()
    {
        var text = new StringBuilder("tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n");
        text.Append(CultureInfo.InvariantCulture, $"max_feature_idx={Names.Length - 1}\n");
        if (Objective.Length != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"objective={Objective}\n");
        }

        text.Append(Average ? "average_output\n" : "");
        text.Append(CultureInfo.InvariantCulture, $"feature_names={string.Join(' ', Names)}\nfeature_infos={string.Join(' ', Names.Select(_ => "[-1:1]"))}\n");
        text.Append(CultureInfo.InvariantCulture, $"tree_sizes={string.Join(' ', _trees.Select(_ => "1"))}\n\n");
        for (int t = 0; t < _trees.Count; t++)
        {
            text.Append(CultureInfo.InvariantCulture, $"Tree={t}\n");
            _trees[t].Write(text);
        }

        return text.Append("end of trees\n\nfeature_importances:\nf0=3\n\nparameters:\n[boosting: gbdt]\nend of parameters\n").ToString();
    }

    public double Predict(ReadOnlySpan<float> row)
    {
        double sum = 0;
        foreach (TextTree tree in _trees)
        {
            sum += tree.Predict(row);
        }

        sum = Average ? sum / _trees.Count : sum;
        string? sigmoid = Objective.Split(' ').FirstOrDefault(o => o.StartsWith("sigmoid:", StringComparison.Ordinal));
        return Objective.StartsWith("binary", StringComparison.Ordinal)
            ? 1 / (1 + Math.Exp(-double.Parse(sigmoid!["sigmoid:".Length..], CultureInfo.InvariantCulture) * sum))
            : sum;
    }

    /// <summary>A tree as its lists.</summary>
    internal sealed class TextTree
    {
        private readonly List<int> _feature = [], _decision = [], _left = [], _right = [];
        private readonly List<double> _threshold = [], _leaf = [];

        public IReadOnlyList<double> Thresholds => _threshold;

        // LightGBM grows leaf by leaf: a leaf becomes a split of itself and a leaf that is added.
        public static TextTree Random(SeededRandom random, int features, int leaves)
        {
            var tree = new TextTree();
            tree._leaf.Add(Value(random));
            for (int split = 0; split < leaves - 1; split++)
            {
                int leaf = random.Next(tree._leaf.Count);
                Replace(tree._left, -1 - leaf, split);
                Replace(tree._right, -1 - leaf, split);
                tree._feature.Add(random.Next(features));
                tree._threshold.Add(Threshold(random));
                tree._decision.Add((random.Next(3) << 2) | (random.Next(2) << 1));
                tree._left.Add(-1 - leaf);
                tree._right.Add(-1 - tree._leaf.Count);
                tree._leaf.Add(Value(random));
            }

            return tree;
        }

        public void Write(StringBuilder text)
        {
            text.Append(CultureInfo.InvariantCulture, $"num_leaves={_leaf.Count}\nnum_cat=0\n");
            if (_leaf.Count > 1)
            {
                text.Append(CultureInfo.InvariantCulture, $"split_feature={Join(_feature)}\nsplit_gain={Join(_feature)}\nthreshold={Join(_threshold)}\n");
                text.Append(CultureInfo.InvariantCulture, $"decision_type={Join(_decision)}\nleft_child={Join(_left)}\nright_child={Join(_right)}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"leaf_value={Join(_leaf)}\nis_linear=0\nshrinkage=0.1\n\n\n");
        }

        public double Predict(ReadOnlySpan<float> row)
        {
            int node = _leaf.Count == 1 ? -1 : 0;
            while (node >= 0)
            {
                node = GoesLeft(node, row[_feature[node]]) ? _left[node] : _right[node];
            }

            return _leaf[-1 - node];
        }

        private bool GoesLeft(int node, double x)
        {
            int missing = (_decision[node] >> 2) & 3;
            bool defaultLeft = (_decision[node] & 2) != 0;
            if (double.IsNaN(x) && missing != 2)
            {
                x = 0;
            }

            return (missing == 1 && Math.Abs(x) <= ZeroThreshold) || (missing == 2 && double.IsNaN(x)) ? defaultLeft : x <= _threshold[node];
        }

        private static void Replace(List<int> children, int from, int to)
        {
            int at = children.IndexOf(from);
            if (at >= 0)
            {
                children[at] = to;
            }
        }

        private static double Value(SeededRandom random) => 0.1 * random.NextNormal();

        private static double Threshold(SeededRandom random) => random.Next(12) switch
        {
            0 => ZeroThreshold,
            1 => -ZeroThreshold,
            2 => 0,
            3 => 1e300,
            4 => -1e300,
            5 => 0.5,
            _ => random.NextNormal(),
        };

        private static string Join<T>(IEnumerable<T> values)
            where T : IFormattable => string.Join(' ', values.Select(v => v.ToString(v is double ? "R" : null, CultureInfo.InvariantCulture)));
    }
}
