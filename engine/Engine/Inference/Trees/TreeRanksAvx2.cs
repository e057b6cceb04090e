using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Inference.Trees;

/// <summary>Sixteen comparisons in two registers.</summary>
internal readonly unsafe struct TreeRanksAvx2 : ITreeRanks
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Below(float* sorted, float value)
    {
        // SAFETY: the caller passes sixteen floats.
        Vector256<float> x = Vector256.Create(value);
        uint low = Vector256.LessThan(Vector256.Load(sorted), x).ExtractMostSignificantBits();
        uint high = Vector256.LessThan(Vector256.Load(sorted + 8), x).ExtractMostSignificantBits();
        return BitOperations.PopCount(low | (high << 8));
    }
}
