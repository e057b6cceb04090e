namespace Engine.Inference.Kernels;

/// <summary>
/// The elementary operations that every kernel is written in. A lane never sees another, every operation is a correctly
/// rounded IEEE 754 one (or moves bits), and each implementation does the same in each lane: so the same kernel over
/// different widths gives the same bits. Comparisons and selections follow x86: where an operand is NaN, the comparison is
/// false and the second one is taken.
/// </summary>
/// <typeparam name="TVector">One register of float32 lanes.</typeparam>
internal unsafe interface ILanes<TVector>
    where TVector : struct
{
    // SAFETY: whoever calls a member with an address owns what it reads or writes there: one float or Count of them, as said.
    /// <summary>Lanes in a register.</summary>
    static abstract int Count { get; }

    /// <summary>The same value in each lane.</summary>
    static abstract TVector Broadcast(float value);

    /// <summary>The value at an address in each lane.</summary>
    static abstract TVector BroadcastFrom(float* address);

    /// <summary>Reads <see cref="Count"/> floats.</summary>
    static abstract TVector Load(float* address);

    /// <summary>Writes <see cref="Count"/> floats.</summary>
    static abstract void Store(float* address, TVector value);

    /// <summary>a × b + c, rounded once.</summary>
    static abstract TVector FusedMultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>a + b.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a − b.</summary>
    static abstract TVector Subtract(TVector a, TVector b);

    /// <summary>a × b.</summary>
    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a ÷ b.</summary>
    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>The value with its sign bit cleared.</summary>
    static abstract TVector Abs(TVector value);

    /// <summary>a &gt; b ? a : b, lane by lane; b where one is NaN.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>a &lt; b ? a : b, lane by lane; b where one is NaN.</summary>
    static abstract TVector Min(TVector a, TVector b);

    /// <summary>a &lt; b ? then : otherwise, lane by lane; otherwise where one is NaN.</summary>
    static abstract TVector SelectLess(TVector a, TVector b, TVector then, TVector otherwise);

    /// <summary>Adds the low nine bits of <paramref name="exponent"/>'s pattern to the exponent field of <paramref name="value"/>.</summary>
    static abstract TVector AddToExponent(TVector value, TVector exponent);

    /// <summary>The magnitude of one and the sign bit of the other.</summary>
    static abstract TVector CopySign(TVector magnitude, TVector sign);

    /// <summary>One lane's value in each lane.</summary>
    /// <param name="value">The register.</param>
    /// <param name="lane">Which, below <see cref="Count"/>.</param>
    static abstract TVector Lane(TVector value, int lane);

    /// <summary>The lowest lane's value.</summary>
    static abstract float Lowest(TVector value);
}
