using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Engine.Training.Datasets;

/// <summary>Lists and numbers in the JSON files of data sets, splits, runs and studies.</summary>
internal static class JsonLists
{
    /// <summary>How the files are written: over several lines, and with no more escapes than JSON needs.</summary>
    public static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The same in one line.</summary>
    public static readonly JsonWriterOptions OneLine = Indented with { Indented = false };

    /// <summary>A part of a file as one line, as it was before it was written over several.</summary>
    public static string Compact(JsonElement json)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            json.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Writes a list of texts; null as null.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<string>? texts)
    {
        if (texts is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a number under a name; what is not finite as null.</summary>
    public static void Number(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        Number(json, value);
    }

    /// <summary>Writes a number; what is not finite as null.</summary>
    public static void Number(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    /// <summary>Reads a list of texts.</summary>
    /// <exception cref="KeyNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidOperationException">It is no such list.</exception>
    public static string[] Read(JsonElement json, string name) =>
        [.. json.GetProperty(name).EnumerateArray().Select(t => t.GetString() ?? throw new InvalidOperationException($"'{name}' holds what is no text"))];

    /// <summary>Reads a text.</summary>
    /// <exception cref="KeyNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public static string Text(JsonElement json, string name) =>
        json.GetProperty(name).GetString() ?? throw new InvalidOperationException($"'{name}' is null");
}
