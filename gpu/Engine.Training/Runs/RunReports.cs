using System.Globalization;
using System.Text;
using Engine.Training.Evaluation;
using Engine.Training.Reports;

namespace Engine.Training.Runs;

/// <summary>Makes a run's report of what its folder holds: `run.json` and the predictions.</summary>
public static class RunReports
{
    private const int Bins = 60;

    /// <summary>The report.</summary>
    /// <exception cref="RunException">The run is not done, or its record cannot be read.</exception>
    /// <exception cref="Engine.Core.Hdf5.Hdf5Exception">Predictions are damaged.</exception>
    public static RunReport Make(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        RunRecord record = RunRecord.Read(folder);
        var options = new JudgeOptions(record.IsClassification, record.TrainingMean, record.Level / record.Models.Count, record.Seed);
        var models = new List<ModelReport>();
        float[] labels = [];
        foreach (ModelRecord model in record.Models)
        {
            PredictionTable table = PredictionTable.Read(folder.Predictions(model.Name));
            int[] judged = table.RowsOf(record.Judged);
            labels = judged.Length > labels.Length ? [.. judged.Select(i => table.Labels[i])] : labels;
            models.Add(ModelJudge.Judge(model.Name, model.Kind, model.Parameters, table, PredictionTable.PartNames, record.Judged, options) with
            {
                Importance = model.Importance,
                History = model.Rounds.LastOrDefault(r => r.ValidRows > 0)?.History ?? [],
            });
        }

        return new RunReport
        {
            Title = record.Title,
            Origin = record.Origin,
            Warnings = [.. Verdicts(models), .. record.Warnings],
            Labels = Distribution.Of(labels, Bins),
            Models = models,
        };
    }

    /// <summary>Writes the report as JSON, and as a page where the chart library is there.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="report">Its report.</param>
    /// <param name="chart">Path of the chart library; null where it is not, and then a page of an earlier report is removed.</param>
    /// <returns>Whether the page was written.</returns>
    public static bool Write(RunFolder folder, RunReport report, string? chart)
    {
        ArgumentNullException.ThrowIfNull(folder);
        RunFolder.Write(folder.ReportJson, ReportJson.Write(report));
        if (chart is null)
        {
            File.Delete(folder.ReportPage);
            return false;
        }

        RunFolder.Write(folder.ReportPage, Encoding.UTF8.GetBytes(ReportPage.Write(report, File.ReadAllText(chart))));
        return true;
    }

    /// <summary>The models as a table for a terminal: name, kind, rows, verdict, information coefficient, p, AUC, R².</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="report">The report.</param>
    /// <param name="part">The part that models are judged on; null for the last that a model has rows of.</param>
    public static void WriteTable(TextWriter writer, RunReport report, string? part = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(report);
        part ??= PredictionTable.PartNames.LastOrDefault(name => report.Models.Any(m => m.Parts.Any(p => p.Name == name && p.Scores.Rows > 0))) ?? "test";
        int width = Math.Max(5, report.Models.Max(m => m.Name.Length));
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"model".PadRight(width)}  {"verdict",-18} {"rows",10} {"IC",8} {"p",7} {"AUC",7} {"R2",9}"));
        foreach (ModelReport model in report.Models)
        {
            Scores scores = model.Parts.First(p => p.Name == part).Scores;
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{model.Name.PadRight(width)}  {NameOf(model.Diagnosis.Verdict),-18} {scores.Rows,10:N0} {Number(scores.InformationCoefficient, "0.0000"),8} {Number(model.Diagnosis.Test.PValue, "0.0000"),7} {Number(scores.Auc, "0.0000"),7} {Number(scores.R2, "0.00000"),9}"));
        }
    }

    /// <summary>A verdict, spelled.</summary>
    public static string NameOf(Verdict verdict) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(verdict.ToString());

    private static string Number(double value, string format) => double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>What must be said of the numbers as a whole.</summary>
    internal static IEnumerable<string> Verdicts(IReadOnlyList<ModelReport> models)
    {
        ModelReport[] tooShort = [.. models.Where(m => m.Diagnosis.Verdict == Verdict.TooShort)];
        if (tooShort.Length > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"too short to conclude: about {tooShort.Max(m => m.Diagnosis.Test.IndependentSpans):F0} independent rows, of which {ShiftTest.FewestSpans} are needed, and more for the level of {tooShort[0].Diagnosis.Level:G2}; nothing is said of {string.Join(", ", tooShort.Select(m => m.Name))}");
        }

        foreach (ModelReport model in models.Where(m => m.Diagnosis.Verdict == Verdict.CollapsedToMean))
        {
            yield return $"{model.Name} {model.Diagnosis.Describe()}";
        }
    }
}
