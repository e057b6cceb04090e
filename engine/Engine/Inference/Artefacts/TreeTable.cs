using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Google.Protobuf;

namespace Engine.Inference.Artefacts;

/// <summary>
/// The node table of a TreeEnsembleRegressor or TreeEnsembleClassifier (ai.onnx.ml 1 to 4), or of a TreeEnsemble
/// (<see cref="TreeEnsembleNode"/>): a row a node, trees one after the other, each beginning with its root. Checked to be trees: every runtime that walks it comes to an end.
/// </summary>
internal sealed class TreeTable
{
    /// <summary>The operator set of tree ensembles.</summary>
    public const string Domain = "ai.onnx.ml";

    private static readonly string[] s_modes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER", "LEAF"];

    private readonly string _node;
    private readonly IReadOnlyList<long> _nodeIds;
    private readonly IReadOnlyList<long> _features;
    private readonly IReadOnlyList<long> _whenTrue;
    private readonly IReadOnlyList<long> _whenFalse;
    private readonly IReadOnlyList<long> _missing;
    private readonly IReadOnlyList<float> _thresholds;
    private readonly string[] _modes;

    // By tree: the table's rows with parents before children, and where in that order a row's children are.
    private readonly List<(int[] Rows, (int True, int False)[] Children)> _trees = [];
    private readonly Dictionary<(long Tree, long Node), int> _rows = [];

    /// <summary>Reads a table.</summary>
    /// <exception cref="FormatException">Lists of different lengths, a row that is there twice or missing, a circle, a number that is not finite.</exception>
    public TreeTable(NodeProto node)
    {
        _node = $"node '{node.Name}' ({node.OpType})";
        IReadOnlyList<long> treeIds = Integers(node, "nodes_treeids");
        _nodeIds = Integers(node, "nodes_nodeids");
        _features = Integers(node, "nodes_featureids");
        _whenTrue = Integers(node, "nodes_truenodeids");
        _whenFalse = Integers(node, "nodes_falsenodeids");
        _missing = Integers(node, "nodes_missing_value_tracks_true");
        _thresholds = Floats(node, "nodes_values");
        _modes = Attribute(node, "nodes_modes")?.Strings.Select(s => s.ToStringUtf8()).ToArray() ?? [];
        IsDouble = node.Attribute.Any(a => a.Name.EndsWith("_as_tensor", StringComparison.Ordinal));
        int count = treeIds.Count;
        int values = IsDouble ? count : _thresholds.Count;
        if (count is 0 or > TreeEnsemble.MaxNodes
            || new[] { _nodeIds.Count, _features.Count, _whenTrue.Count, _whenFalse.Count, values, _modes.Length }.Any(n => n != count)
            || (_missing.Count != 0 && _missing.Count != count))
        {
            throw Bad($"has a table of {count} trees' nodes whose lists differ in length or that is empty or longer than {TreeEnsemble.MaxNodes}");
        }

        for (int i = 0; i < count; i++)
        {
            if (!_rows.TryAdd((treeIds[i], _nodeIds[i]), i))
            {
                throw Bad($"has node {_nodeIds[i]} of tree {treeIds[i]} twice");
            }

            if (!s_modes.Contains(_modes[i]) || (!IsDouble && !float.IsFinite(_thresholds[i])))
            {
                throw Bad($"has in row {i} the mode '{_modes[i]}' and the value {(IsDouble ? 0 : _thresholds[i])}, which are not a known mode and a finite number");
            }
        }

        for (int start = 0, end; start < count; start = end)
        {
            for (end = start + 1; end < count && treeIds[end] == treeIds[start]; end++)
            {
            }

            _trees.Add(Order(treeIds[start], start, end - start));
        }
    }

    /// <summary>Whether a node has such a table.</summary>
    public static bool IsIn(NodeProto node) =>
        node.Domain == Domain && node.OpType is "TreeEnsembleRegressor" or "TreeEnsembleClassifier" or TreeEnsembleNode.Operator;

    /// <summary>The table of a node that has one.</summary>
    /// <exception cref="FormatException">As for the constructor.</exception>
    public static TreeTable Of(NodeProto node) => new(TreeEnsembleNode.IsOne(node) ? TreeEnsembleNode.ToRegressor(node) : node);

    /// <summary>Whether its numbers are float64.</summary>
    public bool IsDouble { get; }

    /// <summary>How many rows.</summary>
    public int Count => _modes.Length;

    /// <summary>The row of a node, or −1.</summary>
    public int RowOf(long tree, long node) => _rows.GetValueOrDefault((tree, node), -1);

    /// <summary>One more than the largest feature that a split reads.</summary>
    /// <exception cref="FormatException">A negative feature.</exception>
    public long FeatureBound()
    {
        long bound = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_modes[i] != "LEAF")
            {
                bound = Math.Max(bound, _features[i] < 0 ? throw Bad($"reads feature {_features[i]} in row {i}") : _features[i] + 1);
            }
        }

        return bound;
    }

    /// <summary>The trees.</summary>
    /// <param name="leaves">For each row: what it gives if it is a leaf; NaN for a leaf that lacks a value.</param>
    /// <exception cref="FormatException">A mode without a native kernel, or a leaf without a value.</exception>
    public DecisionTree[] Trees(float[] leaves)
    {
        if (_trees.Count > TreeEnsemble.MaxTrees)
        {
            throw Bad($"has {_trees.Count} trees, native kernels take {TreeEnsemble.MaxTrees}");
        }

        return [.. _trees.Select(t => new DecisionTree([.. t.Rows.Select((row, i) => Node(row, t.Children[i], leaves))]))];
    }

    private TreeNode Node(int row, (int True, int False) children, float[] leaves)
    {
        bool missing = _missing.Count != 0 && _missing[row] != 0;
        float threshold = _thresholds[row];
        int feature = (int)Math.Min(_features[row], int.MaxValue);

        // x < t is x ≤ the float before t; x ≥ t and x > t are these two with the answers exchanged.
        return _modes[row] switch
        {
            "LEAF" => !float.IsNaN(leaves[row]) ? TreeNode.Leaf(leaves[row]) : throw Bad($"has a leaf without a weight in row {row}"),
            "BRANCH_LEQ" => TreeNode.Split(feature, threshold, missing, children.True, children.False),
            "BRANCH_LT" => TreeNode.Split(feature, MathF.BitDecrement(threshold), missing, children.True, children.False),
            "BRANCH_GTE" => TreeNode.Split(feature, MathF.BitDecrement(threshold), !missing, children.False, children.True),
            "BRANCH_GT" => TreeNode.Split(feature, threshold, !missing, children.False, children.True),
            _ => throw Bad($"has splits of mode {_modes[row]}"),
        };
    }

    // Breadth first from the root: every row of the tree is met once, or it is no tree.
    private (int[] Rows, (int True, int False)[] Children) Order(long tree, int start, int count)
    {
        var rows = new List<int>(count) { start };
        var children = new (int, int)[count];
        var met = new HashSet<int> { start };
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows[i];
            if (_modes[row] != "LEAF")
            {
                children[i] = (rows.Count, rows.Count + 1);
                foreach (long child in new[] { _whenTrue[row], _whenFalse[row] })
                {
                    int next = RowOf(tree, child);
                    if (next < start || next >= start + count || !met.Add(next))
                    {
                        throw Bad($"leads from node {_nodeIds[row]} of tree {tree} to node {child}, which is missing, lies elsewhere or has another parent");
                    }

                    rows.Add(next);
                }
            }
        }

        return rows.Count == count ? ([.. rows], children) : throw Bad($"has nodes in tree {tree} that nothing leads to");
    }

    internal static IReadOnlyList<long> Integers(NodeProto node, string name) => Attribute(node, name)?.Ints ?? (IReadOnlyList<long>)[];

    internal static IReadOnlyList<float> Floats(NodeProto node, string name) => Attribute(node, name)?.Floats ?? (IReadOnlyList<float>)[];

    internal static string Text(NodeProto node, string name, string otherwise) =>
        Attribute(node, name)?.S is { IsEmpty: false } text ? text.ToStringUtf8() : otherwise;

    private static AttributeProto? Attribute(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);

    internal FormatException Bad(string what) => new($"{_node} {what}");
}
