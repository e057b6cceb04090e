using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>Reads the nodes that stand between dense layers; each refusal names the node.</summary>
internal static class DenseNodes
{
    private const float DefaultSlope = 0.01f;
    private const float DefaultEpsilon = 1e-5f;

    /// <summary>Identity, Dropout, Flatten, and Reshape to the shape that the value has.</summary>
    public static void CheckPassing(GraphIndex graph, NodeProto node, int width)
    {
        bool passes = node.OpType switch
        {
            "Dropout" => node.Input.Count < 3 || node.Input[2].Length == 0,
            "Flatten" => (GraphIndex.Attribute(node, "axis")?.I ?? 1) is 1 or -1,

            // 0 keeps a length, −1 stands for what is left.
            "Reshape" => TensorData.Integers(graph.Constant(node, GraphIndex.Input(node, 1))) is [var rows, var columns]
                && (columns == width ? rows is -1 or 0 or 1 : columns is -1 or 0 && rows is 0 or 1),
            _ => true,
        };
        if (!passes)
        {
            throw GraphIndex.Unknown(node, $"does not leave a row of {width} values as it is");
        }
    }

    /// <summary>A LeakyRelu.</summary>
    public static DenseStage LeakyRelu(NodeProto node)
    {
        float slope = GraphIndex.Attribute(node, "alpha")?.F ?? DefaultSlope;
        return float.IsFinite(slope) ? new DenseStage.LeakyRelu(slope) : throw GraphIndex.Unknown(node, "has an alpha that is not a finite number");
    }

    /// <summary>A LayerNormalization over the values of a row.</summary>
    public static DenseStage LayerNorm(GraphIndex graph, NodeProto node, int width)
    {
        CheckAxis(node, "normalises", -1);
        float epsilon = GraphIndex.Attribute(node, "epsilon")?.F ?? DefaultEpsilon;
        if (!float.IsFinite(epsilon) || epsilon < 0)
        {
            throw GraphIndex.Unknown(node, "has an epsilon that is not a finite number, or below 0");
        }

        float[] scale = Values(graph, node, 1, width);
        float[] offset = node.Input.Count > 2 && node.Input[2].Length != 0 ? Values(graph, node, 2, width) : new float[width];
        return new DenseStage.LayerNorm(scale, offset, epsilon);
    }

    /// <summary>A Softmax over the values of a row.</summary>
    public static DenseStage Softmax(NodeProto node)
    {
        CheckAxis(node, "runs", -1);
        return new DenseStage.Softmax();
    }

    /// <summary>A Gather of some of a row's values.</summary>
    public static DenseStage Gather(GraphIndex graph, NodeProto node, int width)
    {
        CheckAxis(node, "picks", 0);
        TensorProto indices = graph.Constant(node, GraphIndex.Input(node, 1));
        return indices.Dims.Count == 1
            ? new DenseStage.Pick([.. TensorData.Integers(indices).Select(i => Index(i, width))])
            : throw GraphIndex.Unknown(node, "picks by indices that are not a list");
    }

    /// <summary>A Slice of a row's values, one after the other.</summary>
    public static DenseStage Slice(GraphIndex graph, NodeProto node, int width)
    {
        long[] Integers(int input, string attribute, long[] otherwise) => GraphIndex.Attribute(node, attribute) is { } given ? [.. given.Ints]
            : input < node.Input.Count && node.Input[input].Length != 0 ? TensorData.Integers(graph.Constant(node, node.Input[input]))
            : otherwise;
        if (Integers(1, "starts", []) is not [var start] || Integers(2, "ends", []) is not [var end]
            || Integers(3, "axes", [0]) is not [1 or -1] || Integers(4, "steps", [1]) is not [1])
        {
            throw GraphIndex.Unknown(node, "slices other than one run of a row's values");
        }

        int first = Position(start, width), last = Position(end, width);
        return first < last ? new DenseStage.Pick([.. Enumerable.Range(first, last - first)]) : throw GraphIndex.Unknown(node, "picks nothing");
    }

    private static int Position(long index, int width) => (int)Math.Clamp(index < 0 ? index + width : index, 0, width);

    private static int Index(long index, int width) => (int)Math.Clamp(index < 0 ? index + width : index, -1, int.MaxValue);

    private static void CheckAxis(NodeProto node, string does, long otherwise)
    {
        long axis = GraphIndex.Attribute(node, "axis")?.I ?? otherwise;
        if (axis is not (1 or -1))
        {
            throw GraphIndex.Unknown(node, $"{does} along axis {axis}, not along a row's values");
        }
    }

    private static float[] Values(GraphIndex graph, NodeProto node, int input, int width)
    {
        float[] values = TensorData.Floats(graph.Constant(node, GraphIndex.Input(node, input)));
        return values.Length == width ? values
            : values.Length == 1 ? [.. Enumerable.Repeat(values[0], width)]
            : throw GraphIndex.Unknown(node, $"has {values.Length} factors or offsets for {width} values");
    }
}
