using Engine.Simulator.Live;

namespace Engine.Simulator.Tests.Live;

public class TapeTests
{
    private static readonly MoldSession s_session = new("SESSION001");

    [Test]
    public void It_finds_the_packet_of_every_message()
    {
        var tape = new PacketTape(s_session);
        int[] counts = [3, 1, 200, 1, 7];
        ulong first = 1;
        foreach (int count in counts)
        {
            tape.Packet(0, Packet(first, count));
            tape.Packet(0, Packet(first + (ulong)count, 0));
            first += (ulong)count;
        }

        Assert.That(tape.Count, Is.EqualTo(counts.Length), "heartbeats are passed over");
        int[] owners = [.. counts.SelectMany((count, packet) => Enumerable.Repeat(packet, count))];
        Assert.That(Enumerable.Range(1, owners.Length).Select(s => tape.Find((ulong)s)), Is.EqualTo(owners));
        Assert.That((tape.Find(0), tape.Find((ulong)owners.Length + 1), tape.Find(ulong.MaxValue)), Is.EqualTo((-1, -1, -1)));
        Assert.That(new PacketTape(s_session).Find(1), Is.EqualTo(-1));
    }

    [Test]
    public void A_hole_in_the_sequence_is_an_error()
    {
        var tape = new PacketTape(s_session);
        tape.Packet(0, Packet(1, 2));
        Assert.That(() => tape.Packet(0, Packet(4, 1)), Throws.InvalidOperationException.With.Message.Contains("3 was to come"));
    }

    [Test]
    public void A_session_has_ten_characters() => Assert.That(() => new MoldSession("SHORT"), Throws.ArgumentException);

    [Test]
    public void Options_that_cannot_be_are_refused_in_words()
    {
        SimulatedVenueOptions good = Venues.Small(1);
        Assert.That(good.Problem(), Is.Null);
        AssertRefused(good with { Speed = 0 }, "speed");
        AssertRefused(good with { MessagesPerSecond = double.NaN }, "pace");
        AssertRefused(good with { RequestLoss = 2 }, "probability");
        AssertRefused(good with { Session = "SHORT" }, "session");
        AssertRefused(good with { Heartbeat = TimeSpan.Zero }, "heartbeat");
        AssertRefused(good with { Lines = [] }, "lines");
        AssertRefused(good with { Lines = [good.Lines[0] with { Group = System.Net.IPAddress.Loopback }] }, "multicast");
        AssertRefused(Venues.Small(1, new LiveFaults { Loss = -1 }), "loss");
        AssertRefused(Venues.Small(1, new LiveFaults { ReorderDepth = 65 }), "depth");
        AssertRefused(Venues.Small(1, new LiveFaults { Silences = [new Silence(5, 4)] }), "silence");
        AssertRefused(good with { Snapshot = new SoupBinOptions { User = "too long" } }, "user");
        AssertRefused(good with { Day = new SimulationOptions() }, "no end");
    }

    private static void AssertRefused(SimulatedVenueOptions options, string word)
    {
        Assert.That(options.Problem(), Does.Contain(word).And.Not.Contain("\n"));
        Assert.That(() => new SimulatedVenue(options), Throws.ArgumentException);
    }

    private static byte[] Packet(ulong first, int count)
    {
        byte[] packet = new byte[MoldSession.HeadLength + (3 * count)];
        s_session.WriteHead(packet, first, (ushort)count);
        for (int i = 0; i < count; i++)
        {
            packet[MoldSession.HeadLength + (3 * i) + 1] = 1;
        }

        return packet;
    }
}
