using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;
using Engine.Feeds.Tests.Xdp;
using Engine.TestKit;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>Without requests: what is lost is exactly what no line brings in time.</summary>
public class ArbitrationTests
{
    [TestCase(0.001, Venue.Itch50)]
    [TestCase(0.01, Venue.Itch50)]
    [TestCase(0.05, Venue.Itch50)]
    [TestCase(0.3, Venue.Itch50)]
    [TestCase(0.05, Venue.Xdp)]
    [TestCase(0.3, Venue.Xdp)]
    [TestCase(0.05, Venue.IexDeep)]
    [TestCase(0.3, Venue.IexDeep)]
    public void Only_what_both_lines_lose_is_lost(double loss, Venue venue)
    {
        foreach (ulong seed in Seeds.Take(4))
        {
            SeededRandom random = new(seed);
            LossyLines lossy = new(Stream(venue), RequestTests.Faults(loss, 2, random) with { CutsAnew = venue != Venue.Xdp && random.Chance(0.5) }, random);
            Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(RecoveryRun.Patient), new ScriptedInput(lossy.Steps, idles: random.Chance(0.5)), venue);
            FeedStatistics s = result.Statistics;
            AssertEvents(result, Expected(lossy), lossy.Stream, seed);
            RecoveryRun.AssertAddsUp(s);
            long came = lossy.Arrivals.Sum(arrival => (long)arrival.Count);
            Assert.That(s.Messages + s.Lost, Is.EqualTo(lossy.Stream.Count), $"seed {seed}");
            Assert.That(s.Duplicates, Is.EqualTo(came - s.Messages), $"seed {seed}");
            Assert.That((s.Restarts, s.HoldOverflows, s.BadStreamOffsets), Is.EqualTo((0L, 0L, 0L)), $"seed {seed}");
        }
    }

    [Test]
    public void Whatever_the_wait_it_decides_as_a_plain_list_would([Values(0, 1, 500, 20_000, 150_000)] long waitNanos, [Values] Venue venue)
    {
        if (venue is not (Venue.Itch50 or Venue.Xdp or Venue.IexDeep))
        {
            Assert.That(venue, Is.Not.EqualTo(Venue.Itch50), "no packets with sequences");
            return;
        }

        foreach (ulong seed in Seeds.Take(3))
        {
            SeededRandom random = new(seed);
            LineFaults faults = new() { Loss = 0.1, Reordered = 0.1, DelayNanos = 60_000, Lines = random.Next(1, 3), CutsAnew = venue != Venue.Xdp };
            LossyLines lossy = new(Stream(venue), faults, random);
            NaiveArbiter naive = new(waitNanos);
            lossy.Arrivals.ForEach(arrival => naive.Arrive(arrival.Time, arrival.From, arrival.Count));
            naive.Finish();
            Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(new GapPolicy { WaitNanos = waitNanos }), new ScriptedInput(lossy.Steps), venue);
            AssertEvents(result, naive.Output, lossy.Stream, seed);
            FeedStatistics s = result.Statistics;
            Assert.That((s.Lost, s.Gaps, s.Restarts), Is.EqualTo((naive.Lost, naive.Gaps, 0L)), $"seed {seed}");
            Assert.That(s.Missing, Is.EqualTo(waitNanos == 0 ? 0 : s.Recovered + s.Lost), $"seed {seed}");
        }
    }

    [TestCase(1, 0)]
    [TestCase(2, 1)]
    public void Waiting_can_be_left_to_streams_of_several_lines(int lines, long holes)
    {
        TrueStream stream = TrueStream.Adds(9);
        Step[] steps =
        [
            Step.Packet(1_000, stream.Pack(1, 3)), Step.Packet(1_001, stream.Pack(1, 3), (ulong)lines),
            Step.Packet(1_002, stream.Pack(7, 3)), Step.Packet(1_003, stream.Pack(4, 3), (ulong)lines),
        ];
        Feed.Result result = RecoveryRun.Play(RecoveryRun.Patient with { OnlyWithSeveralLines = true }, steps);
        FeedStatistics s = result.Statistics;
        Assert.That((s.Holes, s.Lost), Is.EqualTo((holes, holes == 0 ? 3L : 0L)));
        Assert.That(result.Orders, Has.Length.EqualTo(holes == 0 ? 6 : 9));
    }

    [Test]
    public void A_held_packet_of_a_line_that_joins_a_channel_without_packets_is_decoded()
    {
        // Both lines bring the same packet with a sequence that cannot be: the first one's channel is now the other's, which has no session.
        TrueStream stream = TrueStream.Xdp(9);
        byte[] absurd = XdpBytes.Original(0, XdpBytes.Add(77));
        Step[] steps =
        [
            Step.Packet(1, stream.Pack(1, 3)), Step.Packet(2, stream.Pack(6, 1)), Step.Packet(3, absurd, 2), Step.Packet(4, absurd), Step.Mark(9_000_000),
        ];
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(RecoveryRun.Patient), new ScriptedInput(steps), Venue.Xdp);
        Assert.That(RecoveryText.Sequences(result), Is.EqualTo("1 2 3 gap4+2 6"));
        RecoveryRun.AssertAddsUp(result.Statistics);
    }

    [Test]
    public void A_held_packet_of_a_line_that_joins_another_channel_goes_with_it()
    {
        TrueStream stream = TrueStream.Xdp(9);
        Step[] steps =
        [
            Step.Packet(1, stream.Pack(1, 3)), Step.Packet(2, stream.Pack(6, 1)), Step.Packet(3, stream.Pack(4, 1), 2), Step.Packet(4, stream.Pack(4, 1)),
            Step.Packet(5, stream.Pack(5, 1), 2), Step.Packet(9_000_000, stream.Pack(7, 1)),
        ];
        Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(RecoveryRun.Patient), new ScriptedInput(steps), Venue.Xdp);
        Assert.That(RecoveryText.Sequences(result), Is.EqualTo("1 2 3 4 5 6 7"));
        RecoveryRun.AssertAddsUp(result.Statistics);
    }

    [Test]
    public void What_is_held_is_not_lost_when_its_other_line_goes_elsewhere()
    {
        TrueStream stream = TrueStream.Adds(9);
        byte[] Other(ulong sequence) => PcapWriter.Mold("OTHER", sequence, ItchBytes.Adds(100 + sequence, 1));
        Step[] steps =
        [
            Step.Packet(1, stream.Pack(1, 2)), Step.Packet(2, stream.Pack(1, 2), 2), Step.Packet(3, Other(1), 3), Step.Packet(4, stream.Pack(5, 1)),
            Step.Packet(5, Other(2), 2), Step.Packet(6, stream.Pack(8, 1)),
        ];
        Feed.Result result = RecoveryRun.Play(RecoveryRun.Patient with { OnlyWithSeveralLines = true }, steps);
        Assert.That(RecoveryText.Sequences(result), Is.EqualTo("1 2 1 2 gap3+2 5 gap6+2 8"));
        RecoveryRun.AssertAddsUp(result.Statistics);
    }

    private static TrueStream Stream(Venue venue) => venue switch
    {
        Venue.Xdp => TrueStream.Xdp(2_000),
        Venue.IexDeep => TrueStream.Iex(2_000),
        _ => TrueStream.Adds(2_000),
    };

    /// <summary>From the arrivals alone, whenever they came: what is there, and runs of what is not.</summary>
    private static List<string> Expected(LossyLines lossy)
    {
        HashSet<ulong> came = [.. lossy.Arrivals.SelectMany(arrival => Enumerable.Range(0, arrival.Count).Select(i => arrival.From + (ulong)i))];
        List<string> expected = [];
        for (ulong at = 1; at < lossy.Stream.End; at++)
        {
            ulong from = at;
            while (at < lossy.Stream.End && !came.Contains(at))
            {
                at++;
            }

            expected.AddRange(at > from ? [$"gap {from}+{at - from}"] : []);
            expected.AddRange(at < lossy.Stream.End ? [$"{at}"] : []);
        }

        return expected;
    }

    private static void AssertEvents(Feed.Result result, List<string> expected, TrueStream stream, ulong seed)
    {
        List<MarketEvent> whole = RecoveryRun.Whole(stream);
        Assert.That(
            result.Events.ConvertAll(e => e.Kind == EventKind.Gap ? $"gap {e.Sequence}+{e.Quantity}" : RecoveryRun.Timeless(e)),
            Is.EqualTo(expected.ConvertAll(line => line.StartsWith("gap", StringComparison.Ordinal) ? line : RecoveryRun.Timeless(whole[int.Parse(line) - 1]))),
            $"seed {seed}");
    }
}
