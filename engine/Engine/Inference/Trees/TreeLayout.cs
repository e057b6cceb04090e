using Engine.Inference.Kernels;
using Engine.Inference.Networks;

namespace Engine.Inference.Trees;

/// <summary>One column in memory.</summary>
internal unsafe struct TreeColumn
{
    /// <summary>Index into the row.</summary>
    public int Feature;

    /// <summary>
    /// Sixteen pivots (every sixteenth threshold, then +∞), then the thresholds in sixteens, ended by +∞: a value is above at
    /// most 15 of either.
    /// </summary>
    public float* Pivots;
}

/// <summary>Trees that share columns.</summary>
internal struct TreeGroup
{
    /// <summary>The first tree's root block; the others follow.</summary>
    public int FirstBlock;

    /// <summary>How many trees; their blocks are padded to whole batches.</summary>
    public int Trees;

    /// <summary>The first of the group's columns.</summary>
    public int FirstColumn;

    /// <summary>Columns that rank NaN below all thresholds.</summary>
    public int NanBelow;

    /// <summary>Columns that rank NaN above all thresholds, after those.</summary>
    public int NanAbove;
}

/// <summary>An ensemble packed into native memory: groups of trees in tree order, each with its columns and blocks.</summary>
internal sealed unsafe class TreeLayout
{
    private const int Fan = 16;

    private TreeLayout(TreeGroup[] groups, int columns, TreeBlocks blocks, PackedMemory memory)
    {
        Groups = groups;
        Columns = (TreeColumn*)memory.Bytes((columns + 1) * sizeof(TreeColumn));
        Questions = memory.Bytes((blocks.Count + 1) * TreeBlocks.Bytes);
        Exits = (int*)memory.Bytes((blocks.Count + 1) * TreeBlocks.Exits * sizeof(int));
        GoesOn = memory.Words(blocks.Count + 1);

        // SAFETY: the three arrays were sized for the number of blocks just above.
        for (int b = 0; b < blocks.Count; b++)
        {
            blocks.Questions(b).CopyTo(new Span<byte>(Questions + ((long)b * TreeBlocks.Bytes), TreeBlocks.Bytes));
            blocks.ExitWords(b).CopyTo(new Span<int>(Exits + ((long)b * TreeBlocks.Exits), TreeBlocks.Exits));
            GoesOn[b] = blocks.GoesOn(b);
        }
    }

    /// <summary>The groups, in tree order.</summary>
    public TreeGroup[] Groups { get; }

    /// <summary>The columns of all groups.</summary>
    public TreeColumn* Columns { get; }

    /// <summary><see cref="TreeBlocks.Bytes"/> for each block.</summary>
    public byte* Questions { get; }

    /// <summary><see cref="TreeBlocks.Exits"/> words for each block.</summary>
    public int* Exits { get; }

    /// <summary>A word for each block: which exits lead to another block.</summary>
    public ulong* GoesOn { get; }

    /// <summary>For each batch of each group, in order: how many blocks a row passes at most.</summary>
    public required byte[] Rounds { get; init; }

    /// <summary>Packs an ensemble.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="memory">Owns what is packed.</param>
    /// <exception cref="ArgumentException">A tree asks about more than the columns of one group hold, or there are too many blocks.</exception>
    public static TreeLayout Pack(TreeEnsemble ensemble, PackedMemory memory)
    {
        List<(TreeColumns Columns, int Trees)> cut = Cut(ensemble);
        var blocks = new TreeBlocks();
        var groups = new List<TreeGroup>();
        int columns = 0;
        foreach ((TreeColumns set, int trees) in cut)
        {
            set.Close();
            groups.Add(new TreeGroup
            {
                FirstBlock = blocks.Count,
                Trees = trees,
                FirstColumn = columns,
                NanBelow = set.NanBelow,
                NanAbove = set.Columns.Count - set.NanBelow,
            });
            columns += set.Columns.Count;
            blocks.Reserve((trees + TreeBlocks.Batch - 1) / TreeBlocks.Batch * TreeBlocks.Batch);
        }

        var rounds = new List<byte>();
        int tree = 0;
        for (int g = 0; g < cut.Count; g++)
        {
            for (int t = 0; t < cut[g].Trees; t++, tree++)
            {
                blocks.Fill(groups[g].FirstBlock + t, ensemble.Trees[tree], cut[g].Columns);
                int needed = Math.Max(1, (ensemble.Trees[tree].Depth + TreeBlocks.Levels - 1) / TreeBlocks.Levels);
                if (t % TreeBlocks.Batch == 0)
                {
                    rounds.Add(0);
                }

                rounds[^1] = (byte)Math.Max(rounds[^1], needed);
            }
        }

        var layout = new TreeLayout([.. groups], columns, blocks, memory) { Rounds = [.. rounds] };
        layout.PackColumns(cut, memory);
        return layout;
    }

    // As many trees in order as share the columns of one group, then the next.
    private static List<(TreeColumns Columns, int Trees)> Cut(TreeEnsemble ensemble)
    {
        var groups = new List<(TreeColumns Columns, int Trees)>();
        for (int t = 0; t < ensemble.Trees.Count; t++)
        {
            if (groups.Count != 0 && groups[^1].Columns.TryAdd(ensemble.Trees[t]))
            {
                groups[^1] = (groups[^1].Columns, groups[^1].Trees + 1);
                continue;
            }

            var columns = new TreeColumns();
            if (!columns.TryAdd(ensemble.Trees[t]))
            {
                throw new ArgumentException($"Tree {t} asks about more than {TreeColumns.MaxColumns} columns of {TreeColumns.MaxThresholds} thresholds.");
            }

            groups.Add((columns, 1));
        }

        return groups;
    }

    private void PackColumns(List<(TreeColumns Columns, int Trees)> groups, PackedMemory memory)
    {
        int at = 0;
        (int Feature, float[] Thresholds)[] columns = [.. groups.SelectMany(g => g.Columns.Columns)];
        float* pivots = memory.Floats(checked(columns.Sum(c => (Buckets(c.Thresholds) + 1) * Fan)));
        foreach ((int feature, float[] thresholds) in columns)
        {
            // SAFETY: Columns was sized for all columns, and the floats for the pivots and buckets of each; the last bucket has
            // room for at least one +∞.
            int buckets = Buckets(thresholds);
            for (int i = 0; i < Fan; i++)
            {
                int last = (i * Fan) + Fan - 1;
                pivots[i] = last < thresholds.Length ? thresholds[last] : float.PositiveInfinity;
            }

            for (int i = 0; i < buckets * Fan; i++)
            {
                pivots[Fan + i] = i < thresholds.Length ? thresholds[i] : float.PositiveInfinity;
            }

            Columns[at++] = new TreeColumn { Feature = feature, Pivots = pivots };
            pivots += (buckets + 1) * Fan;
        }
    }

    private static int Buckets(float[] thresholds) => (thresholds.Length / Fan) + 1;
}
