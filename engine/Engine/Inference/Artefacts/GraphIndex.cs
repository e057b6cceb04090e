using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>
/// A graph by what its values are: constants, and the node that makes each of the others. What is not as expected is a
/// FormatException that names the node.
/// </summary>
internal sealed class GraphIndex
{
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants = new(StringComparer.Ordinal);

    /// <param name="graph">Any graph.</param>
    /// <exception cref="FormatException">It has not one input and one output.</exception>
    public GraphIndex(GraphProto graph)
    {
        NodeCount = graph.Node.Count;
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

        InputName = inputs[0];
        OutputName = graph.Output[0].Name;
    }

    /// <summary>Name of the one input.</summary>
    public string InputName { get; }

    /// <summary>Name of the one output.</summary>
    public string OutputName { get; }

    /// <summary>Nodes of the graph: more steps from node to node than this go in a circle.</summary>
    public int NodeCount { get; }

    /// <summary>An attribute, or null.</summary>
    public static AttributeProto? Attribute(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);

    /// <summary>The name of an input that must be there.</summary>
    public static string Input(NodeProto node, int index) =>
        index < node.Input.Count && node.Input[index].Length != 0 ? node.Input[index] : throw Unknown(node, "lacks an input");

    /// <summary>The refusal that names a node.</summary>
    public static FormatException Unknown(NodeProto node, string what) => new($"node '{node.Name}' ({node.OpType}) {what}");

    /// <summary>The node that makes a value, or null: the graph's input, or nothing.</summary>
    public NodeProto? ProducerOrNull(string name) => _producers.GetValueOrDefault(name);

    /// <summary>The node that makes a value, of whatever operator set.</summary>
    public NodeProto AnyProducer(string name) => ProducerOrNull(name) ?? throw new FormatException($"nothing makes the value '{name}'");

    /// <summary>Whether a value is the graph's input, as it is or through Identity.</summary>
    public bool IsInput(string name)
    {
        for (int step = 0; step <= NodeCount && name != InputName; step++)
        {
            if (ProducerOrNull(name) is not { OpType: "Identity", Input.Count: > 0 } node)
            {
                return false;
            }

            name = node.Input[0];
        }

        return name == InputName;
    }

    /// <summary>The node of the standard operator set that makes a value; null for the graph's input.</summary>
    public NodeProto? Producer(string name)
    {
        if (name == InputName)
        {
            return null;
        }

        NodeProto node = AnyProducer(name);
        return node.Domain is "" or "ai.onnx" ? node : throw Unknown(node, $"is of the operator set '{node.Domain}'");
    }

    /// <summary>Whether a value is a constant.</summary>
    public bool IsConstant(string name) => _constants.ContainsKey(name);

    /// <summary>A value that must be a constant.</summary>
    public TensorProto Constant(NodeProto node, string name) =>
        _constants.GetValueOrDefault(name) ?? throw Unknown(node, $"needs '{name}' to be a constant");

    /// <summary>Reads a dense layer: Gemm, or MatMul, alone or with an Add of a constant.</summary>
    /// <param name="node">The Gemm, the MatMul or the Add.</param>
    /// <param name="activation">What follows it.</param>
    /// <returns>The layer, and the value that goes into it.</returns>
    public (DenseLayer Layer, string From) Dense(NodeProto node, Activation activation)
    {
        string? bias = node.OpType == "Gemm" && node.Input.Count > 2 && node.Input[2].Length != 0 ? node.Input[2] : null;
        bool transposed = false;
        NodeProto product = node;
        float alpha = 1, beta = 1;
        if (node.OpType == "Gemm")
        {
            if ((Attribute(node, "transA")?.I ?? 0) != 0)
            {
                throw Unknown(node, "has transA, which takes a row for a column");
            }

            alpha = Attribute(node, "alpha")?.F ?? 1f;
            beta = Attribute(node, "beta")?.F ?? 1f;
            transposed = (Attribute(node, "transB")?.I ?? 0) != 0;
        }
        else if (node.OpType == "Add")
        {
            int constant = IsConstant(Input(node, 1)) ? 1 : 0;
            bias = Input(node, constant);
            product = ProducerOrNull(Input(node, 1 - constant)) is { OpType: "MatMul" } found ? found : throw Unknown(node, "adds to what is not a MatMul");
        }

        TensorProto matrix = Constant(product, Input(product, 1));
        if (matrix.Dims.Count != 2 || matrix.Dims[0] == 0 || matrix.Dims[1] == 0)
        {
            throw Unknown(product, "multiplies by what is not a matrix");
        }

        float[] weights = Times(node, TensorData.Floats(matrix), alpha);
        int inputs = (int)matrix.Dims[transposed ? 1 : 0];
        int outputs = (int)matrix.Dims[transposed ? 0 : 1];
        float[] biases = bias is null ? new float[outputs] : Times(node, Biases(node, Constant(node, bias), outputs), beta);
        return (new DenseLayer(transposed ? Transposed(weights, inputs, outputs) : weights, biases, activation), Input(product, 0));
    }

    private static float[] Biases(NodeProto node, TensorProto tensor, int outputs)
    {
        float[] values = TensorData.Floats(tensor);
        return values.Length == outputs && (outputs == 1 || tensor.Dims[^1] == outputs) ? values
            : values.Length == 1 ? [.. Enumerable.Repeat(values[0], outputs)]
            : throw Unknown(node, $"adds {values.Length} biases to {outputs} outputs");
    }

    // Each product rounded once.
    private static float[] Times(NodeProto node, float[] values, float factor)
    {
        float[] scaled = factor == 1f ? values : [.. values.Select(v => v * factor)];
        return scaled.All(float.IsFinite) ? scaled : throw Unknown(node, "has an alpha or beta that does not give finite weights");
    }

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
}
