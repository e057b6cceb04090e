using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>
/// The times that the labels of some rows look at, [row time, end] each, as stretches that do not meet. Whether a span meets one of them
/// is a binary search.
/// </summary>
public sealed class LabelSpans
{
    private readonly long[] _from;
    private readonly long[] _to;

    private LabelSpans(long[] from, long[] to)
    {
        _from = from;
        _to = to;
    }

    /// <summary>How many stretches.</summary>
    public int Count => _from.Length;

    /// <summary>The spans of rows.</summary>
    public static LabelSpans Of(TrainingData data, IReadOnlyCollection<int> rows)
    {
        int[] order = [.. rows];
        Array.Sort(order, (a, b) => data.Times[a].CompareTo(data.Times[b]));
        var from = new List<long>();
        var to = new List<long>();
        foreach (int row in order)
        {
            if (to.Count > 0 && data.Times[row] <= to[^1])
            {
                to[^1] = Math.Max(to[^1], data.Ends[row]);
            }
            else
            {
                from.Add(data.Times[row]);
                to.Add(data.Ends[row]);
            }
        }

        return new LabelSpans([.. from], [.. to]);
    }

    /// <summary>Whether [time, end] and one of the spans have a time in common.</summary>
    public bool Meets(long time, long end) => MeetsWithin(time, end, 0);

    /// <summary>The same where each span lasts longer.</summary>
    /// <param name="time">Beginning of what is asked about.</param>
    /// <param name="end">Its end.</param>
    /// <param name="longer">How much longer, ns.</param>
    public bool MeetsWithin(long time, long end, long longer)
    {
        int last = Array.BinarySearch(_from, end);
        last = last >= 0 ? last : ~last - 1;
        return last >= 0 && time - longer <= _to[last];
    }
}
