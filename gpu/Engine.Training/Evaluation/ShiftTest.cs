using Engine.Core.Numerics;

namespace Engine.Training.Evaluation;

/// <summary>
/// Whether an information coefficient can be luck. Labels overlap and predictions linger, so rows are not independent, and a test that
/// takes them to be finds signals everywhere. Here the predictions are turned against the labels, each series (day × instrument) as a ring,
/// all by the same fraction: that keeps how both move in time and takes away what they have to do with each other. The p-value is the
/// share of turns that score as high as the unturned one, itself included (two-sided).
/// </summary>
/// <param name="InformationCoefficient">Rank correlation of prediction and label, ranks over all rows.</param>
/// <param name="PValue">How often chance does as well; NaN where it cannot be said.</param>
/// <param name="IndependentSpans">About how many labels that do not overlap there are.</param>
public sealed record ShiftTest(double InformationCoefficient, double PValue, double IndependentSpans)
{
    /// <summary>Fewer labels that do not overlap than this are too few to say anything.</summary>
    public const int FewestSpans = 30;

    /// <summary>Turns: the smallest p-value is 1 ÷ (turns + 1).</summary>
    public const int Turns = 1_999;

    /// <summary>Whether there are enough rows for a p-value to mean something.</summary>
    public bool CanConclude => !double.IsNaN(PValue);

    /// <summary>Runs the test.</summary>
    /// <param name="scored">Predictions and labels.</param>
    /// <param name="seed">Seed of the turns.</param>
    public static ShiftTest Of(Scored scored, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(scored);
        (int[][] series, double spans) = Series(scored);
        double[] x = Standardise(Ranks.Of([.. scored.Predictions.Select(v => (double)v)]));
        double[] y = Standardise(Ranks.Of([.. scored.Labels.Select(v => (double)v)]));
        double actual = Dot(series, x, y, 0);
        if (double.IsNaN(actual) || spans < FewestSpans)
        {
            return new ShiftTest(actual, double.NaN, spans);
        }

        // No turn brings a row near itself: a label's span at both ends of the ring is left out, but never more than a quarter.
        double margin = Math.Min(0.25, series.Length / spans);
        var random = new SeededRandom(seed);
        int asHigh = 1;
        for (int turn = 0; turn < Turns; turn++)
        {
            double fraction = margin + ((1 - (2 * margin)) * random.NextDouble());
            asHigh += Math.Abs(Dot(series, x, y, fraction)) >= Math.Abs(actual) ? 1 : 0;
        }

        return new ShiftTest(actual, asHigh / (Turns + 1.0), spans);
    }

    /// <summary>The rows of each series, and how many labels that do not overlap they hold together.</summary>
    private static (int[][] Series, double Spans) Series(Scored scored)
    {
        int[][] series = [.. Enumerable.Range(0, scored.Rows).GroupBy(i => scored.Groups[i]).OrderBy(group => group.Key).Select(group => group.ToArray())];
        double spans = 0;
        foreach (int[] rows in series)
        {
            long until = long.MinValue;
            foreach (int row in rows)
            {
                if (scored.Times[row] >= until)
                {
                    spans++;
                    until = Math.Max(scored.Ends[row], scored.Times[row] + 1);
                }
            }
        }

        return (series, spans);
    }

    /// <summary>Mean 0, and such that the sum of squares is 1; NaN where nothing varies.</summary>
    private static double[] Standardise(double[] values)
    {
        double mean = values.Length == 0 ? 0 : values.Average();
        double norm = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)));
        return [.. values.Select(v => norm > 0 ? (v - mean) / norm : double.NaN)];
    }

    private static double Dot(int[][] series, double[] x, double[] y, double fraction)
    {
        double sum = 0;
        foreach (int[] rows in series)
        {
            int at = (int)(fraction * rows.Length);
            for (int i = 0; i < rows.Length; i++)
            {
                sum += x[rows[at]] * y[rows[i]];
                at = at + 1 < rows.Length ? at + 1 : 0;
            }
        }

        return sum;
    }
}
