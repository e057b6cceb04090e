using System.Globalization;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.IexDeep;
using Engine.Feeds.Itch;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;
using Engine.Feeds.Xdp;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>Drives a packet source from a scripted input.</summary>
internal static class RecoveryRun
{
    /// <summary>Nothing is waited for longer than all that a line delays.</summary>
    public static readonly GapPolicy Patient = new() { WaitNanos = 2_000_000 };

    public static readonly EngineLimits Limits = new() { HeldPackets = 2_048, HeldPacketBytes = 2_048, CatchUpBytes = 1 << 20 };

    public static FeedOptions Options(GapPolicy gaps, EngineLimits? limits = null) =>
        Feed.Options() with { Gaps = gaps, Limits = limits ?? Limits };

    public static PacketSource Open(FeedOptions options, PacketInput input, Venue venue = Venue.Itch50)
    {
        FeedStatistics statistics = new();
        PacketFeed feed = venue switch
        {
            Venue.Xdp => new XdpFeed(options, statistics, input.IsEnded),
            Venue.IexDeep => new IexFeed(options, statistics, input.IsEnded),
            _ => new ItchFeed(options, statistics, input.IsEnded),
        };
        return new PacketSource(input, options, "script", feed, statistics);
    }

    public static Feed.Result Read(FeedOptions options, PacketInput input, Venue venue = Venue.Itch50, int room = 1_024)
    {
        using PacketSource source = Open(options, input, venue);
        return Feed.ReadAll(source, room);
    }

    /// <summary>Plays steps one nanosecond and more apart, without an answer to anything.</summary>
    public static Feed.Result Play(GapPolicy gaps, params Step[] steps) => Read(Options(gaps), new ScriptedInput(steps));

    /// <summary>The events of a stream that comes whole on one line.</summary>
    public static List<MarketEvent> Whole(TrueStream stream)
    {
        IEnumerable<Step> steps = stream.Cut(new(1)).Select(packet => Step.Packet(LossyLines.Start + (long)packet.From, stream.Pack(packet.From, packet.Count)));
        List<MarketEvent> events = Read(Options(GapPolicy.None), new ScriptedInput(steps), stream.Venue).Events;
        Assert.That(events, Has.Count.EqualTo(stream.Count), "a message is an event");
        return events;
    }

    /// <summary>All of an event but when it was received.</summary>
    public static string Timeless(MarketEvent e)
    {
        e.ReceiveTime = 0;
        e.Flags &= ~EventFlags.BadReceiveTime;
        return EventText.Of(e);
    }

    /// <summary>Every counter there is, by name.</summary>
    public static string Counters(FeedStatistics statistics) => string.Join('\n', typeof(FeedStatistics).GetProperties()
        .Select(property => property.Name + " " + (property.GetValue(statistics) is long[] counts
            ? string.Join(' ', counts)
            : Convert.ToString(property.GetValue(statistics), CultureInfo.InvariantCulture))));

    /// <summary>What must hold of the counters whatever came.</summary>
    public static void AssertAddsUp(FeedStatistics s)
    {
        Assert.That(s.Missing, Is.EqualTo(s.Recovered + s.Lost), "what was missing was recovered or lost");
        Assert.That(s.Missing, Is.GreaterThanOrEqualTo(s.Holes));
    }
}
