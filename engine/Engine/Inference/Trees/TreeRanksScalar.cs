using System.Runtime.CompilerServices;

namespace Engine.Inference.Trees;

/// <summary>By halves.</summary>
internal readonly unsafe struct TreeRanksScalar : ITreeRanks
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Below(float* sorted, float value)
    {
        // SAFETY: the caller passes sixteen floats; the steps add up to 15 at most. No branch: an answer is a number.
        nint at = Bit(sorted[7] < value) << 3;
        at += Bit(sorted[at + 3] < value) << 2;
        at += Bit(sorted[at + 1] < value) << 1;
        return at + Bit(sorted[at] < value);
    }

    /// <inheritdoc/>
    public static bool AnyNan(float* row, int count)
    {
        // SAFETY: the caller passes `count` floats.
        bool any = false;
        for (int i = 0; i < count; i++)
        {
            any |= float.IsNaN(row[i]);
        }

        return any;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Bit(bool answer) => Unsafe.BitCast<bool, byte>(answer);
}
