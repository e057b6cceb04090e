using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Engine.Signals;

/// <summary>A 64-bit hash over the bits of a feature row: the same row, the same hash, on every machine.</summary>
public static class RowDigest
{
    private const ulong Factor = 0xBF58476D1CE4E5B9;

    /// <summary>Hashes a row two features a word, the words dealt in turn to four sums that do not wait for one another.</summary>
    public static ulong Of(ReadOnlySpan<float> row)
    {
        ulong a = 0x9E3779B97F4A7C15;
        ulong b = 0xC2B2AE3D27D4EB4F;
        ulong c = 0x165667B19E3779F9;
        ulong d = 0xD6E8FEB86659FD93;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<float, ulong>(row);
        for (; words.Length >= 4; words = words[4..])
        {
            a = Step(a, words[0]);
            b = Step(b, words[1]);
            c = Step(c, words[2]);
            d = Step(d, words[3]);
        }

        foreach (ulong word in words)
        {
            a = Step(a, word);
        }

        if ((row.Length & 1) != 0)
        {
            b = Step(b, BitConverter.SingleToUInt32Bits(row[^1]));
        }

        return Step(Step(a, b), Step(c, d)) ^ (uint)row.Length;
    }

    /// <summary>The upper half of the product brings what the top bits change down to all others: with the lower half alone, the
    /// sign of one feature would show as a single bit, which one bit of a later feature could cancel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Step(ulong hash, ulong word)
    {
        // The halves one by one: the general call passes the lower one through memory, which each step would wait for.
        ulong mixed = hash ^ word;
        ulong high = Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(mixed, Factor) : Math.BigMul(mixed, Factor, out _);
        return high ^ (mixed * Factor);
    }
}
