using Engine.Training.Evaluation;
using Engine.Training.Reports;

namespace Engine.Training.Runs;

/// <summary>What the numbers of a report are held against.</summary>
/// <param name="IsClassification">Predictions are probabilities of a class.</param>
/// <param name="TrainingMean">Mean label of the training rows.</param>
/// <param name="Level">Level of a model's test, divided by the number of models already.</param>
/// <param name="Seed">Seed of the tests.</param>
internal sealed record JudgeOptions(bool IsClassification, double TrainingMean, double Level, ulong Seed);

/// <summary>Makes a model's part of a report of its predictions.</summary>
internal static class ModelJudge
{
    private const int Quantiles = 10;
    private const int MostRegimes = 32;
    private const int Terciles = 3;
    private const long NanosPerHour = 3_600_000_000_000;

    // In deviations of the label, and in probability away from a half.
    private static readonly double[] s_thresholds = [0, 0.05, 0.1, 0.25, 0.5, 1, 2];
    private static readonly double[] s_margins = [0, 0.05, 0.1, 0.2, 0.3, 0.4];

    /// <summary>Judges.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="parameters">Numbers that were fitted.</param>
    /// <param name="table">Its predictions.</param>
    /// <param name="parts">Parts to score.</param>
    /// <param name="judged">The part that it is judged on.</param>
    /// <param name="options">What it is held against.</param>
    public static ModelReport Judge(string name, string kind, long parameters, PredictionTable table, IReadOnlyList<string> parts, string judged, JudgeOptions options)
    {
        int[] rows = table.RowsOf(judged);
        Scored scored = table.Scored(rows);
        Scores scores = Score(scored, options);
        double[] labels = [.. scored.Labels.Select(v => (double)v)];
        double mean = labels.Length == 0 ? 0 : labels.Average();
        double deviation = labels.Length == 0 ? 0 : Math.Sqrt(labels.Average(v => (v - mean) * (v - mean)));
        return new ModelReport
        {
            Name = name,
            Kind = kind,
            Parameters = parameters,
            IsClassification = options.IsClassification,
            Parts = [.. parts.Select(part => (part, part == judged ? scores : Score(table.Scored(table.RowsOf(part)), options)))],
            Regimes = [.. Regimes(table, rows, judged).Select(r => (r.Name, Score(table.Scored(r.Rows), options)))],
            Diagnosis = Diagnosis.Of(scored, scores, options.Level, options.Seed),
            Quantiles = QuantileTable.Of(scored, Quantiles),
            Thresholds = options.IsClassification
                ? ThresholdCounts.Of(scored, 0.5, s_margins)
                : ThresholdCounts.Of(scored, 0, s_thresholds.Select(t => t * deviation)),
        };
    }

    private static Scores Score(Scored scored, JudgeOptions options) => Scores.Of(scored, options.TrainingMean, options.IsClassification);

    private static IEnumerable<(string Name, int[] Rows)> Regimes(PredictionTable table, int[] rows, string judged)
    {
        // Rounds differ in what they predict for valid; the test is the kept model's alone.
        int[] folds = judged == "valid" ? rows : table.RowsOf("valid");
        IEnumerable<(string, int[])> regimes = table.RoundNames.Count == 1 ? [] : By(folds, i => table.RoundNumbers[i], round => $"fold {table.RoundNames[round]}");
        regimes = table.DayNames.Count == 1 ? regimes : regimes.Concat(By(rows, i => table.DayNumbers[i], day => $"day {table.DayNames[day]}"));
        regimes = regimes.Concat(By(rows, i => table.Instruments[i], instrument => $"instrument {table.SymbolNames[instrument]}"));
        regimes = regimes.Concat(By(rows, i => (int)(table.Times[i] / NanosPerHour % 24), hour => FormattableString.Invariant($"hour {hour:00} UTC")));
        int[] known = table.Volatility.Length == 0 ? [] : [.. rows.Where(i => float.IsFinite(table.Volatility[i])).OrderBy(i => table.Volatility[i])];
        return known.Length < Terciles ? regimes : regimes.Concat(
        [
            ("volatility low", [.. known[..(known.Length / Terciles)].Order()]),
            ("volatility middle", [.. known[(known.Length / Terciles)..(2 * known.Length / Terciles)].Order()]),
            ("volatility high", [.. known[(2 * known.Length / Terciles)..].Order()]),
        ]);
    }

    /// <summary>The groups of most rows, at most so many, in the order of their keys.</summary>
    private static IEnumerable<(string Name, int[] Rows)> By(int[] rows, Func<int, int> key, Func<int, string> name) =>
        rows.GroupBy(key).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).Take(MostRegimes).OrderBy(g => g.Key).Select(g => (name(g.Key), g.ToArray()));
}
