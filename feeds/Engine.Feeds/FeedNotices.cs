namespace Engine.Feeds;

/// <summary>
/// Notices on their way from the thread that reads a feed to one that tells people. One writer, one reader; what finds no room is
/// counted.
/// </summary>
public sealed class FeedNotices
{
    /// <summary>Notices that may wait; a power of two.</summary>
    public const int Capacity = 4_096;

    private readonly FeedNotice[] _notices = GC.AllocateArray<FeedNotice>(Capacity, pinned: true);
    private long _written;
    private long _read;
    private long _missed;

    /// <summary>Notices that found no room.</summary>
    public long Missed => Volatile.Read(ref _missed);

    /// <summary>Tells something, from the thread that reads the feed.</summary>
    public void Add(FeedNoticeKind kind, long time, int stream, ulong from, long count)
    {
        // 1. The reader has let go of the slot once its count has passed it; 2. the slot is filled; 3. the new count publishes it.
        if (_written - Volatile.Read(ref _read) == Capacity)
        {
            Volatile.Write(ref _missed, _missed + 1);
            return;
        }

        _notices[_written & (Capacity - 1)] = new FeedNotice { Time = time, From = from, Count = count, Stream = stream, Kind = kind };
        Volatile.Write(ref _written, _written + 1);
    }

    /// <summary>Takes the oldest notice, on the thread that tells them.</summary>
    public bool TryTake(out FeedNotice notice)
    {
        notice = default;
        if (_read == Volatile.Read(ref _written))
        {
            return false;
        }

        notice = _notices[_read & (Capacity - 1)];
        Volatile.Write(ref _read, _read + 1);
        return true;
    }
}
