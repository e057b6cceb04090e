using Engine.TestKit.Inference;

namespace Engine.Tests.Inference.Trees;

/// <summary>Splits and leaves of trees in lists of their own, as the operator TreeEnsemble wants them.</summary>
internal sealed class SplitLists
{
    private static readonly string[] s_modes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];

    public static (string Name, int Column)[] Columns { get; } =
    [
        ("nodes_featureids", 0), ("nodes_missing_value_tracks_true", 1),
        ("nodes_truenodeids", 2), ("nodes_trueleafs", 3), ("nodes_falsenodeids", 4), ("nodes_falseleafs", 5),
    ];

    public List<long> Roots { get; } = [];

    public List<long[]> Splits { get; } = [];

    public List<float> Thresholds { get; } = [];

    public List<byte> Modes { get; } = [];

    public List<float> Weights { get; } = [];

    public void Add(ForestNode[] tree)
    {
        Roots.Add(Splits.Count);
        if (tree.Length == 1)
        {
            // A tree of one leaf is a split with that leaf on both sides.
            Add([0, 0, Weights.Count, 1, Weights.Count, 1], 0, 0);
        }

        // Where each node goes: splits and leaves are counted apart.
        (long split, long leaf) = (Splits.Count, Weights.Count);
        long[] place = [.. tree.Select(n => n.Mode == "LEAF" ? leaf++ : split++)];
        foreach (ForestNode n in tree)
        {
            if (n.Mode == "LEAF")
            {
                Weights.Add(n.Value);
            }
            else
            {
                Add(
                    [n.Feature, n.NanIsTrue ? 1 : 0, place[n.WhenTrue], Leaf(tree[n.WhenTrue]), place[n.WhenFalse], Leaf(tree[n.WhenFalse])],
                    n.Threshold, (byte)Array.IndexOf(s_modes, n.Mode));
            }
        }
    }

    private void Add(long[] split, float threshold, byte mode)
    {
        Splits.Add(split);
        Thresholds.Add(threshold);
        Modes.Add(mode);
    }

    private static long Leaf(ForestNode node) => node.Mode == "LEAF" ? 1 : 0;
}
