using Engine.Inference.Networks;

namespace Engine.Inference.Trees;

/// <summary>What NaN answers to the questions of a column.</summary>
internal enum NanAnswer
{
    /// <summary>No to all: it ranks above every threshold.</summary>
    No,

    /// <summary>Yes to all: it ranks below every threshold.</summary>
    Yes,

    /// <summary>Yes to some: it ranks below, and the questions that it answers with no are marked.</summary>
    Mixed,
}

/// <summary>
/// The questions of a group of trees, sorted into columns: the thresholds of one feature, ascending, at most 255. A value's
/// rank in a column is how many of its thresholds are below the value, one byte, so that `x ≤ threshold[k]` is `rank(x) ≤ k`:
/// exact, and a value that many trees ask about is compared once. A feature with more thresholds has several columns.
/// </summary>
internal sealed class TreeColumns
{
    /// <summary>Most columns of a group: a question names its column by a byte.</summary>
    public const int MaxColumns = 256;

    /// <summary>Most thresholds of a column: a rank is a byte.</summary>
    public const int MaxThresholds = 255;

    private readonly SortedDictionary<int, Asked> _asked = [];
    private int _count;

    /// <summary>The columns in order of <see cref="NanAnswer"/>, once <see cref="Close"/> was called.</summary>
    public List<(int Feature, float[] Thresholds)> Columns { get; } = [];

    /// <summary>How many columns there are of each <see cref="NanAnswer"/>.</summary>
    public int[] Counts { get; } = new int[3];

    /// <summary>Takes a tree's questions in, unless they would need more than <see cref="MaxColumns"/>.</summary>
    /// <returns>Whether it was taken; if not, no tree can be taken in any more.</returns>
    public bool TryAdd(DecisionTree tree)
    {
        var added = new List<(Asked Of, float Threshold)>();
        foreach (TreeNode node in tree.Nodes)
        {
            if (node.IsLeaf)
            {
                continue;
            }

            if (!_asked.TryGetValue(node.Feature, out Asked? asked))
            {
                _asked.Add(node.Feature, asked = new Asked());
            }

            int before = asked.Columns;
            if (asked.Thresholds.Add(node.Threshold))
            {
                added.Add((asked, node.Threshold));
                _count += asked.Columns - before;
            }
        }

        if (_count > MaxColumns)
        {
            added.ForEach(a => a.Of.Thresholds.Remove(a.Threshold));
            return false;
        }

        foreach (TreeNode node in tree.Nodes)
        {
            if (!node.IsLeaf)
            {
                _asked[node.Feature].NanIsYes |= node.MissingIsTrue;
                _asked[node.Feature].NanIsNo |= !node.MissingIsTrue;
            }
        }

        return true;
    }

    /// <summary>Numbers the columns; no tree can be taken in after it.</summary>
    public void Close()
    {
        foreach (NanAnswer answer in Enum.GetValues<NanAnswer>())
        {
            foreach ((int feature, Asked asked) in _asked)
            {
                if (asked.Thresholds.Count != 0 && asked.Answer == answer)
                {
                    asked.First = Columns.Count;
                    asked.Sorted = [.. asked.Thresholds];
                    Columns.AddRange(asked.Sorted.Chunk(MaxThresholds).Select(part => (feature, part)));
                    Counts[(int)answer] += asked.Columns;
                }
            }
        }
    }

    /// <summary>Where a split's question is: it is answered no when the rank in the column is above the one given.</summary>
    /// <param name="split">A split of a tree that was taken in.</param>
    /// <param name="marked">Whether NaN answers no although it ranks below.</param>
    public (byte Column, byte Rank) Place(TreeNode split, out bool marked)
    {
        Asked asked = _asked[split.Feature];
        int index = Array.BinarySearch(asked.Sorted, split.Threshold);
        marked = asked.Answer == NanAnswer.Mixed && !split.MissingIsTrue;
        return ((byte)(asked.First + (index / MaxThresholds)), (byte)(index % MaxThresholds));
    }

    private sealed class Asked
    {
        public SortedSet<float> Thresholds { get; } = [];

        public float[] Sorted { get; set; } = [];

        public int First { get; set; }

        public bool NanIsYes { get; set; }

        public bool NanIsNo { get; set; }

        public NanAnswer Answer => !NanIsNo ? NanAnswer.Yes : !NanIsYes ? NanAnswer.No : NanAnswer.Mixed;

        public int Columns => (Thresholds.Count + MaxThresholds - 1) / MaxThresholds;
    }
}
