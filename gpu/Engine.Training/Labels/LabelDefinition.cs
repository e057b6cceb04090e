using System.Text;
using System.Text.Json;
using Engine.Training.Datasets;

namespace Engine.Training.Labels;

/// <summary>Everything that decides a label's values; equal definitions over equal data give equal bits.</summary>
public sealed record LabelDefinition
{
    /// <summary>Version of the formulas.</summary>
    public const int FormulaVersion = 1;

    /// <summary>Most characters of a name.</summary>
    public const int MaxName = 64;

    /// <summary>What it says.</summary>
    public required LabelKind Kind { get; init; }

    /// <summary>How far it looks.</summary>
    public required LabelHorizon Horizon { get; init; }

    /// <summary>Direction: a return of at most this size, up or down, is 0. A ratio: 0.0001 is one basis point.</summary>
    public double DeadZone { get; init; }

    /// <summary>Triple barrier: the upper one, as a ratio above the row's mid-price.</summary>
    public double Up { get; init; }

    /// <summary>Triple barrier: the lower one, as a ratio below it.</summary>
    public double Down { get; init; }

    /// <summary>The name it has unless it is given another.</summary>
    public string UsualName => $"{LabelNames.Of(Kind)}_{Horizon}";

    /// <summary>The definition as one line of JSON with fixed key order.</summary>
    public string CanonicalJson
    {
        get
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                json.WriteString("kind", LabelNames.Of(Kind));
                json.WriteString("horizon", Horizon.ToString());
                json.WriteNumber("horizon_ns", Horizon.Nanos);
                json.WriteNumber("horizon_events", Horizon.Events);
                json.WriteNumber("dead_zone", DeadZone);
                json.WriteNumber("up", Up);
                json.WriteNumber("down", Down);
                json.WriteString("price", "mid");
                json.WriteString("unit", Kind is LabelKind.Direction or LabelKind.TripleBarrier ? "class" : "ratio");
                json.WriteNumber("formula_version", FormulaVersion);
                json.WriteEndObject();
            }

            return Encoding.UTF8.GetString(buffer.ToArray());
        }
    }

    /// <summary>SHA-256 of <see cref="CanonicalJson"/>, lower-case hex.</summary>
    public string Hash => DatasetOptions.HashOf(CanonicalJson);

    /// <summary>What is wrong with it, in one line; null for nothing.</summary>
    public string? Fault()
    {
        bool isBarrier = Kind == LabelKind.TripleBarrier;
        return Horizon is { Nanos: <= 0, Events: <= 0 } ? "a label needs a horizon, e.g. 60s or 500events"
            : !double.IsFinite(DeadZone) || DeadZone < 0 || DeadZone >= 1 ? FormattableString.Invariant($"dead zone {DeadZone}: a ratio of 0 or more and below 1")
            : DeadZone > 0 && Kind != LabelKind.Direction ? "a dead zone is for direction"
            : isBarrier && !(Up > 0 && Up < 1 && Down > 0 && Down < 1) ? "a triple barrier needs an upper and a lower barrier, ratios above 0 and below 1"
            : !isBarrier && (Up != 0 || Down != 0) ? "barriers are for triple_barrier"
            : null;
    }

    /// <summary>Whether a label may be called so: a dataset's name in its file, and a column's in a table.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= MaxName && !name.EndsWith(DatasetFormat.EndSuffix, StringComparison.Ordinal)
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') && name[0] != '.';

    /// <summary>Reads what <see cref="CanonicalJson"/> wrote.</summary>
    /// <exception cref="DatasetException">It is not that, or of other formulas.</exception>
    public static LabelDefinition Parse(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement json = document.RootElement;
            if (LabelNames.TryParse(JsonLists.Text(json, "kind"), out LabelKind kind) && json.GetProperty("formula_version").GetInt32() == FormulaVersion)
            {
                var definition = new LabelDefinition
                {
                    Kind = kind,
                    Horizon = new LabelHorizon(json.GetProperty("horizon_ns").GetInt64(), json.GetProperty("horizon_events").GetInt32()),
                    DeadZone = json.GetProperty("dead_zone").GetDouble(),
                    Up = json.GetProperty("up").GetDouble(),
                    Down = json.GetProperty("down").GetDouble(),
                };
                if (definition.Fault() is null && definition.CanonicalJson == text)
                {
                    return definition;
                }
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DatasetException($"a label's definition cannot be read ({e.Message.ReplaceLineEndings(" ")}): {text}", isData: true);
        }

        throw new DatasetException($"a label's definition is not one of this build: {text}; label the data set anew with -f", isData: true);
    }
}
