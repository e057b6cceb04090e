using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>Folds a BatchNormalization node, which at inference is one factor and one offset a channel, into a dense layer beside it.</summary>
internal static class BatchNormalisation
{
    private const float DefaultEpsilon = 1e-5f;

    /// <summary>
    /// The layer that does both. With a = scale ÷ √(variance + ε) by input i: weight' = weight × a, and
    /// bias' = bias + Σ weight × (offset − mean × a), the sum over the inputs in order; in float64, each result rounded once.
    /// </summary>
    /// <param name="graph">Where its constants are.</param>
    /// <param name="node">The normalisation.</param>
    /// <param name="layer">The dense layer that reads what it makes.</param>
    /// <exception cref="FormatException">It is in training mode, a constant does not fit, or the result is not finite.</exception>
    public static DenseLayer Fold(GraphIndex graph, NodeProto node, DenseLayer layer)
    {
        if ((GraphIndex.Attribute(node, "training_mode")?.I ?? 0) != 0)
        {
            throw GraphIndex.Unknown(node, "is in training mode");
        }

        float[] scale = Channels(graph, node, 1, layer.Inputs);
        float[] offset = Channels(graph, node, 2, layer.Inputs);
        float[] mean = Channels(graph, node, 3, layer.Inputs);
        float[] variance = Channels(graph, node, 4, layer.Inputs);
        double epsilon = GraphIndex.Attribute(node, "epsilon")?.F ?? DefaultEpsilon;
        var weights = new float[layer.Weights.Length];
        double[] bias = [.. layer.Bias.ToArray().Select(b => (double)b)];
        for (int i = 0; i < layer.Inputs; i++)
        {
            double factor = scale[i] / Math.Sqrt(variance[i] + epsilon);
            double shift = offset[i] - (mean[i] * factor);
            for (int o = 0; o < layer.Outputs; o++)
            {
                int at = (i * layer.Outputs) + o;
                weights[at] = (float)(layer.Weights[at] * factor);
                bias[o] += layer.Weights[at] * shift;
            }
        }

        float[] biases = [.. bias.Select(b => (float)b)];
        return weights.Concat(biases).All(float.IsFinite)
            ? new DenseLayer(weights, biases, layer.Activation)
            : throw GraphIndex.Unknown(node, "has statistics that do not give finite weights");
    }

    /// <summary>
    /// The layer that does both where the normalisation follows the layer directly. With a = scale ÷ √(variance + ε) by output o:
    /// weight' = weight × a, and bias' = (bias − mean) × a + offset; in float64, each result rounded once.
    /// </summary>
    /// <param name="graph">Where its constants are.</param>
    /// <param name="node">The normalisation.</param>
    /// <param name="layer">The dense layer that makes what it reads, without an activation.</param>
    /// <exception cref="FormatException">As for <see cref="Fold"/>.</exception>
    public static DenseLayer FoldBack(GraphIndex graph, NodeProto node, DenseLayer layer)
    {
        if ((GraphIndex.Attribute(node, "training_mode")?.I ?? 0) != 0)
        {
            throw GraphIndex.Unknown(node, "is in training mode");
        }

        int outputs = layer.Outputs;
        float[] scale = Channels(graph, node, 1, outputs);
        float[] offset = Channels(graph, node, 2, outputs);
        float[] mean = Channels(graph, node, 3, outputs);
        float[] variance = Channels(graph, node, 4, outputs);
        double epsilon = GraphIndex.Attribute(node, "epsilon")?.F ?? DefaultEpsilon;
        double[] factor = [.. scale.Select((s, o) => s / Math.Sqrt(variance[o] + epsilon))];
        float[] weights = [.. layer.Weights.ToArray().Select((w, i) => (float)(w * factor[i % outputs]))];
        float[] biases = [.. layer.Bias.ToArray().Select((b, o) => (float)(((b - (double)mean[o]) * factor[o]) + offset[o]))];
        return weights.Concat(biases).All(float.IsFinite)
            ? new DenseLayer(weights, biases, layer.Activation)
            : throw GraphIndex.Unknown(node, "has statistics that do not give finite weights");
    }

    private static float[] Channels(GraphIndex graph, NodeProto node, int input, int count)
    {
        float[] values = TensorData.Floats(graph.Constant(node, GraphIndex.Input(node, input)));
        return values.Length == count ? values : throw GraphIndex.Unknown(node, $"has {values.Length} channels, the dense layer beside it {count} values");
    }
}
