namespace Engine.Training.Losses;

/// <summary>What is made small.</summary>
public enum LossKind
{
    /// <summary>(y − t)².</summary>
    MeanSquared,

    /// <summary>½ (y − t)² up to δ, beyond it δ (|y − t| − ½ δ) (Huber, 1964).</summary>
    Huber,

    /// <summary>−w₁ t ln p − w₀ (1 − t) ln(1 − p), p the sigmoid of the output; t in [0, 1].</summary>
    BinaryCrossEntropy,
}

/// <summary>A loss, averaged over the rows of a batch.</summary>
public sealed record LossSpec
{
    /// <summary>Which.</summary>
    public LossKind Kind { get; init; }

    /// <summary>Where Huber's loss becomes linear.</summary>
    public float Delta { get; init; } = 1;

    /// <summary>w₁, the weight of a row of class 1.</summary>
    public float PositiveWeight { get; init; } = 1;

    /// <summary>w₀, the weight of a row of class 0.</summary>
    public float NegativeWeight { get; init; } = 1;

    /// <summary>Whether the network's output is a logit, whose sigmoid is the prediction.</summary>
    public bool IsLogit => Kind == LossKind.BinaryCrossEntropy;

    /// <summary>Cross-entropy with weights that make both classes count alike: n ÷ (2 × rows of the class).</summary>
    /// <param name="labels">Labels of the training rows: rows at 0.5 or above are of class 1.</param>
    /// <exception cref="ArgumentException">A class has no row.</exception>
    public static LossSpec Balanced(IReadOnlyCollection<float> labels)
    {
        int ones = labels.Count(t => t >= 0.5f);
        if (ones == 0 || ones == labels.Count)
        {
            throw new ArgumentException($"{ones} of {labels.Count} training rows are of class 1: there is nothing to balance.", nameof(labels));
        }

        return new LossSpec
        {
            Kind = LossKind.BinaryCrossEntropy,
            PositiveWeight = (float)(labels.Count / (2.0 * ones)),
            NegativeWeight = (float)(labels.Count / (2.0 * (labels.Count - ones))),
        };
    }

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is not positive and finite.</exception>
    public void Check()
    {
        if (!(Delta > 0 && PositiveWeight > 0 && NegativeWeight > 0) || !float.IsFinite(Delta + PositiveWeight + NegativeWeight))
        {
            throw new ArgumentException($"A loss with δ {Delta} and class weights {NegativeWeight} and {PositiveWeight}; they must be positive.");
        }
    }
}
