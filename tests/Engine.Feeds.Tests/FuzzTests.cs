using System.Diagnostics;
using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests;

/// <summary>Damaged inputs: no exception but at open, an end, and counters that account for everything.</summary>
public class FuzzTests
{
    private const int MillisecondsEach = 1_500;

    [Test]
    public void Mutated_captures_end_and_add_up() => Run(0xFEED1, Whole(), Venue.None, Mutate);

    [Test]
    public void Mutated_pcapng_ends_and_adds_up() => Run(0xFEED4, [], Venue.None, (random, _) =>
    {
        byte[] bytes = PcapngDamageTests.Small();
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(random.Chance(0.5) ? 1 << random.Next(8) : random.Next(256));
        }

        return bytes[..(random.Chance(0.5) ? bytes.Length : random.Next(28, bytes.Length + 1))];
    });

    [Test]
    public void Random_payloads_end_and_add_up() => Run(0xFEED2, [], Venue.Itch50, (random, _) =>
    {
        PcapWriter writer = new(linkType: random.Next(6) switch { 0 => 1, 1 => 101, 2 => 113, 3 => 0, 4 => 108, _ => 276 });
        for (int i = 0; i < 20; i++)
        {
            byte[] noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            byte[] frame = random.Next(3) switch
            {
                0 => noise,
                1 => PcapWriter.Ethernet(PcapWriter.Ipv4(PcapWriter.Udp(noise))),
                _ => PcapWriter.Frame(PcapWriter.MoldCount("S" + random.Next(60), random.NextUInt64() >> random.Next(64), random.Next(70_000), noise)),
            };
            writer.Record(i, frame, frame.Length + random.Next(2));
        }

        return writer.ToArray();
    });

    [Test]
    public void Mutated_day_files_end_and_add_up() => Run(0xFEED3, [], Venue.None, (random, _) =>
    {
        byte[] bytes = ItchBytes.BinaryFile([.. ItchBytes.Adds(1, 8), .. Messages(random)]);
        for (int i = random.Next(0, 6); i > 0; i--)
        {
            bytes[random.Next(8 * 38, bytes.Length)] = (byte)random.Next(256);
        }

        return bytes[..random.Next(8 * 38, bytes.Length + 1)];
    });

    /// <summary>Changes up to twenty bytes behind the file's head, and cuts it somewhere in its second half.</summary>
    internal static byte[] Mutate(SeededRandom random, byte[] whole)
    {
        byte[] bytes = (byte[])whole.Clone();
        for (int i = random.Next(1, 20); i > 0; i--)
        {
            int at = random.Next(24, bytes.Length);
            bytes[at] = random.Chance(0.5) ? (byte)random.Next(256) : random.Chance(0.5) ? (byte)0xFF : (byte)0;
        }

        return bytes[..random.Next(bytes.Length / 2, bytes.Length + 1)];
    }

    private static byte[][] Messages(SeededRandom random) =>
        [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ =>
        {
            byte[] message = new byte[random.Next(1, 60)];
            random.NextBytes(message);
            message[0] = random.Chance(0.8) ? (byte)"SRHYLVWKJhAFECXDUPQBINO"[random.Next(23)] : message[0];
            return message;
        })];

    /// <summary>Reads damaged captures for a while; each must end, and its counters add up.</summary>
    internal static void Run(ulong seed, byte[] whole, Venue venue, Func<SeededRandom, byte[], byte[]> damage)
    {
        SeededRandom random = new(seed);
        Stopwatch watch = Stopwatch.StartNew();
        int opened = 0;
        for (int round = 0; round == 0 || watch.ElapsedMilliseconds < MillisecondsEach; round++)
        {
            byte[] bytes = damage(random, whole);
            string path = Feed.File("fuzz", bytes);
            try
            {
                using MarketDataSource source = CaptureSource.Open([path], Feed.Options() with { Venue = venue });
                opened++;
                Check(source, bytes.Length, $"seed {seed:x}, round {round}");
            }
            catch (CaptureException refused)
            {
                Assert.That(refused.Message, Does.Not.Contain("\n"));
            }
        }

        TestContext.Out.WriteLine($"{opened:N0} captures from seed {seed:x}");
        Assert.That(opened, Is.GreaterThan(0));
    }

    private static void Check(MarketDataSource source, int bytes, string where)
    {
        MarketEvent[] events = new MarketEvent[64];
        long real = 0;
        long synthetic = 0;
        int count;
        for (long reads = 0; (count = source.Read(events)) >= 0; reads++)
        {
            Assert.That(reads, Is.LessThan(bytes + 100), where);
            for (int i = 0; i < count; i++)
            {
                bool hasMessage = source.TryGetMessage(i, out ReadOnlySpan<byte> message);
                bool maySynthetic = events[i].Kind is EventKind.Gap or EventKind.Clear or EventKind.SnapshotEnd;
                Assert.That(hasMessage || maySynthetic, where);
                real += hasMessage ? 1 : 0;
                synthetic += hasMessage ? 0 : 1;
                source.WriteDetail(i, TextWriter.Null);
            }
        }

        FeedStatistics s = source.Statistics;
        Assert.That(s.Messages, Is.EqualTo(real + s.UnknownMessages + s.MalformedMessages), where);
        Assert.That(s.Events, Is.EqualTo(real + synthetic), where);
        long passedOver = s.TcpPackets + s.NonIpPackets + s.OtherIpPackets + s.FragmentPackets + s.OtherUdpPackets + s.ShortPackets
            + s.BadSequencePackets + s.RefusedPackets + s.RetransmissionPackets + s.NoInterfacePackets + s.OtherLinkPackets;
        Assert.That(s.Packets, Is.EqualTo(s.FeedPackets + passedOver), where);
    }

    private static byte[] Whole()
    {
        PcapWriter writer = new();
        for (ulong i = 0; i < 30; i++)
        {
            byte[] message = i % 3 == 0 ? ItchBytes.Delete(i) : ItchBytes.Add(i);
            writer.Record((long)i, PcapWriter.Frame(PcapWriter.Mold(i < 20 ? "ONE" : "TWO", 1 + (i * 2 % 40), message, message), (byte)(i % 2)));
        }

        return writer.ToArray();
    }
}
