namespace Engine.Training.Kernels;

/// <summary>What counter-based random numbers are made of: 32-bit words, a lane a row.</summary>
/// <typeparam name="TWords">One register of words.</typeparam>
internal unsafe interface IWordLanes<TWords>
    where TWords : struct
{
    /// <summary>Words in a register.</summary>
    static abstract int Count { get; }

    /// <summary>The same word in each lane.</summary>
    static abstract TWords Broadcast(uint value);

    /// <summary>first, first + 1, ….</summary>
    static abstract TWords Ascending(uint first);

    /// <summary>a xor b.</summary>
    static abstract TWords Xor(TWords a, TWords b);

    /// <summary>The low word of a × b.</summary>
    static abstract TWords MultiplyLow(TWords a, TWords b);

    /// <summary>The high word of a × b.</summary>
    static abstract TWords MultiplyHigh(TWords a, TWords b);

    /// <summary>Writes for each lane 0 where the low half of the word is below the threshold, else the scale; then the same of the high half.</summary>
    // SAFETY: the caller passes addresses of Count writable floats.
    static abstract void Factors(TWords words, uint threshold, float scale, float* low, float* high);
}
