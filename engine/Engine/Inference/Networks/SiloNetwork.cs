namespace Engine.Inference.Networks;

/// <summary>One silo: the features of a family through dense layers of their own to an embedding.</summary>
/// <param name="Family">The family's name in the contract; free text.</param>
/// <param name="Features">Indices into the normalised row, in the order in which they are summed.</param>
/// <param name="Layers">At least one; the last one's outputs are the embedding.</param>
public sealed record Silo(string Family, IReadOnlyList<int> Features, IReadOnlyList<DenseLayer> Layers)
{
    /// <summary>Width of the embedding.</summary>
    public int Outputs => Layers[^1].Outputs;
}

/// <summary>
/// A Deep Silo network: the direct features, then an embedding a silo in silo order, concatenated; then the fusion layers down
/// to one output. Without silos it is an ordinary dense network over the direct features.
/// </summary>
public sealed class SiloNetwork
{
    /// <summary>Most silos.</summary>
    public const int MaxSilos = 1_024;

    /// <summary>Most layers of one silo, or of the fusion.</summary>
    public const int MaxLayers = 32;

    /// <param name="featureCount">Features of a row.</param>
    /// <param name="silos">May be empty.</param>
    /// <param name="direct">Indices of the features that go straight into the fusion; may be empty if there are silos.</param>
    /// <param name="fusion">At least one layer; the last has one output.</param>
    /// <exception cref="ArgumentException">Widths that do not follow from one another, or an index outside the row.</exception>
    public SiloNetwork(int featureCount, IReadOnlyList<Silo> silos, IReadOnlyList<int> direct, IReadOnlyList<DenseLayer> fusion)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(featureCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(featureCount, DenseLayer.MaxWidth);
        if (silos.Count > MaxSilos)
        {
            throw new ArgumentException($"{silos.Count} silos; at most {MaxSilos} are allowed.", nameof(silos));
        }

        int width = direct.Count;
        foreach (Silo silo in silos)
        {
            CheckIndices(silo.Family, silo.Features, featureCount);
            CheckLayers($"silo '{silo.Family}'", silo.Layers, silo.Features.Count);
            width += silo.Outputs;
        }

        CheckIndices("the direct features", direct, featureCount);
        CheckLayers("the fusion", fusion, width);
        if (fusion[^1].Outputs != 1)
        {
            throw new ArgumentException($"The fusion ends in {fusion[^1].Outputs} outputs; 1 is expected.", nameof(fusion));
        }

        FeatureCount = featureCount;
        Silos = silos;
        Direct = direct;
        Fusion = fusion;
    }

    /// <summary>Features of a row.</summary>
    public int FeatureCount { get; }

    /// <summary>The silos, in the order of their embeddings.</summary>
    public IReadOnlyList<Silo> Silos { get; }

    /// <summary>Features that go straight into the fusion, before the embeddings.</summary>
    public IReadOnlyList<int> Direct { get; }

    /// <summary>The layers after the concatenation; the last has one output.</summary>
    public IReadOnlyList<DenseLayer> Fusion { get; }

    private static void CheckIndices(string where, IReadOnlyList<int> indices, int featureCount)
    {
        foreach (int index in indices)
        {
            if ((uint)index >= (uint)featureCount)
            {
                throw new ArgumentException($"Feature index {index} of {where} is outside the row of {featureCount}.");
            }
        }
    }

    /// <summary>Checks that layers follow from one another.</summary>
    internal static void CheckLayers(string where, IReadOnlyList<DenseLayer> layers, int inputs)
    {
        if (layers.Count is 0 or > MaxLayers)
        {
            throw new ArgumentException($"{where} has {layers.Count} layers; 1 to {MaxLayers} are allowed.");
        }

        for (int i = 0; i < layers.Count; i++)
        {
            if (layers[i].Inputs != inputs)
            {
                throw new ArgumentException($"Layer {i} of {where} takes {layers[i].Inputs} inputs but {inputs} come in.");
            }

            inputs = layers[i].Outputs;
        }
    }
}
