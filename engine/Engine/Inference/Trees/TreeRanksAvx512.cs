using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Inference.Trees;

/// <summary>Sixteen comparisons in one register.</summary>
internal readonly unsafe struct TreeRanksAvx512 : ITreeRanks
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Below(float* sorted, float value)
    {
        // SAFETY: the caller passes sixteen floats.
        return BitOperations.PopCount((uint)Vector512.LessThan(Vector512.Load(sorted), Vector512.Create(value)).ExtractMostSignificantBits());
    }
}
