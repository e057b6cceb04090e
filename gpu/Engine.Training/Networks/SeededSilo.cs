using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Networks;

namespace Engine.Training.Networks;

/// <summary>
/// A silo network with weights drawn from a seed: the shape of a real model, for measuring and testing, not for trading.
/// Each family that is named becomes a silo (hidden 10, 10, embedding 2, relu but for the embedding); the features of the others go straight to
/// the fusion (10 relu, 1).
/// </summary>
public static class SeededSilo
{
    /// <summary>Units of the hidden layers.</summary>
    public const int Hidden = 10;

    /// <summary>Width of an embedding.</summary>
    public const int Embedding = 2;

    /// <summary>Least standard deviation of the output over standard normal inputs.</summary>
    public const double MinDeviation = 0.05;

    private const int ProbeRows = 256;
    private const int MaxDraws = 1_000;

    /// <summary>Draws a network.</summary>
    /// <param name="contract">What it reads.</param>
    /// <param name="families">Families that become silos, in this order.</param>
    /// <param name="seed">Of all weights; the same seed gives the same bits.</param>
    /// <param name="deviation">Standard deviation by feature: one that never varies is left out of the fusion, as no training would give it a
    /// weight. Null where all vary.</param>
    /// <exception cref="ArgumentException">A family that the contract lacks, or named twice.</exception>
    /// <exception cref="InvalidOperationException">No draw had lively embeddings; never seen.</exception>
    public static SiloNetwork Create(FeatureContract contract, IReadOnlyList<string> families, ulong seed, float[]? deviation = null)
    {
        string? unknown = families.FirstOrDefault(f => !contract.Families.Contains(f, StringComparer.Ordinal));
        if (unknown is not null || families.Distinct(StringComparer.Ordinal).Count() != families.Count)
        {
            throw new ArgumentException(unknown is null ? "A family is named twice." : $"The contract has no family '{unknown}'.", nameof(families));
        }

        var random = new SeededRandom(seed);
        float[][] probe = Enumerable.Range(0, ProbeRows)
            .Select(_ => Enumerable.Range(0, contract.Count).Select(_ => (float)random.NextNormal()).ToArray())
            .ToArray();
        Silo[] silos = families.Select(f => DrawSilo(f, Members(contract, f), probe, random)).ToArray();
        int[] direct = Enumerable.Range(0, contract.Count)
            .Where(i => !families.Contains(contract.Features[i].Family, StringComparer.Ordinal) && deviation?[i] != 0)
            .ToArray();
        return DrawFusion(contract.Count, silos, direct, probe, random);
    }

    private static int[] Members(FeatureContract contract, string family) =>
        Enumerable.Range(0, contract.Count).Where(i => contract.Features[i].Family == family).ToArray();

    private static Silo DrawSilo(string family, int[] features, float[][] probe, SeededRandom random)
    {
        for (int draw = 0; draw < MaxDraws; draw++)
        {
            var silo = new Silo(family, features,
            [
                Draw(features.Length, Hidden, Activation.Relu, random),
                Draw(Hidden, Hidden, Activation.Relu, random),
                Draw(Hidden, Embedding, Activation.Identity, random),
            ]);
            if (Enumerable.Range(0, Embedding).All(e => Deviation(Only(silo, e, probe[0].Length), probe) >= MinDeviation))
            {
                return silo;
            }
        }

        throw new InvalidOperationException($"No draw of {MaxDraws} made a silo '{family}' with lively embeddings.");
    }

    private static SiloNetwork DrawFusion(int featureCount, Silo[] silos, int[] direct, float[][] probe, SeededRandom random)
    {
        int width = silos.Sum(s => s.Outputs) + direct.Length;
        for (int draw = 0; draw < MaxDraws; draw++)
        {
            var network = new SiloNetwork(featureCount, silos, direct,
            [
                Draw(width, Hidden, Activation.Relu, random),
                Draw(Hidden, 1, Activation.Identity, random),
            ]);
            if (Deviation(network, probe) >= MinDeviation)
            {
                return network;
            }
        }

        throw new InvalidOperationException($"No draw of {MaxDraws} made an output with a deviation of {MinDeviation}.");
    }

    // One embedding of a silo as a network of its own, to see whether it moves.
    private static SiloNetwork Only(Silo silo, int embedding, int featureCount)
    {
        var pick = new float[Embedding];
        pick[embedding] = 1;
        return new SiloNetwork(featureCount, [silo], [], [new DenseLayer(pick, [0f], Activation.Identity)]);
    }

    private static double Deviation(SiloNetwork network, float[][] rows)
    {
        using var predictor = new NativeSiloPredictor(network, Kernel.Scalar);
        double sum = 0, squares = 0;
        foreach (float[] row in rows)
        {
            double y = predictor.Predict(row);
            sum += y;
            squares += y * y;
        }

        double mean = sum / rows.Length;
        return Math.Sqrt(Math.Max(0, (squares / rows.Length) - (mean * mean)));
    }

    // Uniform with the variance 2 / inputs (He et al., 2015): a half-width of √(6 / inputs). Biases are small and not 0.
    private static DenseLayer Draw(int inputs, int outputs, Activation activation, SeededRandom random)
    {
        double half = Math.Sqrt(6.0 / inputs);
        return new DenseLayer(
            Enumerable.Range(0, inputs * outputs).Select(_ => (float)(half * ((2 * random.NextDouble()) - 1))).ToArray(),
            Enumerable.Range(0, outputs).Select(_ => (float)(0.1 * ((2 * random.NextDouble()) - 1))).ToArray(),
            activation);
    }
}
