using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>
/// Walks a graph backwards from its output: an activation, a product with a constant, and a tree ensemble over the input; or the
/// second score of a binary classifier. What is anything else has no native kernel here, and FormatException says which node.
/// </summary>
internal sealed class TreeRecogniser
{
    private readonly GraphIndex _graph;
    private readonly int _featureCount;

    public TreeRecogniser(GraphProto graph, int featureCount)
    {
        _graph = new GraphIndex(graph);
        _featureCount = featureCount;
    }

    /// <summary>Whether a graph has a node with a table of trees, so that what this class says of it is to the point.</summary>
    public static bool HasTrees(GraphProto graph) => graph.Node.Any(n => n.Domain == TreeTable.Domain && n.OpType.StartsWith("TreeEnsemble", StringComparison.Ordinal));

    public TreeEnsemble Recognise()
    {
        Activation activation = Activation.Identity;
        float scale = 1;
        string name = _graph.OutputName;

        // Each step goes one node back; more steps than nodes would be a circle.
        for (int step = 0; step <= _graph.NodeCount; step++)
        {
            NodeProto node = _graph.AnyProducer(name);
            switch (node.Domain, node.OpType)
            {
                case ("" or "ai.onnx", "Identity"):
                    name = GraphIndex.Input(node, 0);
                    break;
                case ("" or "ai.onnx", "Relu" or "Sigmoid" or "Tanh") when activation == Activation.Identity && scale == 1:
                    activation = Enum.Parse<Activation>(node.OpType);
                    name = GraphIndex.Input(node, 0);
                    break;
                case ("" or "ai.onnx", "Mul") when scale == 1:
                    int constant = _graph.IsConstant(GraphIndex.Input(node, 1)) ? 1 : 0;
                    scale = Scalar(node, GraphIndex.Input(node, constant));
                    name = GraphIndex.Input(node, 1 - constant);
                    break;
                case ("" or "ai.onnx", "Gather"):
                    return Classifier(node, activation, scale);
                case (TreeTable.Domain, "TreeEnsembleRegressor") when node.Output.Count != 0 && node.Output[0] == name:
                    return Regressor(node, activation, scale);
                case (TreeTable.Domain, TreeEnsembleNode.Operator) when node.Output.Count != 0 && node.Output[0] == name:
                    return Regressor(TreeEnsembleNode.ToRegressor(node), activation, scale);
                default:
                    throw GraphIndex.Unknown(node, "has no native kernel behind or before trees");
            }
        }

        throw new FormatException("the graph goes in a circle");
    }

    private TreeEnsemble Regressor(NodeProto node, Activation activation, float scale)
    {
        TreeTable table = Table(node);
        if (GraphIndex.Attribute(node, "n_targets") is { I: not 1 } targets)
        {
            throw GraphIndex.Unknown(node, $"has {targets.I} targets");
        }

        string transform = TreeTable.Text(node, "post_transform", "NONE");
        if (transform != "NONE")
        {
            throw GraphIndex.Unknown(node, $"has the post_transform {transform}, which runtimes apply differently to one target; put the operator behind it instead");
        }

        float[] leaves = new float[table.Count];
        Array.Fill(leaves, float.NaN);
        Weights(node, table, "target", leaves, id => id == 0);
        TreeAggregate aggregate = TreeTable.Text(node, "aggregate_function", "SUM") switch
        {
            "SUM" => TreeAggregate.Sum,
            "AVERAGE" => TreeAggregate.Average,
            "MIN" => TreeAggregate.Min,
            "MAX" => TreeAggregate.Max,
            string other => throw GraphIndex.Unknown(node, $"has the aggregate_function {other}"),
        };
        return new TreeEnsemble(_featureCount, table.Trees(leaves), aggregate, Base(node, 1), scale, activation);
    }

    // The probability of the second class, as the standard's operator gives it for tables where runtimes agree: one weight a leaf
    // for class 0 alone and a logistic function of the sum (boosting), or weights for both classes and no function (forests).
    private TreeEnsemble Classifier(NodeProto pick, Activation activation, float scale)
    {
        NodeProto node = _graph.AnyProducer(GraphIndex.Input(pick, 0));
        if (node.Domain != TreeTable.Domain || node.OpType != "TreeEnsembleClassifier" || node.Output.Count != 2 || node.Output[1] != GraphIndex.Input(pick, 0))
        {
            throw GraphIndex.Unknown(pick, "does not pick from the scores of a tree classifier");
        }

        TensorProto index = _graph.Constant(pick, GraphIndex.Input(pick, 1));
        if ((GraphIndex.Attribute(pick, "axis")?.I ?? 0) is not (1 or -1) || index.Dims.Count != 1 || TensorData.Integers(index) is not [1 or -1])
        {
            throw GraphIndex.Unknown(pick, "does not pick the second class");
        }

        TreeTable table = Table(node);
        int labels = Math.Max(TreeTable.Integers(node, "classlabels_int64s").Count, GraphIndex.Attribute(node, "classlabels_strings")?.Strings.Count ?? 0);
        IReadOnlyList<long> ids = TreeTable.Integers(node, "class_ids");
        string transform = TreeTable.Text(node, "post_transform", "NONE");
        bool both = ids.Contains(1) && ids.Contains(0);
        bool mixed = TreeTable.Floats(node, "class_weights").Any(w => w < 0);
        bool boosted = ids.All(i => i == 0) && transform == "LOGISTIC" && mixed && activation == Activation.Identity && scale == 1;
        bool forest = both && ids.All(i => i is 0 or 1) && transform == "NONE" && TreeTable.Floats(node, "base_values").Count == 0;
        if (labels != 2 || !(boosted || forest))
        {
            throw GraphIndex.Unknown(node, $"has {labels} classes, weights for {ids.Distinct().Count()} of them and the post_transform {transform}, a kind of classifier");
        }

        float[] leaves = new float[table.Count];
        Weights(node, table, "class", leaves, id => id == (boosted ? 0 : 1));
        return new TreeEnsemble(
            _featureCount, table.Trees(leaves), TreeAggregate.Sum, boosted ? Base(node, 1) : 0, scale, boosted ? Activation.Sigmoid : activation);
    }

    private TreeTable Table(NodeProto node)
    {
        var table = new TreeTable(node);
        if (!_graph.IsInput(GraphIndex.Input(node, 0)))
        {
            throw GraphIndex.Unknown(node, "does not read the graph's input");
        }

        return table.IsDouble ? throw GraphIndex.Unknown(node, "has float64 numbers") : table;
    }

    private static void Weights(NodeProto node, TreeTable table, string prefix, float[] leaves, Func<long, bool> isTaken)
    {
        IReadOnlyList<long> trees = TreeTable.Integers(node, $"{prefix}_treeids");
        IReadOnlyList<long> nodes = TreeTable.Integers(node, $"{prefix}_nodeids");
        IReadOnlyList<long> ids = TreeTable.Integers(node, $"{prefix}_ids");
        IReadOnlyList<float> weights = TreeTable.Floats(node, $"{prefix}_weights");
        if (new[] { nodes.Count, ids.Count, weights.Count }.Any(n => n != trees.Count))
        {
            throw table.Bad("has lists of weights that differ in length");
        }

        var given = new HashSet<int>();
        for (int i = 0; i < trees.Count; i++)
        {
            if (!isTaken(ids[i]))
            {
                continue;
            }

            int row = table.RowOf(trees[i], nodes[i]);
            if (row < 0 || !given.Add(row))
            {
                throw table.Bad($"weighs node {nodes[i]} of tree {trees[i]}, which is missing or has a weight already");
            }

            leaves[row] = weights[i];
        }
    }

    private static float Base(NodeProto node, int most)
    {
        IReadOnlyList<float> values = TreeTable.Floats(node, "base_values");
        return values.Count <= most ? (values.Count == 0 ? 0 : values[0]) : throw GraphIndex.Unknown(node, $"has {values.Count} base values");
    }

    private float Scalar(NodeProto node, string name)
    {
        float[] values = TensorData.Floats(_graph.Constant(node, name));
        return values.Length == 1 ? values[0] : throw GraphIndex.Unknown(node, $"multiplies by {values.Length} numbers");
    }
}
