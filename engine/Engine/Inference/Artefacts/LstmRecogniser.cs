using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>
/// Walks a graph backwards from its output: dense layers and batch normalisation to the last hidden state of an LSTM, from
/// there LSTM by LSTM to the input. What is anything else has no native kernel here, and FormatException says which node and
/// what it is.
/// </summary>
internal sealed class LstmRecogniser
{
    private readonly GraphIndex _graph;
    private readonly SequenceShaper _shaper;
    private readonly InputWindow _window;
    private readonly int _featureCount;

    public LstmRecogniser(GraphProto graph, InputWindow window, int featureCount)
    {
        _graph = new GraphIndex(graph);
        _shaper = new SequenceShaper(_graph);
        _window = window;
        _featureCount = featureCount;
    }

    public LstmNetwork Recognise(SequenceMode mode)
    {
        (SequenceValue value, List<DenseLayer> head) = Head();
        if (head.Count == 0)
        {
            throw new FormatException("the output does not come out of a dense layer");
        }

        var layers = new List<LstmLayer>();
        for (int depth = 0; depth < LstmNetwork.MaxLayers; depth++)
        {
            NodeProto node = value.Source!;
            layers.Add(LstmReader.Read(_graph, node));
            bool isBatchFirst = LstmReader.IsBatchFirst(node);
            value = Trace(GraphIndex.Input(node, 0));
            if (!value.IsInput(isBatchFirst))
            {
                throw GraphIndex.Unknown(node, $"reads [{string.Join(", ", value.Axes)}] but its layout is {(isBatchFirst ? 1 : 0)}");
            }

            if (value.Source is null)
            {
                layers.Reverse();
                return new LstmNetwork(_featureCount, value.Features, _window.Steps, layers, head, mode);
            }
        }

        throw new FormatException($"more than {LstmNetwork.MaxLayers} LSTM layers");
    }

    // The dense layers before the output, first to last, and the last hidden state that goes into the first.
    private (SequenceValue From, List<DenseLayer> Layers) Head()
    {
        var layers = new List<DenseLayer>();
        Activation? pending = null;
        string name = _graph.OutputName;
        for (int step = 0; step <= _graph.NodeCount; step++)
        {
            NodeProto? node = _graph.Producer(name);
            switch (node?.OpType)
            {
                case "Relu" or "Sigmoid" or "Tanh":
                    pending = pending is null ? Enum.Parse<Activation>(node.OpType) : throw GraphIndex.Unknown(node, "is an activation of an activation");
                    name = GraphIndex.Input(node, 0);
                    break;
                case "Gemm" or "MatMul" or "Add":
                    (DenseLayer layer, name) = _graph.Dense(node, pending ?? Activation.Identity);
                    layers.Add(layer);
                    pending = null;
                    break;
                case "BatchNormalization":
                    if (pending is not null || layers.Count == 0)
                    {
                        throw GraphIndex.Unknown(node, "has no dense layer directly after it");
                    }

                    layers[^1] = BatchNormalisation.Fold(_graph, node, layers[^1]);
                    name = GraphIndex.Input(node, 0);
                    break;
                case "Identity":
                    name = GraphIndex.Input(node, 0);
                    break;
                default:
                    SequenceValue from = Trace(name);
                    layers.Reverse();
                    return pending is not null ? throw new FormatException($"an activation of '{name}', which is not a dense layer")
                        : from.Source is null ? throw new FormatException($"'{name}' comes from the input without an LSTM between")
                        : from.IsRow ? (from, layers) : throw GraphIndex.Unknown(from.Source, $"goes into the head as [{string.Join(", ", from.Axes)}], not as its last hidden state");
            }
        }

        throw new FormatException("the graph goes in a circle");
    }

    // Back through nodes that only move or pick elements to an LSTM or the input, then forwards again through what they do.
    private SequenceValue Trace(string name)
    {
        var shaping = new Stack<NodeProto>();
        for (int step = 0; step <= _graph.NodeCount; step++)
        {
            NodeProto? node = _graph.Producer(name);
            if (node is not null && SequenceShaper.IsShaping(node))
            {
                shaping.Push(node);
                name = GraphIndex.Input(node, 0);
                continue;
            }

            SequenceValue value = node is null ? FromInput() : FromLstm(node, name);
            while (shaping.TryPop(out NodeProto? next))
            {
                value = _shaper.Apply(next, value);
            }

            return value;
        }

        throw new FormatException("the graph goes in a circle");
    }

    private SequenceValue FromInput() => new(
        null,
        _window.IsTimeFirst ? [SequenceAxis.Step, SequenceAxis.One, SequenceAxis.Feature] : [SequenceAxis.One, SequenceAxis.Step, SequenceAxis.Feature],
        [.. Enumerable.Range(0, _featureCount)],
        _window.Steps);

    private SequenceValue FromLstm(NodeProto node, string name)
    {
        if (node.OpType is "GRU" or "RNN")
        {
            throw GraphIndex.Unknown(node, "has no native kernel: it is served by ONNX Runtime");
        }

        if (node.OpType != "LSTM")
        {
            throw GraphIndex.Unknown(node, "has no native kernel");
        }

        int[] units = [.. Enumerable.Range(0, LstmReader.Units(_graph, node))];
        bool isBatchFirst = LstmReader.IsBatchFirst(node);
        SequenceAxis[] axes = node.Output.IndexOf(name) switch
        {
            // The direction is a dimension of its own: [T, 1, batch, units], or [batch, T, 1, units].
            0 => isBatchFirst
                ? [SequenceAxis.One, SequenceAxis.Step, SequenceAxis.One, SequenceAxis.Feature]
                : [SequenceAxis.Step, SequenceAxis.One, SequenceAxis.One, SequenceAxis.Feature],
            1 => [SequenceAxis.One, SequenceAxis.One, SequenceAxis.Feature],
            _ => throw GraphIndex.Unknown(node, "is asked for its last cell state"),
        };
        return new SequenceValue(node, axes, units, _window.Steps);
    }
}
