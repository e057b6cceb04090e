using Engine.Training.Losses;

namespace Engine.Training.Trees;

/// <summary>How trees are boosted.</summary>
public sealed record BoostingSpec
{
    /// <summary>Most trees that are allowed.</summary>
    public const int MaxRounds = 10_000;

    /// <summary>The loss: mean squared, Huber (as XGBoost's smooth form of it) or cross-entropy.</summary>
    public LossSpec Loss { get; init; } = new();

    /// <summary>Most trees.</summary>
    public int Rounds { get; init; } = 200;

    /// <summary>Splits from root to leaf.</summary>
    public int Depth { get; init; } = 4;

    /// <summary>Learning rate.</summary>
    public double Rate { get; init; } = 0.1;

    /// <summary>Share of the rows that each tree sees.</summary>
    public double RowShare { get; init; } = 0.8;

    /// <summary>Share of the features that each tree sees.</summary>
    public double FeatureShare { get; init; } = 0.8;

    /// <summary>L2 penalty of leaves.</summary>
    public double Lambda { get; init; } = 1;

    /// <summary>Least sum of second derivatives in a leaf.</summary>
    public double MinChildWeight { get; init; } = 10;

    /// <summary>Rounds without a better validation loss after which boosting ends; 0: never.</summary>
    public int Patience { get; init; } = 20;

    /// <summary>Of the rows and features that trees see.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads; the trees may depend on it in their last bits.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is outside its range.</exception>
    public void Check()
    {
        Loss.Check();
        if (Rounds is < 1 or > MaxRounds || Depth is < 1 or > 16 || !(Rate is > 0 and <= 1 && RowShare is > 0 and <= 1 && FeatureShare is > 0 and <= 1)
            || !(Lambda >= 0 && MinChildWeight >= 0) || !double.IsFinite(Lambda + MinChildWeight) || Patience < 0 || Seed < 0 || Threads < 1)
        {
            throw new ArgumentException($"Boosting of {Rounds} trees of depth {Depth} at rate {Rate}: 1 to {MaxRounds} trees, depth 1 to 16 and shares in (0, 1] are allowed.");
        }
    }
}
