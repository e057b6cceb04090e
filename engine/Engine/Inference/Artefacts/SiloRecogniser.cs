using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>
/// Walks a graph backwards from its output: dense layers to a Concat (or straight to the input), then from each part of the
/// Concat dense layers to a Gather or the input. What is anything else has no native kernel here, and FormatException says
/// which node.
/// </summary>
internal sealed class SiloRecogniser
{
    private readonly GraphIndex _graph;
    private readonly int _featureCount;

    public SiloRecogniser(GraphProto graph, int featureCount)
    {
        _graph = new GraphIndex(graph);
        _featureCount = featureCount;
    }

    public SiloNetwork Recognise()
    {
        (string from, List<DenseLayer> fusion) = Chain(_graph.OutputName);
        if (fusion.Count == 0)
        {
            throw new FormatException("the output does not come out of a dense layer");
        }

        if (!IsConcat(from, out NodeProto? concat))
        {
            return new SiloNetwork(_featureCount, [], Features(from), fusion);
        }

        var silos = new List<Silo>();
        var direct = new List<int>();
        var order = new List<(bool Direct, int Width)>();
        foreach (string part in concat!.Input)
        {
            (string source, List<DenseLayer> layers) = Chain(part);
            int[] features = Features(source);
            if (layers.Count == 0)
            {
                direct.AddRange(features);
                order.Add((true, features.Length));
            }
            else
            {
                silos.Add(new Silo(part, features, layers));
                order.Add((false, layers[^1].Outputs));
            }
        }

        fusion[0] = DirectFirst(fusion[0], order);
        return new SiloNetwork(_featureCount, silos, direct, fusion);
    }

    // The network has direct features before embeddings; a graph may have them in any order.
    private static DenseLayer DirectFirst(DenseLayer layer, List<(bool Direct, int Width)> order)
    {
        if (order.Sum(o => o.Width) != layer.Inputs)
        {
            throw new FormatException($"Concat makes {order.Sum(o => o.Width)} values, the layer after it takes {layer.Inputs}");
        }

        var weights = new List<float>(layer.Weights.Length);
        foreach (bool direct in new[] { true, false })
        {
            int row = 0;
            foreach ((bool isDirect, int width) in order)
            {
                if (isDirect == direct)
                {
                    weights.AddRange(layer.Weights.Slice(row * layer.Outputs, width * layer.Outputs));
                }

                row += width;
            }
        }

        return new DenseLayer([.. weights], layer.Bias.ToArray(), layer.Activation);
    }

    private bool IsConcat(string name, out NodeProto? node)
    {
        node = _graph.ProducerOrNull(name);
        if (node?.OpType != "Concat")
        {
            return false;
        }

        long axis = GraphIndex.Attribute(node, "axis")?.I ?? 0;
        return axis is 1 or -1 ? true : throw GraphIndex.Unknown(node, $"concatenates along axis {axis}");
    }

    // Dense layers that end in a value, first to last, and the value that goes into the first.
    private (string From, List<DenseLayer> Layers) Chain(string name)
    {
        var layers = new List<DenseLayer>();
        Activation? pending = null;

        // Each step goes one node back; more steps than nodes would be a cycle.
        for (int step = 0; step <= _graph.NodeCount; step++)
        {
            NodeProto? node = _graph.Producer(name);
            switch (node?.OpType)
            {
                case null or "Gather" or "Concat":
                    layers.Reverse();
                    return pending is null ? (name, layers) : throw new FormatException($"an activation of '{name}', which is not a dense layer");
                case "Identity":
                    break;
                case "Relu" or "Sigmoid" or "Tanh":
                    if (pending is not null)
                    {
                        throw GraphIndex.Unknown(node, "is an activation of an activation");
                    }

                    pending = Enum.Parse<Activation>(node.OpType);
                    break;
                case "Gemm" or "MatMul" or "Add":
                    (DenseLayer layer, name) = _graph.Dense(node, pending ?? Activation.Identity);
                    layers.Add(layer);
                    pending = null;
                    continue;
                default:
                    throw GraphIndex.Unknown(node!, "has no native kernel");
            }

            name = GraphIndex.Input(node, 0);
        }

        throw new FormatException("the graph goes in a circle");
    }

    private int[] Features(string name)
    {
        if (name == _graph.InputName)
        {
            return Enumerable.Range(0, _featureCount).ToArray();
        }

        NodeProto node = _graph.ProducerOrNull(name)!;
        if (node.OpType != "Gather" || GraphIndex.Input(node, 0) != _graph.InputName || (GraphIndex.Attribute(node, "axis")?.I ?? 0) is not (1 or -1))
        {
            throw GraphIndex.Unknown(node, "does not pick features of the input");
        }

        TensorProto indices = _graph.Constant(node, GraphIndex.Input(node, 1));
        return indices.Dims.Count == 1
            ? TensorData.Integers(indices).Select(i => checked((int)Math.Clamp(i < 0 ? i + _featureCount : i, -1, int.MaxValue))).ToArray()
            : throw GraphIndex.Unknown(node, "picks by indices that are not a list");
    }
}
