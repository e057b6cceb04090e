using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Simulator.Live;

namespace Engine.Lab.Commands;

/// <summary>Prints what <c>lab sim --live</c> is and did.</summary>
internal static class SimLiveSummary
{
    /// <summary>Where the venue is reached, as one JSON object on one line, at once.</summary>
    public static void WriteEndpoints(TextWriter writer, VenueEndpoints endpoints)
    {
        writer.WriteLine(OneLine(endpoints.Write));
        writer.Flush();
    }

    /// <summary>A configuration of the engine.</summary>
    public static void WriteConfiguration(Stream stream, VenueEndpoints endpoints, SoupBinOptions login)
    {
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            endpoints.WriteConfiguration(json, login);
        }

        stream.Write("\n"u8);
    }

    /// <summary>Several lines for people.</summary>
    public static void WriteText(TextWriter writer, VenueSummary summary, bool interrupted)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        writer.WriteLine(string.Create(
            invariant,
            $"{(summary.Session.Length > 0 ? $"session {summary.Session}" : "one channel")}{(interrupted ? ", interrupted" : "")}: {summary.Published:N0} of {summary.Messages:N0} messages " +
            $"published, schedule slipped by {summary.SlippedNanos * 1e-6:F1} ms"));
        foreach ((string name, LineCounts c) in summary.Lines)
        {
            writer.WriteLine(string.Create(
                invariant,
                $"line {name}: {c.Offered:N0} packets, {c.Datagrams:N0} datagrams, {c.Lost:N0} lost, {c.Silenced:N0} silenced, " +
                $"{c.Duplicated:N0} twice, {c.Reordered:N0} held back, {c.Delays:N0} stalls, {c.SendFailures:N0} refused by the system"));
        }

        RerequestCounts r = summary.Requests;
        SoupBinCounts s = summary.Snapshots;
        writer.WriteLine(string.Create(
            invariant,
            $"re-requests: {r.Requests:N0}, {r.Replies:N0} answered with {r.Messages:N0} messages, " +
            $"{r.LostRequests + r.LostReplies:N0} lost on purpose"));
        writer.WriteLine(string.Create(
            invariant, $"snapshots: {s.Connections:N0} connections, {s.Accepted:N0} logins, {s.Rejected:N0} rejected, {s.Messages:N0} messages"));
    }

    /// <summary>One JSON object on one line.</summary>
    public static void WriteJson(TextWriter writer, VenueSummary summary) => writer.WriteLine(OneLine(summary.Write));

    private static string OneLine(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
