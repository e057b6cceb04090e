using System.Net;
using Engine.Core.Events;
using Engine.Feeds.Captures;
using Engine.Feeds.Network;
using Engine.Feeds.Network.Live;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Tests.Recovery;

namespace Engine.Feeds.Tests.Live;

/// <summary>A live feed that is told to end with a hole open.</summary>
[Platform("Linux")]
public class LiveEndTests
{
    private readonly TrueStream _stream = TrueStream.Adds(10);

    [Test]
    public void A_hole_that_opens_at_the_end_is_waited_for_and_replays_the_same()
    {
        string recording = Feed.File("end.pcapng", []);
        int port = UdpPublisher.FreePort();
        bool mustEnd = false;
        LiveOptions live = new()
        {
            Lines = [new LiveLine("a", IPAddress.Loopback, port, null, null)], ReceiveBufferBytes = 1 << 20, RecordPath = recording, OverwritesRecord = true, MustEnd = () => mustEnd,
        };
        FeedOptions options = Feed.Options() with { Venue = Venue.Itch50, Gaps = new GapPolicy { WaitNanos = GapPolicy.MaxWaitNanos } };
        List<string> events = [];
        using UdpPublisher publisher = new();
        using (MarketDataSource source = LiveSource.Open(live, options))
        {
            publisher.Send(IPAddress.Loopback, port, _stream.Pack(1, 2));
            ReadUntil(source, () => events.Count == 2, events);
            publisher.Send(IPAddress.Loopback, port, _stream.Pack(4, 1));
            mustEnd = true;
            ReadUntil(source, () => source.Statistics.HeldPackets == 1, events);
            publisher.Send(IPAddress.Loopback, port, _stream.Pack(3, 1));
            ReadUntil(source, () => false, events);
            Assert.That((source.Statistics.Lost, source.Statistics.Recovered), Is.EqualTo((0L, 1L)));
        }

        using MarketDataSource replay = CaptureSource.Open([recording], Feed.Options());
        Assert.That(Feed.ReadAll(replay).Events.ConvertAll(e => EventText.Of(e)), Is.EqualTo(events));
        Assert.That(events, Has.Count.EqualTo(4));
    }

    [Test]
    public void Behind_the_end_nothing_is_taken_any_more()
    {
        ScriptedInput input = new([Step.Packet(1, _stream.Pack(1, 2)), Step.Packet(2, _stream.Pack(4, 1))]);
        using PacketSource source = RecoveryRun.Open(RecoveryRun.Options(RecoveryRun.Patient), input);
        List<string> events = [];
        ReadUntil(source, () => source.Statistics.Lost == 1, events);
        input.Add(Step.Packet(3, _stream.Pack(3, 1)));
        input.Add(Step.Packet(4, _stream.Pack(5, 1)));
        ReadUntil(source, () => false, events);
        Assert.That((source.Statistics.Packets, events.Count), Is.EqualTo((2L, 4)), "three messages and a gap");
    }

    /// <summary>Reads until something has happened, or the end.</summary>
    private static void ReadUntil(MarketDataSource source, Func<bool> isEnough, List<string> events)
    {
        MarketEvent[] buffer = new MarketEvent[64];
        while (!isEnough() && source.Read(buffer) is var count and >= 0)
        {
            events.AddRange(buffer.Take(count).Select(e => EventText.Of(e)));
        }
    }
}
