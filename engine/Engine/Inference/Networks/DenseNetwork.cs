namespace Engine.Inference.Networks;

/// <summary>A chain of stages from a row to one output: a multi-layer perceptron and what commonly stands between its layers.</summary>
public sealed class DenseNetwork
{
    /// <summary>Most stages.</summary>
    public const int MaxStages = 128;

    /// <param name="featureCount">Features of a row.</param>
    /// <param name="stages">First to last; the last has one output.</param>
    /// <exception cref="ArgumentException">Widths that do not follow from one another.</exception>
    public DenseNetwork(int featureCount, IReadOnlyList<DenseStage> stages)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(featureCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(featureCount, DenseLayer.MaxWidth);
        if (stages.Count is 0 or > MaxStages)
        {
            throw new ArgumentException($"{stages.Count} stages; 1 to {MaxStages} are allowed.", nameof(stages));
        }

        int width = featureCount;
        var widths = new List<int> { width };
        foreach (DenseStage stage in stages)
        {
            widths.Add(width = stage.Outputs(width));
        }

        if (width != 1)
        {
            throw new ArgumentException($"The chain ends in {width} outputs; 1 is expected.", nameof(stages));
        }

        FeatureCount = featureCount;
        Stages = stages;
        Widths = widths;
    }

    /// <summary>Features of a row.</summary>
    public int FeatureCount { get; }

    /// <summary>The stages, first to last.</summary>
    public IReadOnlyList<DenseStage> Stages { get; }

    /// <summary>Values before each stage, and after the last.</summary>
    public IReadOnlyList<int> Widths { get; }
}
