using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Signals;

/// <summary>A 64-bit hash over the bits of a feature row: the same row, the same hash, on every machine.</summary>
public static class RowDigest
{
    /// <summary>Hashes a row two features at a time, in order.</summary>
    public static ulong Of(ReadOnlySpan<float> row)
    {
        ulong even = 0x9E3779B97F4A7C15;
        ulong odd = 0xC2B2AE3D27D4EB4F;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<float, ulong>(row);
        int i = 0;
        for (; i + 2 <= words.Length; i += 2)
        {
            even = Step(even, words[i]);
            odd = Step(odd, words[i + 1]);
        }

        if (i < words.Length)
        {
            even = Step(even, words[i]);
        }

        if ((row.Length & 1) != 0)
        {
            odd = Step(odd, BitConverter.SingleToUInt32Bits(row[^1]));
        }

        return Step(even, odd) ^ (uint)row.Length;
    }

    /// <summary>The upper half of the product brings what the top bits change down to all others: with the lower half alone, the
    /// sign of one feature would show as a single bit, which one bit of a later feature could cancel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Step(ulong hash, ulong word)
    {
        ulong high = Math.BigMul(hash ^ word, 0xBF58476D1CE4E5B9, out ulong low);
        return high ^ low;
    }
}
