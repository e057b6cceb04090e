using Engine.Core.Diagnostics;
using Engine.Simulator.Live;
using Engine.TestKit;

namespace Engine.Simulator.Tests.Live;

public class MulticastTests
{
    private static IEnumerable<ulong> SeedList => Seeds.Take(2);

    [Test]
    public void Without_faults_both_lines_bring_every_message_once_and_in_order()
    {
        SimulatedVenueOptions options = Venues.Small(3);
        List<byte[]> expected = Venues.Messages(options);
        using SimulatedVenue venue = Venues.Open(options);
        using var a = new NaiveListener(venue.Endpoints.Lines[0]);
        using var b = new NaiveListener(venue.Endpoints.Lines[1]);
        foreach (NaiveListener line in (NaiveListener[])[a, b])
        {
            line.WaitFor(packets => packets.Length >= 2, "heartbeats before the first message");
            Assert.That(line.Packets, Has.All.Matches<HeardPacket>(p => p.Count == 0 && p.Sequence == 1 && p.Session == "2026010501"));
        }

        Venues.Finish(venue);
        VenueSummary summary = venue.Summary();
        for (int i = 0; i < 2; i++)
        {
            NaiveListener line = i == 0 ? a : b;
            HeardPacket[] packets = line.WaitFor(
                all => all.Count(p => p.Count == 0xFFFF) == MulticastPublisher.EndPackets, "every end packet");
            AssertContinuous(packets, expected);
            Assert.That(packets.Count(p => p.Messages.Count > 0), Is.EqualTo(summary.Lines[i].Counts.Datagrams));
            Assert.That(packets.Max(p => p.Messages.Count), Is.GreaterThan(5), "messages share packets");
            Assert.That(summary.Lines[i].Counts.OfferedMessages, Is.EqualTo(expected.Count));
            Assert.That(summary.Lines[i].Counts.SendFailures, Is.Zero);
        }
    }

    [TestCaseSource(nameof(SeedList))]
    public void What_a_line_says_it_did_is_what_is_heard_on_it(ulong seed)
    {
        var faults = new LiveFaults
        {
            Loss = 0.05, Duplication = 0.05, Reordering = 0.05, ReorderDepth = 4, Delay = 0.01, DelaySpike = TimeSpan.FromMilliseconds(3),
        };
        SimulatedVenueOptions options = Venues.Small(seed, faults, faults with { Reordering = 0, Delay = 0 });
        List<byte[]> expected = Venues.Messages(options);
        using SimulatedVenue venue = Venues.Open(options);
        using var a = new NaiveListener(venue.Endpoints.Lines[0]);
        using var b = new NaiveListener(venue.Endpoints.Lines[1]);
        Venues.Finish(venue);
        VenueSummary summary = venue.Summary();
        bool[] lostOnA = AssertCounted(a.WaitForEnd(), summary.Lines[0].Counts, expected);
        bool[] lostOnB = AssertCounted(b.WaitForEnd(), summary.Lines[1].Counts, expected);
        Assert.That(lostOnA, Is.Not.EqualTo(lostOnB), "each line draws its own faults");
        Assert.That(summary.Lines[0].Counts.Reordered, Is.Positive);
        Assert.That(summary.Lines[0].Counts.Delays, Is.Positive);
        Assert.That(IsInOrder(a.Packets), Is.False, $"seed {seed}: line A is out of order");
        Assert.That(IsInOrder(b.Packets), Is.True, "line B is in order");
    }

    [Test]
    public void The_same_seed_loses_the_same_packets()
    {
        SimulatedVenueOptions options = Venues.Small(5, new LiveFaults { Loss = 0.1 }) with { MessagesPerSecond = 50_000 };
        var sets = new List<string>();
        for (int run = 0; run < 2; run++)
        {
            using SimulatedVenue venue = Venues.Open(options);
            using var a = new NaiveListener(venue.Endpoints.Lines[0]);
            Venues.Finish(venue);
            sets.Add(string.Join(' ', a.WaitForEnd().Where(p => p.Messages.Count > 0).Select(p => p.Sequence)));
        }

        Assert.That(sets[1], Is.EqualTo(sets[0]).And.Not.Empty);
    }

    [Test]
    public void A_scripted_silence_takes_a_range_from_one_line_and_none_from_the_other()
    {
        SimulatedVenueOptions options = Venues.Small(7, new LiveFaults { Silences = [new Silence(2_000, 3_000)] });
        List<byte[]> expected = Venues.Messages(options);
        using SimulatedVenue venue = Venues.Open(options);
        using var a = new NaiveListener(venue.Endpoints.Lines[0]);
        using var b = new NaiveListener(venue.Endpoints.Lines[1]);
        venue.HoldAfter = 2_500;
        Assert.That(venue.WaitForPublished(2_500, Venues.Deadline));
        b.WaitFor(p => p.Count(x => x.Count == 0 && x.Sequence > 2_500) >= 3, "heartbeats on line B in the middle of the silence");
        Venues.Finish(venue);
        AssertContinuous(b.WaitForEnd(), expected);
        HeardPacket[] heard = a.WaitForEnd();
        LineCounts counts = venue.Summary().Lines[0].Counts;
        Assert.That(heard.Any(p => p.Count == 0 && p.Sequence is > 2_001 and <= 3_000), Is.False, "no heartbeat in the silence");
        Assert.That(counts.SilencedControls, Is.GreaterThanOrEqualTo(3));
        bool[] present = Present(heard, expected);
        Assert.That(present[1_999..3_000], Has.None.True, "nothing of the range came");
        Assert.That(present.Count(p => !p), Is.EqualTo(counts.SilencedMessages).And.LessThan(1_001 + 100), "little beside it is missing");
    }

    [Test]
    public void Publishing_a_packet_allocates_nothing()
    {
        var faults = new LiveFaults { Loss = 0.1, Duplication = 0.1, Reordering = 0.1, Delay = 0.01 };
        SimulatedVenueOptions options = Venues.Small(9);
        using var venue = new SimulatedVenue(options);
        PacketTape tape = venue.Publication.Tape;
        LineEndpoint endpoint = venue.Endpoints.Lines[0];
        using var line = new FaultyLine(
            new LineSocket(new System.Net.IPEndPoint(endpoint.Group, endpoint.Port), endpoint.Interface), faults, 9, 0);
        var publication = new Publication(new MoldSession("SESSION001"), tape);
        using var publisher = new MulticastPublisher(publication, [line], TimeSpan.FromMilliseconds(5));
        int warm = tape.Count / 2;
        for (int i = 0; i < warm; i++)
        {
            publisher.Packet(tape.TimeNanos(i), tape.Payload(i));
        }

        var meter = AllocationMeter.Start();
        for (int i = warm; i < tape.Count; i++)
        {
            publisher.Packet(tape.TimeNanos(i), tape.Payload(i));
        }

        Assert.That(meter.AllocatedBytes, Is.Zero, $"over {tape.Count - warm} packets");
        Assert.That(line.Counts.Offered, Is.EqualTo(tape.Count));
        Assert.That(publication.IsComplete);
    }

    private static void AssertContinuous(HeardPacket[] packets, List<byte[]> expected)
    {
        ulong next = 1;
        foreach (HeardPacket packet in packets)
        {
            Assert.That(packet.Sequence, Is.EqualTo(next));
            foreach (byte[] message in packet.Messages)
            {
                Assert.That(message.AsSpan().SequenceEqual(expected[(int)next - 1]), $"message {next}");
                next++;
            }
        }

        Assert.That(next - 1, Is.EqualTo(expected.Count));
    }

    /// <returns>Which messages never came.</returns>
    private static bool[] AssertCounted(HeardPacket[] packets, LineCounts counts, List<byte[]> expected)
    {
        HeardPacket[] data = [.. packets.Where(p => p.Messages.Count > 0)];
        int distinct = data.Select(p => p.Sequence).Distinct().Count();
        Assert.That(data, Has.Length.EqualTo(counts.Datagrams));
        Assert.That(data.Length - distinct, Is.EqualTo(counts.Duplicated).And.Positive);
        Assert.That(distinct, Is.EqualTo(counts.Offered - counts.Lost));
        Assert.That(counts.Lost, Is.Positive);
        Assert.That(counts.Silenced + counts.Discarded + counts.Waiting + counts.SendFailures, Is.Zero);
        Assert.That(counts.OfferedMessages, Is.EqualTo(expected.Count));
        bool[] missing = [.. Present(packets, expected).Select(p => !p)];
        Assert.That(missing.Count(m => m), Is.EqualTo(counts.LostMessages));
        return missing;
    }

    private static bool[] Present(HeardPacket[] packets, List<byte[]> expected)
    {
        bool[] present = new bool[expected.Count];
        foreach (HeardPacket packet in packets)
        {
            for (int i = 0; i < packet.Messages.Count; i++)
            {
                int at = (int)packet.Sequence - 1 + i;
                Assert.That(packet.Messages[i].AsSpan().SequenceEqual(expected[at]), $"message {at + 1}");
                present[at] = true;
            }
        }

        return present;
    }

    private static bool IsInOrder(HeardPacket[] packets) =>
        packets.Zip(packets.Skip(1)).All(pair => pair.First.Sequence <= pair.Second.Sequence);
}
