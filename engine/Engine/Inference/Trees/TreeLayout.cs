using Engine.Inference.Kernels;
using Engine.Inference.Networks;

namespace Engine.Inference.Trees;

/// <summary>One column in memory, beside its sixteen pivots.</summary>
internal unsafe struct TreeColumn
{
    /// <summary>
    /// The thresholds in sixteens, ended by +∞. The pivots are every sixteenth of them, then +∞: a value is above at most 15 of
    /// either.
    /// </summary>
    public float* Thresholds;

    /// <summary>Index into the row.</summary>
    public int Feature;
}

/// <summary>Trees that share columns.</summary>
internal struct TreeGroup
{
    /// <summary>The first of the group's batches.</summary>
    public int FirstBatch;

    /// <summary>How many batches.</summary>
    public int Batches;

    /// <summary>The first of the group's columns.</summary>
    public int FirstColumn;

    /// <summary>Columns whose questions NaN answers with no.</summary>
    public int NanIsNo;

    /// <summary>Columns whose questions NaN answers with yes, after those.</summary>
    public int NanIsYes;

    /// <summary>Columns whose questions NaN answers one way and the other, after those.</summary>
    public int NanIsMixed;
}

/// <summary>
/// An ensemble packed into native memory. Tree i is in place i mod 8 of a batch; where a group ends inside a batch, the batch
/// occurs in both groups, and trees that are not the group's give what changes no aggregate.
/// </summary>
internal sealed unsafe class TreeLayout
{
    private const int Fan = 16;

    private TreeLayout(TreeGroup[] groups, TreeBlocks blocks, PackedMemory memory)
    {
        Groups = groups;
        int batches = groups.Sum(g => g.Batches);
        Batches = (TreeBatch*)memory.Bytes(batches * sizeof(TreeBatch));
        Blocks = memory.Bytes(blocks.All.Count * TreeBlock.Bytes);

        // SAFETY: both arrays were sized just above.
        for (int b = 0; b < blocks.All.Count; b++)
        {
            TreeBlock block = blocks.All[b];
            block.Children += (long)Blocks;
            ((TreeBlock*)Blocks)[b] = block;
        }

        // The first blocks are those of the batches' trees, in order.
        for (int t = 0; t < batches * TreeBatch.Trees; t++)
        {
            TreeBatch* batch = Batches + (t / TreeBatch.Trees);
            TreeBlock root = ((TreeBlock*)Blocks)[t];
            int at = t % TreeBatch.Trees;
            for (int q = 0; q < TreeBlock.Exits; q++)
            {
                batch->Columns[(at * TreeBlock.Exits) + q] = root.Columns[q];
                batch->Ranks[(at * TreeBlock.Exits) + q] = root.Ranks[q];
            }

            batch->Children[at] = root.Children;
            batch->ChildMask[at] = root.ChildMask;
            batch->NanIsNo[at] = root.NanIsNo;
            batch->Rounds = 1;
        }
    }

    /// <summary>The groups, in tree order.</summary>
    public TreeGroup[] Groups { get; }

    /// <summary>The batches of all groups.</summary>
    public TreeBatch* Batches { get; }

    /// <summary>All blocks, from the first byte; the first ones are the batches' trees in order.</summary>
    public byte* Blocks { get; }

    /// <summary>The columns of all groups.</summary>
    public TreeColumn* Columns { get; private set; }

    /// <summary>Sixteen pivots for each column.</summary>
    public float* Pivots { get; private set; }

    /// <summary>Packs an ensemble.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="neutral">A value that changes no aggregate.</param>
    /// <param name="memory">Owns what is packed.</param>
    /// <exception cref="ArgumentException">A tree asks about more than the columns of one group hold, or there are too many blocks.</exception>
    public static TreeLayout Pack(TreeEnsemble ensemble, float neutral, PackedMemory memory)
    {
        List<(TreeColumns Columns, int First, int Count)> cut = Cut(ensemble);
        var groups = new TreeGroup[cut.Count];
        int columns = 0, batches = 0;
        for (int g = 0; g < groups.Length; g++)
        {
            (TreeColumns set, int first, int count) = cut[g];
            set.Close();
            groups[g] = new TreeGroup
            {
                FirstBatch = batches,
                Batches = ((first + count - 1) / TreeBatch.Trees) - (first / TreeBatch.Trees) + 1,
                FirstColumn = columns,
                NanIsNo = set.Counts[(int)NanAnswer.No],
                NanIsYes = set.Counts[(int)NanAnswer.Yes],
                NanIsMixed = set.Counts[(int)NanAnswer.Mixed],
            };
            columns += set.Columns.Count;
            batches += groups[g].Batches;
        }

        var blocks = new TreeBlocks();
        blocks.Reserve(batches * TreeBatch.Trees, neutral);
        var rounds = new List<(int Batch, int Rounds)>();
        for (int g = 0; g < groups.Length; g++)
        {
            (TreeColumns set, int first, int count) = cut[g];
            int start = (groups[g].FirstBatch * TreeBatch.Trees) - (first / TreeBatch.Trees * TreeBatch.Trees);
            for (int t = first; t < first + count; t++)
            {
                blocks.Fill(start + t, ensemble.Trees[t], set);
                rounds.Add(((start + t) / TreeBatch.Trees, (ensemble.Trees[t].Depth + TreeBlock.Levels - 1) / TreeBlock.Levels));
            }
        }

        var layout = new TreeLayout(groups, blocks, memory);
        foreach ((int batch, int needed) in rounds)
        {
            // SAFETY: the batches were counted above.
            layout.Batches[batch].Rounds = Math.Max(layout.Batches[batch].Rounds, needed);
        }

        layout.PackColumns([.. cut.SelectMany(g => g.Columns.Columns)], memory);
        return layout;
    }

    // As many trees in order as share the columns of one group, then the next.
    private static List<(TreeColumns Columns, int First, int Count)> Cut(TreeEnsemble ensemble)
    {
        var groups = new List<(TreeColumns Columns, int First, int Count)>();
        for (int t = 0; t < ensemble.Trees.Count; t++)
        {
            if (groups.Count != 0 && groups[^1].Columns.TryAdd(ensemble.Trees[t]))
            {
                groups[^1] = groups[^1] with { Count = groups[^1].Count + 1 };
                continue;
            }

            var columns = new TreeColumns();
            if (!columns.TryAdd(ensemble.Trees[t]))
            {
                throw new ArgumentException($"Tree {t} asks about more than {TreeColumns.MaxColumns} columns of {TreeColumns.MaxThresholds} thresholds.");
            }

            groups.Add((columns, t, 1));
        }

        return groups;
    }

    private void PackColumns((int Feature, float[] Thresholds)[] columns, PackedMemory memory)
    {
        // SAFETY: the arrays are sized for all columns, and the floats for every bucket of sixteen; the last of a column has room
        // for at least one +∞.
        Columns = (TreeColumn*)memory.Bytes((columns.Length + 1) * sizeof(TreeColumn));
        Pivots = memory.Floats(columns.Length * Fan);
        float* at = memory.Floats(checked(columns.Sum(c => Buckets(c.Thresholds) * Fan)));
        for (int c = 0; c < columns.Length; c++)
        {
            float[] thresholds = columns[c].Thresholds;
            Columns[c] = new TreeColumn { Feature = columns[c].Feature, Thresholds = at };
            for (int i = 0; i < Fan; i++)
            {
                int last = (i * Fan) + Fan - 1;
                Pivots[(c * Fan) + i] = last < thresholds.Length ? thresholds[last] : float.PositiveInfinity;
            }

            for (int i = 0; i < Buckets(thresholds) * Fan; i++, at++)
            {
                *at = i < thresholds.Length ? thresholds[i] : float.PositiveInfinity;
            }
        }
    }

    private static int Buckets(float[] thresholds) => (thresholds.Length / Fan) + 1;
}
