using System.Runtime.CompilerServices;

namespace Engine.Inference.Trees;

/// <summary>
/// One question after the other, four trees interleaved: the next question's number is computed from the answer, so that nothing
/// is predicted and nothing mispredicted. On AVX2 it is faster than gathering.
/// </summary>
internal readonly unsafe struct TreeWalkScalar : ITreeWalk
{
    private const int Side = 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Walk<TFold, TMissing>(TreeLayout layout, ref readonly TreeGroup group, ref readonly TreeScratch scratch)
        where TFold : struct, ITreeFold
        where TMissing : struct, ITreeMissing
    {
        // SAFETY: a group's batches and the blocks that they lead to are the layout's; there are eight lanes.
        for (int b = 0; b < group.Batches; b++)
        {
            int at = group.FirstBatch + b;
            byte* roots = layout.Blocks + ((nint)at * TreeBatch.Trees * TreeBlock.Bytes);
            int rounds = layout.Batches[at].Rounds;
            Four<TFold, TMissing>(roots, rounds, scratch.Ranks, scratch.Missing, scratch.Lanes);
            Four<TFold, TMissing>(roots + (Side * TreeBlock.Bytes), rounds, scratch.Ranks, scratch.Missing, scratch.Lanes + Side);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four<TFold, TMissing>(byte* roots, int rounds, byte* ranks, byte* missing, float* lanes)
        where TFold : struct, ITreeFold
        where TMissing : struct, ITreeMissing
    {
        // SAFETY: as for Walk; a block's children are where it says.
        byte* p = roots;
        byte* q = roots + TreeBlock.Bytes;
        byte* r = roots + (2 * TreeBlock.Bytes);
        byte* s = roots + (3 * TreeBlock.Bytes);
        nint i = Exit<TMissing>(p, ranks, missing);
        nint j = Exit<TMissing>(q, ranks, missing);
        nint k = Exit<TMissing>(r, ranks, missing);
        nint l = Exit<TMissing>(s, ranks, missing);
        for (int round = 1; round < rounds; round++)
        {
            p = Next(p, i);
            q = Next(q, j);
            r = Next(r, k);
            s = Next(s, l);
            i = Exit<TMissing>(p, ranks, missing);
            j = Exit<TMissing>(q, ranks, missing);
            k = Exit<TMissing>(r, ranks, missing);
            l = Exit<TMissing>(s, ranks, missing);
        }

        lanes[0] = TFold.Fold(lanes[0], Leaf(p, i));
        lanes[1] = TFold.Fold(lanes[1], Leaf(q, j));
        lanes[2] = TFold.Fold(lanes[2], Leaf(r, k));
        lanes[3] = TFold.Fold(lanes[3], Leaf(s, l));
    }

    // SAFETY: as for Four.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Next(byte* block, nint exit) =>
        (byte*)((nint)((TreeBlock*)block)->Children + ((exit * TreeBlock.Bytes) & ((TreeBlock*)block)->ChildMask));

    // SAFETY: an exit is 8 to 15.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Leaf(byte* block, nint exit) => *(float*)(block + (exit * sizeof(float)) + TreeBlock.LeafOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Exit<TMissing>(byte* block, byte* ranks, byte* missing)
        where TMissing : struct, ITreeMissing => Answer<TMissing>(
            block, Answer<TMissing>(block, Answer<TMissing>(block, 1, ranks, missing), ranks, missing), ranks, missing);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Answer<TMissing>(byte* block, nint at, byte* ranks, byte* missing)
        where TMissing : struct, ITreeMissing
    {
        // SAFETY: a question's number is below 8, a column below 256.
        nint column = block[at];
        nint no = Unsafe.BitCast<bool, byte>(ranks[column] > block[at + TreeBlock.Exits]);
        if (TMissing.Is)
        {
            no |= missing[column] & (((TreeBlock*)block)->NanIsNo >> (int)at) & 1;
        }

        return (2 * at) + no;
    }
}
