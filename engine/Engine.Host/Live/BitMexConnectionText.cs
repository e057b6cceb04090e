using System.Globalization;
using System.Text.Json;
using Engine.Feeds;
using Engine.Feeds.BitMex.Live;

namespace Engine.Host.Live;

/// <summary>What the connection of a live BitMEX session has seen; nothing of another feed.</summary>
internal static class BitMexConnectionText
{
    /// <summary>Writes it for people.</summary>
    public static void Write(MarketDataSource source, Action<string, string> line)
    {
        if (source is not BitMexLiveFeed feed)
        {
            return;
        }

        BitMexLiveCounters c = feed.Counters;
        line("websocket", string.Create(CultureInfo.InvariantCulture,
            $"{c.Attempts:N0} attempts, {c.Opened:N0} opened, {c.Closed:N0} lost or not had, {c.Refused:N0} refused; {c.Messages:N0} messages, {c.MessageBytes:N0} bytes"));
        line("requests", string.Create(CultureInfo.InvariantCulture,
            $"{c.Requests:N0} sent, {c.Resubscriptions:N0} books asked for again; {c.Pings:N0} pings, {c.Pongs:N0} pongs"));
        line("behind", string.Create(CultureInfo.InvariantCulture,
            $"{c.RoomWaits:N0} lines waited for the reader, {feed.RecordingWaits:N0} for the recording; {feed.RecordedLines:N0} lines recorded, {feed.LostLines:N0} not"));
        line("rest", string.Create(CultureInfo.InvariantCulture,
            $"{c.Polls:N0} asked, {c.PollsRefused:N0} refused, {c.PollsFailed:N0} not answered; away for {c.UnavailableNanos / 1e9:F3} s"));
        string odd = string.Join(", ", Odd(feed).Where(o => o.Count > 0).Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Name} {o.Count:N0}")));
        if (odd.Length > 0)
        {
            line("  odd", odd);
        }
    }

    /// <summary>Writes it as a member <c>websocket</c> of an object.</summary>
    public static void Write(Utf8JsonWriter json, MarketDataSource source)
    {
        if (source is not BitMexLiveFeed feed)
        {
            return;
        }

        BitMexLiveCounters c = feed.Counters;
        (string Name, long Count)[] counts =
        [
            ("attempts", c.Attempts), ("opened", c.Opened), ("closed", c.Closed), ("refused", c.Refused), ("messages", c.Messages),
            ("message_bytes", c.MessageBytes), ("requests", c.Requests), ("resubscriptions", c.Resubscriptions), ("pings", c.Pings),
            ("pongs", c.Pongs), ("room_waits", c.RoomWaits), ("recorded_lines", feed.RecordedLines), ("lost_lines", feed.LostLines),
            ("recording_waits", feed.RecordingWaits), ("polls", c.Polls), ("polls_refused", c.PollsRefused),
            ("polls_failed", c.PollsFailed), ("unavailable_ns", c.UnavailableNanos), .. Odd(feed),
        ];
        json.WriteStartObject("websocket");
        foreach ((string name, long count) in counts)
        {
            json.WriteNumber(name, count);
        }

        json.WriteEndObject();
    }

    private static IEnumerable<(string Name, long Count)> Odd(BitMexLiveFeed feed) =>
    [
        ("joined_messages", feed.Counters.JoinedMessages), ("binary_messages", feed.Counters.BinaryMessages),
        ("empty_messages", feed.Counters.EmptyMessages), ("overlong_messages", feed.Counters.OverlongMessages),
        ("line_ends_inside", feed.Counters.LineEndsInside), ("unknown_books", feed.UnknownBooks),
    ];
}
