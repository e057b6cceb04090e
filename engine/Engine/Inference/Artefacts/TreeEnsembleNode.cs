using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Google.Protobuf;

namespace Engine.Inference.Artefacts;

/// <summary>
/// The operator TreeEnsemble (ai.onnx.ml 5) in the words of the TreeEnsembleRegressor that it came after: splits and leaves in lists of
/// their own become one table, and numbers for modes and functions become their names.
/// </summary>
internal static class TreeEnsembleNode
{
    /// <summary>The operator's name.</summary>
    public const string Operator = "TreeEnsemble";

    private static readonly string[] s_modes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER"];
    private static readonly string[] s_aggregates = ["AVERAGE", "SUM", "MIN", "MAX"];
    private static readonly string[] s_transforms = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"];

    /// <summary>Whether a node is one.</summary>
    public static bool IsOne(NodeProto node) => node.Domain == TreeTable.Domain && node.OpType == Operator;

    /// <summary>The regressor that computes the same.</summary>
    /// <exception cref="FormatException">What is no list of trees.</exception>
    public static NodeProto ToRegressor(NodeProto node)
    {
        var table = new NodeProto { OpType = node.OpType, Name = node.Name, Domain = node.Domain };
        table.Input.AddRange(node.Input);
        table.Output.AddRange(node.Output);
        long targets = GraphIndex.Attribute(node, "n_targets")?.I ?? 1;
        var trees = new Lists(node, targets);
        IReadOnlyList<long> roots = TreeTable.Integers(node, "tree_roots");
        for (int tree = 0; tree < roots.Count; tree++)
        {
            trees.Take(tree, roots[tree]);
        }

        trees.AddTo(table);
        Add(table, "n_targets", new AttributeProto { Type = AttributeProto.Types.AttributeType.Int, I = targets });
        Add(table, "aggregate_function", Text(Name(node, s_aggregates, "aggregate_function", 1)));
        Add(table, "post_transform", Text(Name(node, s_transforms, "post_transform", 0)));
        return table;
    }

    private static string Name(NodeProto node, string[] names, string attribute, long otherwise)
    {
        long index = GraphIndex.Attribute(node, attribute)?.I ?? otherwise;
        return index >= 0 && index < names.Length ? names[index] : throw GraphIndex.Unknown(node, $"has the {attribute} {index}");
    }

    private static AttributeProto Text(string text) => new() { Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(text) };

    private static void Add(NodeProto node, string name, AttributeProto attribute)
    {
        attribute.Name = name;
        node.Attribute.Add(attribute);
    }

    private static AttributeProto Integers(IEnumerable<long> values)
    {
        var attribute = new AttributeProto { Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    private static AttributeProto Floats(IEnumerable<float> values)
    {
        var attribute = new AttributeProto { Type = AttributeProto.Types.AttributeType.Floats };
        attribute.Floats.AddRange(values);
        return attribute;
    }

    /// <summary>The operator's lists, and the rows made of them.</summary>
    private sealed class Lists
    {
        private readonly NodeProto _node;
        private readonly IReadOnlyList<long> _features;
        private readonly IReadOnlyList<long>[] _next;
        private readonly IReadOnlyList<long>[] _isLeaf;
        private readonly IReadOnlyList<long> _missing;
        private readonly IReadOnlyList<long> _targets;
        private readonly byte[] _modes;
        private readonly float[] _splits;
        private readonly float[] _weights;
        private readonly bool _isDouble;
        private readonly HashSet<long> _met = [];
        private readonly List<(long Tree, long Id, long Feature, string Mode, float Value, long WhenTrue, long WhenFalse, long Missing)> _rows = [];
        private readonly List<(long Tree, long Id, long Target, float Weight)> _leaves = [];

        public Lists(NodeProto node, long targets)
        {
            _node = node;
            _features = TreeTable.Integers(node, "nodes_featureids");
            _next = [TreeTable.Integers(node, "nodes_truenodeids"), TreeTable.Integers(node, "nodes_falsenodeids")];
            _isLeaf = [TreeTable.Integers(node, "nodes_trueleafs"), TreeTable.Integers(node, "nodes_falseleafs")];
            _missing = TreeTable.Integers(node, "nodes_missing_value_tracks_true");
            _targets = TreeTable.Integers(node, "leaf_targetids");
            TensorProto? splits = GraphIndex.Attribute(node, "nodes_splits")?.T, weights = GraphIndex.Attribute(node, "leaf_weights")?.T;
            TensorProto? modes = GraphIndex.Attribute(node, "nodes_modes")?.T;
            _isDouble = splits?.DataType == (int)TensorProto.Types.DataType.Double;
            _modes = modes is null ? [] : modes.RawData.Length > 0 ? modes.RawData.ToByteArray() : [.. modes.Int32Data.Select(m => (byte)Math.Clamp(m, 0, byte.MaxValue))];
            _splits = splits is null ? [] : _isDouble ? new float[_features.Count] : TensorData.Floats(splits);
            _weights = weights is null ? [] : _isDouble ? new float[_targets.Count] : TensorData.Floats(weights);
            int count = _features.Count;
            if (count is 0 or > TreeEnsemble.MaxNodes || _targets.Count == 0 || _weights.Length != _targets.Count || (_missing.Count != 0 && _missing.Count != count)
                || new[] { _next[0].Count, _next[1].Count, _isLeaf[0].Count, _isLeaf[1].Count, _modes.Length, _splits.Length }.Any(n => n != count))
            {
                throw GraphIndex.Unknown(node, $"has {count} splits and {_targets.Count} leaves whose lists differ in length or that are empty or longer than {TreeEnsemble.MaxNodes}");
            }

            if (_targets.Any(t => t < 0 || t >= targets))
            {
                throw GraphIndex.Unknown(node, $"has leaves for other targets than its {targets}");
            }
        }

        /// <summary>Takes a tree from its root on, breadth first. Every split is met once, or it is no tree.</summary>
        public void Take(long tree, long root)
        {
            // Whose answers are the same leaf is a tree of that leaf alone.
            var open = new Queue<(long At, bool IsLeaf)>();
            open.Enqueue(root >= 0 && root < _features.Count && IsLeaf(0, root) && IsLeaf(1, root) && _next[0][(int)root] == _next[1][(int)root]
                ? (_next[0][(int)root], true) : (root, false));
            long given = 1;
            for (long id = 0; open.TryDequeue(out (long At, bool IsLeaf) node); id++)
            {
                if (node.IsLeaf ? (ulong)node.At >= (ulong)_targets.Count : (ulong)node.At >= (ulong)_features.Count || !_met.Add(node.At))
                {
                    throw GraphIndex.Unknown(_node, $"leads in tree {tree} to {(node.IsLeaf ? "leaf" : "split")} {node.At}, which is missing or has another parent");
                }

                int at = (int)node.At;
                if (node.IsLeaf)
                {
                    _rows.Add((tree, id, 0, "LEAF", 0, 0, 0, 0));
                    _leaves.Add((tree, id, _targets[at], _weights[at]));
                    continue;
                }

                string mode = _modes[at] < s_modes.Length ? s_modes[_modes[at]] : throw GraphIndex.Unknown(_node, $"has a split of mode {_modes[at]}");
                _rows.Add((tree, id, _features[at], mode, _splits[at], given, given + 1, _missing.Count == 0 ? 0 : _missing[at]));
                open.Enqueue((_next[0][at], IsLeaf(0, at)));
                open.Enqueue((_next[1][at], IsLeaf(1, at)));
                given += 2;
            }
        }

        public void AddTo(NodeProto table)
        {
            Add(table, "nodes_treeids", Integers(_rows.Select(r => r.Tree)));
            Add(table, "nodes_nodeids", Integers(_rows.Select(r => r.Id)));
            Add(table, "nodes_featureids", Integers(_rows.Select(r => r.Feature)));
            Add(table, "nodes_truenodeids", Integers(_rows.Select(r => r.WhenTrue)));
            Add(table, "nodes_falsenodeids", Integers(_rows.Select(r => r.WhenFalse)));
            Add(table, "nodes_missing_value_tracks_true", Integers(_rows.Select(r => r.Missing)));
            Add(table, _isDouble ? "nodes_values_as_tensor" : "nodes_values", Floats(_rows.Select(r => r.Value)));
            Add(table, "target_treeids", Integers(_leaves.Select(l => l.Tree)));
            Add(table, "target_nodeids", Integers(_leaves.Select(l => l.Id)));
            Add(table, "target_ids", Integers(_leaves.Select(l => l.Target)));
            Add(table, "target_weights", Floats(_leaves.Select(l => l.Weight)));
            var modes = new AttributeProto { Type = AttributeProto.Types.AttributeType.Strings };
            modes.Strings.AddRange(_rows.Select(r => ByteString.CopyFromUtf8(r.Mode)));
            Add(table, "nodes_modes", modes);
        }

        private bool IsLeaf(int answer, long split) => _isLeaf[answer][(int)split] != 0;
    }
}
