using System.Numerics;
using Engine.Core.Numerics;
using Engine.Feeds.Captures;
using static Engine.Feeds.Tests.PcapWriter;

namespace Engine.Feeds.Tests;

/// <summary>pcapng files that are cut or contradict themselves, and clocks at their extremes.</summary>
public class PcapngDamageTests
{
    private static readonly byte[] s_frame = Frame(Mold("SESSION", 1, ItchBytes.Add(11)));

    [Test]
    public void A_cut_at_any_byte_keeps_what_came_before()
    {
        byte[] whole = Small();
        NaivePcapng naive = new(whole);
        for (int length = 1; length < whole.Length; length++)
        {
            string path = Feed.File("cut", whole[..length]);
            if (length < 28)
            {
                CaptureException refused = Assert.Throws<CaptureException>(() => CaptureSource.Open([path], Feed.Options()))!;
                Assert.That(refused.ExitCode, Is.EqualTo(length < 4 ? 2 : 1), refused.Message);
                continue;
            }

            using PacketReader reader = PacketReader.Open(CaptureFile.Open(path));
            int kept = Compare(reader, naive, $"cut at {length}");
            int start = naive.Ends.Where(end => end <= length).DefaultIfEmpty(0).Max();
            Assert.That(kept, Is.EqualTo(naive.Blocks.Zip(naive.Ends).Count(b => b.Second <= length && b.First is "EPB" or "SPB" or "PB")), $"cut at {length}");
            Assert.That(reader.Fault?.Offset, Is.EqualTo(start == length ? null : start), $"cut at {length}");
            Assert.That(reader.Fault?.Sentence, Is.Null.Or.Contains($"is cut in the middle of a block at byte {start:N0}; everything before it counts"));
        }
    }

    [Test]
    public void A_cut_in_gzip_names_the_byte_too()
    {
        byte[] whole = Small();
        string sentence = Feed.Read(Feed.Gzip(whole[..^3])).Fault!.Sentence;
        Assert.That(sentence, Does.Contain("is cut in the middle of a block at byte"));
    }

    [TestCase(4, 0x10, "lengths, 16 before and")]
    [TestCase(4, 0x08, "has a block of 8 bytes, which cannot be, at byte")]
    [TestCase(4, 0x6D, "bytes, which cannot be, at byte")]
    [TestCase(7, 0x7F, "bytes, which cannot be, at byte")]
    [TestCase(-1, 0x01, "differ at byte")]
    [TestCase(-4, 0x00, "and 0 behind, differ at byte")]
    public void Lengths_that_contradict_end_the_file_there(int at, int value, string words)
    {
        PcapngWriter writer = new PcapngWriter().Interface().Enhanced(0, 1_000, s_frame);
        int start = writer.Length;
        byte[] bytes = writer.Block(77, new byte[96]).Enhanced(0, 2_000, s_frame).ToArray();
        bytes[at < 0 ? start + 108 + at : start + at] = (byte)value;
        Feed.Result result = Feed.Read(bytes);
        Assert.That((result.Events.Count, result.Fault?.Offset), Is.EqualTo((1, (long?)start)));
        Assert.That(result.Fault!.Sentence, Does.Contain(words).And.Contain($"at byte {start:N0}; everything before it counts"));
    }

    [Test]
    public void Sections_that_cannot_be_read_are_named()
    {
        byte[] version = new PcapngWriter().Section(false, major: 2).ToArray()[28..];
        byte[] magic = new PcapngWriter().ToArray();
        magic[9] = 0;
        Assert.That(Feed.Refused(version).Message, Does.Contain("has a section of pcapng version 2, and only version 1 is read, at byte 0"));
        Assert.That(Feed.Refused(magic).Message, Does.Contain("has a pcapng section with the byte-order magic 1A2B004D, not 1A2B3C4D, at byte 0"));
        byte[] good = new PcapngWriter().Interface().Enhanced(0, 1_000, s_frame).ToArray();
        foreach (byte[] bad in new[] { version, magic })
        {
            Feed.Result later = Feed.Read([.. good, .. bad]);
            Assert.That((later.Events.Count, later.Fault!.Offset), Is.EqualTo((1, (long)good.Length)));
        }
    }

    [Test]
    public void Captures_without_a_feed_say_what_they_hold()
    {
        Assert.That(Words(new PcapngWriter()), Does.EndWith("no UDP market data: no packets at all"));
        Assert.That(Words(new PcapngWriter().Interface(linkType: 147).Enhanced(0, 1, s_frame)), Does.EndWith("1 packets of link types that are not read (147)"));
        Assert.That(Words(new PcapngWriter().Enhanced(0, 1, s_frame)), Does.EndWith("1 packets of interfaces that are not described"));
        static string Words(PcapngWriter writer) => Feed.Read(writer.ToArray()).Fault!.Sentence;
    }

    [Test]
    public unsafe void Times_are_exact_at_every_resolution_and_offset()
    {
        SeededRandom random = new(0xC10C);
        int inRange = 0;
        for (int i = 0; i < 200_000; i++)
        {
            byte resolution = (byte)(random.Chance(0.7) ? (random.Next(2) << 7) | random.Next(40) : random.Next(256));
            long offset = random.Chance(0.3) ? 0 : (long)random.NextUInt64() >> random.Next(64);
            ulong ticks = random.NextUInt64() >> random.Next(64);
            byte[] body = new PcapngWriter().Interface(resolution: resolution, offsetSeconds: offset).ToArray()[36..^4];
            BigInteger unit = resolution < 128 ? BigInteger.Pow(10, resolution) : BigInteger.Pow(2, resolution & 127);
            BigInteger expected = (ticks * BigInteger.Pow(10, 9) / unit) + (offset * BigInteger.Pow(10, 9));
            bool fits = expected >= 0 && expected <= long.MaxValue;
            inRange += fits ? 1 : 0;

            // SAFETY: the body stays pinned while it is read.
            fixed (byte* at = body)
            {
                PcapngInterface clock = PcapngInterface.Read(at, body.Length, !BitConverter.IsLittleEndian);
                Assert.That(clock.TryNanos(ticks, out long nanos), Is.EqualTo(fits), $"{ticks} at {resolution:x} + {offset}");
                Assert.That(!fits || nanos == expected, $"{ticks} at {resolution:x} + {offset}: {nanos}, not {expected}");
            }
        }

        Assert.That(inRange, Is.InRange(10_000, 190_000), "both sides of the range are tried");
    }

    /// <summary>Compares packets one by one; returns how many there were.</summary>
    internal static unsafe int Compare(PacketReader reader, NaivePcapng naive, string where)
    {
        int count = 0;
        for (; reader.HasRecord; reader.Advance())
        {
            (BigInteger? nanos, int link, byte[] data, bool truncated) = naive.Packets[count++];
            Assert.That((reader.LinkType, reader.IsTruncated, reader.HasGoodTime), Is.EqualTo((link, truncated, nanos is not null)), where);
            Assert.That(nanos is null || reader.Time == nanos, $"{where}: packet {count} at {reader.Time}, not {nanos}");

            // SAFETY: the reader's packet lies in its mapped file.
            Assert.That(new ReadOnlySpan<byte>(reader.Data, reader.Length).SequenceEqual(data), $"{where}: bytes of packet {count}");
        }

        return count;
    }

    /// <summary>A block of every kind, two sections of both byte orders.</summary>
    internal static byte[] Small() => new PcapngWriter()
        .Interface(resolution: null).Interface(linkType: 101, resolution: 9, offsetSeconds: 5)
        .Enhanced(0, 1_000, s_frame).Block(77, new byte[4]).Simple(s_frame[..61]).Enhanced(9, 1, [1])
        .Section(true).Interface(resolution: 0x94, snap: 50).Block(4, new byte[4])
        .Obsolete(0, 77_000_000, s_frame).Simple(s_frame[..50], 90).Enhanced(0, 78_000_000, s_frame[..40], 80).Block(5, new byte[12])
        .ToArray();
}
