using System.Net;
using System.Text.Json;
using Engine.Core.Events;

namespace Engine.Simulator.Live;

/// <summary>Where a line is heard.</summary>
/// <param name="Name">A or B.</param>
/// <param name="Group">Multicast group.</param>
/// <param name="Port">UDP port.</param>
/// <param name="Interface">Address of the interface on which to join.</param>
public sealed record LineEndpoint(string Name, IPAddress Group, int Port, IPAddress Interface);

/// <summary>Where a venue is reached.</summary>
/// <param name="Venue">Whose packets are published.</param>
/// <param name="Lines">Its lines.</param>
/// <param name="Request">Re-requests: of ITCH by UDP, of XDP by TCP.</param>
/// <param name="Snapshot">Snapshots, by TCP; ITCH only.</param>
public sealed record VenueEndpoints(Venue Venue, IReadOnlyList<LineEndpoint> Lines, IPEndPoint Request, IPEndPoint Snapshot)
{
    /// <summary>Where the answers to re-requests are heard; XDP only.</summary>
    public IReadOnlyList<LineEndpoint> Retransmissions { get; init; } = [];

    private const int GapWaitMicros = 500, RequestTimeoutMillis = 20, RequestRetries = 5;

    /// <summary>Writes the endpoints as one JSON object.</summary>
    /// <param name="json">Where to.</param>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteLines(json, "lines", Lines);
        if (Venue == Venue.Xdp)
        {
            json.WriteString("request", Request.ToString());
            WriteLines(json, "retransmissions", Retransmissions);
        }
        else if (Venue == Venue.Itch50)
        {
            json.WriteString("request", Request.ToString());
            json.WriteString("snapshot", Snapshot.ToString());
        }

        json.WriteEndObject();
    }

    /// <summary>Writes a configuration with which the engine listens to the venue.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="login">User and password of the snapshot server.</param>
    public void WriteConfiguration(Utf8JsonWriter json, SoupBinOptions login)
    {
        json.WriteStartObject();
        json.WriteString("venue", EventNames.Of(Venue));
        json.WriteStartObject("udp");
        WriteLines(json, "lines", Lines);
        json.WriteNumber("gap_wait_us", GapWaitMicros);
        if (Venue == Venue.Itch50)
        {
            WriteRequest(json, () => { });
            WriteSnapshot(json, login);
        }
        else if (Venue == Venue.Xdp)
        {
            WriteRequest(json, () => WriteChannel(json));
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteLines(Utf8JsonWriter json, string name, IReadOnlyList<LineEndpoint> lines)
    {
        json.WriteStartArray(name);
        foreach (LineEndpoint line in lines)
        {
            json.WriteStartObject();
            json.WriteString("name", line.Name);
            json.WriteString("group", line.Group.ToString());
            json.WriteNumber("port", line.Port);
            json.WriteString("interface", line.Interface.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteRequest(Utf8JsonWriter json, Action writeMore)
    {
        json.WriteStartObject("request");
        json.WriteString("address", Request.ToString());
        json.WriteNumber("timeout_ms", RequestTimeoutMillis);
        json.WriteNumber("retries", RequestRetries);
        writeMore();
        json.WriteEndObject();
    }

    private void WriteChannel(Utf8JsonWriter json)
    {
        json.WriteString("source_id", XdpRequestServer.SourceId);
        json.WriteNumber("product", XdpRequestServer.Product);
        json.WriteNumber("channel", XdpRequestServer.Channel);
        WriteLines(json, "lines", Retransmissions);
    }

    private void WriteSnapshot(Utf8JsonWriter json, SoupBinOptions login)
    {
        json.WriteStartObject("snapshot");
        json.WriteString("address", Snapshot.ToString());
        json.WriteString("user", login.User);
        json.WriteString("password", login.Password);
        json.WriteEndObject();
    }
}
