using Engine.Inference.Artefacts;
using Engine.Training.Datasets;
using Engine.Training.Reports;
using Engine.Training.Splits;

namespace Engine.Training.Runs;

/// <summary>Which rows model files are evaluated over.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Folder of the data set.</summary>
    public required string Dataset { get; init; }

    /// <summary>Name of the label.</summary>
    public required string Label { get; init; }

    /// <summary>The split's file.</summary>
    public required string Split { get; init; }

    /// <summary>`train`, `valid` or `test`, of the last round.</summary>
    public string Part { get; init; } = "test";

    /// <summary>Labels above this are class 1; null where the label itself is predicted.</summary>
    public double? ClassAbove { get; init; }

    /// <summary>Level of the tests, divided by the number of models.</summary>
    public double Level { get; init; } = 0.05;

    /// <summary>Seed of the tests.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>Evaluates model files over rows of a data set, by the code that serves them.</summary>
public static class ModelEvaluation
{
    private const int Bins = 60;

    /// <summary>The parts, spelled.</summary>
    public static IReadOnlyList<string> Parts => PredictionTable.PartNames;

    /// <summary>Evaluates.</summary>
    /// <param name="models">Model files.</param>
    /// <param name="options">Over which rows.</param>
    /// <param name="toolVersion">What runs.</param>
    /// <exception cref="RunException">There are no such rows, or a model predicts something else.</exception>
    /// <exception cref="ArtefactException">A file is no model of the data set's contract.</exception>
    public static RunReport Run(IReadOnlyList<string> models, EvaluationOptions options, string toolVersion)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(options);
        SplitFile split = SplitFile.Read(options.Split);
        TrainingData raw = TrainingDataLoader.Load(options.Dataset, options.Label, [.. split.Days.Select(d => d.Id)]);
        SplitPart part = split.Parts(raw)[^1];
        TrainingData data = RunData.Classes(raw, options.ClassAbove);
        int number = PredictionTable.PartNames.ToList().IndexOf(options.Part);
        int[] rows = ((int[][])[part.Train, part.Valid, part.Test])[number];
        if (rows.Length == 0)
        {
            throw new RunException($"{options.Split}: {part.Id} has no row in {options.Part}; name another part, or make a split that has one");
        }

        double mean = part.Train.Length == 0 ? 0 : part.Train.Average(r => (double)data.Labels[r]);
        var judge = new JudgeOptions(options.ClassAbove is not null, mean, options.Level / models.Count, options.Seed);
        var warnings = new List<string>();
        var reports = new List<ModelReport>();
        string known = $" of split {split.Hash}";
        foreach (string path in models)
        {
            ModelArtefact artefact = ModelArtefact.Load(path, data.Contract);
            Check(artefact, options, warnings, known);
            reports.Add(Judge(artefact, data, rows, number, part.Id, judge, warnings));
        }

        return new RunReport
        {
            Title = $"{RunData.LabelTextOf(options.Label, options.ClassAbove)}, {options.Part}",
            Origin =
            [
                ("data set", options.Dataset),
                ("contract", $"{data.Contract.Name} {data.Contract.Hash}"),
                ("label", $"{RunData.LabelTextOf(options.Label, options.ClassAbove)} {data.LabelDefinition}"),
                ("split", split.Hash),
                ("part", $"{options.Part} of {part.Id}"),
                ("level", FormattableString.Invariant($"{options.Level} over {models.Count} models (Bonferroni)")),
                ("tool", toolVersion),
            ],
            Warnings = [.. RunReports.Verdicts(reports), .. warnings],
            Labels = Distribution.Of(rows.Select(r => data.Labels[r]), Bins),
            Models = reports,
        };
    }

    private static void Check(ModelArtefact artefact, EvaluationOptions options, List<string> warnings, string known)
    {
        if (artefact.IsProbability != options.ClassAbove is not null)
        {
            throw new RunException(artefact.IsProbability
                ? $"{artefact.Path}: predicts a probability ({artefact.Description.Label}); say of which class: --class-above NUMBER"
                : $"{artefact.Path}: predicts a value ({artefact.Description.Label}), no probability; leave out --class-above");
        }

        string label = RunData.LabelTextOf(options.Label, options.ClassAbove);
        if (artefact.Description.Label != label)
        {
            warnings.Add($"{artefact.Path} was made for the label {artefact.Description.Label}, and is scored on {label}");
        }

        if (!artefact.Description.TrainingSplit.Any(id => id.EndsWith(known, StringComparison.Ordinal)))
        {
            warnings.Add($"{artefact.Path} was not trained on this split, so that it may have seen these rows; its file says: {string.Join(", ", artefact.Description.TrainingSplit.DefaultIfEmpty("nothing"))}");
        }
    }

    private static ModelReport Judge(ModelArtefact artefact, TrainingData data, int[] rows, int part, string round, JudgeOptions judge, List<string> warnings)
    {
        float[] said = ArtefactRows.Predict(artefact, data, rows);
        int[] able = [.. rows.Where(r => float.IsFinite(said[r]))];
        if (able.Length < rows.Length)
        {
            warnings.Add(FormattableString.Invariant($"{artefact.Path}: {rows.Length - able.Length:N0} rows without a prediction (no whole window, or not finite) are left out of its scores"));
        }

        int column = Array.FindIndex(data.Contract.Features.ToArray(), f => f.Family == "volatility");
        var table = new PredictionTable
        {
            Times = [.. able.Select(r => data.Times[r])],
            Ends = [.. able.Select(r => data.Ends[r])],
            Instruments = [.. able.Select(r => data.Instruments[r])],
            DayNumbers = [.. able.Select(r => data.Days[r])],
            Parts = [.. able.Select(_ => (byte)part)],
            RoundNumbers = new int[able.Length],
            Labels = [.. able.Select(r => data.Labels[r])],
            Predictions = [.. able.Select(r => said[r])],
            Volatility = column < 0 ? [] : [.. able.Select(r => data.Features.Span[(r * data.Columns) + column])],
            SymbolNames = data.Symbols,
            DayNames = data.DayIds,
            RoundNames = [round],
        };
        string name = PredictionTable.PartNames[part];
        return ModelJudge.Judge(Path.GetFileNameWithoutExtension(artefact.Path), KindOf(artefact), 0, table, [name], name, judge);
    }

    private static string KindOf(ModelArtefact artefact) => artefact.Members.Count > 0 ? "ensemble"
        : artefact.Lstm is not null ? "lstm" : artefact.Trees is not null ? "trees" : artefact.Silo is not null ? "silo" : "dense";
}
