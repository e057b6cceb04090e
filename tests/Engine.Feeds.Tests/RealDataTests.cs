using Engine.Core.Events;
using Engine.Core.Time;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests;

[Category("RealData")]
public class RealDataTests
{
    private static readonly DateOnly s_date = new(2019, 12, 30);

    [Test]
    public void The_snippet_has_the_counts_its_description_gives()
    {
        Feed.Result result = Read("itch50/12302019_SNIPPET.NASDAQ_ITCH50", s_date);
        Dictionary<char, long> expected = new()
        {
            ['A'] = 367, ['U'] = 225, ['F'] = 193, ['D'] = 167, ['E'] = 28, ['X'] = 6, ['I'] = 4, ['P'] = 4, ['Q'] = 4, ['S'] = 1, ['C'] = 1,
        };
        for (int type = 0; type < 256; type++)
        {
            Assert.That(result.Statistics.MessagesByType[type], Is.EqualTo(expected.GetValueOrDefault((char)type)), $"type {(char)type}");
        }

        Assert.Multiple(() =>
        {
            Assert.That(result.Statistics.Messages, Is.EqualTo(1_000));
            Assert.That(result.Statistics.Bytes, Is.EqualTo(35_570));
            Assert.That(result.Statistics.Irregularities(), Is.Empty);
            Assert.That(result.Fault, Is.Null);
            Assert.That(result.Format, Is.EqualTo("BinaryFILE / ITCH 5.0"));
            Assert.That(result.Events[0].ExchangeTime / 1_000_000_000, Is.EqualTo(1_577_716_200), "09:30:00 in New York");
        });
    }

    [TestCase("itch50/12302019_SNIPPET.NASDAQ_ITCH50", 1_000)]
    [TestCase("itch50/LukeFasanello_start_of_day_4096B_truncated.itch", 101)]
    public void Every_field_agrees_with_the_naive_reading(string name, int count)
    {
        string path = Find(name);
        Feed.Result result = Read(name, s_date);
        NaiveItch naive = new();
        List<MarketEvent> expected = naive.ReadBinaryFile(File.ReadAllBytes(path), UsEastern.MidnightUtcNanos(s_date));
        Assert.That(result.Events, Has.Count.EqualTo(count));
        Assert.That(expected, Has.Count.EqualTo(count));
        for (int i = 0; i < count; i++)
        {
            Assert.That(EventText.Of(result.Events[i]), Is.EqualTo(EventText.Of(expected[i])), $"message {i + 1}");
        }

        Assert.That(Enumerable.Range(0, result.Instruments.Count).Select(result.Instruments.Symbol), Is.EqualTo(naive.Symbols));
    }

    [Test]
    public void The_cut_file_keeps_101_messages_and_names_the_byte()
    {
        Feed.Result result = Read("itch50/LukeFasanello_start_of_day_4096B_truncated.itch", null);
        Assert.Multiple(() =>
        {
            Assert.That(result.Statistics.Messages, Is.EqualTo(101));
            Assert.That(result.Fault!.Offset, Is.EqualTo(4_081));
            Assert.That(result.Fault.Sentence, Does.Contain("is cut in the middle of a message at byte 4,081"));
            Assert.That(result.Events[0].Flags.HasFlag(EventFlags.SessionStart));
            Assert.That(result.DateSource, Is.EqualTo("none"));
            Assert.That(result.Instruments.Symbol(0), Is.EqualTo("A"));
        });
    }

    [TestCase("pcap/802.1ad_QinQ.pcap", "no UDP market data: 2 packets that are not IP")]
    [TestCase("pcap/LINKTYPE_RAW_ipv4.pcap", "no UDP market data: 1 UDP packets of another protocol")]
    [TestCase("pcap/LINKTYPE_RAW_ipv6.pcap", "no UDP market data: 1 UDP packets of another protocol")]
    [TestCase("pcap/LINKTYPE_IPV4_invalid.pcap", "no UDP market data: 1 packets too short for their headers")]
    [TestCase("pcap/IGMP_V2.pcap", "packets of other IP protocols")]
    public void Captures_without_a_feed_say_what_they_hold(string name, string words)
    {
        Feed.Result result = Read(name, null);
        Assert.That(result.Events, Is.Empty);
        Assert.That(result.Fault!.Sentence, Does.Contain(words));
    }

    private static Feed.Result Read(string name, DateOnly? date)
    {
        using MarketDataSource source = CaptureSource.Open([Find(name)], Feed.Options(date));
        return Feed.ReadAll(source);
    }

    internal static string Find(string name)
    {
        string? root = Environment.GetEnvironmentVariable("ENGINE_SHARED_DATA");
        for (DirectoryInfo? folder = new(TestContext.CurrentContext.TestDirectory); root is null && folder is not null; folder = folder.Parent)
        {
            root = File.Exists(Path.Combine(folder.FullName, "Engine.sln")) ? Path.Combine(folder.FullName, "../shared/data") : null;
        }

        string path = Path.Combine(root ?? "", name);
        if (!File.Exists(path))
        {
            Assert.Ignore($"real sample {name} is not here");
        }

        return path;
    }
}
