using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Engine.Recording;

/// <summary>The options of a run that decide its predictions; its hash is in every output.</summary>
public sealed record RunConfiguration
{
    /// <summary>The venue as the option spells it, or `auto`.</summary>
    public required string Venue { get; init; }

    /// <summary>The session's date given by option (yyyy-MM-dd), or null when the capture's own clock decides.</summary>
    public required string? Date { get; init; }

    /// <summary>The symbols watched, sorted; null watches all.</summary>
    public required IReadOnlyList<string>? Symbols { get; init; }

    /// <summary>Name of the feature contract; of several, the names with commas between.</summary>
    public required string Contract { get; init; }

    /// <summary>The contract's sampling; of several contracts, theirs in order.</summary>
    public required string Sampling { get; init; }

    /// <summary>Whose numbers are logged: `native` or `ort`.</summary>
    public required string Inference { get; init; }

    /// <summary>What was done about missing messages, as the feeds spell it.</summary>
    public required string Gaps { get; init; }

    /// <summary>Whether predictions from suspect books were withheld.</summary>
    public required bool SuppressSuspect { get; init; }

    /// <summary>The configuration as one line of JSON with fixed key order.</summary>
    public string CanonicalJson
    {
        get
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                json.WriteString("venue", Venue);
                json.WriteString("date", Date);
                if (Symbols is null)
                {
                    json.WriteNull("symbols");
                }
                else
                {
                    json.WriteStartArray("symbols");
                    foreach (string symbol in Symbols)
                    {
                        json.WriteStringValue(symbol);
                    }

                    json.WriteEndArray();
                }

                json.WriteString("contract", Contract);
                json.WriteString("sampling", Sampling);
                json.WriteString("inference", Inference);
                json.WriteString("gaps", Gaps);
                json.WriteBoolean("suppress_suspect", SuppressSuspect);
                json.WriteEndObject();
            }

            return Encoding.UTF8.GetString(buffer.ToArray());
        }
    }

    /// <summary>SHA-256 of <see cref="CanonicalJson"/>, lower-case hex.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson)));

    internal static RunConfiguration Parse(JsonElement json) => new()
    {
        Venue = json.GetProperty("venue").GetString() ?? "",
        Date = json.GetProperty("date").GetString(),
        Symbols = json.GetProperty("symbols") is { ValueKind: JsonValueKind.Array } symbols
            ? [.. symbols.EnumerateArray().Select(s => s.GetString() ?? "")]
            : null,
        Contract = json.GetProperty("contract").GetString() ?? "",
        Sampling = json.GetProperty("sampling").GetString() ?? "",
        Inference = json.GetProperty("inference").GetString() ?? "",
        Gaps = json.GetProperty("gaps").GetString() ?? "",
        SuppressSuspect = json.GetProperty("suppress_suspect").GetBoolean(),
    };
}
