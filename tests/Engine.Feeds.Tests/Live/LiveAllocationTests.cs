using System.Net;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.Network.Live;
using Engine.Feeds.Network.Recovery;
using Engine.Simulator;
using Engine.Simulator.Live;

namespace Engine.Feeds.Tests.Live;

/// <summary>What the thread that reads a live feed allocates, with everything on: losses, requests, a snapshot, a recording.</summary>
public class LiveAllocationTests
{
    private const int Messages = 120_000;
    private const ulong Before = 20_000;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    [Test]
    public void Reading_allocates_nothing_and_a_reader_that_allocates_is_caught([Values] bool parks, [Values] bool allocates)
    {
        using SimulatedVenue venue = Venue();
        venue.Start();

        // Joined in the middle, so a snapshot is needed.
        venue.HoldAfter = Before;
        Assert.That(venue.WaitForPublished(Before, s_longest));
        bool mustEnd = false;
        string recording = Feed.File("recording.pcapng", []);
        LiveOptions live = Options(venue.Endpoints, recording, parks, () => Volatile.Read(ref mustEnd));
        GapPolicy gaps = new() { WaitNanos = 500_000, Requests = 5, RequestTimeoutNanos = 20_000_000, UsesSnapshots = true };
        FeedNotices notices = new();
        long bytes = -1;
        using MarketDataSource source = LiveSource.Open(live, Feed.Options() with { Venue = Core.Events.Venue.Itch50, Gaps = gaps, Notices = notices, HashesPayloads = true });
        Thread reader = new(() => Volatile.Write(ref bytes, Read(source, allocates)));
        reader.Start();
        venue.HoldAfter = ulong.MaxValue;
        Assert.That(venue.WaitForPublished(ulong.MaxValue, s_longest));
        Assert.That(SpinWait.SpinUntil(() => venue.Summary().Snapshots.Logouts > 0, s_longest), "a snapshot was fetched");
        Volatile.Write(ref mustEnd, true);
        reader.Join();

        Assert.That(source.Statistics.Snapshots, Is.Positive);
        Assert.That(source.Statistics.Requests, Is.Positive);
        Assert.That(source.Statistics.Recovered, Is.Positive);
        Assert.That(source.Statistics.Messages, Is.GreaterThan(Messages / 2));
        Assert.That(Volatile.Read(ref bytes), allocates ? Is.GreaterThanOrEqualTo(32) : Is.Zero);
    }

    private static long Read(MarketDataSource source, bool allocates)
    {
        using NativeBuffer<MarketEvent> events = new(new EngineLimits().EventsPerPacket);
        long before = GC.GetAllocatedBytesForCurrentThread();
        object? kept = null;
        while (source.Read(events.Span) >= 0)
        {
            kept ??= allocates ? new byte[8] : null;
        }

        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.KeepAlive(kept);
        return bytes;
    }

    private static SimulatedVenue Venue()
    {
        SimulatedVenueOptions options = new()
        {
            Day = new SimulationOptions { Seed = 43, Messages = Messages, Instruments = 5 },
            MessagesPerSecond = 100_000,
            Heartbeat = TimeSpan.FromMilliseconds(20),
        };
        LiveFaults faults = new() { Loss = 0.05, Duplication = 0.02, Reordering = 0.02 };
        return new SimulatedVenue(options with { Lines = [.. options.Lines.Select(l => l with { Faults = faults })] }) { HoldAfter = 0 };
    }

    private static LiveOptions Options(VenueEndpoints venue, string recording, bool parks, Func<bool> mustEnd) => new()
    {
        Lines = [.. venue.Lines.Select(l => new LiveLine(l.Name, l.Group, l.Port, l.Interface.ToString(), null))],
        Parks = parks,
        RequestServer = venue.Request,
        Snapshots = new LiveSnapshots(new IPEndPoint(IPAddress.Loopback, venue.Snapshot.Port), "engine", "engine"),
        RecordPath = recording,
        OverwritesRecord = true,
        MustEnd = mustEnd,
    };
}
