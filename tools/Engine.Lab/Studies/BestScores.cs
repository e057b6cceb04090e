using Engine.Lab.Truth;
using Engine.Training.Evaluation;
using Engine.Training.Labels;
using Engine.Training.Runs;

namespace Engine.Lab.Studies;

/// <summary>A model's scores on the test day, and the best forecast's on the same rows.</summary>
/// <param name="Name">The model.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Diagnosis">What the run's report says of it, over all its test rows.</param>
/// <param name="Reached">Its scores.</param>
/// <param name="Best">The best forecast's; null where nobody knows it.</param>
/// <param name="Sha256">Of its file; null where it has none.</param>
internal sealed record StudyScore(string Name, string Kind, Diagnosis Diagnosis, Scores Reached, Scores? Best, string? Sha256)
{
    /// <summary>Whether the report says that it tells something, rightly or wrongly so.</summary>
    public bool IsDiscovery => Diagnosis.Verdict != Verdict.TooShort && Diagnosis.Test.PValue < Diagnosis.Level;

    /// <summary>Pearson correlation, of the best.</summary>
    public double ShareOfPearson => Reached.Pearson / (Best?.Pearson ?? double.NaN);

    /// <summary>Rank correlation, of the best.</summary>
    public double ShareOfRanks => Reached.InformationCoefficient / (Best?.InformationCoefficient ?? double.NaN);

    /// <summary>R², of the best.</summary>
    public double ShareOfR2 => Reached.R2 / (Best?.R2 ?? double.NaN);

    /// <summary>Area under the curve above a half, of the best.</summary>
    public double ShareOfAuc => (Reached.Auc - 0.5) / ((Best?.Auc ?? double.NaN) - 0.5);
}

/// <summary>Scores a run's models beside the best forecast of a day whose truth is known.</summary>
/// <param name="truth">The test day's truth; null where it is not known.</param>
/// <param name="tapes">Its mid prices.</param>
/// <param name="horizonNanos">How far ahead.</param>
/// <param name="kind">What models predict.</param>
internal sealed class BestScores(TruthFile? truth, IReadOnlyDictionary<string, MidTape> tapes, long horizonNanos, LabelKind kind = LabelKind.Return)
{
    private const string Test = "test";

    /// <summary>Scores every model of a run on the test rows for which both it and the truth have a forecast.</summary>
    /// <param name="run">The run.</param>
    public IReadOnlyList<StudyScore> Of(RunFolder run)
    {
        RunRecord record = RunRecord.Read(run);
        Dictionary<string, Diagnosis> diagnoses = RunReports.Make(run).Models.ToDictionary(m => m.Name, m => m.Diagnosis, StringComparer.Ordinal);
        return [.. record.Models.Select(m => Score(m, diagnoses[m.Name], PredictionTable.Read(run.Predictions(m.Name)), record))];
    }

    private StudyScore Score(ModelRecord model, Diagnosis diagnosis, PredictionTable table, RunRecord record)
    {
        int[] rows = table.RowsOf(Test);
        if (truth is null)
        {
            return new StudyScore(model.Name, model.Kind, diagnosis, Scores.Of(table.Scored(rows), record.TrainingMean, record.IsClassification), null, model.Sha256);
        }

        float[] forecasts = [.. rows.Select(i => Forecast(truth, table.SymbolNames[table.Instruments[i]], table.Times[i]))];
        int[] known = [.. Enumerable.Range(0, rows.Length).Where(i => float.IsFinite(forecasts[i]))];
        Scored reached = table.Scored([.. known.Select(i => rows[i])]);
        var best = new Scored([.. known.Select(i => forecasts[i])], reached.Labels, reached.Times, reached.Ends, reached.Groups);
        Scores bestScores = Scores.Of(best, record.TrainingMean, isClassification: false);

        // A forecast of the return orders rows as the probability of a rise does, and is no probability and no class.
        bestScores = record.IsClassification || kind != LabelKind.Return ? bestScores with { R2 = double.NaN } : bestScores;
        return new StudyScore(model.Name, model.Kind, diagnosis, Scores.Of(reached, record.TrainingMean, record.IsClassification), bestScores, model.Sha256);
    }

    // NaN before trading begins and after it has stopped.
    private float Forecast(TruthFile of, string symbol, long time) =>
        of.Instruments.TryGetValue(symbol, out TruthSeries? series) && tapes.TryGetValue(symbol, out MidTape? tape)
            ? (float)(of.Model.Strength * BestForecasts.At(of, series, tape, time, horizonNanos))
            : float.NaN;
}
