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

    /// <inheritdoc/>
    public static bool AnyNan(float* row, int count)
    {
        // SAFETY: the caller passes `count` floats. The last register overlaps the one before it.
        if (count < Vector256<float>.Count)
        {
            return TreeRanksScalar.AnyNan(row, count);
        }

        Vector256<float> last = Vector256.Load(row + count - Vector256<float>.Count);
        Vector256<float> same = Vector256.Equals(last, last);
        for (int i = 0; i + Vector256<float>.Count <= count; i += Vector256<float>.Count)
        {
            Vector256<float> values = Vector256.Load(row + i);
            same &= Vector256.Equals(values, values);
        }

        return same.AsUInt32() != Vector256<uint>.AllBitsSet;
    }
}
