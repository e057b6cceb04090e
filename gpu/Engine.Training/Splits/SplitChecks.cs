using Engine.Training.Datasets;
using Engine.Training.Labels;

namespace Engine.Training.Splits;

/// <summary>All checks of a split over a data set: its files first, then its rounds.</summary>
public static class SplitChecks
{
    /// <summary>Checks the files of the split's days: rows by their hash, the label by its tape, and, for days whose captures are named, rows
    /// by the engine.</summary>
    /// <param name="folder">The data set.</param>
    /// <param name="split">The split.</param>
    /// <param name="captures">Captures by id of the day; may be empty.</param>
    /// <param name="mostRows">Most rows of a day that are made again from captures.</param>
    /// <param name="unchecked">Kinds that somebody decided not to look for; null for none.</param>
    /// <param name="made">Told of each day with captures how many of its rows were made again; null for nobody.</param>
    /// <exception cref="DatasetException">A day is not there, or its captures are others.</exception>
    public static IReadOnlyList<Leak> Files(
        string folder, SplitFile split, IReadOnlyDictionary<string, IReadOnlyList<string>> captures, long mostRows = long.MaxValue,
        IReadOnlyCollection<LeakKind>? @unchecked = null, Action<long>? made = null)
    {
        var found = new List<Leak>();
        var kept = new Lazy<GivenLabels>(() => GivenLabels.ReadKept(folder, split.Label));
        bool Looks(LeakKind kind) => @unchecked?.Contains(kind) != true;
        foreach (SplitDay day in split.Days)
        {
            using DatasetFile file = DatasetFile.Open(Path.Combine(folder, day.Id + DatasetFormat.Ending));
            Add(found, Looks(LeakKind.ContractMismatch) && file.Rows.Head.Contract.Hash != split.ContractHash
                ? new Leak(LeakKind.ContractMismatch, $"its contract is {file.Rows.Head.Contract.Hash}, the split's {split.ContractHash}", file.Path, "make the split again")
                : null);
            Add(found, Looks(LeakKind.ChangedData) ? Changed(file, day) : null);
            Add(found, Looks(LeakKind.WrongLabel) ? DayChecks.Label(file, split.Label, kept) : null);
            Leak? remade = Looks(LeakKind.FutureWindow) && captures.TryGetValue(day.Id, out IReadOnlyList<string>? own) ? DayChecks.Rows(file, own, mostRows, made) : null;
            Add(found, remade is not null && Looks(remade.Kind) ? remade : null);
        }

        return found;
    }

    /// <summary>Checks the rows of every round. What only a model has, statistics and a contract of its own, is for <see cref="ModelChecks"/>.</summary>
    /// <param name="split">The split.</param>
    /// <param name="data">Its rows.</param>
    /// <param name="unchecked">Kinds that somebody decided not to look for; null for none.</param>
    public static IReadOnlyList<Leak> Rounds(SplitFile split, TrainingData data, IReadOnlyCollection<LeakKind>? @unchecked = null)
    {
        var found = new List<Leak>();
        if (@unchecked?.Contains(LeakKind.ChangedData) != true && split.Difference(data) is { } difference)
        {
            found.Add(new Leak(LeakKind.ChangedData, $"the split was made over other data: {difference}", "split", "make the split again"));
        }

        foreach (SplitRows rows in SplitMaker.Apply(split.Plan, data))
        {
            found.AddRange(LeakChecks.Run(new LeakCheckInput { Data = data, Part = rows.Part }, @unchecked));
        }

        return found;
    }

    private static Leak? Changed(DatasetFile file, SplitDay day) => day.RowsHash != file.RowsHash
        ? new Leak(LeakKind.ChangedData, $"its rows are {file.RowsHash}, and the split was made over {day.RowsHash}", file.Path, "make the split again")
        : DayChecks.Changed(file);

    private static void Add(List<Leak> found, Leak? leak)
    {
        if (leak is not null)
        {
            found.Add(leak);
        }
    }
}
