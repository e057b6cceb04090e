using System.Buffers;
using System.Text;
using System.Text.Json;
using Engine.Features;

namespace Engine.Inference.Artefacts;

/// <summary>
/// The JSON values of an artefact's keys, both ways. Numbers are shortest round-trip; NaN is null, and the infinities are
/// the texts `inf` and `-inf`. Readers throw what JsonElement throws, FormatException or ArgumentException.
/// </summary>
internal static class ArtefactJson
{
    /// <summary>How <see cref="ArtefactKeys.Sequence"/> spells each mode.</summary>
    public static readonly string[] SequenceNames = ["windows", "streaming"];

    public static string Contract(FeatureContract contract) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("name", contract.Name);
        json.WriteString("sampling", contract.Sampling);
        json.WriteStartArray("features");
        foreach (FeatureSpec feature in contract.Features)
        {
            json.WriteStartObject();
            json.WriteString("name", feature.Name);
            json.WriteString("family", feature.Family);
            json.WriteNumber("window_ns", feature.WindowNanos);
            json.WriteString("unit", feature.Unit);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static FeatureContract ReadContract(JsonElement json) => new(
        Text(json, "name"),
        Array(json, "features").Select(f => new FeatureSpec(Text(f, "name"), Text(f, "family"), Member(f, "window_ns").GetInt64(), Text(f, "unit"))).ToArray(),
        Text(json, "sampling"));

    public static string Texts(IReadOnlyList<string> texts) => Write(json =>
    {
        json.WriteStartArray();
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    });

    public static string[] ReadTexts(JsonElement json) =>
        json.EnumerateArray().Select(t => t.GetString() ?? throw new FormatException("null where text is expected")).ToArray();

    public static string Golden(GoldenVectors golden) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("rows");
        for (int i = 0; i < golden.Count; i++)
        {
            WriteFloats(json, golden.Row(i));
        }

        json.WriteEndArray();
        json.WritePropertyName("outputs");
        WriteFloats(json, golden.Outputs);
        json.WriteEndObject();
    });

    public static GoldenVectors ReadGolden(JsonElement json, int featureCount)
    {
        var rows = new List<float>();
        int index = 0;
        foreach (JsonElement row in Array(json, "rows"))
        {
            if (index >= GoldenVectors.MaxCount)
            {
                throw new FormatException($"more than {GoldenVectors.MaxCount} golden vectors");
            }

            float[] values = ReadFloats(row);
            if (values.Length != featureCount)
            {
                throw new FormatException($"golden vector {index} has {values.Length} features, the contract {featureCount}");
            }

            rows.AddRange(values);
            index++;
        }

        return new GoldenVectors([.. rows], ReadFloats(Member(json, "outputs")), featureCount);
    }

    public static void WriteFloats(Utf8JsonWriter json, ReadOnlySpan<float> values)
    {
        json.WriteStartArray();
        foreach (float value in values)
        {
            if (float.IsFinite(value))
            {
                json.WriteNumberValue(value);
            }
            else if (float.IsNaN(value))
            {
                json.WriteNullValue();
            }
            else
            {
                json.WriteStringValue(value > 0 ? "inf" : "-inf");
            }
        }

        json.WriteEndArray();
    }

    public static float[] ReadFloats(JsonElement json) => json.EnumerateArray().Select(ReadFloat).ToArray();

    private static float ReadFloat(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => float.NaN,
        JsonValueKind.String when json.ValueEquals("inf") => float.PositiveInfinity,
        JsonValueKind.String when json.ValueEquals("-inf") => float.NegativeInfinity,
        _ => json.GetSingle(),
    };

    public static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value)
            ? value
            : throw new FormatException($"'{name}' is missing");

    public static string Text(JsonElement json, string name) =>
        Member(json, name).GetString() ?? throw new FormatException($"'{name}' is null");

    public static JsonElement.ArrayEnumerator Array(JsonElement json, string name) => Member(json, name).EnumerateArray();

    public static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
