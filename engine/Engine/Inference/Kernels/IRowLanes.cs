namespace Engine.Inference.Kernels;

/// <summary>
/// What taking a row in and turning it so that a lane is a silo need beside <see cref="ILanes{TVector}"/>. Bits are moved, masked
/// and compared; nothing here rounds but a subtraction that is only looked at.
/// </summary>
/// <typeparam name="TVector">One register of float32 lanes.</typeparam>
internal unsafe interface IRowLanes<TVector>
    where TVector : struct
{
    /// <summary>A bit for each lane, lowest first: set where it is NaN or infinite.</summary>
    static abstract uint NotFinite(TVector value);

    /// <summary>Each lane as it is, and +0 where it is NaN or infinite.</summary>
    static abstract TVector FiniteOrZero(TVector value);

    /// <summary>A bit for each lane, lowest first: set where the two patterns differ.</summary>
    static abstract uint Difference(TVector a, TVector b);

    /// <summary>The bits that both have, lane by lane.</summary>
    static abstract TVector And(TVector a, TVector b);

    /// <summary>Four floats from each of several places: quad k from <paramref name="arena"/> + <paramref name="offsets"/>[4 k].</summary>
    // SAFETY: the caller owns four readable floats at each of those addresses. A register without quads reads one float.
    static abstract TVector LoadQuads(float* arena, int* offsets);

    /// <summary>In each quad (a0, b0, a1, b1).</summary>
    static abstract TVector InterleaveLow(TVector a, TVector b);

    /// <summary>In each quad (a2, b2, a3, b3).</summary>
    static abstract TVector InterleaveHigh(TVector a, TVector b);

    /// <summary>In each quad (a0, a1, b0, b1).</summary>
    static abstract TVector PairsLow(TVector a, TVector b);

    /// <summary>In each quad (a2, a3, b2, b3).</summary>
    static abstract TVector PairsHigh(TVector a, TVector b);
}
