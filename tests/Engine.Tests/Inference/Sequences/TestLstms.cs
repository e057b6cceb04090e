using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;

namespace Engine.Tests.Inference.Sequences;

/// <summary>Random LSTM networks and artefacts, and the window from scratch, written with nothing of the kernels but the activations.</summary>
internal static class TestLstms
{
    /// <summary>Few instruments, so that a test's predictors are small.</summary>
    public static readonly EngineLimits Limits = new() { Instruments = 64, SequenceInstruments = 8 };

    public static LstmNetwork Random(
        SeededRandom random, int featureCount, int features, int steps, int[] units, SequenceMode mode = SequenceMode.Windows, bool initial = false)
    {
        int[] picked = [.. Enumerable.Range(0, features).Select(i => features == featureCount ? i : random.Next(featureCount))];
        var layers = new List<LstmLayer>();
        int inputs = features;
        foreach (int width in units)
        {
            int rows = LstmLayer.Gates * width;
            layers.Add(new LstmLayer(
                width, Floats(random, rows * inputs, 1), Floats(random, rows * width, Math.Sqrt(4.0 / width)), Floats(random, rows, 0.5),
                initial ? Floats(random, width, 1) : null, initial ? Floats(random, width, 1) : null));
            inputs = width;
        }

        DenseLayer[] head = random.Next(3) switch
        {
            0 => [TestModels.Dense(random, inputs, 1, Activation.Identity)],
            1 => [TestModels.Dense(random, inputs, random.Next(1, 40), Activation.Tanh), Last(random, Activation.Identity)],
            _ => [TestModels.Dense(random, inputs, 32, Activation.Relu), Last(random, Activation.Sigmoid)],
        };
        if (head.Length == 2)
        {
            head[1] = TestModels.Dense(random, head[0].Outputs, 1, head[1].Activation);
        }

        return new LstmNetwork(featureCount, picked, steps, layers, head, mode);
    }

    /// <summary>Four features of twelve, T = 5, seven units.</summary>
    public static LstmNetwork Small(SeededRandom random, SequenceMode mode = SequenceMode.Windows) => Random(random, 12, 4, 5, [7], mode);

    /// <summary>The bits of the output after the last row: one lane, one sum after the other.</summary>
    public static uint NaiveBits(LstmNetwork network, IEnumerable<float[]> rows)
    {
        float[][] hidden = [.. network.Layers.Select(l => l.InitialHidden.ToArray())];
        float[][] cell = [.. network.Layers.Select(l => l.InitialCell.ToArray())];
        foreach (float[] row in rows)
        {
            float[] x = [.. network.Features.Select(f => row[f])];
            for (int l = 0; l < network.Layers.Count; l++)
            {
                (hidden[l], cell[l]) = Step(network.Layers[l], x, hidden[l], cell[l]);
                x = hidden[l];
            }
        }

        float output = network.Head.Aggregate(hidden[^1], Dense)[0];
        return BitConverter.SingleToUInt32Bits(float.IsNaN(output) ? float.NaN : output + 0f);
    }

    public static float[][] Rows(SeededRandom random, int count, int features) =>
        [.. Enumerable.Range(0, count).Select(_ => TestModels.RandomRow(random, features, special: false))];

    public static ArtefactDescription Describe(LstmNetwork network, SeededRandom random, int answers = 4)
    {
        FeatureContract contract = TestModels.Contract(network.FeatureCount);
        float[] mean = Floats(random, contract.Count, 1);
        float[] deviation = [.. Floats(random, contract.Count, 0.4).Select(v => v + 1)];
        var normaliser = new Normaliser(mean, deviation);
        using var predictor = new NativeLstmPredictor(network, Kernel.Scalar, Limits);
        int count = network.Steps - 1 + answers;
        float[][] raw = Rows(random, count, contract.Count);
        raw[0][0] = float.NaN;
        raw[^1][0] = float.PositiveInfinity;
        var outputs = new float[count];
        var row = new float[contract.Count];
        for (int i = 0; i < count; i++)
        {
            normaliser.Apply(raw[i], row);
            outputs[i] = predictor.Predict(row);
        }

        return new ArtefactDescription
        {
            Contract = contract,
            Mean = mean,
            Deviation = deviation,
            Label = "direction",
            HorizonNanos = 1_000_000_000,
            TrainingSplit = ["2026-01-05"],
            Weights = ArtefactDescription.Seeded,
            Sequence = network.Mode,
            Golden = new GoldenVectors([.. raw.SelectMany(r => r)], outputs, contract.Count),
        };
    }

    public static float[] Floats(SeededRandom random, int count, double half) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(half * ((2 * random.NextDouble()) - 1)))];

    private static DenseLayer Last(SeededRandom random, Activation activation) => TestModels.Dense(random, 1, 1, activation);

    private static (float[] Hidden, float[] Cell) Step(LstmLayer layer, float[] x, float[] h, float[] c)
    {
        var nextHidden = new float[layer.Units];
        var nextCell = new float[layer.Units];
        for (int u = 0; u < layer.Units; u++)
        {
            float Gate(int gate)
            {
                int row = (gate * layer.Units) + u;
                float sum = layer.Bias[row];
                sum = Sum(sum, layer.Recurrent.Slice(row * h.Length, h.Length), h);
                return Sum(sum, layer.Input.Slice(row * x.Length, x.Length), x);
            }

            float i = Activations<LanesScalar, float>.Sigmoid(Gate(0));
            float o = Activations<LanesScalar, float>.Sigmoid(Gate(1));
            float f = Activations<LanesScalar, float>.Sigmoid(Gate(2));
            float g = Activations<LanesScalar, float>.Tanh(Gate(3));
            nextCell[u] = MathF.FusedMultiplyAdd(f, c[u], i * g);
            nextHidden[u] = o * Activations<LanesScalar, float>.Tanh(nextCell[u]);
        }

        return (nextHidden, nextCell);
    }

    private static float[] Dense(float[] x, DenseLayer layer)
    {
        var y = new float[layer.Outputs];
        for (int o = 0; o < y.Length; o++)
        {
            float[] column = [.. Enumerable.Range(0, x.Length).Select(i => layer.Weights[(i * layer.Outputs) + o])];
            y[o] = Activations<LanesScalar, float>.Apply(layer.Activation, Sum(layer.Bias[o], column, x));
        }

        return y;
    }

    private static float Sum(float sum, ReadOnlySpan<float> weights, float[] inputs)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            sum = MathF.FusedMultiplyAdd(inputs[i], weights[i], sum);
        }

        return sum;
    }
}
