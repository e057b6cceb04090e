using System.Globalization;
using System.Text.Json;
using Engine.Core.Numerics;
using Engine.Inference.Networks;

namespace Engine.Training.Trees;

/// <summary>Reads the trees of a JSON model of XGBoost 1.x: one output, numbers only.</summary>
internal static class XgboostModel
{
    /// <summary>The ensemble of the first trees.</summary>
    /// <param name="json">The model.</param>
    /// <param name="featureCount">Features of a row.</param>
    /// <param name="trees">How many trees.</param>
    /// <exception cref="XgboostException">Not such a model, or one that trees of numbers cannot say.</exception>
    public static TreeEnsemble Read(ReadOnlyMemory<byte> json, int featureCount, int trees)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement learner = document.RootElement.GetProperty("learner");
            string objective = learner.GetProperty("objective").GetProperty("name").GetString() ?? "";
            double score = double.Parse(
                learner.GetProperty("learner_model_param").GetProperty("base_score").GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture);
            bool isLogistic = objective == "binary:logistic";
            if (!isLogistic && objective is not ("reg:squarederror" or "reg:pseudohubererror"))
            {
                throw new XgboostException($"objective '{objective}' is none of those that are trained here");
            }

            DecisionTree[] read = [.. learner.GetProperty("gradient_booster").GetProperty("model").GetProperty("trees").EnumerateArray().Take(trees).Select(Tree)];
            float start = (float)(isLogistic ? DeterministicMath.Log(score / (1 - score)) : score);
            return new TreeEnsemble(featureCount, read, TreeAggregate.Sum, start, 1, isLogistic ? Activation.Sigmoid : Activation.Identity);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or ArgumentNullException)
        {
            throw new XgboostException($"the model that XGBoost saved cannot be read: {e.Message}");
        }
    }

    // XGBoost asks x < threshold, which is x ≤ the number below it; nodes are numbered anew from the root, level by level.
    private static DecisionTree Tree(JsonElement tree)
    {
        int[] left = Integers(tree, "left_children"), right = Integers(tree, "right_children"), features = Integers(tree, "split_indices");
        int[] missingLeft = Integers(tree, "default_left");
        float[] conditions = [.. tree.GetProperty("split_conditions").EnumerateArray().Select(v => v.GetSingle())];
        if (tree.TryGetProperty("categories", out JsonElement categories) && categories.GetArrayLength() > 0)
        {
            throw new XgboostException("a tree with categories, which trees of numbers cannot say");
        }

        var order = new List<int> { 0 };
        var nodes = new List<TreeNode>();
        for (int i = 0; i < order.Count && order.Count <= DecisionTree.MaxNodes; i++)
        {
            int node = order[i];
            if (left[node] < 0)
            {
                nodes.Add(TreeNode.Leaf(conditions[node]));
                continue;
            }

            nodes.Add(TreeNode.Split(features[node], MathF.BitDecrement(conditions[node]), missingLeft[node] != 0, order.Count, order.Count + 1));
            order.Add(left[node]);
            order.Add(right[node]);
        }

        return new DecisionTree([.. nodes]);
    }

    private static int[] Integers(JsonElement tree, string name) =>
        [.. tree.GetProperty(name).EnumerateArray().Select(v => v.ValueKind == JsonValueKind.True ? 1 : v.ValueKind == JsonValueKind.False ? 0 : v.GetInt32())];
}
