using Engine.Inference.Networks;

namespace Engine.Training.Networks;

/// <summary>
/// What a network to be trained looks like. Its last layer has one output and no activation: under a loss on probabilities that
/// output is a logit.
/// </summary>
public abstract record NetworkSpec
{
    /// <summary>Features of a row.</summary>
    public required int FeatureCount { get; init; }

    /// <summary>Ticks of an instrument that one prediction reads; 1 where it reads a row.</summary>
    public abstract int Window { get; }

    /// <summary>Checks sizes, indices and rates.</summary>
    /// <exception cref="ArgumentException">What does not fit, and where.</exception>
    public abstract void Check();

    /// <summary>Checks dense layers.</summary>
    private protected static void CheckLayers(string where, IReadOnlyList<DenseSpec> layers, bool endsInOne)
    {
        if (layers.Count is 0 or > SiloNetwork.MaxLayers)
        {
            throw new ArgumentException($"{where} has {layers.Count} layers; 1 to {SiloNetwork.MaxLayers} are allowed.");
        }

        foreach (DenseSpec layer in layers)
        {
            if (layer.Outputs is < 1 or > DenseLayer.MaxWidth)
            {
                throw new ArgumentException($"A layer of {where} has {layer.Outputs} outputs; 1 to {DenseLayer.MaxWidth} are allowed.");
            }

            CheckRate(where, layer.Dropout);
        }

        if (endsInOne && layers[^1] is not { Outputs: 1, Activation: Activation.Identity, Dropout: 0 })
        {
            throw new ArgumentException($"The last layer of {where} must have one output, no activation and no dropout.");
        }
    }

    /// <summary>Checks the indices of features.</summary>
    private protected void CheckFeatures(string where, IReadOnlyList<int> features)
    {
        foreach (int feature in features)
        {
            if ((uint)feature >= (uint)FeatureCount)
            {
                throw new ArgumentException($"Feature index {feature} of {where} is outside the row of {FeatureCount}.");
            }
        }
    }

    /// <summary>Checks a share of dropout.</summary>
    private protected static void CheckRate(string where, float rate)
    {
        if (!(rate is >= 0 and < 1))
        {
            throw new ArgumentException($"Dropout of {rate} in {where}; [0, 1) is allowed.");
        }
    }
}
