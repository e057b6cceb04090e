using Engine.Inference.Networks;

namespace Engine.Inference.Trees;

/// <summary>
/// Cuts trees into blocks of six levels. A block is a complete tree of 63 questions and 64 exits, whatever the shape of what it
/// holds: a leaf above the last level owns all the exits below it, and what goes on below the sixth level is another block.
/// </summary>
/// <remarks>
/// A block in memory, questions numbered as in a heap (1 is the root, 2i and 2i + 1 follow i; 2i + 1 when the answer is no):
/// <code>
///   byte 0          64           128
///   | column [64]   | rank [64]  |      question i: is the rank of column[i] above rank[i]? Then the answer is no. Slot 0 is idle.
///   exits: 64 words, each the bits of a leaf's value or, where `goesOn` has the exit's bit, the number of the next block
/// </code>
/// </remarks>
internal sealed class TreeBlocks
{
    /// <summary>Levels of a block.</summary>
    public const int Levels = 6;

    /// <summary>Exits of a block, and slots for questions.</summary>
    public const int Exits = 1 << Levels;

    /// <summary>Bytes of a block's questions.</summary>
    public const int Bytes = 2 * Exits;

    /// <summary>Trees that are walked side by side.</summary>
    public const int Batch = 8;

    /// <summary>Most blocks: 50 MB.</summary>
    public const int MaxBlocks = 1 << 17;

    private readonly List<byte[]> _questions = [];
    private readonly List<int[]> _exits = [];
    private readonly List<ulong> _goesOn = [];

    /// <summary>Blocks so far.</summary>
    public int Count => _questions.Count;

    /// <summary>The questions of a block, <see cref="Bytes"/> long.</summary>
    public ReadOnlySpan<byte> Questions(int block) => _questions[block];

    /// <summary>The exits of a block.</summary>
    public ReadOnlySpan<int> ExitWords(int block) => _exits[block];

    /// <summary>A bit for each exit of a block that leads to another.</summary>
    public ulong GoesOn(int block) => _goesOn[block];

    /// <summary>Adds empty blocks: zeros, which lead to a leaf of 0.</summary>
    /// <exception cref="ArgumentException">More than <see cref="MaxBlocks"/>.</exception>
    public void Reserve(int count)
    {
        if (Count + count > MaxBlocks)
        {
            throw new ArgumentException($"The trees need more than {MaxBlocks} blocks of {Levels} levels.");
        }

        for (int i = 0; i < count; i++)
        {
            _questions.Add(new byte[Bytes]);
            _exits.Add(new int[Exits]);
            _goesOn.Add(0);
        }
    }

    /// <summary>Fills a block, and the blocks below it, with a tree.</summary>
    /// <param name="block">A reserved block: the tree's root.</param>
    /// <param name="tree">The tree.</param>
    /// <param name="columns">Tells column and rank of each question.</param>
    /// <exception cref="ArgumentException">More than <see cref="MaxBlocks"/>.</exception>
    public void Fill(int block, DecisionTree tree, TreeColumns columns)
    {
        // Every pass takes one root off the queue, and no node is put there twice.
        var roots = new Queue<(int Block, int Node)>([(block, 0)]);
        while (roots.TryDequeue(out (int Block, int Node) root))
        {
            Place(root.Block, 1, root.Node, tree, columns, roots);
        }
    }

    // As deep as a block has levels.
    private void Place(int block, int at, int index, DecisionTree tree, TreeColumns columns, Queue<(int Block, int Node)> roots)
    {
        TreeNode node = tree.Nodes[index];
        if (at >= Exits)
        {
            int exit = at - Exits;
            if (node.IsLeaf)
            {
                _exits[block][exit] = BitConverter.SingleToInt32Bits(node.Value);
                return;
            }

            _exits[block][exit] = Count;
            _goesOn[block] |= 1UL << exit;
            roots.Enqueue((Count, index));
            Reserve(1);
            return;
        }

        // A leaf asks column 0 whether it is above 0: either answer leads to the same value.
        if (!node.IsLeaf)
        {
            (byte column, byte rank) = columns.Place(node);
            _questions[block][at] = column;
            _questions[block][Exits + at] = rank;
        }

        Place(block, 2 * at, node.IsLeaf ? index : node.WhenTrue, tree, columns, roots);
        Place(block, (2 * at) + 1, node.IsLeaf ? index : node.WhenFalse, tree, columns, roots);
    }
}
