using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engine.Feeds.BitMex.Live;
using Engine.Feeds.Network.Live;
using Engine.Host.Replay;

namespace Engine.Host.Configuration;

/// <summary>Writes a configuration as it holds. Passwords are left out.</summary>
internal static class ConfigurationText
{
    /// <summary>One line of JSON with a fixed order of keys.</summary>
    public static string Write(LiveConfiguration configuration)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("venue", configuration.Venue);
            json.WriteString("date", configuration.Date);
            List(json, "symbols", configuration.Symbols);
            List(json, "models", configuration.Models);
            json.WriteString("contract", configuration.Contract.Name);
            json.WriteString("sampling", configuration.Contract.Sampling?.ToString());
            json.WriteString("contract_hash", configuration.Contract.Hash);
            json.WriteString("inference", configuration.Inference);
            json.WriteString("topology", configuration.Topology == Topology.Fused ? "fused" : "split");
            json.WriteStartArray("pin");
            Array.ForEach(configuration.Pins, json.WriteNumberValue);
            json.WriteEndArray();
            WritePin(json, configuration.BackgroundPin);
            json.WriteNumber("fifo", configuration.FifoPriority);
            json.WriteBoolean("lock_memory", configuration.LockMemory);
            json.WriteBoolean("suppress_suspect", configuration.SuppressSuspect);
            json.WriteString("out", configuration.OutputFolder);
            json.WriteString("record", configuration.RecordPath);
            if (configuration.Udp is { } udp)
            {
                Write(json, udp);
            }

            if (configuration.BitMex is { } bitMex)
            {
                Write(json, bitMex);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>SHA-256 of that text, lower-case hex.</summary>
    public static string Hash(LiveConfiguration configuration) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Write(configuration))));

    private static void WritePin(Utf8JsonWriter json, int? cpu)
    {
        if (cpu is int pin)
        {
            json.WriteNumber("background_pin", pin);
        }
        else
        {
            json.WriteNull("background_pin");
        }
    }

    private static void Write(Utf8JsonWriter json, UdpConfiguration udp)
    {
        json.WriteStartObject("udp");
        WriteLines(json, udp.Lines);
        json.WriteNumber("receive_buffer_bytes", udp.ReceiveBufferBytes);
        json.WriteNumber("busy_poll_us", udp.BusyPollMicros);
        json.WriteString("wait", udp.Parks ? "park" : "spin");
        json.WriteNumber("gap_wait_us", udp.Gaps.WaitNanos / 1_000);
        if ((udp.RequestServer ?? udp.XdpRequests?.Server) is { } server)
        {
            json.WriteStartObject("request");
            json.WriteString("address", server.ToString());
            if (udp.XdpRequests is { } xdp)
            {
                json.WriteString("source_id", xdp.SourceId);
                json.WriteNumber("product", xdp.Product);
                json.WriteNumber("channel", xdp.Channel);
                WriteLines(json, xdp.Lines);
            }

            json.WriteNumber("timeout_ms", udp.Gaps.RequestTimeoutNanos / 1_000_000);
            json.WriteNumber("retries", udp.Gaps.Requests);
            json.WriteEndObject();
        }

        if (udp.Snapshots is { } snapshots)
        {
            json.WriteStartObject("snapshot");
            json.WriteString("address", snapshots.Server.ToString());
            json.WriteString("user", snapshots.User);
            json.WriteString("session", snapshots.AnySession ? "any" : "same");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, BitMexConfiguration bitMex)
    {
        BitMexLiveOptions session = bitMex.Session;
        json.WriteStartObject("bitmex");
        json.WriteString("websocket", session.WebSocket.AbsoluteUri);
        json.WriteString("rest", session.Rest?.AbsoluteUri);
        List(json, "symbols", [.. session.Symbols]);
        json.WriteString("book", session.BookTable);
        List(json, "tables", [.. session.OtherTables]);
        json.WriteString("wait", bitMex.Parks ? "park" : "spin");
        Millis(json, "connect_within_ms", session.ConnectWithin);
        Millis(json, "ping_after_ms", session.SilenceBeforePing);
        Millis(json, "pong_within_ms", session.PongWithin);
        Millis(json, "look_every_ms", session.LookEvery);
        Millis(json, "first_wait_ms", session.FirstWait);
        Millis(json, "longest_wait_ms", session.LongestWait);
        Millis(json, "stable_after_ms", session.StableAfter);
        json.WriteNumber("attempts", session.AttemptsMax);
        Millis(json, "resubscribe_every_ms", session.ResubscribeEvery);
        Millis(json, "poll_every_ms", session.PollEvery);
        json.WriteNumber("seed", session.Seed);
        json.WriteEndObject();
    }

    private static void Millis(Utf8JsonWriter json, string name, TimeSpan time) => json.WriteNumber(name, (long)time.TotalMilliseconds);

    private static void WriteLines(Utf8JsonWriter json, IReadOnlyList<LiveLine> lines)
    {
        json.WriteStartArray("lines");
        foreach (LiveLine line in lines)
        {
            json.WriteStartObject();
            json.WriteString("name", line.Name);
            json.WriteString("group", line.Group.ToString());
            json.WriteNumber("port", line.Port);
            json.WriteString("interface", line.Interface);
            json.WriteString("source", line.Source?.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void List(Utf8JsonWriter json, string name, string[]? texts)
    {
        if (texts is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        Array.ForEach(texts, json.WriteStringValue);
        json.WriteEndArray();
    }
}
