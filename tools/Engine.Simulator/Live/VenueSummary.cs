using System.Text.Json;

namespace Engine.Simulator.Live;

/// <summary>What a live venue has done.</summary>
/// <param name="Session">The session of the moment.</param>
/// <param name="Published">Messages of it published.</param>
/// <param name="Messages">Messages it has.</param>
/// <param name="SlippedNanos">By how much the schedule has been moved because the machine was late.</param>
/// <param name="Lines">Each line's name and counts, over all sessions.</param>
/// <param name="Requests">The re-request server's counts, over all its starts.</param>
/// <param name="Snapshots">The snapshot server's, likewise.</param>
/// <param name="Contradictions">Messages that contradicted the snapshot server's market.</param>
public sealed record VenueSummary(
    string Session,
    ulong Published,
    ulong Messages,
    long SlippedNanos,
    IReadOnlyList<(string Name, LineCounts Counts)> Lines,
    RerequestCounts Requests,
    SoupBinCounts Snapshots,
    long Contradictions)
{
    /// <summary>The counts of two runs of a server.</summary>
    public static RerequestCounts Add(RerequestCounts a, RerequestCounts b) => new(
        a.Requests + b.Requests, a.Replies + b.Replies, a.Messages + b.Messages, a.Malformed + b.Malformed,
        a.OtherSession + b.OtherSession, a.Beyond + b.Beyond, a.LostRequests + b.LostRequests, a.LostReplies + b.LostReplies,
        a.SendFailures + b.SendFailures);

    /// <summary>The counts of two runs of a server.</summary>
    public static SoupBinCounts Add(SoupBinCounts a, SoupBinCounts b) => new()
    {
        Connections = a.Connections + b.Connections,
        Refused = a.Refused + b.Refused,
        Accepted = a.Accepted + b.Accepted,
        Rejected = a.Rejected + b.Rejected,
        Malformed = a.Malformed + b.Malformed,
        Timeouts = a.Timeouts + b.Timeouts,
        Logouts = a.Logouts + b.Logouts,
        Lost = a.Lost + b.Lost,
        Cut = a.Cut + b.Cut,
        Messages = a.Messages + b.Messages,
    };

    /// <summary>Writes everything as one JSON object.</summary>
    /// <param name="json">Where to.</param>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("session", Session);
        json.WriteNumber("published", Published);
        json.WriteNumber("messages", Messages);
        json.WriteNumber("slipped_ns", SlippedNanos);
        json.WriteStartArray("lines");
        foreach ((string name, LineCounts counts) in Lines)
        {
            WriteLine(json, name, counts);
        }

        json.WriteEndArray();
        WriteRequests(json);
        WriteSnapshots(json);
        json.WriteEndObject();
    }

    private static void WriteLine(Utf8JsonWriter json, string name, LineCounts c)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteNumber("offered", c.Offered);
        json.WriteNumber("offered_messages", c.OfferedMessages);
        json.WriteNumber("datagrams", c.Datagrams);
        json.WriteNumber("lost", c.Lost);
        json.WriteNumber("lost_messages", c.LostMessages);
        json.WriteNumber("silenced", c.Silenced);
        json.WriteNumber("silenced_messages", c.SilencedMessages);
        json.WriteNumber("duplicated", c.Duplicated);
        json.WriteNumber("reordered", c.Reordered);
        json.WriteNumber("delays", c.Delays);
        json.WriteNumber("delays_cut", c.DelaysCut);
        json.WriteNumber("discarded", c.Discarded);
        json.WriteNumber("discarded_messages", c.DiscardedMessages);
        json.WriteNumber("waiting", c.Waiting);
        json.WriteNumber("controls", c.Controls);
        json.WriteNumber("silenced_controls", c.SilencedControls);
        json.WriteNumber("send_failures", c.SendFailures);
        json.WriteEndObject();
    }

    private void WriteRequests(Utf8JsonWriter json)
    {
        json.WriteStartObject("requests");
        json.WriteNumber("requests", Requests.Requests);
        json.WriteNumber("replies", Requests.Replies);
        json.WriteNumber("messages", Requests.Messages);
        json.WriteNumber("malformed", Requests.Malformed);
        json.WriteNumber("other_session", Requests.OtherSession);
        json.WriteNumber("beyond", Requests.Beyond);
        json.WriteNumber("lost_requests", Requests.LostRequests);
        json.WriteNumber("lost_replies", Requests.LostReplies);
        json.WriteNumber("send_failures", Requests.SendFailures);
        json.WriteEndObject();
    }

    private void WriteSnapshots(Utf8JsonWriter json)
    {
        json.WriteStartObject("snapshots");
        json.WriteNumber("connections", Snapshots.Connections);
        json.WriteNumber("refused", Snapshots.Refused);
        json.WriteNumber("accepted", Snapshots.Accepted);
        json.WriteNumber("rejected", Snapshots.Rejected);
        json.WriteNumber("malformed", Snapshots.Malformed);
        json.WriteNumber("timeouts", Snapshots.Timeouts);
        json.WriteNumber("logouts", Snapshots.Logouts);
        json.WriteNumber("lost", Snapshots.Lost);
        json.WriteNumber("cut", Snapshots.Cut);
        json.WriteNumber("messages", Snapshots.Messages);
        json.WriteNumber("contradictions", Contradictions);
        json.WriteEndObject();
    }
}
