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
    private readonly GraphProto _graph;
    private readonly int _featureCount;
    private readonly string _input;
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants = new(StringComparer.Ordinal);

    public SiloRecogniser(GraphProto graph, int featureCount)
    {
        _graph = graph;
        _featureCount = featureCount;
        foreach (TensorProto tensor in graph.Initializer)
        {
            _constants[tensor.Name] = tensor;
        }

        foreach (NodeProto node in graph.Node)
        {
            foreach (string output in node.Output)
            {
                _producers[output] = node;
            }

            if (node.OpType == "Constant" && node.Output.Count == 1 && Attribute(node, "value")?.T is { } constant)
            {
                _constants[node.Output[0]] = constant;
            }
        }

        string[] inputs = graph.Input.Select(i => i.Name).Where(n => !_constants.ContainsKey(n)).ToArray();
        if (inputs.Length != 1 || graph.Output.Count != 1)
        {
            throw new FormatException($"the graph has {inputs.Length} inputs and {graph.Output.Count} outputs, not one of each");
        }

        _input = inputs[0];
    }

    public SiloNetwork Recognise()
    {
        (string from, List<DenseLayer> fusion) = Chain(_graph.Output[0].Name);
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
        if (!_producers.TryGetValue(name, out node) || node.OpType != "Concat")
        {
            return false;
        }

        long axis = Attribute(node, "axis")?.I ?? 0;
        return axis is 1 or -1 ? true : throw Unknown(node, $"concatenates along axis {axis}");
    }

    // Dense layers that end in a value, first to last, and the value that goes into the first.
    private (string From, List<DenseLayer> Layers) Chain(string name)
    {
        var layers = new List<DenseLayer>();
        Activation? pending = null;

        // Each step goes one node back; more steps than nodes would be a cycle.
        for (int step = 0; step <= _graph.Node.Count; step++)
        {
            NodeProto? node = name == _input ? null
                : _producers.GetValueOrDefault(name) ?? throw new FormatException($"nothing makes the value '{name}'");
            if (node is not null && node.Domain is not ("" or "ai.onnx"))
            {
                throw Unknown(node, $"is of the operator set '{node.Domain}'");
            }

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
                        throw Unknown(node, "is an activation of an activation");
                    }

                    pending = Enum.Parse<Activation>(node.OpType);
                    break;
                case "Gemm" or "MatMul" or "Add":
                    (DenseLayer layer, name) = Dense(node, pending ?? Activation.Identity);
                    layers.Add(layer);
                    pending = null;
                    continue;
                default:
                    throw Unknown(node!, "has no native kernel");
            }

            name = Input(node, 0);
        }

        throw new FormatException("the graph goes in a circle");
    }

    private (DenseLayer Layer, string From) Dense(NodeProto node, Activation activation)
    {
        string? bias = node.OpType == "Gemm" && node.Input.Count > 2 && node.Input[2].Length != 0 ? node.Input[2] : null;
        bool transposed = false;
        NodeProto product = node;
        if (node.OpType == "Gemm")
        {
            if ((Attribute(node, "alpha")?.F ?? 1f) != 1f || (Attribute(node, "beta")?.F ?? 1f) != 1f || (Attribute(node, "transA")?.I ?? 0) != 0)
            {
                throw Unknown(node, "has alpha, beta or transA");
            }

            transposed = (Attribute(node, "transB")?.I ?? 0) != 0;
        }
        else if (node.OpType == "Add")
        {
            int constant = _constants.ContainsKey(Input(node, 1)) ? 1 : 0;
            bias = Input(node, constant);
            if (!_producers.TryGetValue(Input(node, 1 - constant), out product!) || product.OpType != "MatMul")
            {
                throw Unknown(node, "adds to what is not a MatMul");
            }
        }

        TensorProto matrix = Constant(product, Input(product, 1));
        if (matrix.Dims.Count != 2 || matrix.Dims[0] == 0 || matrix.Dims[1] == 0)
        {
            throw Unknown(product, "multiplies by what is not a matrix");
        }

        float[] weights = TensorData.Floats(matrix);
        int inputs = (int)matrix.Dims[transposed ? 1 : 0];
        int outputs = (int)matrix.Dims[transposed ? 0 : 1];
        float[] biases = bias is null ? new float[outputs] : TensorData.Floats(Constant(node, bias));
        return biases.Length == outputs
            ? (new DenseLayer(transposed ? Transposed(weights, inputs, outputs) : weights, biases, activation), Input(product, 0))
            : throw Unknown(node, $"adds {biases.Length} biases to {outputs} outputs");
    }

    private int[] Features(string name)
    {
        if (name == _input)
        {
            return Enumerable.Range(0, _featureCount).ToArray();
        }

        NodeProto node = _producers[name];
        if (node.OpType != "Gather" || Input(node, 0) != _input || (Attribute(node, "axis")?.I ?? 0) is not (1 or -1))
        {
            throw Unknown(node, "does not pick features of the input");
        }

        TensorProto indices = Constant(node, Input(node, 1));
        return indices.Dims.Count == 1
            ? TensorData.Integers(indices).Select(i => checked((int)Math.Clamp(i < 0 ? i + _featureCount : i, -1, int.MaxValue))).ToArray()
            : throw Unknown(node, "picks by indices that are not a list");
    }

    private TensorProto Constant(NodeProto node, string name) =>
        _constants.GetValueOrDefault(name) ?? throw Unknown(node, $"needs '{name}' to be a constant");

    private static string Input(NodeProto node, int index) =>
        index < node.Input.Count ? node.Input[index] : throw Unknown(node, "lacks an input");

    private static AttributeProto? Attribute(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);

    private static float[] Transposed(float[] weights, int inputs, int outputs)
    {
        var result = new float[weights.Length];
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++)
            {
                result[(i * outputs) + o] = weights[(o * inputs) + i];
            }
        }

        return result;
    }

    private static FormatException Unknown(NodeProto node, string what) => new($"node '{node.Name}' ({node.OpType}) {what}");
}
