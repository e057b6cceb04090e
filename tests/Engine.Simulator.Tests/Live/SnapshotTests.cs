using Engine.Simulator.Live;

namespace Engine.Simulator.Tests.Live;

public class SnapshotTests
{
    [Test]
    public void A_snapshot_is_the_market_up_to_the_message_that_it_names()
    {
        SimulatedVenueOptions options = Venues.Small(21) with { MessagesPerSecond = 500_000 };
        List<byte[]> expected = Venues.Messages(options);
        using SimulatedVenue venue = Venues.Open(options);
        foreach (ulong hold in (ulong[])[0, 3, 700, 1_500, 4_321, ulong.MaxValue])
        {
            venue.HoldAfter = hold;
            Assert.That(venue.WaitForPublished(hold, Venues.Deadline));
            ulong next = AssertSnapshot(venue, expected);
            Assert.That(next, Is.EqualTo(venue.Publication.NextSequence), $"held after {hold}");
        }

        Assert.That(venue.Summary().Contradictions, Is.Zero);
    }

    [Test]
    public void Snapshots_taken_while_messages_fly_are_exact()
    {
        SimulatedVenueOptions options = Venues.Small(22) with { MessagesPerSecond = 10_000 };
        List<byte[]> expected = Venues.Messages(options);
        using SimulatedVenue venue = Venues.Open(options);
        venue.HoldAfter = ulong.MaxValue;
        var moments = new HashSet<ulong>();
        do
        {
            moments.Add(AssertSnapshot(venue, expected));
        }
        while (!venue.IsFinished);
        Assert.That(moments.Count, Is.GreaterThan(2), "taken at several moments");
        Assert.That(venue.Publication.IsComplete);
    }

    [Test]
    public void Orders_come_instrument_by_instrument_with_the_best_price_and_the_oldest_order_first()
    {
        SimulatedVenueOptions options = Venues.Small(23) with { MessagesPerSecond = 500_000 };
        using SimulatedVenue venue = Venues.Open(options);
        venue.HoldAfter = 4_000;
        Assert.That(venue.WaitForPublished(4_000, Venues.Deadline));
        List<byte[]> messages = Snapshot(venue).Messages;
        string kinds = string.Concat(messages.Select(m => (char)m[0]));
        Assert.That(kinds, Does.Match("^R{4}H{4}Y{4}[AF]+$"));
        (int Locate, int Side, long Rank)[] places = [.. messages.Where(m => m[0] is (byte)'A' or (byte)'F').Select(Place)];
        Assert.That(places, Is.EqualTo(places.Order()).And.Length.GreaterThan(100));
        Assert.That(kinds, Does.Contain("F"), "attributed orders stay attributed");
    }

    [Test]
    public void A_server_that_was_stopped_and_started_gives_the_market_of_the_moment()
    {
        SimulatedVenueOptions options = Venues.Small(24) with { MessagesPerSecond = 500_000 };
        List<byte[]> expected = Venues.Messages(options);
        using SimulatedVenue venue = Venues.Open(options);
        venue.HoldAfter = 2_000;
        Assert.That(venue.WaitForPublished(2_000, Venues.Deadline));
        AssertSnapshot(venue, expected);
        System.Net.IPEndPoint before = venue.Endpoints.Snapshot;
        using (var left = new NaiveSoupClient(before))
        {
            left.LogIn();
            Assert.That(left.ReadText().Type, Is.EqualTo('A'));
            left.ReadSnapshot();
            venue.StopSnapshotServer();
            Assert.That(left.ReadText().Type, Is.EqualTo('!'), "its connections are cut");
        }

        Assert.That(() => new NaiveSoupClient(before), Throws.InstanceOf<System.Net.Sockets.SocketException>());
        Venues.Finish(venue);
        venue.StartSnapshotServer();
        Assert.That(venue.Endpoints.Snapshot, Is.EqualTo(before));
        Assert.That(AssertSnapshot(venue, expected), Is.EqualTo((ulong)expected.Count + 1));
        Assert.That(venue.Summary().Snapshots.Accepted, Is.EqualTo(3), "counted over both starts");
    }

    internal static ulong AssertSnapshot(SimulatedVenue venue, List<byte[]> expected)
    {
        (List<byte[]> messages, ulong next) = Snapshot(venue);
        var market = new NaiveQueues(messages);
        var oracle = new NaiveQueues(expected.Take((int)next - 1));
        Assert.That(market.Text(), Is.EqualTo(oracle.Text()), $"the market before message {next}");
        Assert.That(market.Count, next > 1_000 && next <= (ulong)expected.Count ? Is.Positive : Is.Not.Negative);
        return next;
    }

    private static (List<byte[]> Messages, ulong Next) Snapshot(SimulatedVenue venue)
    {
        using var client = new NaiveSoupClient(venue.Endpoints.Snapshot);
        client.LogIn();
        Assert.That(client.ReadText(), Is.EqualTo(('A', "2026010501" + "1".PadLeft(20))));
        (List<byte[]> messages, ulong next) = client.ReadSnapshot();
        client.Send('O', "");
        return (messages, next);
    }

    private static (int Locate, int Side, long Rank) Place(byte[] m)
    {
        long price = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(m.AsSpan(32));
        return (System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(m.AsSpan(1)), m[19], m[19] == 'B' ? -price : price);
    }
}
