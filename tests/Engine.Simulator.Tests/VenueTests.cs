using System.Text;
using Engine.Core.Events;

namespace Engine.Simulator.Tests;

/// <summary>What must hold of a day in XDP and in DEEP, seen by the naive reader.</summary>
public class VenueTests
{
    private static readonly SimulationOptions s_xdp = new() { Messages = 20_000, Venue = Venue.Xdp, Channels = 2, Lines = 2 };
    private static readonly SimulationOptions s_deep = new() { Messages = 20_000, Venue = Venue.IexDeep, Lines = 2 };

    // Pinned: another machine, processor or runtime that gives other bytes fails here.
    [TestCase("xdp", "65d68270e516367da169909c0ab70cc0c3fe8969e2e271f5d62dfe30d6a8caf0")]
    [TestCase("iex-deep", "f661ea6de66ede2b2e68bba04f9cd3b23c2de87e230db3bbcd401d49c6ae1c97")]
    public void The_same_seed_gives_these_bytes_everywhere(string venue, string expected)
    {
        SimulationOptions options = (venue == "xdp" ? s_xdp : s_deep) with
        {
            Seed = 5, Loss = 0.01, Duplicate = 0.01, Reorder = 0.01, DelaySpike = 0.001,
        };
        Assert.That(Simulation.Run(options, Stream.Null).Sha256, Is.EqualTo(expected));
        Assert.That(Simulation.Run(options with { Seed = 6 }, Stream.Null).Sha256, Is.Not.EqualTo(expected));
    }

    [Test]
    public void Xdp_lines_carry_the_same_contiguous_messages_on_each_channel()
    {
        List<NaiveMessages> packets = Read(s_xdp, out SimulationResult result);
        List<NaiveMessages>[] groups = [.. packets.GroupBy(p => p.Datagram.Group).OrderBy(g => g.Key).Select(g => g.ToList())];
        Assert.That(groups, Has.Length.EqualTo(4), "two channels on two lines");
        Assert.That(groups[0].SelectMany(p => p.Messages), Is.EqualTo(groups[2].SelectMany(p => p.Messages)));
        Assert.That(groups[1].SelectMany(p => p.Messages), Is.EqualTo(groups[3].SelectMany(p => p.Messages)));
        Assert.That(groups.Sum(AssertContiguous), Is.EqualTo(2 * result.Messages));
        Assert.That(groups.Select(g => g.Count(p => p.Messages.Count == 0)), Has.All.GreaterThan(0), "heartbeats");
        uint[][] symbols = [.. groups.Select(g => g.SelectMany(p => p.Messages).Where(IsMapping).Select(m => NaiveVenues.U32(m, 4)).ToArray())];
        Assert.That(symbols[0], Is.EqualTo(new[] { 1, 3, 5, 7 }));
        Assert.That(symbols[1], Is.EqualTo(new[] { 2, 4, 6, 8 }));
    }

    [Test]
    public void Xdp_numbers_every_message_of_a_symbol_and_refers_every_second()
    {
        foreach (IGrouping<uint, NaiveMessages> channel in Read(s_xdp with { Lines = 1 }, out _).GroupBy(p => p.Datagram.Group))
        {
            var numbers = new Dictionary<uint, uint>();
            var orders = new HashSet<long>();
            long seconds = 0;
            foreach ((NaiveMessages packet, byte[] m) in channel.SelectMany(p => p.Messages.Select(m => (p, m))))
            {
                int type = NaiveVenues.U16(m, 2);
                seconds = type == 2 ? NaiveVenues.U32(m, 12) : seconds;
                if (type is 1 or 2 or 3)
                {
                    continue;
                }

                bool carriesSeconds = type is 34 or 105;
                int symbolAt = carriesSeconds ? 12 : 8;
                uint symbol = NaiveVenues.U32(m, symbolAt);
                numbers[symbol] = numbers.GetValueOrDefault(symbol) + 1;
                Assert.That(NaiveVenues.U32(m, symbolAt + 4), Is.EqualTo(numbers[symbol]), "number within the symbol");
                long time = ((carriesSeconds ? NaiveVenues.U32(m, 4) : seconds) * 1_000_000_000) + NaiveVenues.U32(m, symbolAt - 4);
                Assert.That(packet.Datagram.ReceiveUnixNanos - time, Is.InRange(2_000, 1_000_000), "time of a message");
                FollowOrders(orders, type, m);
            }

            Assert.That(orders, Has.Count.GreaterThan(100), "orders rest at the end");
        }
    }

    [Test]
    public void Deep_segments_follow_each_other_by_number_and_by_offset()
    {
        List<NaiveMessages> packets = Read(s_deep, out SimulationResult result);
        List<NaiveMessages>[] lines = [.. packets.GroupBy(p => p.Datagram.Group).Select(g => g.ToList())];
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[0].SelectMany(p => p.Messages), Is.EqualTo(lines[1].SelectMany(p => p.Messages)));
        foreach (List<NaiveMessages> line in lines)
        {
            Assert.That(AssertContiguous(line), Is.EqualTo(result.Messages));
            long offset = 0;
            foreach (NaiveMessages segment in line)
            {
                Assert.That(NaiveVenues.StreamOffset(segment), Is.EqualTo(offset));
                offset += segment.Messages.Sum(m => m.Length + 2);
            }

            Assert.That(line.Count(p => p.Messages.Count == 0), Is.GreaterThan(0), "heartbeats");
        }
    }

    [Test]
    public void Deep_books_never_cross_when_they_may_be_read()
    {
        var books = new Dictionary<string, SortedDictionary<long, uint>[]>();
        int read = 0;
        foreach (byte[] m in Read(s_deep with { Lines = 1 }, out _).SelectMany(p => p.Messages).Where(m => m[0] is (byte)'8' or (byte)'5'))
        {
            string symbol = Encoding.ASCII.GetString(m, 10, 8);
            SortedDictionary<long, uint>[] book = books.TryGetValue(symbol, out var known) ? known : books[symbol] = [new(), new()];
            SortedDictionary<long, uint> side = book[m[0] == '8' ? 0 : 1];
            uint size = NaiveVenues.U32(m, 18);
            long price = NaiveVenues.I64(m, 22);
            Assert.That(size != 0 || side.ContainsKey(price), "a level that goes was there");
            side[price] = size;
            if (size == 0)
            {
                side.Remove(price);
            }

            if (m[1] == 1 && book[0].Count > 0 && book[1].Count > 0)
            {
                read++;
                Assert.That(book[0].Keys.Last(), Is.LessThan(book[1].Keys.First()));
            }
        }

        Assert.That(books, Has.Count.EqualTo(8));
        Assert.That(read, Is.GreaterThan(10_000));
    }

    [Test]
    public void Every_type_occurs_and_the_day_is_the_same()
    {
        var options = new SimulationOptions { Messages = 100_000 };
        SimulationResult itch = Simulation.Run(options, Stream.Null);
        SimulationResult xdp = Simulation.Run(options with { Venue = Venue.Xdp }, Stream.Null);
        SimulationResult deep = Simulation.Run(options with { Venue = Venue.IexDeep }, Stream.Null);
        Assert.That(xdp.MessagesByType.Select(t => t.Type), Is.EquivalentTo(NaiveVenues.XdpLengths.Keys.Select(type => $"{type}")));
        Assert.That(deep.MessagesByType.Select(t => t.Type), Is.EquivalentTo(NaiveVenues.DeepLengths.Keys.Select(type => $"{(char)type}")));
        Assert.That(xdp.MessagesByInstrument, Is.EqualTo(itch.MessagesByInstrument));
        Assert.That(deep.MessagesByInstrument, Is.EqualTo(itch.MessagesByInstrument));
        Assert.That((xdp.FirstUnixNanos, xdp.LastUnixNanos), Is.EqualTo((itch.FirstUnixNanos, itch.LastUnixNanos)));
        Assert.That(Count(xdp, "103"), Is.EqualTo(Count(itch, "E") + Count(itch, "C")));
        Assert.That(Count(xdp, "100"), Is.EqualTo(Count(itch, "A") + Count(itch, "F")));
    }

    [Test]
    public void Packets_go_to_a_sink_a_channel()
    {
        MessageList[] channels = [new(), new()];
        Simulation.Run(s_xdp, channels);
        Assert.That(channels.Select(c => c.Messages.Count), Has.All.GreaterThan(1_000));
        Assert.That(channels.Select(c => c.IsFinished), Has.All.True);
        Assert.That(channels.Select(c => c.Messages.Zip(c.Messages.Skip(1)).All(p => p.First.TimeNanos <= p.Second.TimeNanos)), Has.All.True);
        Assert.That(() => Simulation.Run(s_xdp, new[] { channels[0] }), Throws.ArgumentException);
    }

    private static bool IsMapping(byte[] m) => NaiveVenues.U16(m, 2) == 3;

    private static long Count(SimulationResult result, string type) => result.MessagesByType.Single(t => t.Type == type).Count;

    private static void FollowOrders(HashSet<long> orders, int type, byte[] m)
    {
        long order = type is >= 100 and <= 104 ? NaiveVenues.I64(m, 16) : 0;
        switch (type)
        {
            case 100:
                Assert.That(orders.Add(order), "an order is new");
                break;
            case 101 or 103:
                Assert.That(orders, Does.Contain(order));
                break;
            case 102:
                Assert.That(orders.Remove(order), "an order that leaves was there");
                break;
            case 104:
                Assert.That(orders.Remove(order) && orders.Add(NaiveVenues.I64(m, 24)), "a replaced order was there");
                break;
        }
    }

    /// <returns>Messages of the stream.</returns>
    private static long AssertContiguous(List<NaiveMessages> packets)
    {
        ulong expected = 1;
        foreach (NaiveMessages packet in packets)
        {
            Assert.That(packet.Sequence, Is.EqualTo(expected));
            expected += (ulong)packet.Messages.Count;
        }

        return (long)expected - 1;
    }

    private static List<NaiveMessages> Read(SimulationOptions options, out SimulationResult result)
    {
        using var stream = new MemoryStream();
        result = Simulation.Run(options, stream);
        Func<NaiveDatagram, NaiveMessages> read = options.Venue == Venue.Xdp ? NaiveVenues.Xdp : NaiveVenues.Deep;
        return [.. NaiveCapture.Datagrams(stream.ToArray()).Select(read)];
    }
}
