using Engine.Inference.Artefacts.Onnx;

namespace Engine.Inference.Artefacts;

/// <summary>A graph of one input and one output, as its recognisers ask about it.</summary>
internal sealed class GraphNodes
{
    private readonly string _input;
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants = new(StringComparer.Ordinal);

    /// <exception cref="FormatException">Not one input and one output.</exception>
    public GraphNodes(GraphProto graph)
    {
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
        Output = graph.Output[0].Name;
        Count = graph.Node.Count;
    }

    /// <summary>Name of the graph's output.</summary>
    public string Output { get; }

    /// <summary>How many nodes.</summary>
    public int Count { get; }

    /// <summary>Whether a value is the graph's input, as it is or through Identity.</summary>
    public bool IsInput(string name)
    {
        for (int step = 0; step <= Count && name != _input; step++)
        {
            if (!_producers.TryGetValue(name, out NodeProto? node) || node.OpType != "Identity" || node.Input.Count == 0)
            {
                return false;
            }

            name = node.Input[0];
        }

        return name == _input;
    }

    /// <summary>Whether a value is a constant.</summary>
    public bool IsConstant(string name) => _constants.ContainsKey(name);

    /// <summary>The node that makes a value.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public NodeProto Producer(string name) =>
        _producers.GetValueOrDefault(name) ?? throw new FormatException($"nothing makes the value '{name}'");

    /// <summary>A constant that a node reads.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public TensorProto Constant(NodeProto node, string name) =>
        _constants.GetValueOrDefault(name) ?? throw Unknown(node, $"needs '{name}' to be a constant");

    /// <summary>The name of a node's input.</summary>
    /// <exception cref="FormatException">It has fewer.</exception>
    public static string Input(NodeProto node, int index) =>
        index < node.Input.Count && node.Input[index].Length != 0 ? node.Input[index] : throw Unknown(node, "lacks an input");

    /// <summary>A node's attribute, or null.</summary>
    public static AttributeProto? Attribute(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);

    /// <summary>What is said of a node that is not recognised.</summary>
    public static FormatException Unknown(NodeProto node, string what) => new($"node '{node.Name}' ({node.OpType}) {what}");
}
