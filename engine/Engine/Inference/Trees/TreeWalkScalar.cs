using System.Runtime.CompilerServices;

namespace Engine.Inference.Trees;

/// <summary>
/// One question after the other, four trees interleaved: the next question's number is computed from the answer, so that nothing
/// is predicted and nothing mispredicted. Faster on AVX2 than gathering.
/// </summary>
internal readonly unsafe struct TreeWalkScalar : ITreeWalk
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Walk(byte* questions, byte* ranks, ulong* exits)
    {
        // SAFETY: the caller passes eight blocks, 256 ranks and eight words.
        Four(questions, questions + TreeBlocks.Bytes, questions + (2 * TreeBlocks.Bytes), questions + (3 * TreeBlocks.Bytes), ranks, exits);
        questions += 4 * TreeBlocks.Bytes;
        Four(questions, questions + TreeBlocks.Bytes, questions + (2 * TreeBlocks.Bytes), questions + (3 * TreeBlocks.Bytes), ranks, exits + 4);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WalkThese(byte* questions, int* blocks, byte* ranks, ulong* exits)
    {
        // SAFETY: the caller passes eight numbers of blocks that exist.
        for (int i = 0; i < TreeBlocks.Batch; i += 4)
        {
            Four(At(questions, blocks[i]), At(questions, blocks[i + 1]), At(questions, blocks[i + 2]), At(questions, blocks[i + 3]), ranks, exits + i);
        }
    }

    // SAFETY: a block's questions begin at its number times their size.
    private static byte* At(byte* questions, int block) => questions + ((nint)block * TreeBlocks.Bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(byte* a, byte* b, byte* c, byte* d, byte* ranks, ulong* exits)
    {
        // SAFETY: a number stays below 64 while questions are asked; a column is a byte and there are 256 ranks.
        nint i = 1, j = 1, k = 1, l = 1;
        for (int level = 0; level < TreeBlocks.Levels; level++)
        {
            i = Next(a, i, ranks);
            j = Next(b, j, ranks);
            k = Next(c, k, ranks);
            l = Next(d, l, ranks);
        }

        exits[0] = (ulong)(i - TreeBlocks.Exits);
        exits[1] = (ulong)(j - TreeBlocks.Exits);
        exits[2] = (ulong)(k - TreeBlocks.Exits);
        exits[3] = (ulong)(l - TreeBlocks.Exits);
    }

    // SAFETY: as in Four.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Next(byte* block, nint at, byte* ranks) =>
        (2 * at) + Unsafe.BitCast<bool, byte>(ranks[block[at]] > block[at + TreeBlocks.Exits]);
}
