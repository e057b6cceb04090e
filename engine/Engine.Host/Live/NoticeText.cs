using Engine.Feeds;

namespace Engine.Host.Live;

/// <summary>A feed's notices in an operator's words.</summary>
internal static class NoticeText
{
    /// <summary>A notice in one sentence.</summary>
    public static string Of(in FeedNotice notice, MarketDataSource source)
    {
        string stream = source.StreamName(notice.Stream);
        (ulong from, long count) = (notice.From, notice.Count);
        return notice.Kind switch
        {
            FeedNoticeKind.StreamBegins => from == 1
                ? Words($"stream {stream}: begins with its first message")
                : Words($"stream {stream}: joined at sequence {from}; its books are incomplete"),
            FeedNoticeKind.StreamRestarts => Words($"stream {stream}: the venue has begun again at sequence {from}; books are emptied"),
            FeedNoticeKind.StreamEnds => Words($"stream {stream}: the venue has ended the session behind sequence {from - 1}"),
            FeedNoticeKind.Requested => Words($"stream {stream}: {Range(from, count)} missing on every line; requested"),
            FeedNoticeKind.Recovered => Words($"stream {stream}: {Range(from, count)} recovered"),
            FeedNoticeKind.Lost => Words($"stream {stream}: {Range(from, count)} lost; its books are suspect"),
            FeedNoticeKind.SnapshotAsked => Words($"stream {stream}: a snapshot is asked for, for sequence {from} or later"),
            FeedNoticeKind.SnapshotTaken => Words($"stream {stream}: a snapshot of {count:N0} messages is taken; it goes on from sequence {from}"),
            FeedNoticeKind.SnapshotApplied => Words($"stream {stream}: books are good again, up to sequence {from - 1}"),
            FeedNoticeKind.SnapshotUseless => Words($"stream {stream}: a snapshot that goes on from sequence {from} cannot be used; wanted is one of this very session, from sequence {count} or later"),
            FeedNoticeKind.Connected => count == 0 ? "connected" : Words($"connected again after {count / 1e9:F3} s"),
            FeedNoticeKind.Disconnected => "the connection is gone; books are emptied until the venue sends them again",
            FeedNoticeKind.Refused => Words($"the server refuses with status {count}"),
            _ => Words($"{source.Instruments.Symbol(notice.Stream)}: the feed contradicts the book; it is suspect and asked for again"),
        };
    }

    private static string Range(ulong from, long count) => count == 1
        ? FormattableString.Invariant($"message {from} is")
        : FormattableString.Invariant($"messages {from} to {from + (ulong)count - 1} ({count:N0}) are");

    private static string Words(FormattableString text) => FormattableString.Invariant(text);
}
