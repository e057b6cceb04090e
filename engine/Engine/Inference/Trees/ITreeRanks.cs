namespace Engine.Inference.Trees;

/// <summary>
/// How many of sixteen ascending numbers are below a value. Comparisons are exact, so every implementation gives the same count.
/// </summary>
internal unsafe interface ITreeRanks
{
    /// <summary>Counts; at most 15, since the last of the sixteen is never below.</summary>
    /// <param name="sorted">Sixteen floats.</param>
    /// <param name="value">Not NaN.</param>
    // SAFETY: implementations read sixteen floats.
    static abstract nint Below(float* sorted, float value);
}
