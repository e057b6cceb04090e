using System.IO.Compression;
using System.Text.RegularExpressions;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests;

/// <summary>pcapng at length: the sample day wrapped in it, and real files.</summary>
public partial class PcapngSampleTests
{
    private const int PacketHead = 16, FileHead = 24, PacketsASection = 9_973;

    [Test]
    public void A_day_replays_the_same_from_pcapng_as_from_pcap()
    {
        byte[] pcap = Sample();
        byte[] pcapng = Wrap(pcap);
        Feed.Result expected = Feed.Read(pcap);
        Feed.Result actual = Feed.Read(pcapng);
        AssertSame(expected, actual);
        Assert.That(expected.Events, Has.Count.GreaterThan(100_000));
        Assert.That(actual.Statistics.Irregularities().Select(i => i.Key), Is.EquivalentTo(expected.Statistics.Irregularities().Select(i => i.Key).Append("unknown_blocks")));
        AssertSame(Feed.Read(pcap, pcap), Feed.Read(pcap, pcapng));
        AssertSame(Feed.Read(pcap, pcap), Feed.Read(Feed.Gzip(pcapng), pcap));
    }

    [Test]
    [Category("RealData")]
    public void Real_files_have_the_blocks_they_are_described_with_and_the_packets_of_the_naive_reading()
    {
        DirectoryInfo basic = new FileInfo(RealDataTests.Find("pcapng/output_le/basic/test001.pcapng")).Directory!;
        string[] files = Directory.GetFiles(basic.Parent!.Parent!.FullName, "*.pcapng", SearchOption.AllDirectories);
        Assert.That(files, Has.Length.EqualTo(48));
        foreach (string file in files)
        {
            string[] described = Sequence().Match(File.ReadAllText(Path.ChangeExtension(file, "txt"))).Groups[1].Value.Trim().Split(", ");
            byte[] bytes = File.ReadAllBytes(file);
            NaivePcapng naive = new(bytes);
            Assert.That(naive.Blocks, Is.EqualTo(described), file);
            using PcapngReader reader = (PcapngReader)PacketReader.Open(CaptureFile.Open(file));
            Assert.That(PcapngDamageTests.Compare(reader, naive, file), Is.EqualTo(described.Count(name => name is "EPB" or "SPB")), file);
            Assert.That(
                (reader.Sections, reader.Interfaces, reader.OtherBlocks, reader.UnknownBlocks, reader.DamagedBlocks, reader.Fault),
                Is.EqualTo((Count("SHB"), Count("IDB"), Count("NRB") + Count("ISB") + Count("CB") + Count("DCB"), 0L, 0L, (SourceFault?)null)), file);
            AssertAccounted(Feed.Read(bytes), naive.Packets.Count, file);

            long Count(string name) => described.LongCount(block => block == name);
        }
    }

    private static void AssertAccounted(Feed.Result result, int packets, string file)
    {
        FeedStatistics s = result.Statistics;
        long passedOver = s.TcpPackets + s.NonIpPackets + s.OtherIpPackets + s.FragmentPackets + s.OtherUdpPackets + s.ShortPackets
            + s.NoInterfacePackets + s.OtherLinkPackets;
        Assert.That((s.Packets, passedOver), Is.EqualTo(((long)packets, (long)packets)), file);
        Assert.That(result.Fault!.Sentence, Does.Contain("no UDP market data"), file);
    }

    private static void AssertSame(Feed.Result expected, Feed.Result actual)
    {
        Assert.That(actual.Events, Has.Count.EqualTo(expected.Events.Count));
        for (int i = 0; i < expected.Events.Count; i++)
        {
            string text = EventText.Of(expected.Events[i]);
            if (EventText.Of(actual.Events[i]) != text)
            {
                Assert.Fail($"event {i} is {EventText.Of(actual.Events[i])}, not {text}");
            }
        }

        Assert.That((actual.Date, actual.Fault), Is.EqualTo((expected.Date, expected.Fault)));
        Assert.That(actual.Statistics.Packets, Is.EqualTo(expected.Statistics.Packets));
        Assert.That(actual.Statistics.Duplicates, Is.EqualTo(expected.Statistics.Duplicates));
    }

    /// <summary>The packets of a little-endian nanosecond pcap over sections of both byte orders and three clocks that hold a nanosecond.</summary>
    private static byte[] Wrap(byte[] pcap)
    {
        PcapngWriter? writer = null;
        int count = 0;
        ulong first = 0;
        for (int at = FileHead; at < pcap.Length; count++)
        {
            ulong seconds = BitConverter.ToUInt32(pcap, at);
            ulong nanos = BitConverter.ToUInt32(pcap, at + 4);
            int length = BitConverter.ToInt32(pcap, at + 8);
            byte[] frame = pcap.AsSpan(at + PacketHead, length).ToArray();
            at += PacketHead + length;
            if (count % PacketsASection == 0)
            {
                first = seconds;
                bool big = count / PacketsASection % 2 == 1;
                writer = writer is null ? new PcapngWriter(big) : writer.Section(big);
                writer.Interface(resolution: 9).Interface(resolution: 12, offsetSeconds: (long)seconds).Interface(101, 9, -1_000).Block(0x77, [1, 2, 3, 4]);
            }

            ulong picoseconds = (((seconds - first) * 1_000_000_000) + nanos) * 1_000;
            writer = (count % 4) switch
            {
                0 => writer!.Enhanced(0, (seconds * 1_000_000_000) + nanos, frame),
                1 => writer!.Enhanced(1, picoseconds, frame),
                2 => writer!.Enhanced(2, ((seconds + 1_000) * 1_000_000_000) + nanos, frame[14..]),
                _ => writer!.Obsolete(0, (seconds * 1_000_000_000) + nanos, frame),
            };
        }

        return writer!.ToArray();
    }

    private static byte[] Sample()
    {
        DirectoryInfo? folder = new(TestContext.CurrentContext.TestDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Engine.sln")))
        {
            folder = folder.Parent;
        }

        using FileStream given = File.OpenRead(Path.Combine(folder!.FullName, "tools/samples/market.pcap.gz"));
        using GZipStream content = new(given, CompressionMode.Decompress);
        using MemoryStream bytes = new();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    [GeneratedRegex("Block sequence:([^\n]*)")]
    private static partial Regex Sequence();
}
