using System.Globalization;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>
/// An LSTM network as a standard ONNX graph: `features` [N, T, F] → Gather the tick's features → Transpose to [T, N, F] → LSTM
/// after LSTM → last hidden state → Gemm and activation a layer → `prediction` [N, 1].
/// </summary>
public static class LstmGraph
{
    /// <summary>Finds the network in a graph, by its structure and not by its names.</summary>
    /// <param name="graph">Any graph.</param>
    /// <param name="window">How its input lies.</param>
    /// <param name="featureCount">Features of a row.</param>
    /// <param name="mode">Windows, or a carried state.</param>
    /// <param name="network">The network, or null.</param>
    /// <param name="reason">Why there is none, or null.</param>
    public static bool TryRecognise(
        GraphProto graph, InputWindow window, int featureCount, SequenceMode mode, out LstmNetwork? network, out string? reason)
    {
        try
        {
            network = new LstmRecogniser(graph, window, featureCount).Recognise(mode);
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
    public static GraphProto Write(LstmNetwork network)
    {
        var graph = new GraphProto { Name = "lstm" };
        graph.Input.Add(Value(SiloGraph.InputName, network.Steps, network.FeatureCount));
        if (network.Steps == 1)
        {
            // [N, 1, F] could as well be N ticks.
            graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = 1;
        }

        graph.Output.Add(Value(SiloGraph.OutputName, 1));
        graph.Initializer.Add(TensorData.Make("tick.features", network.Features));
        graph.Initializer.Add(TensorData.Make("direction", [1]));
        graph.Initializer.Add(TensorData.Make("layer", [0]));
        SiloGraph.Node(graph, "Gather", [SiloGraph.InputName, "tick.features"], "tick.rows").Attribute.Add(SiloGraph.Integer("axis", 2));
        SiloGraph.Node(graph, "Transpose", ["tick.rows"], "tick.steps").Attribute.Add(Integers("perm", 1, 0, 2));
        string steps = "tick.steps";
        for (int i = 0; i < network.Layers.Count; i++)
        {
            bool isLast = i == network.Layers.Count - 1;
            string name = string.Create(CultureInfo.InvariantCulture, $"lstm{i}");
            Lstm(graph, name, steps, network.Layers[i], isLast);
            steps = $"{name}.steps";
            string hidden = isLast ? "head.input" : steps;
            SiloGraph.Node(graph, "Squeeze", isLast ? [$"{name}.last", "layer"] : [$"{name}.all", "direction"], hidden);
        }

        SiloGraph.Layers(graph, "head", "head.input", network.Head, SiloGraph.OutputName);
        return graph;
    }

    private static void Lstm(GraphProto graph, string name, string input, LstmLayer layer, bool isLast)
    {
        int rows = LstmLayer.Gates * layer.Units;
        graph.Initializer.Add(TensorData.Make($"{name}.input_weight", layer.Input, 1, rows, layer.Inputs));
        graph.Initializer.Add(TensorData.Make($"{name}.recurrent_weight", layer.Recurrent, 1, rows, layer.Units));
        graph.Initializer.Add(TensorData.Make($"{name}.bias", [.. layer.Bias, .. new float[rows]], 1, 2 * rows));
        List<string> inputs = [input, $"{name}.input_weight", $"{name}.recurrent_weight", $"{name}.bias"];
        if (layer.InitialHidden.ContainsAnyExcept(0f) || layer.InitialCell.ContainsAnyExcept(0f))
        {
            graph.Initializer.Add(TensorData.Make($"{name}.initial_hidden", layer.InitialHidden, 1, 1, layer.Units));
            graph.Initializer.Add(TensorData.Make($"{name}.initial_cell", layer.InitialCell, 1, 1, layer.Units));
            inputs.AddRange([string.Empty, $"{name}.initial_hidden", $"{name}.initial_cell"]);
        }

        NodeProto node = SiloGraph.Node(graph, "LSTM", inputs, $"{name}.all");
        node.Attribute.Add(SiloGraph.Integer("hidden_size", layer.Units));
        if (isLast)
        {
            node.Output.Clear();
            node.Output.AddRange([string.Empty, $"{name}.last"]);
        }
    }

    /// <summary>An attribute of several integers.</summary>
    internal static AttributeProto Integers(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        foreach (long value in values)
        {
            attribute.Ints.Add(value);
        }

        return attribute;
    }

    /// <summary>A float32 value [N, lengths].</summary>
    internal static ValueInfoProto Value(string name, params ReadOnlySpan<int> lengths)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "N" });
        foreach (int length in lengths)
        {
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = length });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } },
        };
    }
}
