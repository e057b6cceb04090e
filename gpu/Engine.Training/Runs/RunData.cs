using Engine.Training.Datasets;
using Engine.Training.Labels;
using Engine.Training.Splits;

namespace Engine.Training.Runs;

/// <summary>
/// The rows of a run and its rounds. Of an explicit split there is one round; of walking forward the last round's model is the one that is
/// kept; of K folds a further round, <see cref="Final"/>, fits on all rows outside the test, for as many epochs as the folds needed on average.
/// </summary>
internal sealed class RunData
{
    /// <summary>Name of the round that fits on all rows outside the test.</summary>
    public const string AllRounds = "all";

    private RunData(RunPlan plan, DatasetManifest manifest, SplitFile split, TrainingData data, IReadOnlyList<SplitPart> rounds, SplitPart final)
    {
        (Plan, Manifest, Split, Data, Rounds, Final) = (plan, manifest, split, data, rounds, final);
        Definition = LabelDefinition.Parse(data.LabelDefinition);
    }

    /// <summary>What is run.</summary>
    public RunPlan Plan { get; }

    /// <summary>The data set.</summary>
    public DatasetManifest Manifest { get; }

    /// <summary>The split.</summary>
    public SplitFile Split { get; }

    /// <summary>The rows; of a classification with labels of 0 and 1.</summary>
    public TrainingData Data { get; }

    /// <summary>The label.</summary>
    public LabelDefinition Definition { get; }

    /// <summary>The rounds of the split.</summary>
    public IReadOnlyList<SplitPart> Rounds { get; }

    /// <summary>The round whose model is kept.</summary>
    public SplitPart Final { get; }

    /// <summary>Whether <see cref="Final"/> is a round of its own, behind the split's.</summary>
    public bool HasExtraRound => !Rounds.Contains(Final);

    /// <summary>The rounds, and the extra one.</summary>
    public IEnumerable<SplitPart> AllParts => HasExtraRound ? Rounds.Append(Final) : Rounds;

    /// <summary>What a model predicts, as its file says it.</summary>
    public string LabelText => LabelTextOf(Data.Label, Plan.ClassAbove);

    /// <summary>Loads data set and split, and holds them against each other.</summary>
    /// <exception cref="DatasetException">They cannot be read, or do not belong together.</exception>
    public static RunData Load(RunPlan plan)
    {
        SplitFile split = SplitFile.Read(plan.Split);
        if (split.Label != plan.Label)
        {
            throw new RunException($"{plan.Split}: splits the label {split.Label}, and the run's is {plan.Label}; make a split for it");
        }

        DatasetManifest manifest = DatasetManifest.Read(plan.Dataset);
        TrainingData raw = TrainingDataLoader.Load(plan.Dataset, plan.Label, [.. split.Days.Select(d => d.Id)]);
        SplitPart[] rounds = [.. SplitMaker.Apply(split.Plan, raw).Select(r => r.Part)];
        SplitPart final = rounds[^1];
        if (split.Plan.Kind == SplitKind.KFold)
        {
            SplitRound first = split.Plan.Rounds[0];
            SplitPlan all = split.Plan with { Rounds = [new SplitRound(AllRounds, [.. first.Train, .. first.Valid], [], first.Test)] };
            final = SplitMaker.Apply(all, raw)[0].Part;
        }

        if (rounds.FirstOrDefault(r => r.Train.Length == 0 || r.Valid.Length == 0) is { } empty)
        {
            throw new RunException($"{plan.Split}: {empty.Id} has no row in {(empty.Train.Length == 0 ? "train" : "valid")}; make the split again", isData: true);
        }

        return new RunData(plan, manifest, split, Classes(raw, plan.ClassAbove), rounds, final);
    }

    /// <summary>What a model predicts, in a word.</summary>
    public static string LabelTextOf(string label, double? classAbove) => classAbove is { } above ? FormattableString.Invariant($"{label}>{above}") : label;

    /// <summary>Looks for leaks in files, split and rounds, with the very statistics that will be used.</summary>
    /// <param name="statistics">By round, in the order of <see cref="AllParts"/>.</param>
    public IReadOnlyList<Leak> Leaks(IReadOnlyList<PartStatistics> statistics)
    {
        var found = new List<Leak>(SplitChecks.Files(Plan.Dataset, Split, new Dictionary<string, IReadOnlyList<string>>(), @unchecked: Plan.Unchecked));
        if (!Plan.Unchecked.Contains(LeakKind.ChangedData) && Split.Difference(Data) is { } difference)
        {
            found.Add(new Leak(LeakKind.ChangedData, $"the split was made over other data: {difference}", Plan.Split, "make the split again"));
        }

        foreach ((int i, SplitPart part) in AllParts.Index())
        {
            found.AddRange(LeakChecks.Run(new LeakCheckInput { Data = Data, Part = part, Statistics = statistics[i] }, Plan.Unchecked));
        }

        return found;
    }

    /// <summary>The same rows with other labels.</summary>
    public static TrainingData WithLabels(TrainingData data, float[] labels) => new()
    {
        Contract = data.Contract,
        Features = data.Features,
        Label = data.Label,
        LabelDefinition = data.LabelDefinition,
        Labels = labels,
        Times = data.Times,
        Ends = data.Ends,
        Instruments = data.Instruments,
        Symbols = data.Symbols,
        Days = data.Days,
        DayIds = data.DayIds,
        DayHashes = data.DayHashes,
    };

    /// <summary>Labels as classes; a label that is not there stays so.</summary>
    public static TrainingData Classes(TrainingData data, double? above) => above is not { } threshold ? data
        : WithLabels(data, [.. data.Labels.Select(y => float.IsNaN(y) ? y : y > threshold ? 1f : 0f)]);
}
