using Engine.Core.Events;
using Engine.Feeds.IexDeep;
using Engine.Feeds.Itch;
using Engine.Feeds.Xdp;

namespace Engine.Feeds.Network.Live;

/// <summary>Opens a live feed over UDP as a market data source: the same feeds as captures, over sockets.</summary>
public static class LiveSource
{
    /// <summary>Opens every socket; nothing is received yet.</summary>
    /// <param name="live">Where the feed comes from.</param>
    /// <param name="options">How to read it; its venue is named, not found out.</param>
    /// <exception cref="LiveFeedException">A line or file cannot be opened, in one sentence.</exception>
    public static MarketDataSource Open(LiveOptions live, FeedOptions options)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(options);
        if ((live.RequestServer is not null && options.Venue != Venue.Itch50) || (live.XdpRequests is not null && options.Venue != Venue.Xdp))
        {
            throw new LiveFeedException($"the request server is not one of venue {EventNames.Of(options.Venue)}: give the venue's own, or none");
        }

        LiveInput input = new(live, options);
        try
        {
            FeedStatistics statistics = new();
            PacketFeed feed = options.Venue switch
            {
                Venue.Itch50 => new ItchFeed(options, statistics, input.IsEnded),
                Venue.Xdp => new XdpFeed(options, statistics, input.IsEnded),
                Venue.IexDeep => new IexFeed(options, statistics, input.IsEnded),
                _ => throw new LiveFeedException($"venue {EventNames.Of(options.Venue)} does not come over UDP"),
            };
            return new PacketSource(input, options, "UDP", feed, statistics) { Lines = input };
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }
}
