using System.Text.Json;
using Engine.Training.Datasets;
using Engine.Training.Evaluation;
using Engine.Training.Reports;

namespace Engine.Training.Runs;

/// <summary>What came of one model, beside its predictions.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Parameters">Numbers that were fitted.</param>
/// <param name="Sha256">Of its file; null where it has none.</param>
/// <param name="ComparedRows">Rows over which the file, run by the engine, was held against the trainer.</param>
/// <param name="LargestDifference">The most by which they differed, in units of what is allowed.</param>
/// <param name="ImportanceRows">Rows behind <paramref name="Importance"/>.</param>
/// <param name="Importance">What each family is worth.</param>
/// <param name="Rounds">Round by round.</param>
internal sealed record ModelRecord(
    string Name, string Kind, ulong Seed, long Parameters, string? Sha256, int ComparedRows, double LargestDifference, int ImportanceRows,
    IReadOnlyList<FamilyImportance> Importance, IReadOnlyList<RoundRecord> Rounds);

/// <summary>`run.json`: what a run was made of and what came of it.</summary>
internal sealed record RunRecord
{
    /// <summary>What the file says it is.</summary>
    public const string Format = "engine-run";

    /// <summary>Version of the layout.</summary>
    public const int FormatVersion = 2;

    /// <summary>Title of the report.</summary>
    public required string Title { get; init; }

    /// <summary>What the run is made of: name and value.</summary>
    public required IReadOnlyList<(string Name, string Value)> Origin { get; init; }

    /// <summary>What a reader must know before the numbers.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Whether models predict a probability.</summary>
    public required bool IsClassification { get; init; }

    /// <summary>Mean label of the training rows of the round that was kept.</summary>
    public required double TrainingMean { get; init; }

    /// <summary>The part that models are judged on: `test`, or `valid` where there is no test.</summary>
    public required string Judged { get; init; }

    /// <summary>Level of the tests, before it is divided.</summary>
    public required double Level { get; init; }

    /// <summary>Seed of the tests.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The models.</summary>
    public required IReadOnlyList<ModelRecord> Models { get; init; }

    /// <summary>Writes it.</summary>
    public void Write(string path)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, JsonLists.Indented))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("format_version", FormatVersion);
            json.WriteString("title", Title);
            json.WriteStartArray("origin");
            foreach ((string name, string value) in Origin)
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteString("value", value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WritePropertyName("warnings");
            JsonLists.Write(json, Warnings);
            json.WriteBoolean("is_classification", IsClassification);
            json.WriteNumber("training_mean", TrainingMean);
            json.WriteString("judged", Judged);
            json.WriteNumber("level", Level);
            json.WriteNumber("seed", Seed);
            json.WriteStartArray("models");
            foreach (ModelRecord model in Models)
            {
                Write(json, model);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        RunFolder.Write(path, buffer.ToArray());
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="RunException">There is none: the run is not done; or it cannot be read.</exception>
    public static RunRecord Read(RunFolder folder)
    {
        if (!File.Exists(folder.Record))
        {
            throw new RunException(File.Exists(folder.Configuration)
                ? $"{folder.Path}: this run is not done; go on with it: lab train {folder.Configuration} -o {folder.Path} --resume"
                : $"{folder.Path}: holds no run; make one: lab train CONFIG.json -o {folder.Path}");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(folder.Record));
            return Parse(folder.Record, document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new RunException($"{folder.Record}: cannot be read ({e.Message.ReplaceLineEndings(" ")}); train again with --resume", isData: true);
        }
    }

    private static RunRecord Parse(string path, JsonElement json) =>
        JsonLists.Text(json, "format") != Format || json.GetProperty("format_version").GetInt32() != FormatVersion
            ? throw new RunException($"{path}: is no {Format} of version {FormatVersion}", isData: true)
            : new RunRecord
            {
                Title = JsonLists.Text(json, "title"),
                Origin = [.. json.GetProperty("origin").EnumerateArray().Select(o => (JsonLists.Text(o, "name"), JsonLists.Text(o, "value")))],
                Warnings = JsonLists.Read(json, "warnings"),
                IsClassification = json.GetProperty("is_classification").GetBoolean(),
                TrainingMean = json.GetProperty("training_mean").GetDouble(),
                Judged = JsonLists.Text(json, "judged"),
                Level = json.GetProperty("level").GetDouble(),
                Seed = json.GetProperty("seed").GetUInt64(),
                Models = [.. json.GetProperty("models").EnumerateArray().Select(Model)],
            };

    private static void Write(Utf8JsonWriter json, ModelRecord model)
    {
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        json.WriteString("kind", model.Kind);
        json.WriteNumber("seed", model.Seed);
        json.WriteNumber("parameters", model.Parameters);
        json.WriteString("sha256", model.Sha256);
        json.WriteNumber("compared_rows", model.ComparedRows);
        json.WriteNumber("largest_difference", model.LargestDifference);
        json.WriteNumber("importance_rows", model.ImportanceRows);
        json.WriteStartArray("importance");
        foreach (FamilyImportance family in model.Importance)
        {
            json.WriteStartObject();
            json.WriteString("family", family.Family);
            json.WriteNumber("loss", family.Loss);
            json.WriteNumber("increase", family.Increase);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("rounds");
        foreach (RoundRecord round in model.Rounds)
        {
            Write(json, round);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RoundRecord round)
    {
        json.WriteStartObject();
        json.WriteString("round", round.Round);
        json.WriteNumber("train_rows", round.TrainRows);
        json.WriteNumber("valid_rows", round.ValidRows);
        json.WriteNumber("without_window", round.WithoutWindow);
        json.WriteNumber("reaching", round.Reaching);
        json.WriteNumber("best_epoch", round.BestEpoch);
        json.WriteBoolean("diverged", round.IsDiverged);
        json.WriteStartArray("history");
        foreach (EpochPoint point in round.History)
        {
            json.WriteStartObject();
            json.WriteNumber("epoch", point.Epoch);
            JsonLists.Number(json, "train_loss", point.TrainLoss);
            JsonLists.Number(json, "valid_loss", point.ValidLoss);
            json.WriteNumber("learning_rate", point.LearningRate);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static ModelRecord Model(JsonElement json) => new(
        JsonLists.Text(json, "name"),
        JsonLists.Text(json, "kind"),
        json.GetProperty("seed").GetUInt64(),
        json.GetProperty("parameters").GetInt64(),
        json.GetProperty("sha256").GetString(),
        json.GetProperty("compared_rows").GetInt32(),
        json.GetProperty("largest_difference").GetDouble(),
        json.GetProperty("importance_rows").GetInt32(),
        [.. json.GetProperty("importance").EnumerateArray().Select(f => new FamilyImportance(
            JsonLists.Text(f, "family"), f.GetProperty("loss").GetDouble(), f.GetProperty("increase").GetDouble()))],
        [.. json.GetProperty("rounds").EnumerateArray().Select(Round)]);

    private static RoundRecord Round(JsonElement json) => new(
        JsonLists.Text(json, "round"),
        json.GetProperty("train_rows").GetInt32(),
        json.GetProperty("valid_rows").GetInt32(),
        json.GetProperty("without_window").GetInt32(),
        json.GetProperty("best_epoch").GetInt32(),
        json.GetProperty("diverged").GetBoolean(),
        [.. json.GetProperty("history").EnumerateArray().Select(h => new EpochPoint(
            h.GetProperty("epoch").GetInt32(), Number(h, "train_loss"), Number(h, "valid_loss"), h.GetProperty("learning_rate").GetDouble()))])
    {
        Reaching = json.GetProperty("reaching").GetInt32(),
    };

    // Only a loss can be without a value: that of no validation rows.
    private static double Number(JsonElement json, string name) =>
        json.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : double.NaN;
}
