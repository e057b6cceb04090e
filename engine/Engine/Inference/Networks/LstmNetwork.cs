namespace Engine.Inference.Networks;

/// <summary>
/// LSTM layers over the last T ticks of an instrument, then dense layers from the last hidden state down to one output.
/// </summary>
public sealed class LstmNetwork
{
    /// <summary>Most steps of a window.</summary>
    public const int MaxSteps = 4_096;

    /// <summary>Most LSTM layers.</summary>
    public const int MaxLayers = 4;

    /// <param name="featureCount">Features of a row.</param>
    /// <param name="features">Indices into the row, in the order in which they are summed.</param>
    /// <param name="steps">T, the ticks of a window; in streaming mode the ticks before the first prediction, itself counted.</param>
    /// <param name="layers">At least one, each fed by the hidden states of the one before.</param>
    /// <param name="head">At least one dense layer; the last has one output.</param>
    /// <param name="mode">Windows, or a carried state.</param>
    /// <exception cref="ArgumentException">Widths that do not follow from one another, an index outside the row, or a size outside its limit.</exception>
    public LstmNetwork(
        int featureCount, IReadOnlyList<int> features, int steps, IReadOnlyList<LstmLayer> layers, IReadOnlyList<DenseLayer> head,
        SequenceMode mode = SequenceMode.Windows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(featureCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(featureCount, DenseLayer.MaxWidth);
        foreach (int index in features)
        {
            if ((uint)index >= (uint)featureCount)
            {
                throw new ArgumentException($"Feature index {index} of a tick is outside the row of {featureCount}.", nameof(features));
            }
        }

        if (steps is < 1 or > MaxSteps)
        {
            throw new ArgumentException($"A window of {steps} ticks; 1 to {MaxSteps} are allowed.", nameof(steps));
        }

        if (layers.Count is 0 or > MaxLayers)
        {
            throw new ArgumentException($"{layers.Count} LSTM layers; 1 to {MaxLayers} are allowed.", nameof(layers));
        }

        int width = features.Count;
        for (int i = 0; i < layers.Count; i++)
        {
            width = layers[i].Inputs == width
                ? layers[i].Units
                : throw new ArgumentException($"LSTM layer {i} takes {layers[i].Inputs} inputs but {width} come in.", nameof(layers));
        }

        SiloNetwork.CheckLayers("the head", head, width);
        if (head[^1].Outputs != 1)
        {
            throw new ArgumentException($"The head ends in {head[^1].Outputs} outputs; 1 is expected.", nameof(head));
        }

        FeatureCount = featureCount;
        Features = features;
        Steps = steps;
        Layers = layers;
        Head = head;
        Mode = mode;
    }

    /// <summary>Features of a row.</summary>
    public int FeatureCount { get; }

    /// <summary>Indices into the row of what goes into a step.</summary>
    public IReadOnlyList<int> Features { get; }

    /// <summary>T: ticks that an instrument's first prediction needs, the last included.</summary>
    public int Steps { get; }

    /// <summary>The LSTM layers, first to last.</summary>
    public IReadOnlyList<LstmLayer> Layers { get; }

    /// <summary>The dense layers after the last hidden state; the last has one output.</summary>
    public IReadOnlyList<DenseLayer> Head { get; }

    /// <summary>Windows, or a carried state.</summary>
    public SequenceMode Mode { get; }
}
