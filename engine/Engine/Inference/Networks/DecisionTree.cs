namespace Engine.Inference.Networks;

/// <summary>A binary decision tree, its root first and every split before its children.</summary>
public sealed class DecisionTree
{
    /// <summary>Most nodes of one tree.</summary>
    public const int MaxNodes = 1 << 20;

    /// <summary>Most splits from the root to a leaf.</summary>
    public const int MaxDepth = 512;

    private readonly TreeNode[] _nodes;

    /// <param name="nodes">The root first; a child has a greater index than its parent. Kept, not copied.</param>
    /// <exception cref="ArgumentException">Not one tree, too large, too deep, or a number that is not finite.</exception>
    public DecisionTree(TreeNode[] nodes)
    {
        if (nodes.Length is 0 or > MaxNodes)
        {
            throw new ArgumentException($"A tree of {nodes.Length} nodes; 1 to {MaxNodes} are allowed.");
        }

        var depth = new int[nodes.Length];
        for (int i = 0; i < nodes.Length; i++)
        {
            TreeNode node = nodes[i];
            if (i > 0 && depth[i] == 0)
            {
                throw new ArgumentException($"Nothing leads to node {i} of a tree.");
            }

            if (node.IsLeaf)
            {
                Check(float.IsFinite(node.Value), i, $"gives {node.Value}");
                continue;
            }

            Check(float.IsFinite(node.Threshold) || float.IsNegativeInfinity(node.Threshold), i, $"compares with {node.Threshold}");
            Enter(nodes, depth, i, node.WhenTrue);
            Enter(nodes, depth, i, node.WhenFalse);
            FeatureBound = Math.Max(FeatureBound, node.Feature + 1);
        }

        _nodes = nodes;
        Depth = depth.Max();
    }

    /// <summary>All nodes; 0 is the root.</summary>
    public ReadOnlySpan<TreeNode> Nodes => _nodes;

    /// <summary>Splits on the longest way from the root to a leaf.</summary>
    public int Depth { get; }

    /// <summary>One more than the largest feature index; 0 where there is no split.</summary>
    public int FeatureBound { get; }

    private static void Enter(TreeNode[] nodes, int[] depth, int parent, int child)
    {
        if (child <= parent || child >= nodes.Length || depth[child] != 0)
        {
            throw new ArgumentException($"Node {parent} of a tree leads to node {child}, which is no later node of its own.");
        }

        depth[child] = depth[parent] + 1;
        if (depth[child] > MaxDepth)
        {
            throw new ArgumentException($"A tree deeper than {MaxDepth} splits.");
        }
    }

    private static void Check(bool good, int node, string what)
    {
        if (!good)
        {
            throw new ArgumentException($"Node {node} of a tree {what}.");
        }
    }
}
