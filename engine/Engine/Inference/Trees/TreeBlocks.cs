using Engine.Inference.Networks;

namespace Engine.Inference.Trees;

/// <summary>Cuts trees into blocks (<see cref="TreeBlock"/>): the root's first, then eight in a row for each block that goes on.</summary>
internal sealed unsafe class TreeBlocks
{
    /// <summary>Most blocks: 16 MB.</summary>
    public const int MaxBlocks = 1 << 18;

    // A rank that no value is above.
    private const byte Never = byte.MaxValue;

    private readonly List<TreeBlock> _blocks = [];

    /// <summary>The blocks; children are offsets from the first one.</summary>
    public IReadOnlyList<TreeBlock> All => _blocks;

    /// <summary>Adds blocks that ask nothing and give one value.</summary>
    /// <returns>The first one's number.</returns>
    /// <exception cref="ArgumentException">More than <see cref="MaxBlocks"/>.</exception>
    public int Reserve(int count, float value)
    {
        int first = _blocks.Count;
        if (first + count > MaxBlocks)
        {
            throw new ArgumentException($"The trees need more than {MaxBlocks} blocks of {TreeBlock.Levels} levels.");
        }

        for (int i = 0; i < count; i++)
        {
            var block = new TreeBlock { Children = (first + i) * TreeBlock.Bytes };

            // SAFETY: a block has eight ranks and leaves.
            for (int e = 0; e < TreeBlock.Exits; e++)
            {
                block.Ranks[e] = Never;
                block.Leaves[e] = value;
            }

            _blocks.Add(block);
        }

        return first;
    }

    /// <summary>Fills a block, and blocks below it, with a tree.</summary>
    /// <param name="root">A reserved block.</param>
    /// <param name="tree">The tree.</param>
    /// <param name="columns">Tells column and rank of each question.</param>
    /// <exception cref="ArgumentException">More than <see cref="MaxBlocks"/>.</exception>
    public void Fill(int root, DecisionTree tree, TreeColumns columns)
    {
        // Every pass takes a node off the queue, and none is put there twice.
        var open = new Queue<(int Block, int Node)>([(root, 0)]);
        var exits = new int[TreeBlock.Exits];
        while (open.TryDequeue(out (int Block, int Node) next))
        {
            TreeBlock block = _blocks[next.Block];
            Place(ref block, 1, next.Node, tree, columns, exits);
            bool goesOn = exits.Any(e => !tree.Nodes[e].IsLeaf);
            if (goesOn)
            {
                int children = Reserve(TreeBlock.Exits, 0);
                block.Children = (children - TreeBlock.Exits) * TreeBlock.Bytes;
                block.ChildMask = -1;
                for (int e = 0; e < TreeBlock.Exits; e++)
                {
                    open.Enqueue((children + e, exits[e]));
                }
            }

            // SAFETY: a block has eight leaves.
            for (int e = 0; e < TreeBlock.Exits; e++)
            {
                block.Leaves[e] = goesOn ? 0 : tree.Nodes[exits[e]].Value;
            }

            _blocks[next.Block] = block;
        }
    }

    // Goes as deep as a block has levels, and notes the node behind each exit.
    private static void Place(ref TreeBlock block, int at, int index, DecisionTree tree, TreeColumns columns, int[] exits)
    {
        if (at >= TreeBlock.Exits)
        {
            exits[at - TreeBlock.Exits] = index;
            return;
        }

        TreeNode node = tree.Nodes[index];
        if (!node.IsLeaf)
        {
            // SAFETY: at is below 8.
            (block.Columns[at], block.Ranks[at]) = columns.Place(node, out bool marked);
            block.NanIsNo |= (byte)(marked ? 1 << at : 0);
        }

        Place(ref block, 2 * at, node.IsLeaf ? index : node.WhenTrue, tree, columns, exits);
        Place(ref block, (2 * at) + 1, node.IsLeaf ? index : node.WhenFalse, tree, columns, exits);
    }
}
