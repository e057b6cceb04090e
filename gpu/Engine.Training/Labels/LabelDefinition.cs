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

    private const int HashDigits = 64;

    /// <summary>What it says.</summary>
    public required LabelKind Kind { get; init; }

    /// <summary>How far it looks.</summary>
    public required LabelHorizon Horizon { get; init; }

    /// <summary>A return of at most this size, up or down, is a direction of 0, and no move. A ratio: 0.0001 is one basis point.</summary>
    public double DeadZone { get; init; }

    /// <summary>Triple barrier: the upper one, as a ratio above the row's mid-price.</summary>
    public double Up { get; init; }

    /// <summary>Triple barrier: the lower one, as a ratio below it.</summary>
    public double Down { get; init; }

    /// <summary>Given: hash of the labels, lower-case hex.</summary>
    public string Source { get; init; } = "";

    /// <summary>The name it has unless it is given another.</summary>
    public string UsualName => Kind == LabelKind.Given ? LabelNames.Of(Kind) : $"{LabelNames.Of(Kind)}_{Horizon}";

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
                if (Kind == LabelKind.Given)
                {
                    json.WriteString("labels_sha256", Source);
                }
                else
                {
                    json.WriteNumber("dead_zone", DeadZone);
                    json.WriteNumber("up", Up);
                    json.WriteNumber("down", Down);
                    json.WriteString("price", "mid");
                    json.WriteString("unit", Kind is LabelKind.Direction or LabelKind.Move or LabelKind.TripleBarrier ? "class" : "ratio");
                }

                json.WriteNumber("formula_version", FormulaVersion);
                json.WriteEndObject();
            }

            return Encoding.UTF8.GetString(buffer.ToArray());
        }
    }

    /// <summary>SHA-256 of <see cref="CanonicalJson"/>, lower-case hex.</summary>
    public string Hash => DatasetOptions.HashOf(CanonicalJson);

    /// <summary>The definition of labels that are given: its horizon is the longest of their spans.</summary>
    public static LabelDefinition Of(GivenLabels given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return new LabelDefinition { Kind = LabelKind.Given, Horizon = new LabelHorizon(given.LongestNanos, 0), Source = given.Hash };
    }

    /// <summary>What is wrong with it, in one line; null for nothing.</summary>
    public string? Fault()
    {
        bool isBarrier = Kind == LabelKind.TripleBarrier;
        return Horizon is { Nanos: <= 0, Events: <= 0 } ? "a label needs a horizon, e.g. 60s or 500events"
            : !double.IsFinite(DeadZone) || DeadZone < 0 || DeadZone >= 1 ? FormattableString.Invariant($"dead zone {DeadZone}: a ratio of 0 or more and below 1")
            : DeadZone > 0 && Kind is not (LabelKind.Direction or LabelKind.Move) ? "a dead zone is for direction and move"
            : isBarrier && !(Up > 0 && Up < 1 && Down > 0 && Down < 1) ? "a triple barrier needs an upper and a lower barrier, ratios above 0 and below 1"
            : Kind == LabelKind.Given != (Source.Length == HashDigits) ? "a given label, and no other, needs the hash of what was given"
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
                var horizon = new LabelHorizon(json.GetProperty("horizon_ns").GetInt64(), json.GetProperty("horizon_events").GetInt32());
                LabelDefinition definition = kind == LabelKind.Given
                    ? new LabelDefinition { Kind = kind, Horizon = horizon, Source = JsonLists.Text(json, "labels_sha256") }
                    : new LabelDefinition
                    {
                        Kind = kind,
                        Horizon = horizon,
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
