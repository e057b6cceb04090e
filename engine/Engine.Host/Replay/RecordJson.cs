using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engine.Feeds;

namespace Engine.Host.Replay;

/// <summary>A recording's counters as one JSON object on one line.</summary>
internal static class RecordJson
{
    /// <summary>Writes it.</summary>
    public static string Write(MarketDataSource source)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("version", BuildInfo.Version);
            ReplayJson.Feed(json, source);
            LiveJson.Feed(json, source);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
