using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>
/// Looks for a column that tells the label: equal to it, a straight line or any rising or falling line through it, or, where the label has
/// two or three values, one that parts the lowest from the highest. No honest feature of a market does.
/// </summary>
internal static class LabelColumnCheck
{
    /// <summary>A correlation, or an area under the curve away from a half, that no honest feature has.</summary>
    public const double Limit = 0.99;

    /// <summary>Most rows that are looked at, evenly spaced over all lists.</summary>
    public const int MaxRows = 20_000;

    /// <summary>Fewest rows (of each side, where the label has classes) that say anything.</summary>
    public const int LeastRows = 30;

    private const int MostClasses = 3;

    /// <summary>The column that tells most; null where none tells too much.</summary>
    public static Leak? Find(TrainingData data, SplitPart part)
    {
        int[] rows = Chosen(data, part);
        float[] labels = [.. rows.Select(r => data.Labels[r])];
        bool isClass = labels.Distinct().Take(MostClasses + 1).Count() is > 1 and <= MostClasses;
        var column = new double[rows.Length];
        (double most, int at) = (0, -1);
        for (int c = 0; c < data.Columns; c++)
        {
            for (int i = 0; i < rows.Length; i++)
            {
                column[i] = data.Features.Span[(rows[i] * data.Columns) + c];
            }

            double tells = Tells(column, labels, isClass);
            (most, at) = tells > most ? (tells, c) : (most, at);
        }

        return most < Limit ? null : new Leak(
            LeakKind.LabelAsFeature,
            FormattableString.Invariant($"it tells the label {data.Label} ({(isClass ? "parts its classes" : "correlation")} {most:0.0000} over {rows.Length:N0} rows)"),
            $"{part.Id}: feature {data.Contract.Features[at].Name}",
            "take the column out of the contract, or build the data set again");
    }

    private static int[] Chosen(TrainingData data, SplitPart part)
    {
        int[] all = [.. part.Train.Concat(part.Valid).Concat(part.Test).Where(r => float.IsFinite(data.Labels[r]))];
        return all.Length <= MaxRows ? all : [.. Enumerable.Range(0, MaxRows).Select(i => all[(int)((long)i * all.Length / MaxRows)])];
    }

    private static double Tells(double[] column, float[] labels, bool isClass)
    {
        int[] known = [.. Enumerable.Range(0, column.Length).Where(i => double.IsFinite(column[i]))];
        if (known.Length < LeastRows)
        {
            return 0;
        }

        double[] x = [.. known.Select(i => column[i])];
        double[] y = [.. known.Select(i => (double)labels[i])];
        return isClass ? Parts(x, y) : Math.Max(Correlation(x, y), Correlation(Ranks(x), Ranks(y)));
    }

    /// <summary>How far the area under the curve between the lowest and the highest class is from a half, as 0 to 1.</summary>
    private static double Parts(double[] x, double[] y)
    {
        (double low, double high) = (y.Min(), y.Max());
        int[] ends = [.. Enumerable.Range(0, y.Length).Where(i => y[i] == low || y[i] == high)];
        double[] ranks = Ranks([.. ends.Select(i => x[i])]);
        double above = ends.Count(i => y[i] == high);
        double below = ends.Length - above;
        if (low == high || above < LeastRows || below < LeastRows)
        {
            return 0;
        }

        double sum = ends.Select((row, i) => y[row] == high ? ranks[i] + 1 : 0).Sum();
        double area = (sum - (above * (above + 1) / 2)) / (above * below);
        return Math.Abs((2 * area) - 1);
    }

    private static double Correlation(double[] x, double[] y)
    {
        double meanX = x.Average();
        double meanY = y.Average();
        (double xy, double xx, double yy) = (0, 0, 0);
        for (int i = 0; i < x.Length; i++)
        {
            (double dx, double dy) = (x[i] - meanX, y[i] - meanY);
            (xy, xx, yy) = (xy + (dx * dy), xx + (dx * dx), yy + (dy * dy));
        }

        double scale = Math.Sqrt(xx) * Math.Sqrt(yy);
        return scale > 0 ? Math.Abs(xy) / scale : 0;
    }

    /// <summary>Ranks from 0; equal values share the mean of theirs.</summary>
    private static double[] Ranks(double[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length)];
        double[] sorted = [.. values];
        Array.Sort(sorted, order);
        var ranks = new double[values.Length];
        for (int i = 0; i < sorted.Length;)
        {
            int end = i + 1;
            while (end < sorted.Length && sorted[end] == sorted[i])
            {
                end++;
            }

            double shared = (i + end - 1) / 2.0;
            for (; i < end; i++)
            {
                ranks[order[i]] = shared;
            }
        }

        return ranks;
    }
}
