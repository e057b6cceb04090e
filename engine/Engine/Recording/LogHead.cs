using System.Text;
using System.Text.Json;

namespace Engine.Recording;

/// <summary>A capture file as the head of a log names it.</summary>
/// <param name="Name">File name without its folder.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hex.</param>
public sealed record LoggedFile(string Name, long Bytes, string Sha256);

/// <summary>
/// What a log's predictions were made from. Everything that decides a prediction is in it, nothing that does not (topology,
/// kernel, machine), so equal runs write equal logs.
/// </summary>
public sealed record LogHead
{
    /// <summary>Version of the log format.</summary>
    public const int FormatVersion = 1;

    /// <summary>The captures, in the order they were given.</summary>
    public required IReadOnlyList<LoggedFile> Captures { get; init; }

    /// <summary>The models, in the order they were given.</summary>
    public required IReadOnlyList<LoggedFile> Models { get; init; }

    /// <summary>The predictions come from a live feed: no capture decides them, and the end record holds a hash of the payloads.</summary>
    public bool IsLive { get; init; }

    /// <summary>Hash of the feature contract; of the first model's where they have several.</summary>
    public required string ContractHash { get; init; }

    /// <summary>Hashes of the models' contracts, in the order of the models, where they have several; otherwise empty.</summary>
    public IReadOnlyList<string> ContractHashes { get; init; } = [];

    /// <summary>The run's configuration, as one line of JSON (see <see cref="RunConfiguration"/>).</summary>
    public required RunConfiguration Configuration { get; init; }

    /// <summary>The head as JSON.</summary>
    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("format_version", FormatVersion);
            json.WriteBoolean("live", IsLive);
            WriteFiles(json, "captures", Captures);
            WriteFiles(json, "models", Models);
            json.WriteString("contract_hash", ContractHash);
            if (ContractHashes.Count > 0)
            {
                json.WriteStartArray("contract_hashes");
                foreach (string hash in ContractHashes)
                {
                    json.WriteStringValue(hash);
                }

                json.WriteEndArray();
            }

            json.WriteString("configuration_hash", Configuration.Hash);
            json.WritePropertyName("configuration");
            json.WriteRawValue(Configuration.CanonicalJson);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Reads a head. Null, with a reason, when the text is not one.</summary>
    public static LogHead? Parse(ReadOnlySpan<byte> utf8, out string reason)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8.ToArray());
            JsonElement root = document.RootElement;
            int version = root.GetProperty("format_version").GetInt32();
            if (version != FormatVersion)
            {
                reason = $"its format is version {version}; this build reads version {FormatVersion}";
                return null;
            }

            var configuration = RunConfiguration.Parse(root.GetProperty("configuration"));
            string hash = root.GetProperty("configuration_hash").GetString() ?? "";
            if (!string.Equals(hash, configuration.Hash, StringComparison.Ordinal))
            {
                reason = $"its configuration hash {hash} is not that of its configuration, {configuration.Hash}";
                return null;
            }

            reason = "";
            return new LogHead
            {
                IsLive = root.GetProperty("live").GetBoolean(),
                Captures = ReadFiles(root.GetProperty("captures")),
                Models = ReadFiles(root.GetProperty("models")),
                ContractHash = root.GetProperty("contract_hash").GetString() ?? "",
                ContractHashes = root.TryGetProperty("contract_hashes", out JsonElement hashes) ? [.. hashes.EnumerateArray().Select(h => h.GetString() ?? "")] : [],
                Configuration = configuration,
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or DecoderFallbackException)
        {
            reason = $"its head is not readable ({e.Message})";
            return null;
        }
    }

    private static void WriteFiles(Utf8JsonWriter json, string name, IReadOnlyList<LoggedFile> files)
    {
        json.WriteStartArray(name);
        foreach (LoggedFile file in files)
        {
            json.WriteStartObject();
            json.WriteString("name", file.Name);
            json.WriteNumber("bytes", file.Bytes);
            json.WriteString("sha256", file.Sha256);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static LoggedFile[] ReadFiles(JsonElement array) =>
        [.. array.EnumerateArray().Select(f => new LoggedFile(
            f.GetProperty("name").GetString() ?? "", f.GetProperty("bytes").GetInt64(), f.GetProperty("sha256").GetString() ?? ""))];
}
