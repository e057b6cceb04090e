using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;
using Engine.TestKit;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>Where the venue answers requests, nothing is lost and everything comes once and in order.</summary>
public class RequestTests
{
    private static readonly GapPolicy s_policy = new() { WaitNanos = 200_000, Requests = 40, RequestTimeoutNanos = 1_000_000 };

    [TestCase(0.001, 2, 8)]
    [TestCase(0.01, 2, 1)]
    [TestCase(0.05, 1, 8)]
    [TestCase(0.3, 2, 8)]
    [TestCase(0.3, 1, 1)]
    public void What_is_lost_on_the_lines_is_had_from_the_venue(double loss, int lines, int packetsPerRequest)
    {
        foreach (ulong seed in Seeds.Take(4))
        {
            SeededRandom random = new(seed);
            TrueStream stream = TrueStream.Simulated(seed % 3);
            LossyLines lossy = new(stream, Faults(loss, lines, random), random);
            VenueServer server = new(lossy, random) { Loss = 0.1, Duplicates = 0.1, PacketsPerRequest = packetsPerRequest };
            ScriptedInput input = new(lossy.Steps, server, idles: random.Chance(0.5));
            Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(s_policy), input);
            FeedStatistics s = result.Statistics;
            Assert.That(result.Events.ConvertAll(RecoveryRun.Timeless), Is.EqualTo(RecoveryRun.Whole(stream).ConvertAll(RecoveryRun.Timeless)), $"seed {seed}");
            RecoveryRun.AssertAddsUp(s);
            Assert.That((s.Lost, s.Gaps, s.Restarts, s.HoldOverflows, s.MessagesCutOff), Is.EqualTo((0L, 0L, 0L, 0L, 0L)), $"seed {seed}");
            Assert.That(s.Requests, Is.EqualTo(input.Requests.Count), $"seed {seed}");
            Assert.That(s.ReplyPackets, Is.EqualTo(server.Replies), $"seed {seed}");
            Assert.That(ByType(s.MessagesByType), Is.EqualTo(ByType(stream)), $"seed {seed}");
            Assert.That(s.Missing, Is.GreaterThan(loss < 0.05 ? -1 : 0), $"seed {seed}: a run without any hole shows nothing");
        }
    }

    [Test]
    public void Restarts_do_not_come_from_packets_that_are_overtaken_by_many()
    {
        // Forty packets of the only line are overtaken by those behind them, and still fill the hole they left.
        TrueStream stream = TrueStream.Adds(100);
        IEnumerable<int> order = [.. Enumerable.Range(1, 10), .. Enumerable.Range(51, 20), .. Enumerable.Range(11, 40), .. Enumerable.Range(71, 30)];
        Step[] steps = [.. order.Select((sequence, i) => Step.Packet(LossyLines.Start + i, stream.Pack((ulong)sequence, 1)))];
        Feed.Result result = RecoveryRun.Play(RecoveryRun.Patient, steps);
        Assert.That(result.Orders, Is.EqualTo(Enumerable.Range(1, 100).Select(i => (ulong)i)));
        FeedStatistics s = result.Statistics;
        Assert.That((s.Restarts, s.Holes, s.Missing, s.Recovered, s.Lost), Is.EqualTo((0L, 1L, 40L, 40L, 0L)));
    }

    internal static LineFaults Faults(double loss, int lines, SeededRandom random) => new()
    {
        Loss = loss,
        Lines = lines,
        Duplicates = random.Chance(0.5) ? 0.05 : 0,
        Reordered = random.Chance(0.5) ? 0.1 : 0,
        CutsAnew = random.Chance(0.5),
    };

    private static string ByType(long[] counts) =>
        string.Join(' ', counts.Select((count, type) => (count, type)).Where(pair => pair.count != 0).Select(pair => $"{(char)pair.type}{pair.count}"));

    private static string ByType(TrueStream stream)
    {
        long[] counts = new long[256];
        foreach (byte[] message in stream.Messages)
        {
            counts[message[0]]++;
        }

        return ByType(counts);
    }
}
