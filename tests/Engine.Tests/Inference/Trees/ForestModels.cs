using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;
using Engine.TestKit.Inference;
using Google.Protobuf;

namespace Engine.Tests.Inference.Trees;

/// <summary>Naive forests as ONNX graphs and artefacts.</summary>
internal static class ForestModels
{
    private const int Uint8 = 2;

    /// <summary>A regressor over the input.</summary>
    public static GraphProto Graph(NaiveForest forest)
    {
        NodeProto node = Table(forest, "TreeEnsembleRegressor", "target");
        node.Output.Add(SiloGraph.OutputName);
        Set(node, "n_targets", 1);
        Set(node, "aggregate_function", forest.Aggregate);
        Set(node, "base_values", [forest.Base]);
        return Around(forest.FeatureCount, node);
    }

    /// <summary>A binary classifier whose second score is the prediction.</summary>
    /// <param name="forest">Its leaves' values; the aggregate is the sum.</param>
    /// <param name="both">Weights for both classes instead of one for the first.</param>
    /// <param name="transform">The post transform.</param>
    public static GraphProto Classifier(NaiveForest forest, bool both, string transform)
    {
        NodeProto node = Table(forest, "TreeEnsembleClassifier", "class");
        if (both)
        {
            AttributeProto ids = Attribute(node, "class_ids"), trees = Attribute(node, "class_treeids"), nodes = Attribute(node, "class_nodeids");
            AttributeProto weights = Attribute(node, "class_weights");
            ids.Ints.AddRange(ids.Ints.Select(_ => 1L).ToArray());
            trees.Ints.AddRange(trees.Ints.ToArray());
            nodes.Ints.AddRange(nodes.Ints.ToArray());
            weights.Floats.AddRange(weights.Floats.Select(w => 0.5f - w).ToArray());
        }

        node.Output.AddRange(["label", "scores"]);
        Set(node, "classlabels_int64s", [0L, 1L]);
        Set(node, "post_transform", transform);
        if (forest.Base != 0)
        {
            Set(node, "base_values", [forest.Base]);
        }

        var pick = new NodeProto { OpType = "Gather", Name = "second" };
        pick.Input.AddRange(["scores", "index"]);
        pick.Output.Add(SiloGraph.OutputName);
        Set(pick, "axis", 1);
        GraphProto graph = Around(forest.FeatureCount, node, pick);
        graph.Initializer.Add(TensorData.Make("index", [1]));
        return graph;
    }

    /// <summary>The same forest by the operator TreeEnsemble, whose splits and leaves have lists of their own. It has no base value.</summary>
    public static GraphProto Version5(NaiveForest forest)
    {
        var lists = new SplitLists();
        foreach (ForestNode[] tree in forest.Trees)
        {
            lists.Add(tree);
        }

        var node = new NodeProto { OpType = "TreeEnsemble", Name = "trees", Domain = "ai.onnx.ml" };
        node.Input.Add(SiloGraph.InputName);
        node.Output.Add(SiloGraph.OutputName);
        Set(node, "n_targets", 1);
        Set(node, "aggregate_function", forest.Aggregate switch { "AVERAGE" => 0, "SUM" => 1, "MIN" => 2, _ => 3 });
        Set(node, "post_transform", 0);
        Set(node, "tree_roots", lists.Roots);
        foreach ((string name, int column) in SplitLists.Columns)
        {
            Set(node, name, lists.Splits.Select(s => s[column]));
        }

        Set(node, "leaf_targetids", lists.Weights.Select(_ => 0L));
        Fresh(node, "nodes_splits", AttributeProto.Types.AttributeType.Tensor).T = TensorData.Make("nodes_splits", lists.Thresholds.ToArray(), lists.Thresholds.Count);
        Fresh(node, "leaf_weights", AttributeProto.Types.AttributeType.Tensor).T = TensorData.Make("leaf_weights", lists.Weights.ToArray(), lists.Weights.Count);
        var modes = new TensorProto { Name = "nodes_modes", DataType = Uint8, RawData = ByteString.CopyFrom([.. lists.Modes]) };
        modes.Dims.Add(lists.Modes.Count);
        Fresh(node, "nodes_modes", AttributeProto.Types.AttributeType.Tensor).T = modes;
        return Around(forest.FeatureCount, node);
    }

    public static GraphProto Around(int features, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = "forest" };
        graph.Input.Add(SiloGraph.Value(SiloGraph.InputName, features));
        graph.Output.Add(SiloGraph.Value(SiloGraph.OutputName, 1));
        graph.Node.AddRange(nodes);
        return graph;
    }

    /// <summary>The file of a graph over raw rows; its golden vectors are what the given function answers.</summary>
    public static byte[] File(GraphProto graph, int features, Func<float[], double> answer, IEnumerable<float[]> rows)
    {
        float[][] golden = [.. rows];
        return ArtefactWriter.Write(graph, new ArtefactDescription
        {
            Contract = TestModels.Contract(features),
            Mean = new float[features],
            Deviation = Enumerable.Repeat(1f, features).ToArray(),
            IsRaw = true,
            Label = "return",
            HorizonNanos = 1,
            TrainingSplit = [],
            Weights = ArtefactDescription.Seeded,
            Golden = new GoldenVectors([.. golden.SelectMany(r => r)], [.. golden.Select(r => (float)answer(r))], features),
        });
    }

    public static byte[] File(NaiveForest forest, SeededRandom random) =>
        File(Graph(forest), forest.FeatureCount, r => forest.Evaluate(r), Enumerable.Range(0, 4).Select(_ => forest.Row(random).Select(Plain).ToArray()));

    public static TreeEnsemble Recognised(GraphProto graph, int features)
    {
        Assert.That(TreeGraph.TryRecognise(graph, features, out TreeEnsemble? ensemble, out string? reason), reason);
        return ensemble!;
    }

    public static AttributeProto Attribute(NodeProto node, string name) => node.Attribute.Single(a => a.Name == name);

    public static void Set(NodeProto node, string name, long value) => Fresh(node, name, AttributeProto.Types.AttributeType.Int).I = value;

    public static void Set(NodeProto node, string name, string value) =>
        Fresh(node, name, AttributeProto.Types.AttributeType.String).S = ByteString.CopyFromUtf8(value);

    public static void Set(NodeProto node, string name, IEnumerable<long> values) => Fresh(node, name, AttributeProto.Types.AttributeType.Ints).Ints.AddRange(values);

    public static void Set(NodeProto node, string name, IEnumerable<float> values) =>
        Fresh(node, name, AttributeProto.Types.AttributeType.Floats).Floats.AddRange(values);

    public static void Set(NodeProto node, string name, IEnumerable<string> values) =>
        Fresh(node, name, AttributeProto.Types.AttributeType.Strings).Strings.AddRange(values.Select(ByteString.CopyFromUtf8));

    // JSON keeps one pattern of NaN.
    private static float Plain(float value) => float.IsNaN(value) ? float.NaN : value;

    private static AttributeProto Fresh(NodeProto node, string name, AttributeProto.Types.AttributeType type)
    {
        AttributeProto? old = node.Attribute.FirstOrDefault(a => a.Name == name);
        if (old is not null)
        {
            node.Attribute.Remove(old);
        }

        node.Attribute.Add(new AttributeProto { Name = name, Type = type });
        return node.Attribute[^1];
    }

    private static NodeProto Table(NaiveForest forest, string operation, string prefix)
    {
        var node = new NodeProto { OpType = operation, Name = "trees", Domain = "ai.onnx.ml" };
        node.Input.Add(SiloGraph.InputName);
        (int Tree, int Index, ForestNode Node)[] all = [.. forest.Trees.SelectMany((t, tree) => t.Select((n, index) => (tree, index, n)))];
        (int Tree, int Index, ForestNode Node)[] leaves = [.. all.Where(n => n.Node.Mode == "LEAF")];
        Set(node, "nodes_treeids", all.Select(n => (long)n.Tree));
        Set(node, "nodes_nodeids", all.Select(n => (long)n.Index));
        Set(node, "nodes_featureids", all.Select(n => (long)n.Node.Feature));
        Set(node, "nodes_modes", all.Select(n => n.Node.Mode));
        Set(node, "nodes_values", all.Select(n => n.Node.Threshold));
        Set(node, "nodes_truenodeids", all.Select(n => (long)n.Node.WhenTrue));
        Set(node, "nodes_falsenodeids", all.Select(n => (long)n.Node.WhenFalse));
        Set(node, "nodes_missing_value_tracks_true", all.Select(n => n.Node.NanIsTrue ? 1L : 0));
        Set(node, $"{prefix}_treeids", leaves.Select(n => (long)n.Tree));
        Set(node, $"{prefix}_nodeids", leaves.Select(n => (long)n.Index));
        Set(node, $"{prefix}_ids", leaves.Select(_ => 0L));
        Set(node, $"{prefix}_weights", leaves.Select(n => n.Node.Value));
        return node;
    }
}
