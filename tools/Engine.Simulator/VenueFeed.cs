using System.Globalization;
using Engine.Core.Events;
using Engine.Core.Time;
using Engine.Simulator.Wire;

namespace Engine.Simulator;

/// <summary>A venue's writer over the sinks of its channels, with its messages counted.</summary>
internal sealed class VenueFeed
{
    private const int Types = 256;
    private readonly Venue _venue;
    private readonly MessageCounter[] _counters;

    private VenueFeed(SimulationOptions options, IEnumerable<IMessageSink> channels)
    {
        _venue = options.Venue;
        long midnight = UsEastern.MidnightUtcNanos(options.Date);
        _counters = [.. channels.Select(channel => new MessageCounter(channel, options.Venue))];
        Feed = new FeedCounter(options.Venue switch
        {
            Venue.Xdp => new XdpWriter(_counters, options.XdpVersion, midnight),
            Venue.IexDeep => new DeepWriter(_counters[0], midnight),
            _ => new ItchWriter(_counters[0]),
        });
    }

    /// <summary>What the exchange talks to.</summary>
    public FeedCounter Feed { get; }

    /// <summary>Messages so far, over all channels.</summary>
    public long Total => _counters.Sum(counter => counter.Total);

    /// <summary>A feed whose messages go, unpacked, to one sink a channel.</summary>
    public static VenueFeed OfMessages(SimulationOptions options, IReadOnlyList<IMessageSink> channels) => new(options, channels);

    /// <summary>A feed whose packets go to one sink a channel.</summary>
    public static VenueFeed OfPackets(SimulationOptions options, IReadOnlyList<IPacketSink> channels)
    {
        long midnight = UsEastern.MidnightUtcNanos(options.Date);
        return new VenueFeed(options, channels.Select<IPacketSink, IMessageSink>(channel => options.Venue switch
        {
            Venue.Xdp => new XdpPacketiser(channel, midnight),
            Venue.IexDeep => new IexPacketiser(channel, DayNumber(options.Date), midnight),
            _ => new MoldPacketiser(channel, Simulation.Session(options.Date)),
        }));
    }

    /// <summary>Messages of each type that occurs, by type: a character, or XDP's number.</summary>
    public IReadOnlyList<(string Type, long Count)> ByType() =>
    [
        .. Enumerable.Range(0, Types)
            .Select(type => (Name(type), Count: _counters.Sum(counter => counter.OfType(type))))
            .Where(entry => entry.Count > 0),
    ];

    private static uint DayNumber(DateOnly date) => (uint)((((date.Year * 100) + date.Month) * 100) + date.Day);

    private string Name(int type) => _venue == Venue.Xdp ? type.ToString(CultureInfo.InvariantCulture) : ((char)type).ToString();
}
