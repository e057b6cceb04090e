namespace Engine.Feeds.BitMex.Live;

/// <summary>
/// What a live session has seen. Each number is written by one task at a time; any thread may read a recent value.
/// </summary>
public sealed class BitMexLiveCounters
{
    /// <summary>Attempts to connect.</summary>
    public long Attempts { get; internal set; }

    /// <summary>Websockets that opened.</summary>
    public long Opened { get; internal set; }

    /// <summary>Connections that were lost or could not be had.</summary>
    public long Closed { get; internal set; }

    /// <summary>Attempts that the server answered with an HTTP error.</summary>
    public long Refused { get; internal set; }

    /// <summary>Messages received, pongs apart.</summary>
    public long Messages { get; internal set; }

    /// <summary>Their bytes.</summary>
    public long MessageBytes { get; internal set; }

    /// <summary>Messages that came in more than one piece.</summary>
    public long JoinedMessages { get; internal set; }

    /// <summary>Messages that are not text: passed over.</summary>
    public long BinaryMessages { get; internal set; }

    /// <summary>Messages without a byte: passed over.</summary>
    public long EmptyMessages { get; internal set; }

    /// <summary>Messages too long for their room; each ended its connection.</summary>
    public long OverlongMessages { get; internal set; }

    /// <summary>Line ends inside a message, made blanks, since a line of a recording is one message.</summary>
    public long LineEndsInside { get; internal set; }

    /// <summary>Pings sent.</summary>
    public long Pings { get; internal set; }

    /// <summary>Pongs received.</summary>
    public long Pongs { get; internal set; }

    /// <summary>Requests sent: subscriptions and their ends.</summary>
    public long Requests { get; internal set; }

    /// <summary>Books that were asked for again.</summary>
    public long Resubscriptions { get; internal set; }

    /// <summary>Lines that had to wait for room, because the reading thread was behind.</summary>
    public long RoomWaits { get; internal set; }

    /// <summary>Times that the REST address was asked.</summary>
    public long Polls { get; internal set; }

    /// <summary>Of these, answered by an HTTP error.</summary>
    public long PollsRefused { get; internal set; }

    /// <summary>Of these, not answered.</summary>
    public long PollsFailed { get; internal set; }

    /// <summary>How long the REST address answered by errors or not at all, ns.</summary>
    public long UnavailableNanos { get; internal set; }
}
