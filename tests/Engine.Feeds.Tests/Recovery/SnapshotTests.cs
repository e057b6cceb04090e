using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;
using Engine.TestKit;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>Snapshots bring the books back, whatever was lost and whenever they come.</summary>
public class SnapshotTests
{
    [TestCase(0.01, 1)]
    [TestCase(0.05, 1)]
    [TestCase(0.3, 2)]
    [TestCase(0.05, 2)]
    public void Behind_a_snapshot_the_orders_are_the_true_ones(double loss, int lines)
    {
        foreach (ulong seed in Seeds.Take(4))
        {
            SeededRandom random = new(seed);
            TrueStream stream = TrueStream.Simulated(seed % 3);
            LineFaults faults = RequestTests.Faults(loss, lines, random) with { CleanFrom = 0.8 };
            LossyLines lossy = new(stream, faults, random);
            if (random.Chance(0.5))
            {
                // Joined in mid-stream.
                lossy.Arrivals.RemoveRange(0, random.Next(10, 100));
            }

            GapPolicy policy = new()
            {
                WaitNanos = random.Chance(0.3) ? 0 : 200_000, Requests = random.Next(2), RequestTimeoutNanos = 100_000, UsesSnapshots = true,
            };
            VenueServer server = new(lossy, random) { PacketsPerRequest = random.Next(2), Loss = 0.5, OldSnapshots = 0.2 };
            ScriptedInput input = new(lossy.Steps, server, idles: random.Chance(0.5));
            Feed.Result result = RecoveryRun.Read(RecoveryRun.Options(policy), input);
            AssertTrue(result, input, stream, seed);
            Assert.That(result.Statistics.Missing, Is.EqualTo(policy.WaitNanos == 0 ? 0 : result.Statistics.Recovered + result.Statistics.Lost), $"seed {seed}");
        }
    }

    private static void AssertTrue(Feed.Result result, ScriptedInput input, TrueStream stream, ulong seed)
    {
        List<MarketEvent> whole = RecoveryRun.Whole(stream);
        Step[] given = [.. input.Given.Where(step => step.Kind == PacketNext.Snapshot)];
        Step applied = given[0];
        EventOrders orders = new();
        ulong next = 0;
        long messages = 0, snapshots = 0, inside = -1;
        foreach (MarketEvent e in result.Events)
        {
            orders.Apply(e);
            Assert.That(e.Flags.HasFlag(EventFlags.FromSnapshot), Is.EqualTo(inside >= 0 || e.Kind == EventKind.SnapshotBegin), $"seed {seed}");
            switch (e.Kind)
            {
                case EventKind.SnapshotBegin:
                    applied = given.Single(step => step.Time == e.ReceiveTime);
                    inside = 0;
                    break;
                case EventKind.SnapshotEnd:
                    next = Math.Max(next, applied.NextSequence);
                    Assert.That(e.Sequence, Is.EqualTo(next), $"seed {seed}");
                    Assert.That(inside, Is.EqualTo(applied.Messages + (long)(next - applied.NextSequence)), $"seed {seed}: its messages, and the stream's behind it");
                    Assert.That(orders.ToString(), Is.EqualTo(EventOrders.After(whole.Take((int)next - 1)).ToString()), $"seed {seed} at {next}");
                    messages += inside;
                    inside = -1;
                    snapshots++;
                    break;
                case EventKind.Gap:
                    Assert.That(e.Sequence, Is.EqualTo(next), $"seed {seed}");
                    next += (ulong)e.Quantity;
                    break;
                default:
                    Assert.That(inside >= 0 || next == 0 || e.Sequence == next, $"seed {seed}: {e.Sequence} after {next}");
                    inside += inside >= 0 ? 1 : 0;
                    next = inside >= 0 ? next : e.Sequence + 1;
                    break;
            }
        }

        FeedStatistics s = result.Statistics;
        Assert.That(snapshots, Is.GreaterThan(0), $"seed {seed}: a run without a snapshot shows nothing");
        Assert.That(orders.ToString(), Is.EqualTo(EventOrders.After(whole).ToString()), $"seed {seed} at the end");
        Assert.That((s.Snapshots, s.SnapshotMessages, s.UselessSnapshots), Is.EqualTo((snapshots, messages, given.Length - snapshots)), $"seed {seed}");
        Assert.That(s.Restarts, Is.Zero, $"seed {seed}");
    }
}
