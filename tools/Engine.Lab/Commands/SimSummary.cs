using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Core.Events;
using Engine.Simulator;
using Engine.Simulator.Wire;

namespace Engine.Lab.Commands;

/// <summary>Prints what <c>lab sim</c> wrote, for people and for programs.</summary>
internal static class SimSummary
{
    // More would fill a screen; the JSON object has all.
    private const int InstrumentsListed = 12;

    /// <summary>Several lines for people.</summary>
    public static void WriteText(TextWriter writer, SimulationOptions options, SimulationResult result, string path, long fileBytes)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        writer.WriteLine(string.Create(invariant, $"wrote {path}: {fileBytes:N0} bytes, {result.Bytes:N0} before compression"));
        writer.WriteLine(string.Create(
            invariant,
            $"day {options.Date:yyyy-MM-dd}, {result.Seconds:F1} s, {result.Messages:N0} messages, " +
            $"{result.Packets:N0} packets, {result.LostPackets:N0} lost"));
        LineFaultCounts faults = result.Faults;
        if (faults != new LineFaultCounts(faults.Lost, 0, 0, 0))
        {
            writer.WriteLine(string.Create(
                invariant, $"faults      {faults.Duplicated:N0} copies, {faults.Reordered:N0} overtaken, {faults.Delayed:N0} delays"));
        }

        IEnumerable<string> types = result.MessagesByType.Select(t => string.Create(invariant, $"{t.Type} {t.Count:N0}"));
        writer.WriteLine("types       " + string.Join("  ", types));
        IEnumerable<string> listed = result.MessagesByInstrument
            .Take(InstrumentsListed)
            .Select(i => string.Create(invariant, $"{i.Symbol} {i.Count:N0}"));
        int unlisted = Math.Max(0, result.MessagesByInstrument.Count - InstrumentsListed);
        writer.WriteLine("instruments " + string.Join("  ", listed) + (unlisted > 0 ? $"  and {unlisted} more" : ""));
        writer.WriteLine($"sha256      {result.Sha256}");
    }

    /// <summary>One JSON object on one line.</summary>
    public static void WriteJson(TextWriter writer, SimulationOptions options, SimulationResult result, string path, long fileBytes)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("file", path);
            json.WriteNumber("file_bytes", fileBytes);
            json.WriteNumber("bytes", result.Bytes);
            json.WriteString("sha256", result.Sha256);
            json.WriteNumber("seed", options.Seed);
            json.WriteString("venue", EventNames.Of(options.Venue));
            json.WriteString("date", options.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            if (options.Alpha is double alpha)
            {
                json.WriteNumber("alpha", alpha);
            }
            else if (options.SpoofsPerMinute is double perMinute)
            {
                json.WriteNumber("spoofs_per_minute", perMinute);
            }
            else
            {
                json.WriteNumber("signal", options.Signal);
            }

            json.WriteNumber("messages", result.Messages);
            json.WriteNumber("packets", result.Packets);
            json.WriteNumber("lost_packets", result.LostPackets);
            json.WriteNumber("duplicated_packets", result.Faults.Duplicated);
            json.WriteNumber("reordered_packets", result.Faults.Reordered);
            json.WriteNumber("delayed_packets", result.Faults.Delayed);
            json.WriteNumber("first_time_ns", result.FirstUnixNanos);
            json.WriteNumber("last_time_ns", result.LastUnixNanos);
            json.WriteStartObject("messages_by_type");
            foreach ((string type, long count) in result.MessagesByType)
            {
                json.WriteNumber(type, count);
            }

            json.WriteEndObject();
            json.WriteStartObject("messages_by_instrument");
            foreach ((string symbol, long count) in result.MessagesByInstrument)
            {
                json.WriteNumber(symbol, count);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        writer.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
