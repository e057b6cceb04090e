using Engine.Inference.Networks;

namespace Engine.Training.Networks;

/// <summary>
/// An LSTM over the last T rows of an instrument; its last hidden state through batch normalisation and dropout into dense layers.
/// </summary>
public sealed record LstmSpec : NetworkSpec
{
    /// <summary>Indices into the row of what goes into a step, in the order in which they are summed.</summary>
    public required IReadOnlyList<int> Features { get; init; }

    /// <summary>T: ticks of a window.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Units.</summary>
    public int Units { get; init; } = 64;

    /// <summary>Whether the last hidden state is normalised over the batch (Ioffe and Szegedy, 2015).</summary>
    public bool HasBatchNorm { get; init; } = true;

    /// <summary>Share of the hidden state that a training step puts to 0, in [0, 1).</summary>
    public float Dropout { get; init; }

    /// <summary>The dense layers; the last has one output.</summary>
    public IReadOnlyList<DenseSpec> Head { get; init; } = [new DenseSpec(SeededLstm.Hidden, Activation.Relu), new DenseSpec(1)];

    /// <inheritdoc/>
    public override int Window => Steps;

    /// <inheritdoc/>
    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(FeatureCount);
        CheckFeatures("a tick", Features);
        if (Features.Count is 0 or > DenseLayer.MaxWidth || Units is < 1 or > LstmLayer.MaxUnits || Steps is < 1 or > LstmNetwork.MaxSteps)
        {
            throw new ArgumentException(
                $"An LSTM of {Units} units over {Steps} ticks of {Features.Count} features; 1 to {LstmLayer.MaxUnits}, {LstmNetwork.MaxSteps} and {DenseLayer.MaxWidth} are allowed.");
        }

        CheckRate("the hidden state", Dropout);
        CheckLayers("the head", Head, endsInOne: true);
    }
}
