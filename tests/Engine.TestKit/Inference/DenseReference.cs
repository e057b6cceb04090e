using Engine.Inference.Networks;

namespace Engine.TestKit.Inference;

/// <summary>A chain of dense stages in float64 with the class library's transcendentals: slow and plain.</summary>
public static class DenseReference
{
    /// <summary>The output for one row.</summary>
    /// <param name="network">The network.</param>
    /// <param name="row">Normalised features.</param>
    public static double Output(DenseNetwork network, ReadOnlySpan<float> row)
    {
        double[] x = [.. row[..network.FeatureCount].ToArray().Select(v => (double)v)];
        return network.Stages.Aggregate(x, Stage)[0];
    }

    /// <summary>What comes out of one dense layer.</summary>
    public static double[] Layer(double[] x, DenseLayer layer)
    {
        var y = new double[layer.Outputs];
        for (int o = 0; o < y.Length; o++)
        {
            double sum = layer.Bias[o];
            for (int i = 0; i < x.Length; i++)
            {
                sum += x[i] * layer.Weights[(i * layer.Outputs) + o];
            }

            y[o] = Activate(layer.Activation, sum);
        }

        return y;
    }

    private static double[] Stage(double[] x, DenseStage stage) => stage switch
    {
        DenseStage.Product product => Layer(x, product.Layer),
        DenseStage.Activate activate => [.. x.Select(v => Activate(activate.Activation, v))],
        DenseStage.LeakyRelu leaky => [.. x.Select(v => v < 0 ? v * leaky.Slope : v)],
        DenseStage.LayerNorm norm => Normalise(x, norm),
        DenseStage.Softmax => Softmax(x),
        DenseStage.Pick pick => [.. pick.Indices.Select(i => x[i])],
        _ => throw new NotSupportedException(stage.ToString()),
    };

    private static double[] Normalise(double[] x, DenseStage.LayerNorm norm)
    {
        double mean = x.Average();
        double variance = x.Average(v => (v - mean) * (v - mean));
        return [.. x.Select((v, i) => ((v - mean) / Math.Sqrt(variance + norm.Epsilon) * norm.Scale.Span[i]) + norm.Offset.Span[i])];
    }

    private static double[] Softmax(double[] x)
    {
        double largest = x.Max();
        double[] powers = [.. x.Select(v => Math.Exp(v - largest))];
        return [.. powers.Select(p => p / powers.Sum())];
    }

    private static double Activate(Activation activation, double x) => activation switch
    {
        Activation.Relu => Math.Max(0, x),
        Activation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        Activation.Tanh => Math.Tanh(x),
        _ => x,
    };
}
