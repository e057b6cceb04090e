using Engine.Core.Diagnostics;
using Engine.Feeds;

namespace Engine.Host.Replay;

/// <summary>
/// The warm-up ends after 50,000 events or (of captures) a fifth of their bytes, whichever comes first; the receiving thread decides
/// it, every hot thread then starts its own count of allocations.
/// </summary>
/// <param name="source">Where events come from.</param>
/// <param name="rows">Of a file of rows: how many, which takes the place of bytes; else 0.</param>
internal sealed class WarmUp(MarketDataSource source, long rows = 0)
{
    private const long MaxEvents = 50_000;
    private const int Share = 5;

    private readonly long _bytes = source.Captures.Sum(c => c.ContentBytes);
    private long _end = long.MaxValue;

    /// <summary>Events it lasted; meaningful when <see cref="IsOver"/>.</summary>
    public long Events => Volatile.Read(ref _end);

    /// <summary>Whether its end is known.</summary>
    public bool IsOver => Volatile.Read(ref _end) != long.MaxValue;

    /// <summary>On the receiving thread, before a packet's events are handed on: is this where it ends?</summary>
    /// <param name="events">Events handed on so far.</param>
    public void Update(long events)
    {
        if (_end == long.MaxValue && (events >= MaxEvents || (rows > 0 && events >= rows / Share) || (_bytes > 0 && source.Statistics.Bytes >= _bytes / Share)))
        {
            Volatile.Write(ref _end, events);
        }
    }
}

/// <summary>What one hot thread allocated after the warm-up.</summary>
internal sealed class HotThreadMeter
{
    private AllocationMeter _meter;
    private bool _started;

    /// <summary>Bytes; meaningful after <see cref="Stop"/>.</summary>
    public long Bytes { get; private set; }

    /// <summary>Collections in the process meanwhile.</summary>
    public int Collections { get; private set; }

    /// <summary>Whether it counts already.</summary>
    public bool IsStarted => _started;

    /// <summary>Starts to count, on the thread it is for.</summary>
    public void Start()
    {
        _started = true;
        _meter = AllocationMeter.Start();
    }

    /// <summary>Ends the count, on the same thread.</summary>
    public void Stop()
    {
        if (_started)
        {
            Bytes = _meter.AllocatedBytes;
            Collections = _meter.Collections;
        }
    }
}
