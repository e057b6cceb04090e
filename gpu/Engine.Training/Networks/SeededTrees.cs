using Engine.Core.Numerics;
using Engine.Inference.Networks;

namespace Engine.Training.Networks;

/// <summary>
/// Tree ensembles drawn from a seed: the shape of a real model, for measuring and testing, not for trading. Thresholds are drawn
/// around each feature's mean from a list of its own, as a trainer that sorts values into bins has one.
/// </summary>
public static class SeededTrees
{
    /// <summary>Thresholds to choose from, by feature.</summary>
    public const int Bins = 255;

    private const double LeafDeviation = 0.05;

    /// <summary>Draws an ensemble.</summary>
    /// <param name="mean">Mean by feature.</param>
    /// <param name="deviation">Standard deviation by feature; a feature with 0 is never asked about, unless all are.</param>
    /// <param name="trees">How many trees.</param>
    /// <param name="depth">Splits on the longest way through a tree.</param>
    /// <param name="seed">Of everything; the same seed gives the same bits.</param>
    /// <param name="stopping">Chance that a split is a leaf instead, from the third level on; 0 makes complete trees.</param>
    public static TreeEnsemble Create(
        ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation, int trees, int depth, ulong seed, double stopping = 0)
    {
        var random = new SeededRandom(seed);
        var asked = new List<int>();
        var thresholds = new float[mean.Length][];
        for (int f = 0; f < mean.Length; f++)
        {
            thresholds[f] = new float[Bins];
            for (int b = 0; b < Bins; b++)
            {
                thresholds[f][b] = mean[f] + (deviation[f] * (float)random.NextNormal());
            }

            if (deviation[f] > 0)
            {
                asked.Add(f);
            }
        }

        int[] features = asked.Count != 0 ? [.. asked] : [.. Enumerable.Range(0, mean.Length)];
        var drawn = new DecisionTree[trees];
        for (int t = 0; t < trees; t++)
        {
            drawn[t] = Draw(features, thresholds, depth, stopping, random);
        }

        return new TreeEnsemble(mean.Length, drawn);
    }

    // Level by level, so that parents come before their children.
    private static DecisionTree Draw(int[] features, float[][] thresholds, int depth, double stopping, SeededRandom random)
    {
        var nodes = new List<TreeNode>();
        int open = 1;
        for (int level = 0; open != 0; level++)
        {
            int next = nodes.Count + open;
            int following = 0;
            for (int i = 0; i < open; i++)
            {
                if (level == depth || (level >= 2 && random.Chance(stopping)))
                {
                    nodes.Add(TreeNode.Leaf((float)(LeafDeviation * random.NextNormal())));
                    continue;
                }

                int feature = features[random.Next(features.Length)];
                float threshold = thresholds[feature][random.Next(Bins)];
                nodes.Add(TreeNode.Split(feature, threshold, random.Chance(0.5), next + following, next + following + 1));
                following += 2;
            }

            open = following;
        }

        return new DecisionTree([.. nodes]);
    }
}
