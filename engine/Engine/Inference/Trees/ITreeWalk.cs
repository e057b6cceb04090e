namespace Engine.Inference.Trees;

/// <summary>Walks the trees of a group from their roots to their leaves, without a branch that depends on the row.</summary>
internal interface ITreeWalk
{
    /// <summary>Walks, and folds what the leaves give into the lanes, batch by batch.</summary>
    /// <typeparam name="TFold">How.</typeparam>
    /// <typeparam name="TMissing">Whether questions may be marked and their features NaN.</typeparam>
    /// <param name="layout">The ensemble.</param>
    /// <param name="group">The group, whose columns are ranked.</param>
    /// <param name="scratch">Ranks, lanes and room.</param>
    static abstract void Walk<TFold, TMissing>(TreeLayout layout, ref readonly TreeGroup group, ref readonly TreeScratch scratch)
        where TFold : struct, ITreeFold
        where TMissing : struct, ITreeMissing;
}

/// <summary>How a leaf's value goes into a lane.</summary>
internal interface ITreeFold
{
    /// <summary>A value that changes nothing.</summary>
    static abstract float Neutral { get; }

    /// <summary>The lane with a value in it.</summary>
    static abstract float Fold(float lane, float value);
}

/// <summary>Whether a row has NaN where NaN goes both ways.</summary>
internal interface ITreeMissing
{
    /// <summary>Whether it has.</summary>
    static abstract bool Is { get; }
}

/// <summary>It has none.</summary>
internal readonly struct NothingMissing : ITreeMissing
{
    /// <inheritdoc/>
    public static bool Is => false;
}

/// <summary>It has.</summary>
internal readonly struct SomethingMissing : ITreeMissing
{
    /// <inheritdoc/>
    public static bool Is => true;
}
