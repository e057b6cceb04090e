using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Google.Protobuf;

namespace Engine.Inference.Artefacts;

/// <summary>
/// A tree ensemble as a standard ONNX graph: `features` [N, F] → TreeEnsembleRegressor → a product and an activation, where the
/// ensemble has them → `prediction` [N, 1].
/// </summary>
public static class TreeGraph
{
    /// <summary>The version of the operator set that is written.</summary>
    public const int OperatorSet = 3;

    /// <summary>Finds the ensemble in a graph, by its structure and not by its names.</summary>
    /// <param name="graph">Any graph.</param>
    /// <param name="featureCount">Features of a row.</param>
    /// <param name="ensemble">The ensemble, or null.</param>
    /// <param name="reason">Why there is none, or null.</param>
    public static bool TryRecognise(GraphProto graph, int featureCount, out TreeEnsemble? ensemble, out string? reason)
    {
        try
        {
            ensemble = new TreeRecogniser(graph, featureCount).Recognise();
            reason = null;
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            ensemble = null;
            reason = e.Message;
            return false;
        }
    }

    /// <summary>Writes the graph of an ensemble.</summary>
    public static GraphProto Write(TreeEnsemble ensemble)
    {
        var graph = new GraphProto { Name = "trees" };
        graph.Input.Add(SiloGraph.Value(SiloGraph.InputName, ensemble.FeatureCount));
        graph.Output.Add(SiloGraph.Value(SiloGraph.OutputName, 1));
        var stages = new List<string> { "TreeEnsembleRegressor" };
        if (ensemble.Scale != 1)
        {
            stages.Add("Mul");
            graph.Initializer.Add(TensorData.Make("scale", [ensemble.Scale], 1));
        }

        if (ensemble.Activation != Activation.Identity)
        {
            stages.Add(ensemble.Activation.ToString());
        }

        string input = SiloGraph.InputName;
        for (int i = 0; i < stages.Count; i++)
        {
            string output = i == stages.Count - 1 ? SiloGraph.OutputName : stages[i];
            var node = new NodeProto { OpType = stages[i], Name = output };
            node.Input.Add(input);
            node.Output.Add(output);
            graph.Node.Add(node);
            input = output;
            if (i == 0)
            {
                node.Domain = TreeTable.Domain;
                WriteTable(node, ensemble);
            }
            else if (stages[i] == "Mul")
            {
                node.Input.Add("scale");
            }
        }

        return graph;
    }

    private static void WriteTable(NodeProto node, TreeEnsemble ensemble)
    {
        List<long> treeIds = [], nodeIds = [], features = [], whenTrue = [], whenFalse = [], missing = [];
        List<long> leafTrees = [], leafNodes = [], leafTargets = [];
        List<float> thresholds = [], weights = [];
        List<string> modes = [];
        for (int t = 0; t < ensemble.Trees.Count; t++)
        {
            ReadOnlySpan<TreeNode> nodes = ensemble.Trees[t].Nodes;
            for (int i = 0; i < nodes.Length; i++)
            {
                TreeNode n = nodes[i];
                treeIds.Add(t);
                nodeIds.Add(i);
                features.Add(n.IsLeaf ? 0 : n.Feature);
                whenTrue.Add(n.WhenTrue);
                whenFalse.Add(n.WhenFalse);
                missing.Add(n.MissingIsTrue ? 1 : 0);

                // −∞ is below every threshold that a file may have; what it asks, a strict comparison asks too.
                bool lowest = float.IsNegativeInfinity(n.Threshold);
                thresholds.Add(lowest ? float.MinValue : n.Threshold);
                modes.Add(n.IsLeaf ? "LEAF" : lowest ? "BRANCH_LT" : "BRANCH_LEQ");
                if (n.IsLeaf)
                {
                    leafTrees.Add(t);
                    leafNodes.Add(i);
                    leafTargets.Add(0);
                    weights.Add(n.Value);
                }
            }
        }

        node.Attribute.Add(new AttributeProto { Name = "n_targets", I = 1, Type = AttributeProto.Types.AttributeType.Int });
        Add(node, "aggregate_function", ensemble.Aggregate.ToString().ToUpperInvariant());
        Add(node, "base_values", [ensemble.BaseValue]);
        Add(node, "nodes_treeids", treeIds);
        Add(node, "nodes_nodeids", nodeIds);
        Add(node, "nodes_featureids", features);
        Add(node, "nodes_modes", modes);
        Add(node, "nodes_values", thresholds);
        Add(node, "nodes_truenodeids", whenTrue);
        Add(node, "nodes_falsenodeids", whenFalse);
        Add(node, "nodes_missing_value_tracks_true", missing);
        Add(node, "target_treeids", leafTrees);
        Add(node, "target_nodeids", leafNodes);
        Add(node, "target_ids", leafTargets);
        Add(node, "target_weights", weights);
    }

    private static void Add(NodeProto node, string name, IEnumerable<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        node.Attribute.Add(attribute);
    }

    private static void Add(NodeProto node, string name, IEnumerable<float> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Floats };
        attribute.Floats.AddRange(values);
        node.Attribute.Add(attribute);
    }

    private static void Add(NodeProto node, string name, IEnumerable<string> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Strings };
        attribute.Strings.AddRange(values.Select(ByteString.CopyFromUtf8));
        node.Attribute.Add(attribute);
    }

    private static void Add(NodeProto node, string name, string value) =>
        node.Attribute.Add(new AttributeProto { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeProto.Types.AttributeType.String });
}
