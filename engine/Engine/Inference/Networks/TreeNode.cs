namespace Engine.Inference.Networks;

/// <summary>One node of a decision tree: a leaf, or a split that asks whether a feature is at most a threshold.</summary>
public readonly record struct TreeNode
{
    private TreeNode(int feature, float threshold, bool missingIsTrue, int whenTrue, int whenFalse, float value)
    {
        Feature = feature;
        Threshold = threshold;
        MissingIsTrue = missingIsTrue;
        WhenTrue = whenTrue;
        WhenFalse = whenFalse;
        Value = value;
    }

    /// <summary>Index into the row; −1 for a leaf.</summary>
    public int Feature { get; }

    /// <summary>The question is `x ≤ Threshold`, in float32. −∞ is true for −∞ alone.</summary>
    public float Threshold { get; }

    /// <summary>The answer where x is NaN.</summary>
    public bool MissingIsTrue { get; }

    /// <summary>Index of the node that follows when the answer is yes.</summary>
    public int WhenTrue { get; }

    /// <summary>Index of the node that follows when the answer is no.</summary>
    public int WhenFalse { get; }

    /// <summary>What a leaf gives.</summary>
    public float Value { get; }

    /// <summary>Whether it is a leaf.</summary>
    public bool IsLeaf => Feature < 0;

    /// <summary>A leaf.</summary>
    public static TreeNode Leaf(float value) => new(-1, 0, false, 0, 0, value);

    /// <summary>A split. Both children come later in the tree than the split itself.</summary>
    public static TreeNode Split(int feature, float threshold, bool missingIsTrue, int whenTrue, int whenFalse)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(feature);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(feature, DenseLayer.MaxWidth);

        // −0 and +0 are one threshold.
        return new TreeNode(feature, threshold + 0f, missingIsTrue, whenTrue, whenFalse, 0);
    }
}
