using System.Diagnostics;
using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Feeds.Captures;
using Engine.TestKit;
using Engine.TestKit.Captures;

namespace Engine.Feeds.Tests.Dbn;

/// <summary>Cut, damaged and foreign DBN files.</summary>
public class DbnDamageTests
{
    [Test]
    public void A_file_cut_at_any_byte_keeps_its_whole_records([Values(1, 3)] int version)
    {
        DbnWriter writer = new DbnWriter(version).Map("AA", 7);
        int head = writer.HeadBytes;
        writer.Mbo('R', 'N', 0, 0, 0);
        writer.Mbp10('A', 'B', 0, 0, [new(5, 1, 6, 1)], instrument: 8);
        writer.Trade('B', 1, 1);
        byte[] whole = writer.ToArray();
        int[] ends = [head, head + 56, head + 56 + 368, whole.Length];
        int[] events = [0, 1, 3, 4];
        for (int length = 1; length <= whole.Length; length++)
        {
            byte[] bytes = whole[..length];
            if (length < head)
            {
                CaptureException refused = Feed.Refused(bytes);
                Assert.That(refused.ExitCode, Is.EqualTo(length < 3 ? 2 : 1), $"byte {length}");
                Assert.That(refused.Message, length < 3 ? Does.Contain("is a text file") : Does.Contain("is cut within its DBN metadata"));
                continue;
            }

            Feed.Result result = Feed.Read(bytes);
            int records = ends.Count(end => end <= length) - 1;
            Assert.That(result.Events, Has.Count.EqualTo(events[records]), $"byte {length}");
            bool isWhole = ends.Contains(length);
            Assert.That(result.Fault?.Offset, Is.EqualTo(isWhole ? null : ends[records]), $"byte {length}");
            Assert.That(isWhole || result.Fault!.Sentence.Contains("is cut in the middle of a record at byte", StringComparison.Ordinal));
            Assert.That(result.Statistics.TrailingBytes, Is.EqualTo(length - ends[records]));
        }
    }

    [Test]
    public void A_cut_gzip_keeps_what_comes_before()
    {
        DbnWriter writer = new DbnWriter().Map("AA", 7);
        for (uint i = 0; i < 2_000; i++)
        {
            writer.Trade('B', i * 7_919, i * 104_729, sequence: i);
        }

        byte[] gzip = Feed.Gzip(writer.ToArray());
        Assert.That(Feed.Read(gzip).Events, Has.Count.EqualTo(2_000));
        Feed.Result cut = Feed.Read(gzip[..(gzip.Length / 2)]);
        Assert.That(cut.Events, Has.Count.InRange(1, 1_999));
        Assert.That(cut.Fault!.Sentence, Does.Contain("gzip is cut"));
        Assert.That(Feed.Read(gzip).Format, Does.StartWith("gzip / DBN 3"));
    }

    [TestCase(0, "has a record of 0 bytes, which cannot be, at byte")]
    [TestCase(3, "has a record of 12 bytes, which cannot be, at byte")]
    public void A_record_that_cannot_be_ends_the_file_at_its_byte(byte length, string words)
    {
        DbnWriter writer = new DbnWriter().Map("AA", 7).Trade('B', 1, 1);
        long at = writer.HeadBytes + writer.RecordBytes;
        Feed.Result result = Feed.Read(writer.Raw([length, .. new byte[40]]).Trade('B', 1, 1).ToArray());
        Assert.That(result.Events, Has.Count.EqualTo(1));
        Assert.That(result.Fault!.Sentence, Does.Contain(words));
        Assert.That(result.Fault.Offset, Is.EqualTo(at));
    }

    [TestCase(0)]
    [TestCase(4)]
    [TestCase(255)]
    public void Other_versions_are_refused(int version)
    {
        byte[] bytes = new DbnWriter(3).ToArray();
        bytes[3] = (byte)version;
        CaptureException refused = Feed.Refused(bytes);
        Assert.That((refused.ExitCode, refused.Message), Is.EqualTo((2, refused.Message)));
        Assert.That(refused.Message, Does.EndWith($"is DBN version {version}; versions 1 to 3 are read"));
    }

    [Test]
    public void Zstd_is_refused_with_the_command_that_undoes_it()
    {
        byte[] zstd = [0x28, 0xB5, 0x2F, 0xFD, .. new byte[50]];
        CaptureException refused = Feed.Refused(zstd, "glbx.mbo.dbn.zst");
        Assert.That(refused.ExitCode, Is.EqualTo(2));
        Assert.That(refused.Message, Does.Match(@"is zstd-compressed: decompress it first, zstd -d \S+/glbx.mbo.dbn.zst makes \S+/glbx.mbo.dbn$"));
        Assert.That(Feed.Refused(Feed.Gzip(zstd)).Message, Does.Contain("is zstd-compressed"));
        CaptureException named = Assert.Throws<CaptureException>(
            () => CaptureSource.Open([Feed.File("a.zst", zstd)], Feed.Options() with { Venue = Venue.Dbn }))!;
        Assert.That(named.Message, Does.Contain("zstd -d "));
    }

    [Test]
    public void Other_venues_dates_and_mixtures_are_refused()
    {
        byte[] dbn = new DbnWriter().Trade('B', 1, 1).ToArray();
        string path = Feed.File("a.dbn", dbn);
        string Words(FeedOptions options, params string[] paths) => Assert.Throws<CaptureException>(() => CaptureSource.Open(paths, options))!.Message;
        Assert.That(Words(Feed.Options() with { Venue = Venue.Itch50 }, path), Does.EndWith("is Databento DBN; the venue is dbn, not itch50"));
        Assert.That(Words(Feed.Options(new DateOnly(2020, 1, 1)), path), Does.EndWith("dbn carries whole times; leave the date out"));
        Assert.That(Words(Feed.Options(), path, Feed.File("b.pcap", new PcapWriter().ToArray())), Does.Contain("is a packet capture and"));
        Assert.That(
            Words(Feed.Options() with { Venue = Venue.Dbn }, Feed.File("b.pcap", new PcapWriter().ToArray())), Does.Contain("comes in files of its own"));
    }

    private static IEnumerable<ulong> FuzzSeeds() => Seeds.Take(2);

    [TestCaseSource(nameof(FuzzSeeds))]
    public void Mutated_files_end_and_add_up(ulong seed)
    {
        const int Milliseconds = 700;
        SeededRandom random = new(seed);
        byte[][] wholes = [.. Enumerable.Range(1, 3).Select(Whole)];
        Stopwatch watch = Stopwatch.StartNew();
        int opened = 0;
        for (int round = 0; round < 50 || watch.ElapsedMilliseconds < Milliseconds; round++)
        {
            byte[] bytes = (byte[])wholes[random.Next(3)].Clone();
            int from = random.Chance(0.3) ? 8 : 500;
            for (int i = random.Next(1, 15); i > 0; i--)
            {
                bytes[random.Next(from, bytes.Length)] = random.Chance(0.5) ? (byte)random.Next(256) : random.Chance(0.5) ? (byte)0xFF : (byte)0;
            }

            opened += Survives(bytes[..random.Next(from, bytes.Length + 1)], $"seed {seed}, round {round}") ? 1 : 0;
        }

        TestContext.Out.WriteLine($"{opened:N0} files from seed {seed}");
        Assert.That(opened, Is.Positive);
    }

    /// <summary>Reads damaged bytes to the end; false where they were refused at open.</summary>
    internal static bool Survives(byte[] bytes, string where, string name = "fuzz")
    {
        MarketDataSource source;
        try
        {
            source = CaptureSource.Open([Feed.File(name, bytes)], Feed.Options());
        }
        catch (CaptureException refused)
        {
            Assert.That(refused.Message, Does.Not.Contain("\n"), where);
            return false;
        }

        using (source)
        {
            var events = new MarketEvent[where.Length % 2 == 0 ? 3 : 64];
            long given = 0;
            int count;
            for (long reads = 0; (count = source.Read(events)) >= 0; reads++)
            {
                Assert.That(reads, Is.LessThan(50L * (bytes.Length + 100)), where);
                given += count;
                for (int i = 0; i < count; i++)
                {
                    source.WriteDetail(i, TextWriter.Null);
                    Assert.That(source.TryGetMessage(i, out _) || events[i].Kind is EventKind.Gap or EventKind.Clear or EventKind.LevelSet, where);
                    Assert.That(source.TypeText(i), Is.Not.Null);
                }
            }

            Assert.That(source.Statistics.Events, Is.EqualTo(given), where);
            Assert.That(source.Fault?.Sentence ?? "", Does.Not.Contain("\n"), where);
        }

        return true;
    }

    private static byte[] Whole(int version)
    {
        DbnWriter writer = new DbnWriter(version).Map("AA", 7).Map("BB", (20200101, 20201001, "8"), (20201001, 20211001, "9"));
        for (uint i = 0; i < 12; i++)
        {
            writer.Mbo("RACMTFN"[(int)i % 7], "BAN"[(int)i % 3], i, 100 + i, 9, instrument: 7 + (i % 3), flags: (byte)(i * 37));
            writer.Mbp10('A', 'B', 5, 5, [.. Enumerable.Range(0, 10).Select(l => new DbnLevel(100 - l, 1 + i, 200 + l, 2))], instrument: 8).Name(9, "CC");
            writer.Trade('A', 5, 5);
        }

        return writer.ToArray();
    }
}
