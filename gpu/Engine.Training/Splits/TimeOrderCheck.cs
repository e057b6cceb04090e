using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>Rows in the order of time, lists that are stretches of it, and a test that comes last.</summary>
internal static class TimeOrderCheck
{
    /// <summary>Most stretches of a day that valid or test may be in; a shuffled split has one for every few rows.</summary>
    public const int MaxStretches = 8;

    /// <summary>What is out of order; null for nothing.</summary>
    public static Leak? Find(TrainingData data, SplitPart part) => Rows(data) ?? Lists(data, part) ?? Last(data, part);

    private static Leak? Rows(TrainingData data)
    {
        for (int row = 1; row < data.Rows; row++)
        {
            bool isDayBack = data.Days[row] < data.Days[row - 1];
            if (isDayBack || (data.Days[row] == data.Days[row - 1] && data.Times[row] < data.Times[row - 1]))
            {
                return Of($"its time {SplitRange.Text(data.Times[row])} lies before that of the row before it", $"row {row} of day {data.DayIds[data.Days[row]]}", "load the rows from the data set, and shuffle batches only");
            }

            if (data.Ends[row] < data.Times[row])
            {
                return Of("its label's span ends before it", $"row {row} of day {data.DayIds[data.Days[row]]}", "label the data set again");
            }
        }

        return null;
    }

    private static Leak? Lists(TrainingData data, SplitPart part)
    {
        foreach ((string name, int[] rows) in (ReadOnlySpan<(string, int[])>)[("train", part.Train), ("valid", part.Valid), ("test", part.Test)])
        {
            int back = Enumerable.Range(1, Math.Max(0, rows.Length - 1)).FirstOrDefault(i => rows[i] <= rows[i - 1]);
            if (back > 0)
            {
                return Of($"row {rows[back]} comes after row {rows[back - 1]}", $"{part.Id}: {name}", "make the split with lab split");
            }
        }

        var list = new byte[data.Rows];
        Array.ForEach(part.Train, r => list[r] = 1);
        Array.ForEach(part.Valid, r => list[r] = 2);
        Array.ForEach(part.Test, r => list[r] = 3);
        var stretches = new int[4];
        byte last = 0;
        for (int row = 0; row < data.Rows; row++)
        {
            if (row > 0 && data.Days[row] != data.Days[row - 1])
            {
                Array.Clear(stretches);
                last = 0;
            }

            if (list[row] != 0 && list[row] != last)
            {
                last = list[row];
                if (++stretches[last] > MaxStretches && last > 1)
                {
                    return Of($"more than {MaxStretches} stretches of time in one day: rows were shuffled before they were split", $"{part.Id}: {(last == 2 ? "valid" : "test")}, day {data.DayIds[data.Days[row]]}", "split by days or ranges of time");
                }
            }
        }

        return null;
    }

    private static Leak? Last(TrainingData data, SplitPart part)
    {
        if (part.Test.Length == 0 || part.Train.Length + part.Valid.Length == 0)
        {
            return null;
        }

        long first = part.Test.Min(r => data.Times[r]);
        long last = part.Train.Concat(part.Valid).Max(r => data.Times[r]);
        return last > first
            ? Of($"the test begins at {SplitRange.Text(first)}, before the last row of train and valid at {SplitRange.Text(last)}", $"{part.Id}: test", "test on what comes after all that the model has seen")
            : null;
    }

    private static Leak Of(string what, string where, string toDo) => new(LeakKind.ShuffledTime, what, where, toDo);
}
