using Engine.Features;
using Engine.Inference.Networks;

namespace Engine.Training.Networks;

/// <summary>One silo to be trained: the features of a family through dense layers of their own.</summary>
/// <param name="Family">The family's name.</param>
/// <param name="Features">Indices into the row, in the order in which they are summed.</param>
/// <param name="Layers">The last one's outputs are the embedding.</param>
public sealed record SiloBranch(string Family, IReadOnlyList<int> Features, IReadOnlyList<DenseSpec> Layers);

/// <summary>
/// A network that reads a row: the direct features and an embedding a silo, concatenated, through the fusion layers. Without
/// silos it is a linear model or a perceptron.
/// </summary>
public sealed record SiloSpec : NetworkSpec
{
    /// <summary>The silos; may be empty.</summary>
    public IReadOnlyList<SiloBranch> Silos { get; init; } = [];

    /// <summary>Features that go straight into the fusion; may be empty if there are silos.</summary>
    public required IReadOnlyList<int> Direct { get; init; }

    /// <summary>The layers after the concatenation; the last has one output.</summary>
    public required IReadOnlyList<DenseSpec> Fusion { get; init; }

    /// <inheritdoc/>
    public override int Window => 1;

    /// <summary>Inputs of the first fusion layer.</summary>
    internal int FusionInputs => Direct.Count + Silos.Sum(s => s.Layers[^1].Outputs);

    /// <summary>One dense layer: a linear model; under cross-entropy a logistic one.</summary>
    /// <param name="features">Features of a row.</param>
    public static SiloSpec Linear(int features) => Mlp(features, []);

    /// <summary>A perceptron.</summary>
    /// <param name="features">Features of a row.</param>
    /// <param name="hidden">Units of each hidden layer.</param>
    /// <param name="activation">Of the hidden layers.</param>
    /// <param name="dropout">Behind each of them.</param>
    public static SiloSpec Mlp(int features, IReadOnlyList<int> hidden, Activation activation = Activation.Relu, float dropout = 0) => new()
    {
        FeatureCount = features,
        Direct = [.. Enumerable.Range(0, features)],
        Fusion = [.. hidden.Select(h => new DenseSpec(h, activation, dropout)), new DenseSpec(1)],
    };

    /// <summary>Deep Silos: each named family through 10 relu, 10 relu, 2; the others straight into the fusion of 10 relu, 1.</summary>
    /// <param name="contract">What is read.</param>
    /// <param name="families">Families that become silos, in this order.</param>
    /// <param name="dropout">Behind every hidden layer.</param>
    /// <exception cref="ArgumentException">A family that the contract lacks, or named twice.</exception>
    public static SiloSpec DeepSilos(FeatureContract contract, IReadOnlyList<string> families, float dropout = 0)
    {
        string? unknown = families.FirstOrDefault(f => !contract.Families.Contains(f, StringComparer.Ordinal));
        if (unknown is not null || families.Distinct(StringComparer.Ordinal).Count() != families.Count)
        {
            throw new ArgumentException(unknown is null ? "A family is named twice." : $"The contract has no family '{unknown}'.", nameof(families));
        }

        var hidden = new DenseSpec(SeededSilo.Hidden, Activation.Relu, dropout);
        return new SiloSpec
        {
            FeatureCount = contract.Count,
            Silos = [.. families.Select(f => new SiloBranch(
                f,
                [.. Enumerable.Range(0, contract.Count).Where(i => contract.Features[i].Family == f)],
                [hidden, hidden, new DenseSpec(SeededSilo.Embedding)]))],
            Direct = [.. Enumerable.Range(0, contract.Count).Where(i => !families.Contains(contract.Features[i].Family, StringComparer.Ordinal))],
            Fusion = [hidden, new DenseSpec(1)],
        };
    }

    /// <inheritdoc/>
    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(FeatureCount);
        if (Silos.Count > SiloNetwork.MaxSilos || (Silos.Count == 0 && Direct.Count == 0))
        {
            throw new ArgumentException($"{Silos.Count} silos and {Direct.Count} direct features; at most {SiloNetwork.MaxSilos} silos, and something to read, are asked for.");
        }

        foreach (SiloBranch silo in Silos)
        {
            CheckFeatures($"silo '{silo.Family}'", silo.Features);
            CheckLayers($"silo '{silo.Family}'", silo.Layers, endsInOne: false);
            if (silo.Features.Count == 0)
            {
                throw new ArgumentException($"Silo '{silo.Family}' reads nothing.");
            }
        }

        CheckFeatures("the direct features", Direct);
        CheckLayers("the fusion", Fusion, endsInOne: true);
        if (FusionInputs > DenseLayer.MaxWidth)
        {
            throw new ArgumentException($"The fusion has {FusionInputs} inputs; at most {DenseLayer.MaxWidth} are allowed.");
        }
    }
}
