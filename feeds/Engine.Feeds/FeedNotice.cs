using System.Runtime.InteropServices;

namespace Engine.Feeds;

/// <summary>What happened to a feed that somebody who runs it wants to know.</summary>
public enum FeedNoticeKind : byte
{
    /// <summary>A stream begins with sequence <see cref="FeedNotice.From"/>.</summary>
    StreamBegins,

    /// <summary>A stream's numbers began again at <see cref="FeedNotice.From"/>.</summary>
    StreamRestarts,

    /// <summary>A stream ended behind <see cref="FeedNotice.From"/>.</summary>
    StreamEnds,

    /// <summary><see cref="FeedNotice.Count"/> messages from <see cref="FeedNotice.From"/> on are missing on every line: requested.</summary>
    Requested,

    /// <summary>They came.</summary>
    Recovered,

    /// <summary>They did not: they are lost.</summary>
    Lost,

    /// <summary>A snapshot is needed from <see cref="FeedNotice.From"/> on.</summary>
    SnapshotAsked,

    /// <summary>A snapshot of <see cref="FeedNotice.Count"/> messages was taken; the stream goes on from <see cref="FeedNotice.From"/>.</summary>
    SnapshotTaken,

    /// <summary>It is turned into books.</summary>
    SnapshotApplied,

    /// <summary>A snapshot that goes on from <see cref="FeedNotice.From"/> cannot be used: it is older than what is wanted, of another
    /// session, or the venue has several streams.</summary>
    SnapshotUseless,

    /// <summary>The connection is there, after <see cref="FeedNotice.Count"/> ns without; 0 for the first time.</summary>
    Connected,

    /// <summary>The connection is gone.</summary>
    Disconnected,

    /// <summary>The server refuses the connection, with status <see cref="FeedNotice.Count"/>.</summary>
    Refused,

    /// <summary>The books of an instrument contradict the feed: <see cref="FeedNotice.Stream"/> says which.</summary>
    Contradiction,
}

/// <summary>One such thing.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FeedNotice
{
    /// <summary>When, ns since the Unix epoch, by the packets' clock.</summary>
    public long Time;

    /// <summary>A sequence; see the kind.</summary>
    public ulong From;

    /// <summary>A count; see the kind.</summary>
    public long Count;

    /// <summary>Index of the stream (an instrument for <see cref="FeedNoticeKind.Contradiction"/>).</summary>
    public int Stream;

    /// <summary>What happened.</summary>
    public FeedNoticeKind Kind;
}
