using System.Text;
using System.Text.Json;
using Engine.Training.Datasets;

namespace Engine.Training.Splits;

/// <summary>A day that a split was made over.</summary>
/// <param name="Id">Its id.</param>
/// <param name="RowsHash">Hash over its rows.</param>
public sealed record SplitDay(string Id, string RowsHash);

/// <summary>What a round came to.</summary>
/// <param name="Id">The round.</param>
/// <param name="Train">Rows to train on.</param>
/// <param name="Valid">Rows to choose by.</param>
/// <param name="Test">Rows to report on.</param>
/// <param name="Purged">Rows that purging took away.</param>
/// <param name="Embargoed">Rows that the embargo took away.</param>
/// <param name="RowsHash">Hash over the lists.</param>
public sealed record SplitOutcome(string Id, int Train, int Valid, int Test, int Purged, int Embargoed, string RowsHash)
{
    /// <summary>What rows came to.</summary>
    public static SplitOutcome Of(SplitRows rows) => new(
        rows.Part.Id, rows.Part.Train.Length, rows.Part.Valid.Length, rows.Part.Test.Length, rows.Purged, rows.Embargoed, rows.Hash);
}

/// <summary>
/// A split as a JSON file: the plan, what it was made over (contract, days, label), what it came to, and a hash over all of that. Rows are made
/// from the plan again whenever it is used, and held against what it says.
/// </summary>
public sealed record SplitFile
{
    /// <summary>What it says it is.</summary>
    public const string Format = "engine-split";

    /// <summary>Version of the layout and of what the hash is over.</summary>
    public const int FormatVersion = 2;

    private const int MaxBytes = 16 << 20;

    private static readonly string[] s_kinds = ["explicit", "k_fold", "walk_forward"];

    /// <summary>What made it.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>Hash of the contract of the rows.</summary>
    public required string ContractHash { get; init; }

    /// <summary>Name of the label.</summary>
    public required string Label { get; init; }

    /// <summary>The label's definition.</summary>
    public required string LabelDefinition { get; init; }

    /// <summary>The days, in order.</summary>
    public required IReadOnlyList<SplitDay> Days { get; init; }

    /// <summary>The plan.</summary>
    public required SplitPlan Plan { get; init; }

    /// <summary>What it came to, round by round.</summary>
    public required IReadOnlyList<SplitOutcome> Outcomes { get; init; }

    /// <summary>SHA-256 over everything above but the tool's version as one line of JSON, lower-case hex: builds that split alike say the same.</summary>
    public string Hash => DatasetOptions.HashOf(Encoding.UTF8.GetString(ToJson(withHash: false, indented: false)));

    /// <summary>What an artefact calls the round's training rows.</summary>
    public string IdOf(SplitPart part) => $"{part.Id} of split {Hash}";

    /// <summary>Makes a split of a plan.</summary>
    public static SplitFile Make(SplitPlan plan, TrainingData data, string toolVersion) => new()
    {
        ToolVersion = toolVersion,
        ContractHash = data.Contract.Hash,
        Label = data.Label,
        LabelDefinition = data.LabelDefinition,
        Days = [.. data.DayIds.Select((id, i) => new SplitDay(id, i < data.DayHashes.Count ? data.DayHashes[i] : ""))],
        Plan = plan,
        Outcomes = [.. SplitMaker.Apply(plan, data).Select(SplitOutcome.Of)],
    };

    /// <summary>The rows of every round over the data that the split was made of.</summary>
    /// <exception cref="DatasetException">It is other data.</exception>
    public IReadOnlyList<SplitPart> Parts(TrainingData data)
    {
        if (Difference(data) is { } difference)
        {
            throw new DatasetException($"the split was made over other data: {difference}; make it again", isData: true);
        }

        return [.. SplitMaker.Apply(Plan, data).Select(r => r.Part)];
    }

    /// <summary>What differs between data and what the split was made over; null for nothing.</summary>
    public string? Difference(TrainingData data)
    {
        SplitFile made = Make(Plan, data, ToolVersion);
        return made.ContractHash != ContractHash ? $"contract {made.ContractHash} here, {ContractHash} there"
            : made.Label != Label || made.LabelDefinition != LabelDefinition ? $"label {made.Label} {made.LabelDefinition} here, {Label} {LabelDefinition} there"
            : !made.Days.SequenceEqual(Days) ? $"days {Text(made.Days)} here, {Text(Days)} there"
            : made.Outcomes.Zip(Outcomes).FirstOrDefault(p => p.First != p.Second) is ({ } here, { } there) ? $"{here} here, {there} there"
            : made.Outcomes.Count != Outcomes.Count ? $"{made.Outcomes.Count} rounds here, {Outcomes.Count} there"
            : null;
    }

    /// <summary>The file's text.</summary>
    public byte[] ToJson() => ToJson(withHash: true, indented: true);

    /// <summary>Reads a split.</summary>
    /// <exception cref="DatasetException">It is none, or was changed.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SplitFile Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new DatasetException($"{path}: has more than {MaxBytes >> 20} MiB", isData: true);
            }

            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            SplitFile file = Parse(path, document.RootElement);
            string hash = JsonLists.Text(document.RootElement, "hash");
            return hash == file.Hash
                ? file
                : throw new DatasetException($"{path}: its hash is {hash}, that of its content {file.Hash}: it was changed; make it again with lab split", isData: true);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DatasetException($"{path}: is no split ({e.Message.ReplaceLineEndings(" ")})", isData: true);
        }
    }

    private static string Text(IReadOnlyList<SplitDay> days) => string.Join(" ", days.Select(d => $"{d.Id} ({d.RowsHash[..Math.Min(8, d.RowsHash.Length)]})"));

    private byte[] ToJson(bool withHash, bool indented)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, indented ? JsonLists.Indented : JsonLists.OneLine))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("format_version", FormatVersion);
            if (withHash)
            {
                json.WriteString("tool_version", ToolVersion);
            }

            json.WriteString("contract_hash", ContractHash);
            json.WriteString("label", Label);
            json.WritePropertyName("label_definition");
            json.WriteRawValue(LabelDefinition.Length == 0 ? "null" : LabelDefinition);
            json.WriteStartArray("days");
            foreach (SplitDay day in Days)
            {
                json.WriteStartObject();
                json.WriteString("id", day.Id);
                json.WriteString("rows_sha256", day.RowsHash);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("kind", s_kinds[(int)Plan.Kind]);
            json.WriteBoolean("purge", Plan.Purges);
            json.WriteNumber("embargo_ns", Plan.EmbargoNanos);
            json.WriteStartArray("rounds");
            foreach ((SplitRound round, SplitOutcome outcome) in Plan.Rounds.Zip(Outcomes))
            {
                WriteRound(json, round, outcome);
            }

            json.WriteEndArray();
            if (withHash)
            {
                json.WriteString("hash", Hash);
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteRound(Utf8JsonWriter json, SplitRound round, SplitOutcome outcome)
    {
        json.WriteStartObject();
        json.WriteString("id", round.Id);
        foreach ((string name, IReadOnlyList<SplitRange> ranges) in (ReadOnlySpan<(string, IReadOnlyList<SplitRange>)>)
            [("train", round.Train), ("valid", round.Valid), ("test", round.Test)])
        {
            json.WriteStartArray(name);
            foreach (SplitRange range in ranges)
            {
                WriteRange(json, range);
            }

            json.WriteEndArray();
        }

        json.WriteStartObject("rows");
        json.WriteNumber("train", outcome.Train);
        json.WriteNumber("valid", outcome.Valid);
        json.WriteNumber("test", outcome.Test);
        json.WriteNumber("purged", outcome.Purged);
        json.WriteNumber("embargoed", outcome.Embargoed);
        json.WriteEndObject();
        json.WriteString("rows_sha256", outcome.RowsHash);
        json.WriteEndObject();
    }

    private static void WriteRange(Utf8JsonWriter json, SplitRange range)
    {
        json.WriteStartObject();
        if (range.Day is { } day)
        {
            json.WriteString("day", day);
        }
        else
        {
            json.WriteNumber("from_ns", range.From);
            json.WriteNumber("to_ns", range.To);
        }

        json.WriteEndObject();
    }

    private static SplitFile Parse(string path, JsonElement json)
    {
        int kind = Array.IndexOf(s_kinds, JsonLists.Text(json, "kind"));
        if (JsonLists.Text(json, "format") != Format || kind < 0)
        {
            throw new DatasetException($"{path}: is no {Format}", isData: true);
        }

        if (json.GetProperty("format_version").GetInt32() is not FormatVersion and var version)
        {
            throw new DatasetException($"{path}: is an {Format} of version {version}, and {FormatVersion} is read here; make it again with lab split", isData: true);
        }

        JsonElement[] rounds = [.. json.GetProperty("rounds").EnumerateArray()];
        return new SplitFile
        {
            ToolVersion = JsonLists.Text(json, "tool_version"),
            ContractHash = JsonLists.Text(json, "contract_hash"),
            Label = JsonLists.Text(json, "label"),
            LabelDefinition = json.GetProperty("label_definition") is { ValueKind: JsonValueKind.Object } definition ? JsonLists.Compact(definition) : "",
            Days = [.. json.GetProperty("days").EnumerateArray().Select(d => new SplitDay(JsonLists.Text(d, "id"), JsonLists.Text(d, "rows_sha256")))],
            Plan = new SplitPlan
            {
                Kind = (SplitKind)kind,
                Purges = json.GetProperty("purge").GetBoolean(),
                EmbargoNanos = json.GetProperty("embargo_ns").GetInt64(),
                Rounds = [.. rounds.Select(r => new SplitRound(JsonLists.Text(r, "id"), Ranges(r, "train"), Ranges(r, "valid"), Ranges(r, "test")))],
            },
            Outcomes = [.. rounds.Select(Outcome)],
        };
    }

    private static SplitRange[] Ranges(JsonElement round, string name) =>
    [
        .. round.GetProperty(name).EnumerateArray().Select(r => r.TryGetProperty("day", out JsonElement day)
            ? SplitRange.Of(day.GetString() ?? throw new FormatException("a day is null"))
            : SplitRange.Of(r.GetProperty("from_ns").GetInt64(), r.GetProperty("to_ns").GetInt64())),
    ];

    private static SplitOutcome Outcome(JsonElement round)
    {
        JsonElement rows = round.GetProperty("rows");
        return new SplitOutcome(
            JsonLists.Text(round, "id"), rows.GetProperty("train").GetInt32(), rows.GetProperty("valid").GetInt32(), rows.GetProperty("test").GetInt32(),
            rows.GetProperty("purged").GetInt32(), rows.GetProperty("embargoed").GetInt32(), JsonLists.Text(round, "rows_sha256"));
    }
}
