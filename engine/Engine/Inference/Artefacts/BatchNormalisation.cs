using Engine.Inference.Artefacts.Onnx;
using Engine.Inference.Networks;

namespace Engine.Inference.Artefacts;

/// <summary>Folds a BatchNormalization node, which at inference is one factor and one offset a channel, into the dense layer behind it.</summary>
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

    private static float[] Channels(GraphIndex graph, NodeProto node, int input, int count)
    {
        float[] values = TensorData.Floats(graph.Constant(node, GraphIndex.Input(node, input)));
        return values.Length == count ? values : throw GraphIndex.Unknown(node, $"has {values.Length} channels, the dense layer behind it {count} inputs");
    }
}
