namespace Engine.Inference.Trees;

/// <summary>
/// How many of sixteen ascending numbers are below a value. Comparisons are exact, so every implementation gives the same count.
/// </summary>
internal unsafe interface ITreeRanks
{
    /// <summary>Counts; at most 15, since the last of the sixteen is never below.</summary>
    /// <param name="sorted">Sixteen floats.</param>
    /// <param name="value">Any; nothing is below NaN.</param>
    // SAFETY: implementations read sixteen floats.
    static abstract nint Below(float* sorted, float value);

    /// <summary>Whether one of some values is NaN.</summary>
    /// <param name="row">The values.</param>
    /// <param name="count">How many; at least 1.</param>
    // SAFETY: implementations read `count` floats and nothing beyond.
    static abstract bool AnyNan(float* row, int count);
}
