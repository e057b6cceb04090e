using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;

namespace Engine.Feeds;

/// <summary>How a feed or capture is to be read.</summary>
public sealed record FeedOptions
{
    /// <summary>The venue; <see cref="Venue.None"/> finds it out from the content.</summary>
    public Venue Venue { get; init; }

    /// <summary>The session's date on the US east coast; null takes it from the capture's clock where it has one.</summary>
    public DateOnly? Date { get; init; }

    /// <summary>Where instruments are entered as the feed names them.</summary>
    public required InstrumentTable Instruments { get; init; }

    /// <summary>What is done about missing messages before they are lost; null goes by the captures: what a recording says of
    /// its own run, else <see cref="GapPolicy.Merging"/>.</summary>
    public GapPolicy? Gaps { get; init; }

    /// <summary>Whether <see cref="MarketDataSource.PayloadHash"/> is kept.</summary>
    public bool HashesPayloads { get; init; }

    /// <summary>Where the feed tells what happens to it; null for nowhere.</summary>
    public FeedNotices? Notices { get; init; }

    /// <summary>Bounds that size every buffer.</summary>
    public EngineLimits Limits { get; init; } = new();
}
