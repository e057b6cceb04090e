using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Training.Kernels;

/// <summary>One word.</summary>
internal readonly unsafe struct WordsScalar : IWordLanes<uint>
{
    /// <inheritdoc/>
    public static int Count => 1;

    /// <inheritdoc/>
    public static uint Broadcast(uint value) => value;

    /// <inheritdoc/>
    public static uint Ascending(uint first) => first;

    /// <inheritdoc/>
    public static uint Xor(uint a, uint b) => a ^ b;

    /// <inheritdoc/>
    public static uint MultiplyLow(uint a, uint b) => a * b;

    /// <inheritdoc/>
    public static uint MultiplyHigh(uint a, uint b) => (uint)(((ulong)a * b) >> 32);

    /// <inheritdoc/>
    // SAFETY: as the interface says.
    public static void Factors(uint words, uint threshold, float scale, float* low, float* high)
    {
        *low = (words & 0xFFFF) < threshold ? 0 : scale;
        *high = (words >> 16) < threshold ? 0 : scale;
    }
}

/// <summary>Eight words: AVX2.</summary>
internal readonly unsafe struct WordsAvx2 : IWordLanes<Vector256<uint>>
{
    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Broadcast(uint value) => Vector256.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Ascending(uint first) => Vector256.Create(first) + Vector256<uint>.Indices;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Xor(Vector256<uint> a, Vector256<uint> b) => a ^ b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> MultiplyLow(Vector256<uint> a, Vector256<uint> b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> MultiplyHigh(Vector256<uint> a, Vector256<uint> b)
    {
        Vector256<ulong> even = Avx2.Multiply(a, b) >> 32;
        Vector256<ulong> odd = Avx2.Multiply((a.AsUInt64() >> 32).AsUInt32(), (b.AsUInt64() >> 32).AsUInt32());
        return (even | (odd & Vector256.Create(0xFFFF_FFFF_0000_0000))).AsUInt32();
    }

    /// <inheritdoc/>
    // SAFETY: as the interface says.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Factors(Vector256<uint> words, uint threshold, float scale, float* low, float* high)
    {
        // Halves are below 2^16, so that a signed comparison does.
        Vector256<int> limit = Vector256.Create((int)threshold);
        Vector256<float> kept = Vector256.Create(scale);
        Vector256.ConditionalSelect(Vector256.LessThan((words & Vector256.Create(0xFFFFu)).AsInt32(), limit).AsSingle(), Vector256<float>.Zero, kept).Store(low);
        Vector256.ConditionalSelect(Vector256.LessThan((words >> 16).AsInt32(), limit).AsSingle(), Vector256<float>.Zero, kept).Store(high);
    }
}

/// <summary>Sixteen words: AVX-512 F.</summary>
internal readonly unsafe struct WordsAvx512 : IWordLanes<Vector512<uint>>
{
    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Broadcast(uint value) => Vector512.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Ascending(uint first) => Vector512.Create(first) + Vector512<uint>.Indices;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Xor(Vector512<uint> a, Vector512<uint> b) => a ^ b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> MultiplyLow(Vector512<uint> a, Vector512<uint> b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> MultiplyHigh(Vector512<uint> a, Vector512<uint> b)
    {
        Vector512<ulong> even = Avx512F.Multiply(a, b) >> 32;
        Vector512<ulong> odd = Avx512F.Multiply((a.AsUInt64() >> 32).AsUInt32(), (b.AsUInt64() >> 32).AsUInt32());
        return (even | (odd & Vector512.Create(0xFFFF_FFFF_0000_0000))).AsUInt32();
    }

    /// <inheritdoc/>
    // SAFETY: as the interface says.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Factors(Vector512<uint> words, uint threshold, float scale, float* low, float* high)
    {
        Vector512<int> limit = Vector512.Create((int)threshold);
        Vector512<float> kept = Vector512.Create(scale);
        Vector512.ConditionalSelect(Vector512.LessThan((words & Vector512.Create(0xFFFFu)).AsInt32(), limit).AsSingle(), Vector512<float>.Zero, kept).Store(low);
        Vector512.ConditionalSelect(Vector512.LessThan((words >> 16).AsInt32(), limit).AsSingle(), Vector512<float>.Zero, kept).Store(high);
    }
}
