using Engine.Inference.Kernels;

namespace Engine.Inference.Trees;

/// <summary>What walking needs beside the layout, allocated once.</summary>
internal readonly unsafe struct TreeScratch
{
    /// <summary>Batches that are walked together: so many that what one step wrote has reached the cache before the next reads it.</summary>
    public const int Chunk = 8;

    /// <summary>Staged questions of a batch.</summary>
    public const int StagedBytes = TreeBatch.Trees * TreeBlock.QuestionBytes;

    // SAFETY: the memory lives as long as its owner; the sizes are those that the walks index.

    /// <summary>A rank for each of the 256 columns that a question can name.</summary>
    public readonly byte* Ranks;

    /// <summary>For each of these columns 255 where its feature is NaN and NaN goes both ways, else 0.</summary>
    public readonly byte* Missing;

    /// <summary>Questions of the blocks that come next, <see cref="StagedBytes"/> a batch.</summary>
    public readonly byte* Staged;

    /// <summary>Addresses of the blocks that come next, eight a batch.</summary>
    public readonly ulong* Blocks;

    /// <summary>Eight addresses of leaves.</summary>
    public readonly ulong* Leaves;

    /// <summary>Marks of a batch's next blocks, a byte a tree.</summary>
    public readonly byte* Marks;

    /// <summary>The partial aggregates: tree i goes into lane i mod 8.</summary>
    public readonly float* Lanes;

    /// <param name="memory">Owns it.</param>
    public TreeScratch(PackedMemory memory)
    {
        Ranks = memory.Bytes(TreeColumns.MaxColumns);
        Missing = memory.Bytes(TreeColumns.MaxColumns);
        Staged = memory.Bytes(Chunk * StagedBytes);
        Blocks = memory.Words(Chunk * TreeBatch.Trees);
        Leaves = memory.Words(TreeBatch.Trees);
        Marks = memory.Bytes(TreeBatch.Trees);
        Lanes = memory.Floats(TreeBatch.Trees);
    }
}
