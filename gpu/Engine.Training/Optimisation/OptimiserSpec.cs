namespace Engine.Training.Optimisation;

/// <summary>
/// Adam (Kingma and Ba, 2015), or with decoupled weight decay AdamW (Loshchilov and Hutter, 2019), and the bound of the gradient.
/// </summary>
public sealed record OptimiserSpec
{
    /// <summary>Decay of the mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Weight decay; of weights only, not of biases and scales.</summary>
    public double WeightDecay { get; init; }

    /// <summary>AdamW: weights shrink by rate × decay. Otherwise decay × weight is added to the gradient, behind the bound.</summary>
    public bool IsDecoupled { get; init; } = true;

    /// <summary>Most that the gradient's Euclidean norm over all parameters may be; a longer one is scaled to it. Infinite: no bound.</summary>
    public double ClipNorm { get; init; } = double.PositiveInfinity;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is outside its range.</exception>
    public void Check()
    {
        if (!(Beta1 is >= 0 and < 1 && Beta2 is >= 0 and < 1 && Epsilon > 0 && WeightDecay >= 0 && ClipNorm > 0) || !double.IsFinite(WeightDecay + Epsilon))
        {
            throw new ArgumentException(
                $"Adam with β {Beta1} and {Beta2}, ε {Epsilon}, decay {WeightDecay}, clip {ClipNorm}: β in [0, 1), the others positive, are allowed.");
        }
    }
}
