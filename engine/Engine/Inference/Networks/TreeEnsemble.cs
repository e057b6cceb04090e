namespace Engine.Inference.Networks;

/// <summary>How the values of the leaves that a row reaches become one.</summary>
public enum TreeAggregate
{
    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their sum over the number of trees.</summary>
    Average,

    /// <summary>The smallest.</summary>
    Min,

    /// <summary>The largest.</summary>
    Max,
}

/// <summary>
/// Decision trees over one row. The output is activation((aggregate + base) × scale): float32 throughout, the sum from 0 and
/// in tree order, one rounding a step.
/// </summary>
public sealed class TreeEnsemble
{
    /// <summary>Most trees.</summary>
    public const int MaxTrees = 1 << 16;

    /// <summary>Most nodes of all trees together.</summary>
    public const int MaxNodes = 1 << 21;

    /// <param name="featureCount">Features of a row.</param>
    /// <param name="trees">At least one, in the order in which they are summed.</param>
    /// <param name="aggregate">What is done with their values.</param>
    /// <param name="baseValue">Added to the aggregate.</param>
    /// <param name="scale">Multiplies the sum of both; 1 leaves it.</param>
    /// <param name="activation">Applied last.</param>
    /// <exception cref="ArgumentException">No trees, too many, a feature outside the row, or a number that is not finite.</exception>
    public TreeEnsemble(
        int featureCount,
        IReadOnlyList<DecisionTree> trees,
        TreeAggregate aggregate = TreeAggregate.Sum,
        float baseValue = 0,
        float scale = 1,
        Activation activation = Activation.Identity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(featureCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(featureCount, DenseLayer.MaxWidth);
        long nodes = trees.Sum(t => (long)t.Nodes.Length);
        if (trees.Count is 0 or > MaxTrees || nodes > MaxNodes)
        {
            throw new ArgumentException($"{trees.Count} trees of {nodes} nodes; 1 to {MaxTrees} trees and at most {MaxNodes} nodes are allowed.");
        }

        if (!float.IsFinite(baseValue) || !float.IsFinite(scale))
        {
            throw new ArgumentException($"The base {baseValue} and the scale {scale} are finite numbers.");
        }

        for (int t = 0; t < trees.Count; t++)
        {
            if (trees[t].FeatureBound > featureCount)
            {
                throw new ArgumentException($"Tree {t} reads feature {trees[t].FeatureBound - 1}, the row has {featureCount}.");
            }
        }

        FeatureCount = featureCount;
        Trees = trees;
        Aggregate = aggregate;
        BaseValue = baseValue;
        Scale = scale;
        Activation = activation;
    }

    /// <summary>Features of a row.</summary>
    public int FeatureCount { get; }

    /// <summary>The trees, in the order in which they are summed.</summary>
    public IReadOnlyList<DecisionTree> Trees { get; }

    /// <summary>What is done with the leaves' values.</summary>
    public TreeAggregate Aggregate { get; }

    /// <summary>Added to the aggregate.</summary>
    public float BaseValue { get; }

    /// <summary>Multiplies the sum of aggregate and base.</summary>
    public float Scale { get; }

    /// <summary>Applied last.</summary>
    public Activation Activation { get; }
}
