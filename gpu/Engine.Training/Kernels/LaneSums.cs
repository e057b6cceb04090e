using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Training.Kernels;

/// <summary>
/// The sum over a tile's sixteen rows, in one order on every instruction set: row j to row j + 8, then 4, then 2, then 1.
/// </summary>
internal static unsafe class LaneSums
{
    /// <summary>Sums sixteen slots.</summary>
    /// <param name="slots">Sixteen slots, one behind the other.</param>
    /// <param name="sums">Sixteen sums.</param>
    /// <param name="isWide">Whether AVX-512 may be used: the same bits, faster.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sixteen(float* slots, float* sums, bool isWide)
    {
        // SAFETY: the caller passes 256 and 16 floats.
        if (isWide)
        {
            Wide(slots, sums);
            return;
        }

        for (int s = 0; s < 16; s++)
        {
            sums[s] = One(slots + (s * Tile.Rows));
        }
    }

    /// <summary>Sums one slot.</summary>
    // SAFETY: the caller passes 16 floats.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float One(float* slot)
    {
        float a = (slot[0] + slot[8]) + (slot[4] + slot[12]);
        float b = (slot[1] + slot[9]) + (slot[5] + slot[13]);
        float c = (slot[2] + slot[10]) + (slot[6] + slot[14]);
        float d = (slot[3] + slot[11]) + (slot[7] + slot[15]);
        return (a + c) + (b + d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Wide(float* slots, float* sums)
    {
        // A quarter is 128 bits. Halves: slot s and s + 1 become the eight sums of each; then slots s to s + 3 the four of each.
        Vector512<float> a = Quarters(slots);
        Vector512<float> b = Quarters(slots + (4 * Tile.Rows));
        Vector512<float> c = Quarters(slots + (8 * Tile.Rows));
        Vector512<float> d = Quarters(slots + (12 * Tile.Rows));

        // In every quarter q: sums j of slots q (of a), 4 + q (of b), and so on; j to j + 2, then to j + 1.
        Vector512<float> ab = Avx512F.Shuffle(a, b, 0x44) + Avx512F.Shuffle(a, b, 0xEE);
        Vector512<float> cd = Avx512F.Shuffle(c, d, 0x44) + Avx512F.Shuffle(c, d, 0xEE);
        Vector512<float> all = Avx512F.Shuffle(ab, cd, 0x88) + Avx512F.Shuffle(ab, cd, 0xDD);

        // Quarter q holds slots q, 4 + q, 8 + q, 12 + q.
        Vector512<int> order = Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        Avx512F.PermuteVar16x32(all, order).Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(float* slots)
    {
        Vector512<float> ab = Halves(slots);
        Vector512<float> cd = Halves(slots + (2 * Tile.Rows));
        return Avx512F.Shuffle4x128(ab, cd, 0x88) + Avx512F.Shuffle4x128(ab, cd, 0xDD);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Halves(float* slots)
    {
        Vector512<float> a = Vector512.Load(slots);
        Vector512<float> b = Vector512.Load(slots + Tile.Rows);
        return Avx512F.Shuffle4x128(a, b, 0x44) + Avx512F.Shuffle4x128(a, b, 0xEE);
    }
}
