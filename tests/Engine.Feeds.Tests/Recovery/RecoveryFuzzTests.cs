using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;
using Engine.TestKit;

namespace Engine.Feeds.Tests.Recovery;

/// <summary>Damaged packets, answers and snapshots: no exception, an end, and counters that account for everything.</summary>
public class RecoveryFuzzTests
{
    [Test]
    public void Whatever_comes_it_ends_and_adds_up()
    {
        foreach (ulong seed in Seeds.Take(60))
        {
            SeededRandom random = new(seed);
            TrueStream stream = random.Next(3) switch { 0 => TrueStream.Xdp(300), 1 => TrueStream.Iex(300), _ => TrueStream.Adds(300) };
            LossyLines lossy = new(stream, new LineFaults { Loss = 0.2, Reordered = 0.2, Duplicates = 0.1, CutsAnew = true }, random);
            List<Step> steps = [.. lossy.Steps.Select(step => Damage(step, random))];
            for (int i = 0; i < 20; i++)
            {
                steps.Add(Odd(stream, lossy, random));
            }

            GapPolicy policy = new()
            {
                WaitNanos = random.Next(200_000), Requests = random.Next(3), RequestTimeoutNanos = random.Next(100_000), OnlyWithSeveralLines = random.Chance(0.3),
                UsesSnapshots = random.Chance(0.7),
            };
            EngineLimits limits = new() { HeldPackets = random.Next(1, 40), HeldPacketBytes = random.Next(60, 1_000), CatchUpBytes = random.Next(100, 10_000) };
            ScriptedInput input = new(steps, idles: random.Chance(0.5), isRecording: random.Chance(0.2));
            FeedStatistics s = RecoveryRun.Read(RecoveryRun.Options(policy, limits), input, stream.Venue, random.Next(1, 20)).Statistics;
            Assert.That(s.Missing, Is.LessThanOrEqualTo(s.Recovered + s.Lost), $"seed {seed}");
            Assert.That(s.Recovered, Is.LessThanOrEqualTo(s.Missing), $"seed {seed}");
            Assert.That(s.Packets, Is.EqualTo(steps.Count(step => step.Kind == PacketNext.Packet)), $"seed {seed}");
            long passed = s.OtherUdpPackets + s.ShortPackets + s.BadSequencePackets + s.RefusedPackets + s.RetransmissionPackets;
            Assert.That(s.FeedPackets + passed, Is.EqualTo(s.Packets), $"seed {seed}");
            Assert.That(s.Snapshots + s.UselessSnapshots, Is.EqualTo(steps.Count(step => step.Kind == PacketNext.Snapshot)), $"seed {seed}");
        }
    }

    /// <summary>One packet in ten has bytes that differ, or is cut.</summary>
    private static Step Damage(Step step, SeededRandom random)
    {
        if (!random.Chance(0.1))
        {
            return step;
        }

        byte[] bytes = [.. step.Bytes];
        for (int i = random.Next(3); i >= 0; i--)
        {
            bytes[random.Next(random.Chance(0.5) ? bytes.Length : Math.Min(bytes.Length, 24))] = (byte)random.Next(256);
        }

        return step with { Bytes = random.Chance(0.3) ? bytes[..random.Next(bytes.Length)] : bytes };
    }

    /// <summary>An answer, a mark or a snapshot that nobody asked for, sound or not.</summary>
    private static Step Odd(TrueStream stream, LossyLines lossy, SeededRandom random)
    {
        long time = lossy.Arrivals[random.Next(lossy.Arrivals.Count)].Time;
        ulong from = (ulong)random.Next(1, 290);
        byte[] noise = new byte[random.Next(200)];
        random.NextBytes(noise);
        return random.Next(4) switch
        {
            0 => Damage(Step.Reply(time, stream.Pack(from, random.Next(10))), random),
            1 => Step.Mark(time + random.Next(100_000)),
            2 => Step.Snapshot(time, random.Chance(0.1) ? random.NextUInt64() : from, stream.Messages[..(int)from]),
            _ => new Step(PacketNext.Snapshot, time, noise) { Messages = random.Next(50), NextSequence = from },
        };
    }
}
