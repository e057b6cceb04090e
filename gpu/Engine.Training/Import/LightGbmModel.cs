using System.Globalization;
using Engine.Features;
using Engine.Inference.Networks;

namespace Engine.Training.Import;

/// <summary>
/// A model file of LightGBM (its text format, versions 2 to 4): a head of `key=value` lines, a block of them for each tree, and
/// `end of trees`; what follows is of no consequence for predictions.
/// </summary>
public sealed class LightGbmModel
{
    /// <summary>Longest text, characters.</summary>
    public const int MaxCharacters = 256 << 20;

    private const string End = "end of trees";

    // Objectives whose score is the prediction.
    private static readonly string[] s_plain = ["regression", "regression_l2", "regression_l1", "huber", "fair", "quantile", "mape", "custom", ""];

    private LightGbmModel(IReadOnlyList<string> featureNames, string objective, TreeEnsemble ensemble)
    {
        FeatureNames = featureNames;
        Objective = objective;
        Ensemble = ensemble;
    }

    /// <summary>Names of the features, in order.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>What it was trained for, as the file says it; empty if it does not.</summary>
    public string Objective { get; }

    /// <summary>The trees, with the same decisions for every float32 row.</summary>
    public TreeEnsemble Ensemble { get; }

    /// <summary>Reads a model.</summary>
    /// <param name="text">The file's text.</param>
    /// <exception cref="LightGbmException">Not such a file, a damaged one, or a model that trees of numbers cannot say.</exception>
    public static LightGbmModel Parse(string text)
    {
        if (text.Length > MaxCharacters)
        {
            throw new LightGbmException($"more than {MaxCharacters} characters");
        }

        string[] lines = text.Split('\n');
        if (lines[0].Trim() != "tree")
        {
            throw new LightGbmException("not a LightGBM model: its first line is not `tree`; save the model with save_model");
        }

        int at = 1;
        Dictionary<string, string> head = Section(lines, ref at, "the head");
        string[] names = Words(Value(head, "feature_names", "the head"));
        if (Whole(Value(head, "max_feature_idx", "the head"), "max_feature_idx") != names.Length - 1)
        {
            throw new LightGbmException($"{names.Length} feature names do not fit max_feature_idx={head["max_feature_idx"]}; the file is damaged");
        }

        if (head.GetValueOrDefault("num_class", "1") != "1" || head.GetValueOrDefault("num_tree_per_iteration", "1") != "1")
        {
            throw new LightGbmException("a model of several classes, which gives no single prediction; train a regression or binary objective");
        }

        var trees = new List<DecisionTree>();
        while (lines[at].Trim() != End)
        {
            string name = lines[at++].Trim();
            if (!name.StartsWith("Tree=", StringComparison.Ordinal) || trees.Count == TreeEnsemble.MaxTrees)
            {
                throw new LightGbmException($"line {at}: '{(name.Length > 40 ? name[..40] : name)}' where a tree (of at most {TreeEnsemble.MaxTrees}) is expected");
            }

            trees.Add(Tree(name, Section(lines, ref at, name)).Convert(names));
        }

        if (head.TryGetValue("tree_sizes", out string? sizes) && Words(sizes).Length != trees.Count)
        {
            throw new LightGbmException($"{trees.Count} trees where the head announces {Words(sizes).Length}; the file is damaged");
        }

        string objective = head.GetValueOrDefault("objective", "");
        (float scale, Activation activation) = Output(Words(objective));
        bool average = head.ContainsKey("average_output");
        if (average && activation != Activation.Identity)
        {
            throw new LightGbmException($"objective '{objective}' with averaged output (a random forest), which is not supported; train gradient boosting");
        }

        try
        {
            return new LightGbmModel(names, objective, new TreeEnsemble(
                names.Length, trees, average ? TreeAggregate.Average : TreeAggregate.Sum, 0, scale, activation));
        }
        catch (ArgumentException e)
        {
            throw new LightGbmException(e.Message);
        }
    }

    /// <summary>The first feature that the contract names otherwise; null if there is none.</summary>
    public string? FirstDifference(FeatureContract contract)
    {
        for (int i = 0; i < Math.Max(contract.Count, FeatureNames.Count); i++)
        {
            string here = i < contract.Count ? $"'{contract.Features[i].Name}'" : "nothing";
            string there = i < FeatureNames.Count ? $"'{FeatureNames[i]}'" : "nothing";
            if (here != there)
            {
                return $"feature {i} is {here} in the contract and {there} in the file";
            }
        }

        return null;
    }

    private static (float Scale, Activation Activation) Output(string[] objective)
    {
        string name = objective.FirstOrDefault("");
        if (s_plain.Contains(name) && objective.Length <= 1)
        {
            return (1, Activation.Identity);
        }

        if (name is "binary" or "cross_entropy")
        {
            string? parameter = objective.FirstOrDefault(o => o.StartsWith("sigmoid:", StringComparison.Ordinal));
            float scale = parameter is null ? 1 : (float)Number(parameter["sigmoid:".Length..], "the objective");
            return (scale, Activation.Sigmoid);
        }

        throw new LightGbmException($"objective '{string.Join(' ', objective)}' is not supported; {string.Join(", ", s_plain[..^2])}, binary and cross_entropy are");
    }

    private static LightGbmTree Tree(string name, Dictionary<string, string> values)
    {
        if (values.GetValueOrDefault("is_linear", "0") != "0")
        {
            throw new LightGbmException($"{name}: linear leaves, which are not supported; train with linear_tree=false");
        }

        int leaves = Whole(Value(values, "num_leaves", name), name);
        bool splits = leaves > 1;
        return new LightGbmTree
        {
            Name = name,
            Features = splits ? Wholes(values, "split_feature", name) : [],
            Thresholds = splits ? Numbers(values, "threshold", name) : [],
            Decisions = splits ? Wholes(values, "decision_type", name) : [],
            Left = splits ? Wholes(values, "left_child", name) : [],
            Right = splits ? Wholes(values, "right_child", name) : [],
            Leaves = Numbers(values, "leaf_value", name),
        };
    }

    // Lines up to the next tree or the end; at is then there.
    private static Dictionary<string, string> Section(string[] lines, ref int at, string where)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (; at < lines.Length; at++)
        {
            string line = lines[at].Trim();
            if (line == End || line.StartsWith("Tree=", StringComparison.Ordinal))
            {
                return values;
            }

            int equals = line.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? line : line[..equals];
            if (line.Length != 0 && !values.TryAdd(key, equals < 0 ? "" : line[(equals + 1)..]))
            {
                throw new LightGbmException($"{where}: '{(key.Length > 40 ? key[..40] : key)}' occurs twice; the file is damaged");
            }
        }

        throw new LightGbmException($"{where}: the file ends before `{End}`; it was cut");
    }

    private static string Value(Dictionary<string, string> values, string key, string where) =>
        values.GetValueOrDefault(key) ?? throw new LightGbmException($"{where}: '{key}' is missing; the file is damaged");

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static int[] Wholes(Dictionary<string, string> values, string key, string where) =>
        [.. Words(Value(values, key, where)).Select(w => Whole(w, $"{where}, {key}"))];

    private static double[] Numbers(Dictionary<string, string> values, string key, string where) =>
        [.. Words(Value(values, key, where)).Select(w => Number(w, $"{where}, {key}"))];

    private static int Whole(string text, string where) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new LightGbmException($"{where}: '{(text.Length > 40 ? text[..40] : text)}' is no whole number; the file is damaged");

    private static double Number(string text, string where) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new LightGbmException($"{where}: '{(text.Length > 40 ? text[..40] : text)}' is no number; the file is damaged");
}
