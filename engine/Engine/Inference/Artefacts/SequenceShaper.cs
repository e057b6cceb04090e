using Engine.Inference.Artefacts.Onnx;

namespace Engine.Inference.Artefacts;

/// <summary>
/// What the nodes that only move or pick elements do to a <see cref="SequenceValue"/>: Identity, Transpose, Squeeze,
/// Unsqueeze, Reshape, Flatten, Gather, Slice.
/// </summary>
internal sealed class SequenceShaper(GraphIndex graph)
{
    /// <summary>Whether a node only moves or picks elements.</summary>
    public static bool IsShaping(NodeProto node) =>
        node.OpType is "Identity" or "Transpose" or "Squeeze" or "Unsqueeze" or "Reshape" or "Flatten" or "Gather" or "Slice";

    /// <summary>The value after a node.</summary>
    /// <exception cref="FormatException">What the node does to it has no native kernel.</exception>
    public SequenceValue Apply(NodeProto node, SequenceValue value) => node.OpType switch
    {
        "Transpose" => Transpose(node, value),
        "Squeeze" => Squeeze(node, value),
        "Unsqueeze" => Unsqueeze(node, value),
        "Reshape" => Reshape(node, value, Integers(node, 1, null)!),
        "Flatten" => Flatten(node, value),
        "Gather" => Gather(node, value),
        "Slice" => Slice(node, value),
        _ => value,
    };

    private static SequenceValue Transpose(NodeProto node, SequenceValue value)
    {
        int rank = value.Axes.Length;
        long[] order = GraphIndex.Attribute(node, "perm") is { } given ? [.. given.Ints] : [.. Enumerable.Range(0, rank).Reverse().Select(i => (long)i)];
        return order.Order().SequenceEqual(Enumerable.Range(0, rank).Select(i => (long)i))
            ? value with { Axes = [.. order.Select(o => value.Axes[o])] }
            : throw GraphIndex.Unknown(node, $"permutes {rank} dimensions by [{string.Join(", ", order)}]");
    }

    private SequenceValue Squeeze(NodeProto node, SequenceValue value)
    {
        long[]? given = Integers(node, 1, "axes");
        int[] axes = given is null
            ? [.. Enumerable.Range(0, value.Axes.Length).Where(i => value.Axes[i] != SequenceAxis.Feature && value.Length(value.Axes[i]) == 1)]
            : [.. given.Select(a => Axis(node, a, value.Axes.Length))];
        int wrong = Array.FindIndex(axes, a => value.Length(value.Axes[a]) != 1 || value.Axes[a] == SequenceAxis.Feature);
        return wrong < 0
            ? value with { Axes = [.. value.Axes.Where((_, i) => !axes.Contains(i))] }
            : throw GraphIndex.Unknown(node, $"squeezes dimension {axes[wrong]}, of length {value.Length(value.Axes[axes[wrong]])}");
    }

    private SequenceValue Unsqueeze(NodeProto node, SequenceValue value)
    {
        long[] given = Integers(node, 1, "axes") ?? throw GraphIndex.Unknown(node, "lacks its axes");
        int rank = value.Axes.Length + given.Length;
        if (rank > SequenceValue.MaxRank)
        {
            throw GraphIndex.Unknown(node, $"makes {rank} dimensions; at most {SequenceValue.MaxRank} are followed");
        }

        int[] added = [.. given.Select(a => Axis(node, a, rank)).Distinct()];
        if (added.Length != given.Length)
        {
            throw GraphIndex.Unknown(node, "names a dimension twice");
        }

        var kept = new Queue<SequenceAxis>(value.Axes);
        return value with { Axes = [.. Enumerable.Range(0, rank).Select(i => added.Contains(i) ? SequenceAxis.One : kept.Dequeue())] };
    }

    // Elements keep their order, so the dimensions that are longer than 1 must come again in theirs. Read from the right, so
    // that of several lengths of 1 the last is the features'.
    private static SequenceValue Reshape(NodeProto node, SequenceValue value, long[] shape)
    {
        if (shape.Length > SequenceValue.MaxRank)
        {
            throw GraphIndex.Unknown(node, $"makes {shape.Length} dimensions; at most {SequenceValue.MaxRank} are followed");
        }

        long whole = value.Axes.Aggregate(1L, (product, axis) => product * value.Length(axis));
        long[] lengths = [.. shape.Select((s, i) => s == 0 && i < value.Axes.Length ? value.Length(value.Axes[i]) : s)];
        long known = lengths.Where(s => s >= 0).Aggregate(1L, (product, s) => Math.Clamp(product * Math.Min(s, int.MaxValue), 0, int.MaxValue));
        int free = Array.IndexOf(lengths, -1);
        if (free >= 0 && known > 0)
        {
            lengths[free] = whole / known;
        }

        var left = new Stack<SequenceAxis>(value.Axes.Where(a => a != SequenceAxis.One));
        var axes = new SequenceAxis[lengths.Length];
        for (int i = lengths.Length - 1; i >= 0; i--)
        {
            axes[i] = left.Count > 0 && value.Length(left.Peek()) == lengths[i] ? left.Pop()
                : lengths[i] == 1 ? SequenceAxis.One
                : throw GraphIndex.Unknown(node, $"reshapes to [{string.Join(", ", shape)}], which mixes ticks and features");
        }

        return left.Count == 0 ? value with { Axes = axes } : throw GraphIndex.Unknown(node, $"reshapes to [{string.Join(", ", shape)}], which is not as long");
    }

    private static SequenceValue Flatten(NodeProto node, SequenceValue value)
    {
        int at = Axis(node, GraphIndex.Attribute(node, "axis")?.I ?? 1, value.Axes.Length + 1);
        long before = value.Axes.Take(at).Aggregate(1L, (product, axis) => product * value.Length(axis));
        long after = value.Axes.Skip(at).Aggregate(1L, (product, axis) => product * value.Length(axis));
        return Reshape(node, value, [before, after]);
    }

    private SequenceValue Gather(NodeProto node, SequenceValue value)
    {
        int at = Axis(node, GraphIndex.Attribute(node, "axis")?.I ?? 0, value.Axes.Length);
        TensorProto tensor = graph.Constant(node, GraphIndex.Input(node, 1));
        long[] indices = TensorData.Integers(tensor);
        SequenceAxis axis = value.Axes[at];
        if (axis == SequenceAxis.Feature)
        {
            return value.Source is null && tensor.Dims.Count == 1
                ? value with { Features = [.. indices.Select(i => Feature(node, value, i))] }
                : throw GraphIndex.Unknown(node, value.Source is null ? "picks by indices that are not a list" : "picks units of an LSTM");
        }

        int length = value.Length(axis);
        long index = indices.Length == 1 ? indices[0] < 0 ? indices[0] + length : indices[0] : -1;
        if (tensor.Dims.Count > 1 || indices.Length != 1 || index != length - 1)
        {
            throw GraphIndex.Unknown(node, $"picks other steps than the last of {length}");
        }

        return value with { Axes = [.. value.Axes[..at], .. tensor.Dims.Count == 0 ? (SequenceAxis[])[] : [SequenceAxis.One], .. value.Axes[(at + 1)..]] };
    }

    private SequenceValue Slice(NodeProto node, SequenceValue value)
    {
        long[] starts = Integers(node, 1, "starts") ?? throw GraphIndex.Unknown(node, "lacks its starts");
        long[] ends = Integers(node, 2, "ends") ?? throw GraphIndex.Unknown(node, "lacks its ends");
        long[] axes = Integers(node, 3, "axes") ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[] steps = Integers(node, 4, null) ?? [.. starts.Select(_ => 1L)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length || steps.Any(s => s != 1))
        {
            throw GraphIndex.Unknown(node, "slices with other steps than 1, or by lists of different lengths");
        }

        for (int i = 0; i < starts.Length; i++)
        {
            int at = Axis(node, axes[i], value.Axes.Length);
            int length = value.Length(value.Axes[at]);
            int start = Position(starts[i], length);
            int end = Position(ends[i], length);
            value = (start, end) == (0, length) ? value : Part(node, value, at, start, end);
        }

        return value;
    }

    private static SequenceValue Part(NodeProto node, SequenceValue value, int at, int start, int end) => value.Axes[at] switch
    {
        SequenceAxis.Step when start == value.Steps - 1 && end == value.Steps =>
            value with { Axes = [.. value.Axes.Select((a, i) => i == at ? SequenceAxis.One : a)] },
        SequenceAxis.Feature when value.Source is null && start < end => value with { Features = value.Features[start..end] },
        _ => throw GraphIndex.Unknown(node, $"picks other steps than the last of {value.Steps}, or units of an LSTM"),
    };

    private static int Position(long index, int length) => (int)Math.Clamp(index < 0 ? index + length : index, 0, length);

    private static int Feature(NodeProto node, SequenceValue value, long index)
    {
        long from = index < 0 ? index + value.Features.Length : index;
        return from >= 0 && from < value.Features.Length
            ? value.Features[from]
            : throw GraphIndex.Unknown(node, $"picks feature {index} of {value.Features.Length}");
    }

    private static int Axis(NodeProto node, long axis, int rank) =>
        (int)((axis < 0 ? axis + rank : axis) is var at && at >= 0 && at < rank ? at : throw GraphIndex.Unknown(node, $"names dimension {axis} of {rank}"));

    // A list of integers that older operator sets keep in an attribute and newer ones in a constant input; null where it is absent.
    private long[]? Integers(NodeProto node, int input, string? attribute)
    {
        if (attribute is not null && GraphIndex.Attribute(node, attribute) is { } given)
        {
            return [.. given.Ints];
        }

        return input < node.Input.Count && node.Input[input].Length > 0
            ? TensorData.Integers(graph.Constant(node, node.Input[input]))
            : attribute is null && input == 1 ? throw GraphIndex.Unknown(node, "lacks an input") : null;
    }
}
