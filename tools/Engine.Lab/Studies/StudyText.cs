using System.Globalization;
using System.Text.Json;
using Engine.Training.Datasets;
using Engine.Training.Evaluation;
using Engine.Training.Runs;

namespace Engine.Lab.Studies;

/// <summary>What a study came to, as tables for people and as JSON.</summary>
internal static class StudyText
{
    /// <summary>A table a run: each score, and what part of the best possible one it is.</summary>
    public static void WriteTables(TextWriter writer, StudyResult study)
    {
        foreach ((string name, IReadOnlyList<StudyScore> scores) in study.Runs)
        {
            int width = scores.Max(s => s.Name.Length);
            writer.WriteLine($"{name}: {study.Options.Label} on {study.Options.Days[^1].Id}, seed {study.Options.Days[^1].Seed}; in brackets, of the best possible");
            foreach (StudyScore s in scores)
            {
                writer.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{s.Name.PadRight(width)}  {RunReports.NameOf(s.Diagnosis.Verdict),-17} {s.Reached.Rows,9:N0}  Pearson {Pair(s.Reached.Pearson, s.ShareOfPearson)}  IC {Pair(s.Reached.InformationCoefficient, s.ShareOfRanks)}  R2 {Pair(s.Reached.R2, s.ShareOfR2)}  AUC {Pair(s.Reached.Auc, s.ShareOfAuc)}"));
            }
        }
    }

    /// <summary>How often each model was said to tell something.</summary>
    public static void WriteDiscoveries(TextWriter writer, IReadOnlyList<StudyResult> studies)
    {
        foreach (var model in ByModel(studies))
        {
            string verdicts = string.Join(", ", model.Scores.GroupBy(s => s.Diagnosis.Verdict).OrderBy(g => g.Key).Select(g => $"{g.Count()} {RunReports.NameOf(g.Key)}"));
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.Name}: {model.Scores.Count(s => s.IsDiscovery)} discoveries in {model.Scores.Length} studies, least p {LeastP(model.Scores):0.0000} ({verdicts})"));
        }
    }

    /// <summary>Studies as one JSON object, indented. It depends on nothing but the options and the bytes of what was made.</summary>
    public static byte[] ToJson(IReadOnlyList<StudyResult> studies)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartArray("discoveries");
            foreach (var model in ByModel(studies))
            {
                json.WriteStartObject();
                json.WriteString("name", model.Name);
                json.WriteNumber("studies", model.Scores.Length);
                json.WriteNumber("discoveries", model.Scores.Count(s => s.IsDiscovery));
                JsonLists.Number(json, "least_p_value", LeastP(model.Scores));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("studies");
            foreach (StudyResult study in studies)
            {
                Write(json, study);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return [.. buffer.ToArray(), (byte)'\n'];
    }

    private static IEnumerable<(string Name, StudyScore[] Scores)> ByModel(IReadOnlyList<StudyResult> studies) =>
        studies.SelectMany(s => s.Runs.SelectMany(r => r.Scores.Select(score => (Name: $"{r.Name}/{score.Name}", Score: score))))
            .GroupBy(p => p.Name, StringComparer.Ordinal).Select(g => (g.Key, g.Select(p => p.Score).ToArray()));

    private static double LeastP(StudyScore[] scores) => scores.Select(s => s.Diagnosis.Test.PValue).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min();

    private static void Write(Utf8JsonWriter json, StudyResult study)
    {
        StudyOptions o = study.Options;
        json.WriteStartObject();
        json.WriteStartArray("days");
        foreach (StudyDay day in o.Days)
        {
            json.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{day.Id}, seed {day.Seed}"));
        }

        json.WriteEndArray();
        json.WriteNumber("messages", o.Messages);
        json.WriteNumber("instruments", o.Instruments);
        JsonLists.Number(json, "alpha", o.Alpha ?? double.NaN);
        json.WriteString("contract", Path.GetFileName(o.Contract));
        json.WriteString("sampling", o.Sampling);
        json.WriteString("label", o.Label);
        json.WriteStartArray("runs");
        foreach ((string name, IReadOnlyList<StudyScore> scores) in study.Runs)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteStartArray("models");
            foreach (StudyScore score in scores)
            {
                Write(json, score);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, StudyScore score)
    {
        json.WriteStartObject();
        json.WriteString("name", score.Name);
        json.WriteString("kind", score.Kind);
        json.WriteString("sha256", score.Sha256);
        json.WriteString("verdict", RunReports.NameOf(score.Diagnosis.Verdict));
        JsonLists.Number(json, "p_value", score.Diagnosis.Test.PValue);
        JsonLists.Number(json, "level", score.Diagnosis.Level);
        Write(json, "test", score.Reached);
        if (score.Best is not null)
        {
            Write(json, "best", score.Best);
            json.WriteStartObject("share");
            JsonLists.Number(json, "pearson", score.ShareOfPearson);
            JsonLists.Number(json, "information_coefficient", score.ShareOfRanks);
            JsonLists.Number(json, "r2", score.ShareOfR2);
            JsonLists.Number(json, "auc_above_half", score.ShareOfAuc);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Scores scores)
    {
        json.WriteStartObject(name);
        json.WriteNumber("rows", scores.Rows);
        JsonLists.Number(json, "pearson", scores.Pearson);
        JsonLists.Number(json, "information_coefficient", scores.InformationCoefficient);
        JsonLists.Number(json, "r2", scores.R2);
        JsonLists.Number(json, "auc", scores.Auc);
        json.WriteEndObject();
    }

    private static string Pair(double value, double share) => double.IsNaN(value) ? "   -           "
        : string.Create(CultureInfo.InvariantCulture, $"{value,8:0.0000}{(double.IsFinite(share) ? $" ({share:0.0%})" : ""),-9}");
}
