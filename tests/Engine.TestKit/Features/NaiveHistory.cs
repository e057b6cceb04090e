using Engine.Core.Events;

namespace Engine.TestKit.Features;

/// <summary>All that happened to one instrument, in order.</summary>
/// <param name="venue">The venue of its first event.</param>
public sealed class NaiveHistory(Venue venue)
{
    /// <summary>The venue of its first event.</summary>
    public Venue Venue => venue;

    /// <summary>The clock at each of its events.</summary>
    public List<long> Times { get; } = [];

    /// <summary>What each event did to the book, where it changed it.</summary>
    public List<NaiveChange> Changes { get; } = [];

    /// <summary>Time of the latest row, ns.</summary>
    public long LatestRow { get; set; } = long.MinValue;

    /// <summary>Entries of each event that was applied to the book, and of each trade.</summary>
    public List<long> Active { get; } = [];

    /// <summary>What traded by a side that was told.</summary>
    public List<(long Time, long Entry, bool Buy, long Quantity)> Trades { get; } = [];

    /// <summary>Right before each event and at each row between events: the latest such time so far, and twice the mid-price, or null.</summary>
    public List<(long Time, long? TwiceMid)> Mids { get; } = [];

    /// <summary>Notes the mid-price before an event, or at a row between events.</summary>
    public void NoteMid(long time, long? twiceMid) => Mids.Add((Mids.Count > 0 ? Math.Max(Mids[^1].Time, time) : time, twiceMid));

    /// <summary>When something at a time of the clock enters windows of buckets. A row moves them on, and they never go back: what comes
    /// after a row that was ahead of the clock enters at the row's time.</summary>
    public long EntryTime(long time) => Math.Max(time, LatestRow);

    /// <summary>Changes that entered windows of buckets at a time or later.</summary>
    public IEnumerable<NaiveChange> ChangesSince(long entry) => NaiveWindow.From(Changes, c => c.Entry, entry);
}

/// <summary>The last that a venue said about the values that a derivative follows.</summary>
public sealed class NaiveReference
{
    /// <summary>Index price, 1e-9, or <see cref="MarketEvent.Absent"/>.</summary>
    public long Index { get; private set; } = MarketEvent.Absent;

    /// <summary>Mark price, 1e-9, or <see cref="MarketEvent.Absent"/>.</summary>
    public long Mark { get; private set; } = MarketEvent.Absent;

    /// <summary>Funding rate, 1e-9, or <see cref="MarketEvent.Absent"/>.</summary>
    public long FundingRate { get; private set; } = MarketEvent.Absent;

    /// <summary>When the funding is due, ns, or <see cref="MarketEvent.Absent"/>.</summary>
    public long FundingTime { get; private set; } = MarketEvent.Absent;

    /// <summary>Takes note of an event, whatever its kind.</summary>
    public void OnEvent(in MarketEvent e)
    {
        switch (e.Kind)
        {
            case EventKind.IndexPrice:
                Index = e.Price;
                break;
            case EventKind.MarkPrice:
                Mark = e.Price;
                break;
            case EventKind.Funding:
                (FundingRate, FundingTime) = (e.Price, e.Quantity);
                break;
        }
    }
}
