using Engine.Inference.Networks;

namespace Engine.Inference.Trees;

/// <summary>
/// The questions of a group of trees, sorted into columns: the thresholds of one feature, ascending, at most 255. A value's
/// rank in a column is how many of its thresholds are below the value, one byte, so that `x ≤ threshold[k]` is `rank(x) ≤ k`:
/// exact, and a value that many trees ask about is compared once.
/// </summary>
/// <remarks>
/// A feature with more thresholds has several columns. NaN ranks below all thresholds where its answer is yes, above all where it
/// is no: a feature whose NaN goes both ways has columns for either.
/// </remarks>
internal sealed class TreeColumns
{
    /// <summary>Most columns of a group: a question names its column by a byte.</summary>
    public const int MaxColumns = 256;

    /// <summary>Most thresholds of a column: a rank is a byte.</summary>
    public const int MaxThresholds = 255;

    private readonly Dictionary<(int Feature, bool NanIsAbove), SortedSet<float>> _thresholds = [];
    private readonly Dictionary<(int Feature, bool NanIsAbove), (int First, float[] Sorted)> _placed = [];
    private int _count;

    /// <summary>The columns, once <see cref="Close"/> was called: those whose NaN ranks below come first.</summary>
    public List<(int Feature, float[] Thresholds)> Columns { get; } = [];

    /// <summary>How many of the columns, the first ones, rank NaN below.</summary>
    public int NanBelow { get; private set; }

    /// <summary>Takes a tree's questions in, unless they would need more than <see cref="MaxColumns"/>.</summary>
    /// <returns>Whether it was taken; if not, nothing changed.</returns>
    public bool TryAdd(DecisionTree tree)
    {
        var added = new List<(SortedSet<float> Set, float Threshold)>();
        foreach (TreeNode node in tree.Nodes)
        {
            if (node.IsLeaf)
            {
                continue;
            }

            (int, bool) key = (node.Feature, !node.MissingIsTrue);
            if (!_thresholds.TryGetValue(key, out SortedSet<float>? set))
            {
                _thresholds.Add(key, set = []);
            }

            int before = ColumnsOf(set.Count);
            if (set.Add(node.Threshold))
            {
                added.Add((set, node.Threshold));
                _count += ColumnsOf(set.Count) - before;
            }
        }

        if (_count <= MaxColumns)
        {
            return true;
        }

        foreach ((SortedSet<float> set, float threshold) in added)
        {
            _count -= ColumnsOf(set.Count);
            set.Remove(threshold);
            _count += ColumnsOf(set.Count);
        }

        return false;
    }

    /// <summary>Numbers the columns; no tree can be taken in after it.</summary>
    public void Close()
    {
        foreach (((int Feature, bool NanIsAbove) key, SortedSet<float> set) in _thresholds.OrderBy(t => t.Key.NanIsAbove).ThenBy(t => t.Key.Feature))
        {
            float[] sorted = [.. set];
            if (sorted.Length != 0)
            {
                _placed.Add(key, (Columns.Count, sorted));
            }

            foreach (float[] part in sorted.Chunk(MaxThresholds))
            {
                Columns.Add((key.Feature, part));
                NanBelow += key.NanIsAbove ? 0 : 1;
            }
        }
    }

    /// <summary>Where a split's question is: it is answered no when the rank in the column is above the one given.</summary>
    public (byte Column, byte Rank) Place(TreeNode split)
    {
        (int first, float[] sorted) = _placed[(split.Feature, !split.MissingIsTrue)];
        int index = Array.BinarySearch(sorted, split.Threshold);
        return ((byte)(first + (index / MaxThresholds)), (byte)(index % MaxThresholds));
    }

    private static int ColumnsOf(int thresholds) => (thresholds + MaxThresholds - 1) / MaxThresholds;
}
