using System.Text;
using System.Text.Json;
using Engine.Signals;

namespace Engine.Recording;

/// <summary>Models that took the place of others, as JSON.</summary>
public static class SwapJson
{
    /// <summary>Writes an array of them.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<ModelRecord> swaps)
    {
        json.WriteStartArray();
        foreach (ModelRecord swap in swaps)
        {
            json.WriteStartObject();
            json.WriteNumber("model", swap.Model);
            json.WriteNumber("replaced", swap.Replaced);
            json.WriteNumber("place", swap.Place);
            json.WriteNumber("event", swap.Event);
            json.WriteNumber("time_ns", swap.ExchangeTime);
            json.WriteString("model_hash", swap.Sha256.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The array as text.</summary>
    public static string Text(IReadOnlyList<ModelRecord> swaps)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, swaps);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
