using Engine.Inference.Networks;

namespace Engine.TestKit.Inference;

/// <summary>An LSTM network in float64 with the class library's transcendentals, a window from its first step: slow and plain.</summary>
public static class LstmReference
{
    /// <summary>The output after the last of some rows.</summary>
    /// <param name="network">The network.</param>
    /// <param name="rows">The rows of the window, or of the whole stream, oldest first.</param>
    public static double Output(LstmNetwork network, IEnumerable<float[]> rows)
    {
        double[][] hidden = [.. network.Layers.Select(l => l.InitialHidden.ToArray().Select(v => (double)v).ToArray())];
        double[][] cell = [.. network.Layers.Select(l => l.InitialCell.ToArray().Select(v => (double)v).ToArray())];
        foreach (float[] row in rows)
        {
            double[] x = [.. network.Features.Select(f => (double)row[f])];
            for (int l = 0; l < network.Layers.Count; l++)
            {
                (hidden[l], cell[l]) = Step(network.Layers[l], x, hidden[l], cell[l]);
                x = hidden[l];
            }
        }

        return network.Head.Aggregate(hidden[^1], Dense)[0];
    }

    private static (double[] Hidden, double[] Cell) Step(LstmLayer layer, double[] x, double[] h, double[] c)
    {
        var nextHidden = new double[layer.Units];
        var nextCell = new double[layer.Units];
        var sums = new double[LstmLayer.Gates];
        for (int u = 0; u < layer.Units; u++)
        {
            for (int g = 0; g < sums.Length; g++)
            {
                int row = (g * layer.Units) + u;
                sums[g] = layer.Bias[row];
                for (int i = 0; i < h.Length; i++)
                {
                    sums[g] += layer.Recurrent[(row * h.Length) + i] * h[i];
                }

                for (int i = 0; i < x.Length; i++)
                {
                    sums[g] += layer.Input[(row * x.Length) + i] * x[i];
                }
            }

            nextCell[u] = (Sigmoid(sums[2]) * c[u]) + (Sigmoid(sums[0]) * Math.Tanh(sums[3]));
            nextHidden[u] = Sigmoid(sums[1]) * Math.Tanh(nextCell[u]);
        }

        return (nextHidden, nextCell);
    }

    private static double[] Dense(double[] x, DenseLayer layer)
    {
        var y = new double[layer.Outputs];
        for (int o = 0; o < y.Length; o++)
        {
            double sum = layer.Bias[o];
            for (int i = 0; i < x.Length; i++)
            {
                sum += x[i] * layer.Weights[(i * layer.Outputs) + o];
            }

            y[o] = layer.Activation switch
            {
                Activation.Relu => Math.Max(0, sum),
                Activation.Sigmoid => Sigmoid(sum),
                Activation.Tanh => Math.Tanh(sum),
                _ => sum,
            };
        }

        return y;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
