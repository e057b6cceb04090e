using Engine.Core.Time;

namespace Engine.Simulator.Tests;

/// <summary>What must hold of every simulated day, seen by the naive reader.</summary>
public class FlowTests
{
    [Test]
    public void Every_message_is_possible_and_the_book_never_crosses(
        [Values(1UL, 42UL, 20_260_105UL)] ulong seed, [Values(0, 1, 3)] double signal)
    {
        var exchange = new NaiveExchange();
        Simulation.Run(new SimulationOptions { Seed = seed, Messages = 20_000, Signal = signal }, exchange);
        Assert.That(exchange.IsFinished);
        Assert.That(exchange.SystemEvents, Is.EqualTo("OSQMEC"));
        Assert.That(exchange.CountByType.Values.Sum(), Is.GreaterThanOrEqualTo(20_000));
        Assert.That(exchange.OddLots, Is.GreaterThan(500));
        Assert.That(exchange.SharedTimes, Is.GreaterThan(100));
    }

    [TestCase(1, 5_000)]
    [TestCase(200, 60_000)]
    public void Any_number_of_instruments_runs(int instruments, int messages)
    {
        var exchange = new NaiveExchange();
        Simulation.Run(new SimulationOptions { Messages = messages, Instruments = instruments }, exchange);
        Assert.That(exchange.Mids, Has.Count.EqualTo(instruments));
        Assert.That(exchange.SystemEvents, Is.EqualTo("OSQMEC"));
    }

    [Test]
    public void Every_type_occurs_and_rates_differ()
    {
        var exchange = new NaiveExchange();
        Simulation.Run(new SimulationOptions { Messages = 200_000 }, exchange);
        Assert.That(string.Concat(exchange.CountByType.Keys.Order()), Is.EqualTo("ABCDEFHILPQRSUXY"));
        int[] sizes = exchange.Mids.Values.Select(list => list.Count).ToArray();
        Assert.That(sizes[0], Is.GreaterThan(4 * sizes[^1]));
    }

    [Test]
    public void An_end_in_time_is_kept()
    {
        using var stream = new MemoryStream();
        var options = new SimulationOptions { Start = new(10, 0, 0), End = new(10, 0, 40), Date = new(2026, 7, 1) };
        SimulationResult result = Simulation.Run(options, stream);
        long midnight = UsEastern.MidnightUtcNanos(new(2026, 7, 1));
        Assert.That(result.FirstUnixNanos, Is.EqualTo(midnight + (36_000L * 1_000_000_000)));
        Assert.That(result.LastUnixNanos, Is.EqualTo(midnight + (36_040L * 1_000_000_000)));
    }

    [Test]
    public void Both_lines_carry_the_same_contiguous_messages()
    {
        List<NaivePacket> packets = Capture(new SimulationOptions { Messages = 20_000, Lines = 2 }, out SimulationResult result);
        Assert.That(packets, Has.Count.EqualTo(result.Packets));
        Assert.That(packets.Zip(packets.Skip(1)).All(p => p.First.ReceiveUnixNanos <= p.Second.ReceiveUnixNanos), "receive times");
        List<NaivePacket>[] lines = packets.GroupBy(p => p.Group).OrderByDescending(g => g.Key).Select(g => g.ToList()).ToArray();
        Assert.That(lines, Has.Length.EqualTo(2));
        foreach (List<NaivePacket> line in lines)
        {
            ulong expected = 1;
            foreach (NaivePacket packet in line)
            {
                Assert.That(packet.Session, Is.EqualTo("2026010501"));
                Assert.That(packet.Sequence, Is.EqualTo(expected));
                expected += (ulong)packet.Messages.Count;
            }

            Assert.That(expected - 1, Is.EqualTo(result.Messages));
            Assert.That(line[^1].Count, Is.EqualTo(0xFFFF));
            Assert.That(line.Count(p => p.Count == 0), Is.GreaterThan(0), "heartbeats");
            Assert.That(line.Max(p => p.Messages.Count), Is.GreaterThan(3), "messages share packets");
        }

        Assert.That(lines[0].SelectMany(p => p.Messages), Is.EqualTo(lines[1].SelectMany(p => p.Messages)));
    }

    [Test]
    public void A_packet_arrives_some_microseconds_after_its_last_message()
    {
        List<NaivePacket> packets = Capture(new SimulationOptions { Messages = 20_000 }, out _);
        long midnight = UsEastern.MidnightUtcNanos(new(2026, 1, 5));
        long[] delays = packets.Where(p => p.Messages.Count > 0)
            .Select(p => p.ReceiveUnixNanos - midnight - Time(p.Messages[^1]))
            .Order()
            .ToArray();
        Assert.That(delays[0], Is.GreaterThan(2_000));
        Assert.That(delays[delays.Length / 2], Is.LessThan(5_000));
        Assert.That(delays[^1], Is.InRange(5_000, 1_000_000));
    }

    [Test]
    public void A_binary_file_holds_the_messages_of_the_capture()
    {
        var options = new SimulationOptions { Messages = 10_000 };
        byte[][] captured = Capture(options, out _).SelectMany(p => p.Messages).ToArray();
        using var stream = new MemoryStream();
        Simulation.Run(options with { Format = OutputFormat.BinaryFile }, stream);
        byte[] expected = captured.SelectMany(m => (byte[])[(byte)(m.Length >> 8), (byte)m.Length, .. m]).ToArray();
        Assert.That(stream.ToArray(), Is.EqualTo(expected));
    }

    [TestCase(0.01)]
    [TestCase(0.2)]
    public void Loss_drops_the_stated_fraction_and_moves_nothing_else(double loss)
    {
        var options = new SimulationOptions { Messages = 40_000, Lines = 2 };
        List<NaivePacket> whole = Capture(options, out _);
        List<NaivePacket> lossy = Capture(options with { Loss = loss }, out SimulationResult result);
        Assert.That(result.LostPackets, Is.EqualTo(whole.Count - lossy.Count));
        double deviation = Math.Sqrt(loss * (1 - loss) / whole.Count);
        Assert.That((double)result.LostPackets / whole.Count, Is.EqualTo(loss).Within(4 * deviation));
        var kept = lossy.Select(p => (p.Group, p.ReceiveUnixNanos, p.Sequence, p.Count)).ToHashSet();
        Assert.That(kept.IsSubsetOf(whole.Select(p => (p.Group, p.ReceiveUnixNanos, p.Sequence, p.Count))));
    }

    private static long Time(byte[] m) => Convert.ToInt64(Convert.ToHexString(m, 5, 6), 16);

    private static List<NaivePacket> Capture(SimulationOptions options, out SimulationResult result)
    {
        using var stream = new MemoryStream();
        result = Simulation.Run(options, stream);
        return NaiveCapture.Read(stream.ToArray());
    }
}
