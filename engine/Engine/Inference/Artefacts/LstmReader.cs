using System.Text;
using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>
/// Reads an LSTM node of the standard operator set (versions 1 to 22; the same inputs in all of them): forward, with the
/// default activations, in either layout. Whatever else it asks for is refused by name.
/// </summary>
internal static class LstmReader
{
    private const int InputWeights = 1;
    private const int RecurrentWeights = 2;
    private const int Bias = 3;
    private const int SequenceLengths = 4;
    private const int InitialHidden = 5;
    private const int InitialCell = 6;
    private const int Peepholes = 7;

    private static readonly string[] s_activations = ["Sigmoid", "Tanh", "Tanh"];

    /// <summary>Whether a node's sequences are [batch, T, …] (layout 1), not [T, batch, …] (layout 0).</summary>
    public static bool IsBatchFirst(NodeProto node) => (GraphIndex.Attribute(node, "layout")?.I ?? 0) switch
    {
        0 => false,
        1 => true,
        long other => throw GraphIndex.Unknown(node, $"has layout {other}"),
    };

    /// <summary>Units of a node: the last dimension of its recurrent weights.</summary>
    public static int Units(GraphIndex graph, NodeProto node)
    {
        TensorProto recurrent = graph.Constant(node, GraphIndex.Input(node, RecurrentWeights));
        long units = recurrent.Dims.Count == 3 ? recurrent.Dims[2] : 0;
        return units is >= 1 and <= LstmLayer.MaxUnits
            ? (int)units
            : throw GraphIndex.Unknown(node, $"has recurrent weights of [{string.Join(", ", recurrent.Dims)}]; [1, 4 × units, units] with 1 to {LstmLayer.MaxUnits} units is expected");
    }

    /// <summary>Reads a node.</summary>
    /// <exception cref="FormatException">What it asks for has no native kernel, or its constants do not fit.</exception>
    public static LstmLayer Read(GraphIndex graph, NodeProto node)
    {
        CheckAttributes(node);
        if (Given(node, SequenceLengths) || Given(node, Peepholes))
        {
            throw GraphIndex.Unknown(node, Given(node, Peepholes) ? "has peepholes, which have no native kernel" : "has sequence_lens: windows shorter than the input have no native kernel");
        }

        int units = Units(graph, node);
        if (GraphIndex.Attribute(node, "hidden_size") is { } stated && stated.I != units)
        {
            throw GraphIndex.Unknown(node, $"has hidden_size {stated.I} but recurrent weights of {units} units");
        }

        int rows = LstmLayer.Gates * units;
        TensorProto input = graph.Constant(node, GraphIndex.Input(node, InputWeights));
        if (input.Dims.Count != 3 || input.Dims[0] != 1 || input.Dims[1] != rows || input.Dims[2] is < 1 or > DenseLayer.MaxWidth)
        {
            throw GraphIndex.Unknown(node, $"has input weights of [{string.Join(", ", input.Dims)}]; [1, {rows}, inputs] is expected");
        }

        return new LstmLayer(
            units,
            TensorData.Floats(input),
            Floats(graph, node, RecurrentWeights, rows * units)!,
            SumOfBiases(Floats(graph, node, Bias, 2 * rows), rows),
            Floats(graph, node, InitialHidden, units),
            Floats(graph, node, InitialCell, units));
    }

    private static void CheckAttributes(NodeProto node)
    {
        string direction = GraphIndex.Attribute(node, "direction") is { } given ? given.S.ToString(Encoding.UTF8) : "forward";
        if (direction != "forward")
        {
            throw GraphIndex.Unknown(node, $"has the direction '{direction}', which has no native kernel; 'forward' has");
        }

        string[] activations = GraphIndex.Attribute(node, "activations") is { } named ? [.. named.Strings.Select(s => s.ToString(Encoding.UTF8))] : s_activations;
        if (!activations.SequenceEqual(s_activations, StringComparer.OrdinalIgnoreCase))
        {
            throw GraphIndex.Unknown(node, $"has the activations [{string.Join(", ", activations)}], which have no native kernel; [{string.Join(", ", s_activations)}] has");
        }

        if ((GraphIndex.Attribute(node, "input_forget")?.I ?? 0) != 0)
        {
            throw GraphIndex.Unknown(node, "has input_forget, which has no native kernel");
        }

        string[] others = ["clip", "activation_alpha", "activation_beta"];
        if (others.FirstOrDefault(a => GraphIndex.Attribute(node, a) is not null) is { } other)
        {
            throw GraphIndex.Unknown(node, $"has {other}, which has no native kernel");
        }
    }

    private static bool Given(NodeProto node, int input) => input < node.Input.Count && node.Input[input].Length > 0;

    private static float[]? Floats(GraphIndex graph, NodeProto node, int input, int count)
    {
        if (!Given(node, input))
        {
            return null;
        }

        TensorProto tensor = graph.Constant(node, node.Input[input]);
        float[] values = TensorData.Floats(tensor);
        return values.Length == count
            ? values
            : throw GraphIndex.Unknown(node, $"has '{tensor.Name}' of [{string.Join(", ", tensor.Dims)}] with {values.Length} elements, {count} are expected");
    }

    // The format has a bias of the input and one of the recurrence; both are added to every sum, so they are added up once.
    private static float[] SumOfBiases(float[]? both, int rows)
    {
        var sum = new float[rows];
        for (int i = 0; i < rows && both is not null; i++)
        {
            sum[i] = both[i] + both[rows + i];
        }

        return sum;
    }
}
