using System.Text.Json;
using Engine.Features;
using Engine.Recording;

namespace Engine.Training.Datasets;

/// <summary>
/// `dataset.json` in a data set's folder: the contract, the configuration, the days. It is written anew after every day, under another name
/// first; the files themselves say the same, and are believed before it.
/// </summary>
public sealed record DatasetManifest
{
    /// <summary>The file's name.</summary>
    public const string FileName = "dataset.json";

    /// <summary>What it says it is.</summary>
    public const string Format = "engine-dataset";

    /// <summary>Version of the layout.</summary>
    public const int FormatVersion = 2;

    private const int MaxBytes = 64 << 20;

    /// <summary>What made it.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>The contract's name.</summary>
    public required string ContractName { get; init; }

    /// <summary>The contract's hash.</summary>
    public required string ContractHash { get; init; }

    /// <summary>The text that the hash is over.</summary>
    public required string ContractText { get; init; }

    /// <summary>The options that all days share, one line of JSON.</summary>
    public required string Configuration { get; init; }

    /// <summary>The days, in the order of their first rows.</summary>
    public required IReadOnlyList<DatasetDay> Days { get; init; }

    /// <summary>SHA-256 of <see cref="Configuration"/>.</summary>
    public string ConfigurationHash => DatasetOptions.HashOf(Configuration);

    /// <summary>Rows of all days.</summary>
    public long Rows => Days.Sum(d => d.Rows);

    /// <summary>An empty data set.</summary>
    public static DatasetManifest Empty(DatasetOptions options, FeatureContract contract) => new()
    {
        ToolVersion = options.ToolVersion,
        ContractName = contract.Name,
        ContractHash = contract.Hash,
        ContractText = contract.CanonicalText,
        Configuration = options.CanonicalJson(contract),
        Days = [],
    };

    /// <summary>The same with a day, in the place of one of its name.</summary>
    public DatasetManifest With(DatasetDay day) => this with
    {
        Days = [.. Days.Where(d => d.Id != day.Id).Append(day).OrderBy(d => d.FirstTime).ThenBy(d => d.Id, StringComparer.Ordinal)],
    };

    /// <summary>Reads the manifest of a folder.</summary>
    /// <exception cref="DatasetException">There is none, or it cannot be read.</exception>
    public static DatasetManifest Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new DatasetException($"{folder}: holds no {FileName}; build the data set first: lab dataset CAPTURE… -o {folder}");
        }

        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new DatasetException($"{path}: has more than {MaxBytes >> 20} MiB", isData: true);
            }

            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            return Parse(path, json.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DatasetException($"{path}: cannot be read ({e.Message.ReplaceLineEndings(" ")}); build the data set again, its finished days are kept", isData: true);
        }
    }

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string folder)
    {
        string path = Path.Combine(folder, FileName);
        string partial = path + DatasetFormat.PartialEnding;
        using (FileStream file = File.Create(partial))
        using (var json = new Utf8JsonWriter(file, JsonLists.Indented))
        {
            WriteTo(json);
        }

        File.Move(partial, path, overwrite: true);
    }

    private void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteNumber("format_version", FormatVersion);
        json.WriteString("tool_version", ToolVersion);
        json.WriteString("contract_name", ContractName);
        json.WriteString("contract_hash", ContractHash);
        json.WriteString("contract_text", ContractText);
        json.WritePropertyName("configuration");
        json.WriteRawValue(Configuration);
        json.WriteString("configuration_hash", ConfigurationHash);
        json.WriteNumber("rows", Rows);
        json.WriteStartArray("days");
        foreach (DatasetDay day in Days)
        {
            WriteDay(json, day);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDay(Utf8JsonWriter json, DatasetDay day)
    {
        json.WriteStartObject();
        json.WriteString("id", day.Id);
        json.WriteString("file", day.FileName);
        json.WriteString("date", day.Date);
        json.WriteStartArray("captures");
        foreach (LoggedFile capture in day.Captures)
        {
            json.WriteStartObject();
            json.WriteString("name", capture.Name);
            json.WriteNumber("bytes", capture.Bytes);
            json.WriteString("sha256", capture.Sha256);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("configuration_hash", day.ConfigurationHash);
        json.WriteNumber("rows", day.Rows);
        json.WriteNumber("quotes", day.Quotes);
        json.WriteNumber("first_time_ns", day.FirstTime);
        json.WriteNumber("last_time_ns", day.LastTime);
        json.WriteNumber("end_time_ns", day.EndTime);
        json.WriteString("rows_sha256", day.RowsHash);
        json.WriteString("fault", day.Fault);
        json.WriteEndObject();
    }

    private static DatasetManifest Parse(string path, JsonElement json)
    {
        if (JsonLists.Text(json, "format") != Format || json.GetProperty("format_version").GetInt32() != FormatVersion)
        {
            throw new DatasetException($"{path}: is no {Format} of version {FormatVersion}", isData: true);
        }

        var manifest = new DatasetManifest
        {
            ToolVersion = JsonLists.Text(json, "tool_version"),
            ContractName = JsonLists.Text(json, "contract_name"),
            ContractHash = JsonLists.Text(json, "contract_hash"),
            ContractText = JsonLists.Text(json, "contract_text"),
            Configuration = JsonLists.Compact(json.GetProperty("configuration")),
            Days = [.. json.GetProperty("days").EnumerateArray().Select(ParseDay)],
        };
        if (DatasetOptions.HashOf(manifest.ContractText) != manifest.ContractHash || manifest.ConfigurationHash != JsonLists.Text(json, "configuration_hash"))
        {
            throw new DatasetException($"{path}: its hashes are not those of its contract and its configuration; build the data set again with -f", isData: true);
        }

        return manifest;
    }

    private static DatasetDay ParseDay(JsonElement json) => new()
    {
        Id = CheckedId(JsonLists.Text(json, "id")),
        Date = JsonLists.Text(json, "date"),
        Captures =
        [
            .. json.GetProperty("captures").EnumerateArray().Select(c => new LoggedFile(
                JsonLists.Text(c, "name"), c.GetProperty("bytes").GetInt64(), JsonLists.Text(c, "sha256"))),
        ],
        ConfigurationHash = JsonLists.Text(json, "configuration_hash"),
        Rows = json.GetProperty("rows").GetInt64(),
        Quotes = json.GetProperty("quotes").GetInt64(),
        FirstTime = json.GetProperty("first_time_ns").GetInt64(),
        LastTime = json.GetProperty("last_time_ns").GetInt64(),
        EndTime = json.GetProperty("end_time_ns").GetInt64(),
        RowsHash = JsonLists.Text(json, "rows_sha256"),
        Fault = json.GetProperty("fault").GetString(),
    };

    /// <summary>An id names a file in the folder, and nothing outside it.</summary>
    private static string CheckedId(string id) => id.Length > 0 && Path.GetFileName(id) == id && id is not ("." or "..")
        ? id
        : throw new FormatException($"'{id}' is no name of a day");
}
