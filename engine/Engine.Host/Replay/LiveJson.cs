using System.Globalization;
using System.Text.Json;
using Engine.Books;
using Engine.Feeds;
using Engine.Feeds.Network.Live;
using Engine.Host.Live;

namespace Engine.Host.Replay;

/// <summary>What the summary of a live run has besides that of a replay.</summary>
internal static class LiveJson
{
    /// <summary>Writes it.</summary>
    public static void Write(Utf8JsonWriter json, ReplayResult result)
    {
        Feed(json, result.Source);
        json.WriteStartObject("trust_by_instrument");
        foreach (KeyValuePair<string, BookTrust> item in result.TrustByInstrument)
        {
            json.WriteString(item.Key, item.Value.ToString().ToLowerInvariant());
        }

        json.WriteEndObject();
    }

    /// <summary>Writes what the lines received.</summary>
    public static void Feed(Utf8JsonWriter json, MarketDataSource source)
    {
        json.WriteString("payload_hash", source.PayloadHash.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteStartArray("lines");
        for (int i = 0; i < (source.Lines?.LineCount ?? 0); i++)
        {
            LineStatus line = source.Lines!.Line(i);
            json.WriteStartObject();
            json.WriteString("name", line.Name);
            json.WriteNumber("packets", line.Packets);
            json.WriteNumber("bytes", line.Bytes);
            json.WriteNumber("kernel_drops", line.Drops);
            json.WriteNumber("truncated", line.Truncated);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        BitMexConnectionText.Write(json, source);
    }
}
