using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Inference.Trees;

/// <summary>
/// The 56 questions of eight blocks at once: the ranks of their columns by byte permutations of the whole rank table, one
/// comparison, and eight words of eight answers walk down side by side, three shifts. The blocks behind the exits are staged for
/// the next round.
/// </summary>
/// <remarks>
/// Staged blocks are written 16 bytes at a time and read 64 at a time, which waits until the writes have reached the cache; so
/// several batches take a round before the first takes the next.
/// </remarks>
internal readonly unsafe struct TreeWalkVbmi : ITreeWalk
{
    // A no, in an answer's byte: so that a word's answer i, 8i bits up, adds 8 to a number that counts by eights.
    private const byte No = 8;

    /// <summary>Whether this process can run it: AVX-512 VBMI, which came with Ice Lake and Zen 4.</summary>
    public static bool IsSupported => Avx512Vbmi.IsSupported && Avx512BW.IsSupported;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Walk<TFold, TMissing>(TreeLayout layout, ref readonly TreeGroup group, ref readonly TreeScratch scratch)
        where TFold : struct, ITreeFold
        where TMissing : struct, ITreeMissing
    {
        // SAFETY: a group's batches are the layout's, and so are the roots' blocks.
        for (int b = 0; b < group.Batches; b += TreeScratch.Chunk)
        {
            int count = Math.Min(TreeScratch.Chunk, group.Batches - b);
            TreeBatch* batches = layout.Batches + group.FirstBatch + b;
            int rounds = 1;
            for (int i = 0; i < count; i++)
            {
                rounds = Math.Max(rounds, batches[i].Rounds);
            }

            if (rounds == 1)
            {
                Roots(layout.Blocks + ((nint)(group.FirstBatch + b) * TreeBatch.Trees * TreeBlock.Bytes), count, in scratch);
            }
            else
            {
                Begin<TMissing>(batches, count, in scratch);
                for (int round = 2; round < rounds; round++)
                {
                    GoOn<TMissing>(count, in scratch);
                }
            }

            End<TFold, TMissing>(count, in scratch);
        }
    }

    // Where roots are all there is, they are staged themselves.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Roots(byte* roots, int count, ref readonly TreeScratch scratch)
    {
        // SAFETY: `count` batches of eight blocks.
        for (int t = 0; t < count * TreeBatch.Trees; t++)
        {
            scratch.Blocks[t] = (ulong)(roots + ((nint)t * TreeBlock.Bytes));
        }

        for (int b = 0; b < count; b++)
        {
            Stage(scratch.Blocks + (b * TreeBatch.Trees), scratch.Staged + (b * TreeScratch.StagedBytes));
        }
    }

    // The first round: answers of the roots, and the blocks behind them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Begin<TMissing>(TreeBatch* batch, int count, ref readonly TreeScratch scratch)
        where TMissing : struct, ITreeMissing
    {
        // SAFETY: `count` batches, with eight addresses and staged bytes each.
        byte* staged = scratch.Staged;
        ulong* blocks = scratch.Blocks;
        for (int b = 0; b < count; b++)
        {
            Vector512<ulong> exit = Exits<TMissing>(Vector512.Load(batch->Columns), Vector512.Load(batch->Ranks), batch->NanIsNo, in scratch);
            Vector512<ulong> behind = Vector512.ShiftLeft(exit, 3) & Vector512.Load((ulong*)batch->ChildMask);
            (Vector512.Load((ulong*)batch->Children) + behind).Store(blocks);
            Stage(blocks, staged);
            batch++;
            staged += TreeScratch.StagedBytes;
            blocks += TreeBatch.Trees;
        }
    }

    // A round in the middle: answers of what is staged, and the blocks behind.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void GoOn<TMissing>(int count, ref readonly TreeScratch scratch)
        where TMissing : struct, ITreeMissing
    {
        // SAFETY: as for Begin; a block's children are where it says.
        for (int b = 0; b < count; b++)
        {
            byte* staged = scratch.Staged + (b * TreeScratch.StagedBytes);
            ulong* blocks = scratch.Blocks + (b * TreeBatch.Trees);
            StagedExits<TMissing>(staged, blocks, in scratch).Store(scratch.Leaves);
            for (int t = 0; t < TreeBatch.Trees; t++)
            {
                var block = (TreeBlock*)blocks[t];
                blocks[t] = (ulong)(block->Children + (((long)scratch.Leaves[t] << 3) & block->ChildMask));
            }

            Stage(blocks, staged);
        }
    }

    // The last round: answers of what is staged, and the leaves into the lanes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void End<TFold, TMissing>(int count, ref readonly TreeScratch scratch)
        where TFold : struct, ITreeFold
        where TMissing : struct, ITreeMissing
    {
        // SAFETY: as for Begin; there are eight leaves and eight lanes.
        byte* staged = scratch.Staged;
        ulong* blocks = scratch.Blocks;
        ulong* leaves = scratch.Leaves;
        float* lanes = scratch.Lanes;
        float l0 = lanes[0], l1 = lanes[1], l2 = lanes[2], l3 = lanes[3];
        float l4 = lanes[4], l5 = lanes[5], l6 = lanes[6], l7 = lanes[7];
        for (int b = 0; b < count; b++)
        {
            Vector512<ulong> exit = StagedExits<TMissing>(staged, blocks, in scratch);
            (Vector512.Load(blocks) + Vector512.ShiftRightLogical(exit, 1)).Store(leaves);
            l0 = TFold.Fold(l0, Leaf(leaves[0]));
            l1 = TFold.Fold(l1, Leaf(leaves[1]));
            l2 = TFold.Fold(l2, Leaf(leaves[2]));
            l3 = TFold.Fold(l3, Leaf(leaves[3]));
            l4 = TFold.Fold(l4, Leaf(leaves[4]));
            l5 = TFold.Fold(l5, Leaf(leaves[5]));
            l6 = TFold.Fold(l6, Leaf(leaves[6]));
            l7 = TFold.Fold(l7, Leaf(leaves[7]));
            staged += TreeScratch.StagedBytes;
            blocks += TreeBatch.Trees;
        }

        (lanes[0], lanes[1], lanes[2], lanes[3]) = (l0, l1, l2, l3);
        (lanes[4], lanes[5], lanes[6], lanes[7]) = (l4, l5, l6, l7);
    }

    // SAFETY: the address of a block and four times the exit.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Leaf(ulong address) => *(float*)(address + unchecked((ulong)TreeBlock.LeafOffset));

    // Even trees go into the first 64 bytes, odd ones into the second, so that interleaving by words restores their order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Stage(ulong* blocks, byte* staged)
    {
        // SAFETY: eight addresses of blocks, each of which begins with 16 bytes of questions.
        Vector128.Load((byte*)blocks[0]).Store(staged);
        Vector128.Load((byte*)blocks[1]).Store(staged + 64);
        Vector128.Load((byte*)blocks[2]).Store(staged + 16);
        Vector128.Load((byte*)blocks[3]).Store(staged + 80);
        Vector128.Load((byte*)blocks[4]).Store(staged + 32);
        Vector128.Load((byte*)blocks[5]).Store(staged + 96);
        Vector128.Load((byte*)blocks[6]).Store(staged + 48);
        Vector128.Load((byte*)blocks[7]).Store(staged + 112);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> StagedExits<TMissing>(byte* staged, ulong* blocks, ref readonly TreeScratch scratch)
        where TMissing : struct, ITreeMissing
    {
        // SAFETY: 128 staged bytes and eight addresses of blocks.
        Vector512<ulong> even = Vector512.Load((ulong*)staged);
        Vector512<ulong> odd = Vector512.Load((ulong*)(staged + 64));
        if (TMissing.Is)
        {
            for (int t = 0; t < TreeBatch.Trees; t++)
            {
                scratch.Marks[t] = ((TreeBlock*)blocks[t])->NanIsNo;
            }
        }

        return Exits<TMissing>(Avx512F.UnpackLow(even, odd).AsByte(), Avx512F.UnpackHigh(even, odd).AsByte(), scratch.Marks, in scratch);
    }

    // Eight times the exit of each tree.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Exits<TMissing>(Vector512<byte> columns, Vector512<byte> limits, byte* marks, ref readonly TreeScratch scratch)
        where TMissing : struct, ITreeMissing
    {
        // SAFETY: 256 ranks and eight marks.
        Vector512<byte> no = Vector512.GreaterThan(Looked(columns, scratch.Ranks), limits);
        if (TMissing.Is)
        {
            no |= Looked(columns, scratch.Missing) & Marked(marks);
        }

        Vector512<ulong> answers = (no & Vector512.Create(No)).AsUInt64();
        Vector512<ulong> eight = Vector512.Create((ulong)No);
        Vector512<ulong> at = (eight + eight) | (Vector512.ShiftRightLogical(answers, 8) & eight);
        at = (at + at) | (Avx512F.ShiftRightLogicalVariable(answers, at) & eight);
        return (at + at) | (Avx512F.ShiftRightLogicalVariable(answers, at) & eight);
    }

    // Eight bytes of bits as 64 bytes, all ones where a bit is set.
    private static Vector512<byte> Marked(byte* marks)
    {
        // SAFETY: eight marks. Byte t is repeated over word t, then each byte keeps the bit that is its own.
        Vector512<byte> repeated = Avx512Vbmi.PermuteVar64x8(Vector512.Create(*(ulong*)marks).AsByte(), Vector512.Create(
            0UL, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303,
            0x0404040404040404, 0x0505050505050505, 0x0606060606060606, 0x0707070707070707).AsByte());
        Vector512<byte> own = Vector512.Create(0x8040201008040201UL).AsByte();
        return Vector512.Equals(repeated & own, own);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Looked(Vector512<byte> indices, byte* table)
    {
        // SAFETY: a table of 256 bytes. The permutations take the low seven bits of an index, the blend its highest.
        Vector512<byte> low = Avx512Vbmi.PermuteVar64x8x2(Vector512.Load(table), indices, Vector512.Load(table + 64));
        Vector512<byte> high = Avx512Vbmi.PermuteVar64x8x2(Vector512.Load(table + 128), indices, Vector512.Load(table + 192));
        return Avx512BW.BlendVariable(low, high, indices);
    }
}
