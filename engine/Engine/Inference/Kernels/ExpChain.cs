using System.Runtime.CompilerServices;

namespace Engine.Inference.Kernels;

/// <summary>
/// One exponential under way, in pieces, so that several can be taken a piece at a time side by side: each is a chain of operations
/// that wait for one another, and a processor looks ahead over few of those at once.
/// </summary>
/// <remarks>
/// The polynomial is 1 + r + r² (c₂ + … + c₆ r⁴): the least largest relative error over |r| ≤ ½ ln 2 with the first two
/// coefficients given (Remez), 3.7e-9 with coefficients rounded to float32; Taylor's sum of degree 7 has 5e-9.
/// </remarks>
internal struct ExpChain<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Rows of the polynomial.</summary>
    public const int Rows = 6;

    // 1.5 × 2^23: adding it leaves the nearest integer in the low bits of the pattern.
    private const float RoundingShift = 12_582_912f;
    private const float Log2OfE = 1.44269504f;

    // The high part has nine significant bits, so that n × high is exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    private const float C6 = 0.001381453825160861f;
    private const float C5 = 0.00836874544620514f;
    private const float C4 = 0.04166838899254799f;
    private const float C3 = 0.1666652113199234f;
    private const float C2 = 0.4999999403953552f;

    private TVector _shifted;
    private TVector _rest;
    private TVector _sum;

    /// <summary>What each row adds, in order; in memory that never moves.</summary>
    public static ReadOnlySpan<float> Coefficients => [C5, C4, C3, C2, 1f, 1f];

    /// <summary>Takes 2^n apart from the rest.</summary>
    /// <param name="clamped">Between −87 and 88, or NaN.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(TVector clamped)
    {
        TVector shift = TLanes.Broadcast(RoundingShift);
        _shifted = TLanes.FusedMultiplyAdd(clamped, TLanes.Broadcast(Log2OfE), shift);
        TVector n = TLanes.Subtract(_shifted, shift);
        TVector rest = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-Ln2High), clamped);
        _rest = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-Ln2Low), rest);
        _sum = TLanes.Broadcast(C6);
    }

    /// <summary>One row of the polynomial.</summary>
    /// <param name="coefficient">The row's, in each lane.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row(TVector coefficient) => _sum = TLanes.FusedMultiplyAdd(_sum, _rest, coefficient);

    /// <summary>All rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AllRows()
    {
        Row(TLanes.Broadcast(C5));
        Row(TLanes.Broadcast(C4));
        Row(TLanes.Broadcast(C3));
        Row(TLanes.Broadcast(C2));
        Row(TLanes.Broadcast(1f));
        Row(TLanes.Broadcast(1f));
    }

    /// <summary>The exponential, after all rows. Of a NaN whose low nine bits are clear, such as every one that arithmetic makes, NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TVector End() => TLanes.AddToExponent(_sum, _shifted);
}
