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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Bit(bool answer) => Unsafe.BitCast<bool, byte>(answer);
}
