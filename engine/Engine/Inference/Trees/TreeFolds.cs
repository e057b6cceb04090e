using System.Runtime.CompilerServices;
using Engine.Inference.Kernels;

namespace Engine.Inference.Trees;

/// <summary>Lane + value.</summary>
internal readonly struct TreeSum : ITreeFold
{
    /// <inheritdoc/>
    public static float Neutral => 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fold(float lane, float value) => lane + value;
}

/// <summary>The smaller one.</summary>
internal readonly struct TreeMin : ITreeFold
{
    /// <inheritdoc/>
    public static float Neutral => float.PositiveInfinity;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fold(float lane, float value) => LanesScalar.Min(value, lane);
}

/// <summary>The larger one.</summary>
internal readonly struct TreeMax : ITreeFold
{
    /// <inheritdoc/>
    public static float Neutral => float.NegativeInfinity;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fold(float lane, float value) => LanesScalar.Max(value, lane);
}
