using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>
/// Walks a graph backwards from its output to its input along the one value that is not a constant, then reads the nodes in their
/// order. What is no stage of a <see cref="DenseNetwork"/> has no native kernel here, and FormatException says which node and why.
/// </summary>
internal sealed class DenseRecogniser
{
    private readonly GraphIndex _graph;
    private readonly List<DenseStage> _stages = [];

    // A normalisation of channels that waits for the dense layer behind it.
    private NodeProto? _waiting;
    private int _width;

    public DenseRecogniser(GraphProto graph, int featureCount)
    {
        _graph = new GraphIndex(graph);
        _width = featureCount;
    }

    public DenseNetwork Recognise()
    {
        int features = _width;
        foreach (NodeProto node in Chain())
        {
            Take(node);
            _width = _stages.Count == 0 ? _width : Width(node, features);
        }

        return _waiting is not null ? throw Alone(_waiting)
            : _stages.Count == 0 ? throw new FormatException("the output is the input")
            : new DenseNetwork(features, _stages);
    }

    // The nodes from the input to the output. An Add of a product belongs to it, and stands for both.
    private List<NodeProto> Chain()
    {
        var nodes = new List<NodeProto>();
        string name = _graph.OutputName;
        for (int step = 0; step <= _graph.NodeCount; step++)
        {
            NodeProto? node = _graph.Producer(name);
            if (node is null)
            {
                nodes.Reverse();
                return nodes;
            }

            if (node.Output[0] != name)
            {
                throw GraphIndex.Unknown(node, $"is asked for its output '{name}', of which no native kernel knows");
            }

            nodes.Add(node);
            bool isSum = node.OpType == "Add";
            name = GraphIndex.Input(node, isSum && _graph.IsConstant(GraphIndex.Input(node, 0)) ? 1 : 0);
            if (isSum)
            {
                NodeProto product = _graph.Producer(name) is { OpType: "MatMul" } found ? found : throw GraphIndex.Unknown(node, "adds to what is not a MatMul");
                name = GraphIndex.Input(product, 0);
            }
        }

        throw new FormatException("the graph goes in a circle");
    }

    private int Width(NodeProto node, int features)
    {
        try
        {
            return _stages.Aggregate(features, (width, stage) => stage.Outputs(width));
        }
        catch (ArgumentException e)
        {
            throw GraphIndex.Unknown(node, $"does not fit: {e.Message}");
        }
    }

    private void Take(NodeProto node)
    {
        switch (node.OpType)
        {
            case "Identity" or "Dropout" or "Flatten" or "Reshape":
                DenseNodes.CheckPassing(_graph, node, _width);
                break;
            case "Gemm" or "MatMul" or "Add":
                DenseLayer layer = _graph.Dense(node, Activation.Identity).Layer;
                _stages.Add(new DenseStage.Product(_waiting is null ? layer : BatchNormalisation.Fold(_graph, _waiting, layer)));
                _waiting = null;
                break;
            case "BatchNormalization":
                Normalise(node);
                break;
            default:
                _stages.Add(_waiting is not null ? throw Alone(_waiting) : Between(node));
                break;
        }
    }

    private DenseStage Between(NodeProto node)
    {
        switch (node.OpType)
        {
            case "Relu" or "Sigmoid" or "Tanh":
                Activation activation = Enum.Parse<Activation>(node.OpType);
                return LastLayer() is { } layer
                    ? new DenseStage.Product(new DenseLayer(layer.Weights.ToArray(), layer.Bias.ToArray(), activation))
                    : new DenseStage.Activate(activation);
            case "LeakyRelu":
                return DenseNodes.LeakyRelu(node);
            case "LayerNormalization":
                return DenseNodes.LayerNorm(_graph, node, _width);
            case "Softmax":
                return DenseNodes.Softmax(node);
            case "Gather":
                return DenseNodes.Gather(_graph, node, _width);
            case "Slice":
                return DenseNodes.Slice(_graph, node, _width);
            default:
                throw GraphIndex.Unknown(node, "has no native kernel");
        }
    }

    // Into the layer before, or else into the one behind.
    private void Normalise(NodeProto node)
    {
        if (_waiting is not null)
        {
            throw Alone(_waiting);
        }

        if (LastLayer() is { } layer)
        {
            _stages.Add(new DenseStage.Product(BatchNormalisation.FoldBack(_graph, node, layer)));
        }
        else
        {
            _waiting = node;
        }
    }

    // The layer directly before, taken off the list; null where there is none, or one with an activation.
    private DenseLayer? LastLayer()
    {
        if (_stages.Count == 0 || _stages[^1] is not DenseStage.Product { Layer: { Activation: Activation.Identity } layer })
        {
            return null;
        }

        _stages.RemoveAt(_stages.Count - 1);
        return layer;
    }

    private static FormatException Alone(NodeProto node) => GraphIndex.Unknown(node, "has no dense layer directly before or after it to be folded into");
}
