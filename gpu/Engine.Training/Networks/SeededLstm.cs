using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;

namespace Engine.Training.Networks;

/// <summary>Sizes of an LSTM network.</summary>
public sealed record LstmShape
{
    /// <summary>T: ticks of a window.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Features of a tick; those of the contract are picked in turn from its families.</summary>
    public int Features { get; init; } = 10;

    /// <summary>Units of each layer.</summary>
    public int Units { get; init; } = 64;

    /// <summary>LSTM layers.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Windows, or a carried state.</summary>
    public SequenceMode Mode { get; init; }
}

/// <summary>
/// An LSTM network with weights drawn from a seed: the shape of a real model, for measuring and testing, not for trading. Its
/// head is dense 32 relu → dense 1 sigmoid.
/// </summary>
public static class SeededLstm
{
    /// <summary>Units of the head's hidden layer.</summary>
    public const int Hidden = 32;

    /// <summary>Least standard deviation of the output over standard normal inputs.</summary>
    public const double MinDeviation = 0.02;

    private const int ProbeTicks = 200;
    private const int MaxDraws = 200;

    /// <summary>Draws a network.</summary>
    /// <param name="contract">What it reads.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="seed">Of all weights; the same seed gives the same bits.</param>
    /// <exception cref="ArgumentException">More features than the contract has, or a size outside its limit.</exception>
    /// <exception cref="InvalidOperationException">No draw had a lively output; never seen.</exception>
    public static LstmNetwork Create(FeatureContract contract, LstmShape shape, ulong seed)
    {
        if (shape.Features < 1 || shape.Features > contract.Count)
        {
            throw new ArgumentException($"{shape.Features} features of a tick, the contract has {contract.Count}.", nameof(shape));
        }

        var random = new SeededRandom(seed);
        int[] features = Pick(contract, shape.Features);
        for (int draw = 0; draw < MaxDraws; draw++)
        {
            LstmNetwork network = Draw(contract.Count, features, shape, random);
            if (Deviation(network, seed) >= MinDeviation)
            {
                return network;
            }
        }

        throw new InvalidOperationException($"No draw of {MaxDraws} made an output with a deviation of {MinDeviation}.");
    }

    // The first feature of each family, then the second of each that has one, and so on; in contract order.
    private static int[] Pick(FeatureContract contract, int count)
    {
        var picked = new List<int>();
        int[][] families = [.. contract.Families.Select(f => Enumerable.Range(0, contract.Count).Where(i => contract.Features[i].Family == f).ToArray())];
        for (int round = 0; round < contract.Count && picked.Count < count; round++)
        {
            picked.AddRange(families.Where(f => f.Length > round).Select(f => f[round]));
        }

        return [.. picked.Take(count).Order()];
    }

    private static LstmNetwork Draw(int featureCount, int[] features, LstmShape shape, SeededRandom random)
    {
        var layers = new List<LstmLayer>();
        for (int i = 0; i < shape.Layers; i++)
        {
            int inputs = i == 0 ? features.Length : shape.Units;
            int rows = LstmLayer.Gates * shape.Units;

            // Glorot and Bengio (2010) for the inputs; biases are small but for the forget gate's, which begins at 1 (Gers, 2000).
            float[] bias = [.. Uniform(rows, 0.1, random).Select((b, row) => row / shape.Units == 2 ? b + 1 : b)];
            layers.Add(new LstmLayer(
                shape.Units,
                Uniform(rows * inputs, Math.Sqrt(6.0 / (inputs + shape.Units)), random),
                Uniform(rows * shape.Units, Math.Sqrt(3.0 / shape.Units), random),
                bias));
        }

        return new LstmNetwork(featureCount, features, shape.Steps, layers,
        [
            new DenseLayer(Uniform(shape.Units * Hidden, Math.Sqrt(6.0 / shape.Units), random), Uniform(Hidden, 0.1, random), Activation.Relu),
            new DenseLayer(Uniform(Hidden, Math.Sqrt(6.0 / Hidden), random), Uniform(1, 0.1, random), Activation.Sigmoid),
        ], shape.Mode);
    }

    private static double Deviation(LstmNetwork network, ulong seed)
    {
        var random = new SeededRandom(seed);
        using var predictor = new NativeLstmPredictor(network, KernelChoice.Best, new EngineLimits { Instruments = 1, SequenceInstruments = 1 });
        double sum = 0, squares = 0;
        var row = new float[network.FeatureCount];
        for (int tick = 0; tick < network.Steps - 1 + ProbeTicks; tick++)
        {
            foreach (ref float value in row.AsSpan())
            {
                value = (float)random.NextNormal();
            }

            double y = predictor.Predict(row);
            predictor.CompleteBackground();
            sum += tick < network.Steps - 1 ? 0 : y;
            squares += tick < network.Steps - 1 ? 0 : y * y;
        }

        double mean = sum / ProbeTicks;
        return Math.Sqrt(Math.Max(0, (squares / ProbeTicks) - (mean * mean)));
    }

    private static float[] Uniform(int count, double half, SeededRandom random) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(half * ((2 * random.NextDouble()) - 1)))];
}
