using System.Runtime.CompilerServices;

namespace Engine.Inference.Kernels;

/// <summary>Rows a float at a time. There are no quads to turn: what moves them gives the first value back, and is not used.</summary>
internal readonly unsafe struct RowsScalar : IRowLanes<float>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NotFinite(float value) => value - value == 0f ? 0u : 1u;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float FiniteOrZero(float value) => value - value == 0f ? value : 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Difference(float a, float b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b) ? 0u : 1u;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float And(float a, float b) =>
        BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) & BitConverter.SingleToInt32Bits(b));

    /// <inheritdoc/>
    // SAFETY: the caller owns a readable float there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadQuads(float* arena, int* offsets) => arena[offsets[0]];

    /// <inheritdoc/>
    public static float InterleaveLow(float a, float b) => a;

    /// <inheritdoc/>
    public static float InterleaveHigh(float a, float b) => a;

    /// <inheritdoc/>
    public static float PairsLow(float a, float b) => a;

    /// <inheritdoc/>
    public static float PairsHigh(float a, float b) => a;
}
