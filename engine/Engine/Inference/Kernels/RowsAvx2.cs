using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Inference.Kernels;

/// <summary>Rows in registers of eight lanes: AVX2.</summary>
internal readonly unsafe struct RowsAvx2 : IRowLanes<Vector256<float>>
{
    /// <inheritdoc/>
    // x − x is 0 exactly where x is a finite number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NotFinite(Vector256<float> value) => ~(uint)Vector256.ExtractMostSignificantBits(Vector256.Equals(value - value, Vector256<float>.Zero)) & 0xFFu;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> FiniteOrZero(Vector256<float> value) =>
        Vector256.ConditionalSelect(Vector256.Equals(value - value, Vector256<float>.Zero), value, Vector256<float>.Zero);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Difference(Vector256<float> a, Vector256<float> b) =>
        ~(uint)Vector256.ExtractMostSignificantBits(Vector256.Equals(a.AsInt32(), b.AsInt32())) & 0xFFu;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> And(Vector256<float> a, Vector256<float> b) => a & b;

    /// <inheritdoc/>
    // SAFETY: the caller owns four readable floats at each of the addresses.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadQuads(float* arena, int* offsets) =>
        Avx.InsertVector128(Vector128.Load(arena + offsets[0]).ToVector256Unsafe(), Vector128.Load(arena + offsets[4]), 1);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> InterleaveLow(Vector256<float> a, Vector256<float> b) => Avx.UnpackLow(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> InterleaveHigh(Vector256<float> a, Vector256<float> b) => Avx.UnpackHigh(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PairsLow(Vector256<float> a, Vector256<float> b) => Avx.UnpackLow(a.AsDouble(), b.AsDouble()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PairsHigh(Vector256<float> a, Vector256<float> b) => Avx.UnpackHigh(a.AsDouble(), b.AsDouble()).AsSingle();
}
