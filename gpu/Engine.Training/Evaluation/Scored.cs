namespace Engine.Training.Evaluation;

/// <summary>Predictions beside what came: one entry a row that has a label, rows of one (day, instrument) in the order of their times.</summary>
public sealed class Scored
{
    /// <param name="predictions">What the model said; finite.</param>
    /// <param name="labels">What came; finite. For a classification 0 or 1.</param>
    /// <param name="times">Exchange time, ns since the Unix epoch.</param>
    /// <param name="ends">End of the span that the label looks at, ns since the Unix epoch.</param>
    /// <param name="groups">Which series a row belongs to: day × instrument, numbered from 0.</param>
    /// <exception cref="ArgumentException">Lengths differ, a value is not finite, or a series runs backwards.</exception>
    public Scored(float[] predictions, float[] labels, long[] times, long[] ends, int[] groups)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(times);
        ArgumentNullException.ThrowIfNull(ends);
        ArgumentNullException.ThrowIfNull(groups);
        if (labels.Length != predictions.Length || times.Length != predictions.Length || ends.Length != predictions.Length || groups.Length != predictions.Length)
        {
            throw new ArgumentException(
                $"{predictions.Length} predictions, {labels.Length} labels, {times.Length} times, {ends.Length} ends and {groups.Length} groups: give one of each a row.");
        }

        for (int i = 0; i < predictions.Length; i++)
        {
            if (!float.IsFinite(predictions[i]) || !float.IsFinite(labels[i]))
            {
                throw new ArgumentException($"Row {i} predicts {predictions[i]} for a label of {labels[i]}: leave out rows without a label, and find out why a model answers so.");
            }
        }

        CheckOrder(times, ends, groups);
        Predictions = predictions;
        Labels = labels;
        Times = times;
        Ends = ends;
        Groups = groups;
    }

    /// <summary>How many rows there are.</summary>
    public int Rows => Predictions.Length;

    /// <summary>What the model said.</summary>
    public float[] Predictions { get; }

    /// <summary>What came.</summary>
    public float[] Labels { get; }

    /// <summary>Exchange times, ns since the Unix epoch.</summary>
    public long[] Times { get; }

    /// <summary>Ends of the labels' spans, ns since the Unix epoch.</summary>
    public long[] Ends { get; }

    /// <summary>Series of the rows.</summary>
    public int[] Groups { get; }

    /// <summary>The rows of which something holds.</summary>
    public Scored Where(Func<int, bool> keep)
    {
        int[] rows = [.. Enumerable.Range(0, Rows).Where(keep)];
        return new Scored(
            [.. rows.Select(i => Predictions[i])],
            [.. rows.Select(i => Labels[i])],
            [.. rows.Select(i => Times[i])],
            [.. rows.Select(i => Ends[i])],
            [.. rows.Select(i => Groups[i])]);
    }

    private static void CheckOrder(long[] times, long[] ends, int[] groups)
    {
        var last = new Dictionary<int, long>();
        for (int i = 0; i < times.Length; i++)
        {
            long before = last.GetValueOrDefault(groups[i], long.MinValue);
            if (ends[i] < times[i] || times[i] < before)
            {
                throw new ArgumentException($"Row {i} is of time {times[i]} and its label ends at {ends[i]}, behind a row of time {before} of its series: give rows in the order of their times.");
            }

            last[groups[i]] = times[i];
        }
    }
}
