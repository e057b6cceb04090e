using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Inference.Trees;

/// <summary>
/// All 63 questions of a block at once: the ranks of its 64 columns by byte permutations of the whole rank table, one comparison,
/// 64 answers in a word. Then eight words side by side walk down their answers: six shifts.
/// </summary>
internal readonly unsafe struct TreeWalkVbmi : ITreeWalk
{
    /// <summary>Whether this process can run it: AVX-512 VBMI, which Ice Lake and Zen 4 brought.</summary>
    public static bool IsSupported => Avx512Vbmi.IsSupported;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Walk(byte* questions, byte* ranks, ulong* exits)
    {
        // SAFETY: the caller passes eight blocks, 256 ranks and eight words.
        Vector512<byte> r0 = Vector512.Load(ranks);
        Vector512<byte> r1 = Vector512.Load(ranks + 64);
        Vector512<byte> r2 = Vector512.Load(ranks + 128);
        Vector512<byte> r3 = Vector512.Load(ranks + 192);
        ulong a0 = Answers(questions, r0, r1, r2, r3);
        ulong a1 = Answers(questions + TreeBlocks.Bytes, r0, r1, r2, r3);
        ulong a2 = Answers(questions + (2 * TreeBlocks.Bytes), r0, r1, r2, r3);
        ulong a3 = Answers(questions + (3 * TreeBlocks.Bytes), r0, r1, r2, r3);
        ulong a4 = Answers(questions + (4 * TreeBlocks.Bytes), r0, r1, r2, r3);
        ulong a5 = Answers(questions + (5 * TreeBlocks.Bytes), r0, r1, r2, r3);
        ulong a6 = Answers(questions + (6 * TreeBlocks.Bytes), r0, r1, r2, r3);
        ulong a7 = Answers(questions + (7 * TreeBlocks.Bytes), r0, r1, r2, r3);
        Down(Vector512.Create(a0, a1, a2, a3, a4, a5, a6, a7)).Store(exits);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WalkThese(byte* questions, int* blocks, byte* ranks, ulong* exits)
    {
        // SAFETY: the caller passes eight numbers of blocks that exist, 256 ranks and eight words.
        Vector512<byte> r0 = Vector512.Load(ranks);
        Vector512<byte> r1 = Vector512.Load(ranks + 64);
        Vector512<byte> r2 = Vector512.Load(ranks + 128);
        Vector512<byte> r3 = Vector512.Load(ranks + 192);
        for (int i = 0; i < TreeBlocks.Batch; i++)
        {
            exits[i] = Answers(questions + ((nint)blocks[i] * TreeBlocks.Bytes), r0, r1, r2, r3);
        }

        Down(Vector512.Load(exits)).Store(exits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Answers(byte* block, Vector512<byte> r0, Vector512<byte> r1, Vector512<byte> r2, Vector512<byte> r3)
    {
        // SAFETY: a block is 128 bytes. The permutations take the low seven bits of a column, the blend its highest.
        Vector512<byte> columns = Vector512.Load(block);
        Vector512<byte> low = Avx512Vbmi.PermuteVar64x8x2(r0, columns, r1);
        Vector512<byte> high = Avx512Vbmi.PermuteVar64x8x2(r2, columns, r3);
        Vector512<byte> ranks = Avx512BW.BlendVariable(low, high, columns);
        return Vector512.GreaterThan(ranks, Vector512.Load(block + TreeBlocks.Exits)).ExtractMostSignificantBits();
    }

    // From question 1: the next one is 2i, or 2i + 1 where the answer's bit is set.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Down(Vector512<ulong> answers)
    {
        Vector512<ulong> one = Vector512<ulong>.One;
        Vector512<ulong> at = (one + one) | (Vector512.ShiftRightLogical(answers, 1) & one);
        at = Next(answers, at, one);
        at = Next(answers, at, one);
        at = Next(answers, at, one);
        at = Next(answers, at, one);
        at = Next(answers, at, one);
        return at - Vector512.Create((ulong)TreeBlocks.Exits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Next(Vector512<ulong> answers, Vector512<ulong> at, Vector512<ulong> one) =>
        (at + at) | (Avx512F.ShiftRightLogicalVariable(answers, at) & one);
}
