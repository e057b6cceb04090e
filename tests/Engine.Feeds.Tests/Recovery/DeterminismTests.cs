using Engine.Core.Numerics;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;
using Engine.TestKit;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>What an input gave, with the times, decides everything: the same again gives the same, without an answer to anything.</summary>
public class DeterminismTests
{
    [Test]
    public void A_recording_plays_back_to_the_same_events_and_counters()
    {
        HashSet<PacketNext> kinds = [];
        foreach (ulong seed in Seeds.Take(6))
        {
            FeedOptions options = RecoveryRun.Options(Policy);
            (Feed.Result live, ScriptedInput input) = Run(seed, options);
            kinds.UnionWith(input.Given.Select(step => step.Kind));
            foreach (int room in (int[])[1, 7, 1_024])
            {
                Feed.Result played = RecoveryRun.Read(RecoveryRun.Options(Policy), new ScriptedInput(input.Given, isRecording: true), room: room);
                Assert.That(played.Events.ConvertAll(e => EventText.Of(e)), Is.EqualTo(live.Events.ConvertAll(e => EventText.Of(e))), $"seed {seed}, {room} at a time");
                Assert.That(played.Messages.Zip(live.Messages).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)), $"seed {seed}, {room} at a time");
                Assert.That(RecoveryRun.Counters(played.Statistics), Is.EqualTo(RecoveryRun.Counters(live.Statistics)), $"seed {seed}, {room} at a time");
            }
        }

        Assert.That(kinds, Is.EquivalentTo(new[] { PacketNext.Packet, PacketNext.Mark, PacketNext.Snapshot }));
    }

    [Test]
    public void Holes_holds_requests_and_snapshots_allocate_nothing()
    {
        SeededRandom random = new(7);
        LossyLines lossy = new(TrueStream.Adds(4_000), new LineFaults { Loss = 0.2, Reordered = 0.1, Duplicates = 0.1 }, random);
        ScriptedInput input = new(lossy.Steps, new VenueServer(lossy, random) { Loss = 0.5 }, idles: true);
        FeedStatistics s = RecoveryRun.Read(RecoveryRun.Options(Policy), input).Statistics;
        Assert.That(new[] { s.Holes, s.HeldPackets, s.Requests, s.ReplyPackets, s.Lost, s.Snapshots }, Has.All.GreaterThan(5), "all of it occurs");
        long allocated = AllocationTests.AllocatedBy(
            () => RecoveryRun.Open(RecoveryRun.Options(Policy), new ScriptedInput(input.Given, isRecording: true)), source => source.Statistics.Requests, out long requests);
        Assert.That((allocated, requests), Is.EqualTo((0L, s.Requests)));
    }

    private static GapPolicy Policy => new() { WaitNanos = 60_000, Requests = 2, RequestTimeoutNanos = 200_000, UsesSnapshots = true };

    private static (Feed.Result Result, ScriptedInput Input) Run(ulong seed, FeedOptions options)
    {
        SeededRandom random = new(seed);
        LineFaults faults = new() { Loss = 0.1, Duplicates = 0.05, Reordered = 0.1, CutsAnew = true, Lines = random.Next(1, 3) };
        LossyLines lossy = new(TrueStream.Simulated(seed % 3), faults, random);
        ScriptedInput input = new(lossy.Steps, new VenueServer(lossy, random) { Loss = 0.4, Duplicates = 0.1, OldSnapshots = 0.1 }, idles: true);
        return (RecoveryRun.Read(options, input), input);
    }
}
