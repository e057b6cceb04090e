using System.Globalization;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>
/// A silo network as a standard ONNX graph: `features` [N, F] → Gather a family → Gemm and activation a layer → Concat after
/// the gathered direct features → Gemm and activation a layer → `prediction` [N, 1].
/// </summary>
public static class SiloGraph
{
    /// <summary>Name of the graph's input.</summary>
    public const string InputName = "features";

    /// <summary>Name of the graph's output.</summary>
    public const string OutputName = "prediction";

    /// <summary>Finds the network in a graph, by its structure and not by its names.</summary>
    /// <param name="graph">Any graph.</param>
    /// <param name="featureCount">Features of a row.</param>
    /// <param name="network">The network, or null.</param>
    /// <param name="reason">Why there is none, or null.</param>
    public static bool TryRecognise(GraphProto graph, int featureCount, out SiloNetwork? network, out string? reason)
    {
        try
        {
            network = new SiloRecogniser(graph, featureCount).Recognise();
            reason = null;
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            network = null;
            reason = e.Message;
            return false;
        }
    }

    /// <summary>Writes the graph of a network.</summary>
    public static GraphProto Write(SiloNetwork network)
    {
        var graph = new GraphProto { Name = "silo" };
        graph.Input.Add(Value(InputName, network.FeatureCount));
        graph.Output.Add(Value(OutputName, 1));
        var parts = new List<string>();
        if (network.Direct.Count != 0)
        {
            parts.Add(Gather(graph, "direct", network.Direct));
        }

        for (int s = 0; s < network.Silos.Count; s++)
        {
            Silo silo = network.Silos[s];
            string name = string.Create(CultureInfo.InvariantCulture, $"silo{s}");
            string gathered = Gather(graph, name, silo.Features);
            parts.Add(Layers(graph, name, gathered, silo.Layers, $"{name}.embedding"));
        }

        string fused = parts[0];
        if (parts.Count > 1)
        {
            fused = "fusion.input";
            Node(graph, "Concat", parts, fused).Attribute.Add(Integer("axis", 1));
        }

        Layers(graph, "fusion", fused, network.Fusion, OutputName);
        return graph;
    }

    private static string Gather(GraphProto graph, string name, IReadOnlyList<int> features)
    {
        graph.Initializer.Add(TensorData.Make($"{name}.features", features));
        Node(graph, "Gather", [InputName, $"{name}.features"], $"{name}.input").Attribute.Add(Integer("axis", 1));
        return $"{name}.input";
    }

    /// <summary>Writes dense layers one after the other; gives back <paramref name="output"/>, the value that they make.</summary>
    internal static string Layers(GraphProto graph, string name, string input, IReadOnlyList<DenseLayer> layers, string output)
    {
        for (int i = 0; i < layers.Count; i++)
        {
            DenseLayer layer = layers[i];
            string prefix = string.Create(CultureInfo.InvariantCulture, $"{name}.dense{i}");
            string last = i == layers.Count - 1 ? output : $"{prefix}.output";
            bool plain = layer.Activation == Activation.Identity;
            graph.Initializer.Add(TensorData.Make($"{prefix}.weight", layer.Weights, layer.Inputs, layer.Outputs));
            graph.Initializer.Add(TensorData.Make($"{prefix}.bias", layer.Bias, layer.Outputs));
            Node(graph, "Gemm", [input, $"{prefix}.weight", $"{prefix}.bias"], plain ? last : $"{prefix}.sum");
            if (!plain)
            {
                Node(graph, layer.Activation.ToString(), [$"{prefix}.sum"], last);
            }

            input = last;
        }

        return input;
    }

    /// <summary>Adds a node with one output, named after it.</summary>
    internal static NodeProto Node(GraphProto graph, string operation, IEnumerable<string> inputs, string output)
    {
        var node = new NodeProto { OpType = operation, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        graph.Node.Add(node);
        return node;
    }

    /// <summary>An integer attribute.</summary>
    internal static AttributeProto Integer(string name, long value) =>
        new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    internal static ValueInfoProto Value(string name, int width)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "N" });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = width });
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } },
        };
    }
}
