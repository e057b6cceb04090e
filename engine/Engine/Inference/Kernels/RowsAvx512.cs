using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Inference.Kernels;

/// <summary>Rows in registers of sixteen lanes: AVX-512 F.</summary>
internal readonly unsafe struct RowsAvx512 : IRowLanes<Vector512<float>>
{
    /// <inheritdoc/>
    // x − x is 0 exactly where x is a finite number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NotFinite(Vector512<float> value) => (uint)Vector512.ExtractMostSignificantBits(~Vector512.Equals(value - value, Vector512<float>.Zero));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FiniteOrZero(Vector512<float> value) =>
        Vector512.ConditionalSelect(Vector512.Equals(value - value, Vector512<float>.Zero), value, Vector512<float>.Zero);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Difference(Vector512<float> a, Vector512<float> b) =>
        (uint)Vector512.ExtractMostSignificantBits(~Vector512.Equals(a.AsInt32(), b.AsInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> And(Vector512<float> a, Vector512<float> b) => a & b;

    /// <inheritdoc/>
    // SAFETY: the caller owns four readable floats at each of the addresses.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadQuads(float* arena, int* offsets)
    {
        Vector512<float> quads = Vector128.Load(arena + offsets[0]).ToVector256Unsafe().ToVector512Unsafe();
        quads = Avx512F.InsertVector128(quads, Vector128.Load(arena + offsets[4]), 1);
        quads = Avx512F.InsertVector128(quads, Vector128.Load(arena + offsets[8]), 2);
        return Avx512F.InsertVector128(quads, Vector128.Load(arena + offsets[12]), 3);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> InterleaveLow(Vector512<float> a, Vector512<float> b) => Avx512F.UnpackLow(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> InterleaveHigh(Vector512<float> a, Vector512<float> b) => Avx512F.UnpackHigh(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PairsLow(Vector512<float> a, Vector512<float> b) => Avx512F.UnpackLow(a.AsDouble(), b.AsDouble()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PairsHigh(Vector512<float> a, Vector512<float> b) => Avx512F.UnpackHigh(a.AsDouble(), b.AsDouble()).AsSingle();
}
