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

    /// <inheritdoc/>
    public static bool AnyNan(float* row, int count)
    {
        // SAFETY: the caller passes `count` floats. The last register overlaps the one before it.
        if (count < Vector512<float>.Count)
        {
            return TreeRanksScalar.AnyNan(row, count);
        }

        Vector512<float> last = Vector512.Load(row + count - Vector512<float>.Count);
        Vector512<float> same = Vector512.Equals(last, last);
        for (int i = 0; i + Vector512<float>.Count <= count; i += Vector512<float>.Count)
        {
            Vector512<float> values = Vector512.Load(row + i);
            same &= Vector512.Equals(values, values);
        }

        return same.AsUInt32() != Vector512<uint>.AllBitsSet;
    }
}
