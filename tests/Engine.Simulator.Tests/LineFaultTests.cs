using Engine.Core.Events;

namespace Engine.Simulator.Tests;

/// <summary>Each fault of a line does what it says and nothing else.</summary>
public class LineFaultTests
{
    private const double Probability = 0.05;

    [TestCase(Venue.Itch50)]
    [TestCase(Venue.Xdp)]
    [TestCase(Venue.IexDeep)]
    public void Duplicates_only_add_copies(Venue venue)
    {
        List<NaiveDatagram> whole = Capture(Day(venue), out _);
        List<NaiveDatagram> faulty = Capture(Day(venue) with { Duplicate = Probability }, out SimulationResult result);
        AssertRate(result.Faults.Duplicated, whole.Count);
        Assert.That(faulty, Has.Count.EqualTo(whole.Count + result.Faults.Duplicated));
        HashSet<string> original = [.. whole.Select(Print)];
        List<NaiveDatagram> copies = [.. faulty.Where(d => !original.Contains(Print(d)))];
        Assert.That(faulty.Count(d => original.Contains(Print(d))), Is.EqualTo(whole.Count));
        Dictionary<string, NaiveDatagram> firsts = whole.ToDictionary(Content);
        long[] lags = [.. copies.Select(c => c.ReceiveUnixNanos - firsts[Content(c)].ReceiveUnixNanos).Order()];
        Assert.That(lags[0], Is.GreaterThan(0));
        Assert.That(lags[^1], Is.LessThan(1_000_000));
    }

    [TestCase(Venue.Itch50)]
    [TestCase(Venue.Xdp)]
    [TestCase(Venue.IexDeep)]
    public void Reordering_delays_some_packets_and_no_others(Venue venue)
    {
        List<NaiveDatagram> whole = Capture(Day(venue), out _);
        List<NaiveDatagram> faulty = Capture(Day(venue) with { Reorder = Probability }, out SimulationResult result);
        Assert.That(faulty.Select(Content), Is.EquivalentTo(whole.Select(Content)));
        Dictionary<string, long> arrived = faulty.ToDictionary(Content, d => d.ReceiveUnixNanos);
        long[] lags = [.. whole.Select(d => arrived[Content(d)] - d.ReceiveUnixNanos).Where(lag => lag != 0)];
        AssertRate(lags.Length, whole.Count);
        Assert.That(lags, Has.All.GreaterThanOrEqualTo(20_000));
        Assert.That(result.Faults.Reordered, Is.InRange(10, lags.Length), "some are overtaken, the others had nobody behind them");
        Assert.That(result.Faults.Reordered, Is.EqualTo(Overtaken(whole, faulty)));
    }

    [TestCase(Venue.Itch50)]
    [TestCase(Venue.Xdp)]
    [TestCase(Venue.IexDeep)]
    public void A_delay_holds_up_what_is_behind_and_keeps_the_order(Venue venue)
    {
        List<NaiveDatagram> whole = Capture(Day(venue), out _);
        List<NaiveDatagram> faulty = Capture(Day(venue) with { DelaySpike = Probability }, out SimulationResult result);
        AssertRate(result.Faults.Delayed, whole.Count);
        foreach (IGrouping<uint, NaiveDatagram> line in whole.GroupBy(d => d.Group))
        {
            NaiveDatagram[] late = [.. faulty.Where(d => d.Group == line.Key)];
            Assert.That(late.Select(Content), Is.EqualTo(line.Select(Content)), "the order");
            long[] lags = [.. line.Zip(late, (a, b) => b.ReceiveUnixNanos - a.ReceiveUnixNanos)];
            Assert.That(lags, Has.All.GreaterThanOrEqualTo(0));
            Assert.That(lags.Count(lag => lag > 0), Is.GreaterThan(lags.Length * Probability / 2));
            Assert.That(lags.Max(), Is.InRange(1_000_000, 100_000_000));
        }
    }

    [Test]
    public void Faults_do_not_move_each_other()
    {
        SimulationOptions all = Day(Venue.Itch50) with { Loss = Probability, Duplicate = Probability, Reorder = Probability };
        Capture(Day(Venue.Itch50) with { Loss = Probability }, out SimulationResult lost);
        HashSet<string> kept = [.. Capture(Day(Venue.Itch50) with { Loss = Probability }, out _).Select(Content)];
        HashSet<string> keptWithAll = [.. Capture(all, out SimulationResult result).Select(Content)];
        Assert.That(keptWithAll, Is.EquivalentTo(kept));
        Assert.That(result.Faults.Lost, Is.EqualTo(lost.Faults.Lost));
    }

    private static SimulationOptions Day(Venue venue) => new() { Messages = 10_000, Venue = venue, Lines = 2 };

    private static void AssertRate(long count, int of)
    {
        double deviation = Math.Sqrt(Probability * (1 - Probability) / of);
        Assert.That((double)count / of, Is.EqualTo(Probability).Within(4 * deviation));
    }

    // Packets that come after one that was sent later on their line.
    private static int Overtaken(List<NaiveDatagram> whole, List<NaiveDatagram> faulty)
    {
        Dictionary<string, int> sent = whole.Select((d, i) => (Content(d), i)).ToDictionary(p => p.Item1, p => p.i);
        return faulty.GroupBy(d => d.Group).Sum(line =>
        {
            int latest = -1;
            return line.Count(d => sent[Content(d)] is int at && at < (latest = Math.Max(latest, at)));
        });
    }

    private static string Content(NaiveDatagram d) => $"{d.Group} {Convert.ToHexString(d.Payload)}";

    private static string Print(NaiveDatagram d) => $"{d.ReceiveUnixNanos} {Content(d)}";

    private static List<NaiveDatagram> Capture(SimulationOptions options, out SimulationResult result)
    {
        using var stream = new MemoryStream();
        result = Simulation.Run(options, stream);
        return NaiveCapture.Datagrams(stream.ToArray());
    }
}
