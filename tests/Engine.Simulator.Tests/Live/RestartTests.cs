using Engine.Simulator.Live;

namespace Engine.Simulator.Tests.Live;

public class RestartTests
{
    [Test]
    public void A_publisher_that_stops_and_goes_on_leaves_no_gap()
    {
        SimulatedVenueOptions options = Venues.Small(31);
        List<byte[]> expected = Venues.Messages(options);
        using SimulatedVenue venue = Venues.Open(options);
        using var a = new NaiveListener(venue.Endpoints.Lines[0]);
        for (ulong stop = 1_000; stop < 6_000; stop += 1_000)
        {
            venue.HoldAfter = ulong.MaxValue;
            Assert.That(venue.WaitForPublished(stop, Venues.Deadline));
            venue.StopPublisher();
            ulong next = venue.Publication.NextSequence;
            Assert.That(venue.IsFinished, Is.False);
            Assert.That(venue.Publication.NextSequence, Is.EqualTo(next), "nothing leaves while it is stopped");
            venue.StartPublisher();
        }

        Venues.Finish(venue);
        List<byte[]> heard = [.. a.WaitForEnd().SelectMany(p => p.Messages)];
        Assert.That(heard, Is.EqualTo(expected));
        Assert.That(a.Packets.Select(p => p.Session).Distinct(), Is.EqualTo(new[] { "2026010501" }));
    }

    [Test]
    public void A_killed_publisher_loses_what_waited_and_the_servers_bring_it_back()
    {
        SimulatedVenueOptions options = Venues.Small(32, new LiveFaults { Delay = 1, DelaySpike = TimeSpan.FromSeconds(4) });
        List<byte[]> expected = Venues.Messages(options);
        using SimulatedVenue venue = Venues.Open(options);
        using var a = new NaiveListener(venue.Endpoints.Lines[0]);
        venue.HoldAfter = 1_000;
        Assert.That(venue.WaitForPublished(1_000, Venues.Deadline));
        venue.KillPublisher();
        LineCounts counts = venue.Summary().Lines[0].Counts;
        Assert.That(counts.DiscardedMessages, Is.Positive);
        ulong published = venue.Publication.NextSequence - 1;
        Assert.That(counts.OfferedMessages, Is.EqualTo((long)published));
        using System.Net.Sockets.Socket client = RerequestTests.Client(venue);
        HeardPacket reply = RerequestTests.Ask(client, RerequestTests.Request("2026010501", 1, 10));
        Assert.That(reply.Messages, Is.EqualTo(expected.GetRange(0, 10)));
        Assert.That(SnapshotTests.AssertSnapshot(venue, expected), Is.EqualTo(published + 1));
        venue.StartPublisher();
        Venues.Finish(venue);
        HeardPacket[] heard = a.WaitForEnd();
        counts = venue.Summary().Lines[0].Counts;
        Assert.That(heard.Sum(p => p.Messages.Count), Is.EqualTo(expected.Count - counts.DiscardedMessages));
    }

    [Test]
    public void A_new_session_begins_the_day_again_under_its_name_for_every_part()
    {
        SimulatedVenueOptions options = Venues.Small(33);
        List<byte[]> expected = Venues.Messages(options);
        using SimulatedVenue venue = Venues.Open(options);
        using var a = new NaiveListener(venue.Endpoints.Lines[0]);
        venue.HoldAfter = 2_000;
        Assert.That(venue.WaitForPublished(2_000, Venues.Deadline));
        ulong published = venue.Publication.NextSequence - 1;
        a.WaitFor(packets => packets.Any(p => p.Sequence == published + 1), "a heartbeat behind the first session's last message");
        venue.HoldAfter = 100;
        venue.StartPublisher("SECOND0002");
        Assert.That(venue.WaitForPublished(100, Venues.Deadline));
        using System.Net.Sockets.Socket client = RerequestTests.Client(venue);
        client.Send(RerequestTests.Request("2026010501", 1, 1));
        HeardPacket reply = RerequestTests.Ask(client, RerequestTests.Request("SECOND0002", 5, 1));
        Assert.That((reply.Session, reply.Sequence), Is.EqualTo(("SECOND0002", 5UL)));
        Assert.That(venue.Summary().Requests.OtherSession, Is.EqualTo(1));
        using (var snapshot = new NaiveSoupClient(venue.Endpoints.Snapshot))
        {
            snapshot.LogIn();
            Assert.That(snapshot.ReadText().Text, Does.StartWith("SECOND0002"));
            (List<byte[]> messages, ulong next) = snapshot.ReadSnapshot();
            Assert.That(next, Is.EqualTo(venue.Publication.NextSequence));
            Assert.That(new NaiveQueues(messages).Text(), Is.EqualTo(new NaiveQueues(expected.Take((int)next - 1)).Text()));
        }

        Venues.Finish(venue);
        HeardPacket[] heard = a.WaitForEnd("SECOND0002");
        Assert.That(heard.Where(p => p.Session == "2026010501").SelectMany(p => p.Messages), Is.EqualTo(expected.Take((int)published)));
        Assert.That(heard.Where(p => p.Session == "SECOND0002").SelectMany(p => p.Messages), Is.EqualTo(expected));
        Assert.That(heard.Where(p => p.Count == 0xFFFF).Select(p => p.Session), Has.All.EqualTo("SECOND0002"));
    }

    [Test]
    public void Stopping_in_the_middle_ends_the_session_and_killing_does_not()
    {
        SimulatedVenueOptions options = Venues.Small(34);
        foreach (bool kill in (bool[])[false, true])
        {
            using SimulatedVenue venue = Venues.Open(options);
            using var a = new NaiveListener(venue.Endpoints.Lines[0]);
            venue.HoldAfter = 500;
            Assert.That(venue.WaitForPublished(500, Venues.Deadline));
            ulong next = venue.Publication.NextSequence;
            a.WaitFor(packets => packets.Any(p => p.Count == 0 && p.Sequence == next), "a heartbeat behind the last message");
            if (kill)
            {
                venue.Kill();
                Assert.That(a.Packets.Any(p => p.Count == 0xFFFF), Is.False);
            }
            else
            {
                venue.Stop();
                Assert.That(a.WaitForEnd()[^1], Has.Property("Sequence").EqualTo(next).And.Property("Count").EqualTo(0xFFFF));
            }

            venue.Start();
            Venues.Finish(venue);
            Assert.That(a.WaitFor(p => p[^1].Count == 0xFFFF && p[^1].Sequence > 6_000, "the end").Sum(p => p.Messages.Count),
                Is.EqualTo(Venues.Messages(options).Count));
        }
    }
}
