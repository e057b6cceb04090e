using System.Text;
using Engine.Core.Events;
using Engine.Feeds.BitMex;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>Lines, connections and files.</summary>
public class BitMexSessionTests
{
    private const string Partial = "SnapshotBegin LevelSet:s20@101 LevelSet:b10@100 SnapshotEnd.";

    [Test]
    public void A_closed_connection_empties_the_books_until_their_next_partial()
    {
        Feed.Result result = new BitMexText().Opened().Book().Closed().Wait(250).Opened()
            .Update(BitMexText.Level(2, "Buy", 1, null)).Book().Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(
            $"Status(all). {Partial} Status(all). Clear(all). Status(all):251000000. {Partial}"));
        BitMexStatistics s = result.Statistics.BitMex!;
        Assert.Multiple(() =>
        {
            Assert.That((s.Opened, s.Closed, s.Outages, s.OutageNanos, s.IsInOutage), Is.EqualTo((2, 1, 1, 251_000_000, false)));
            Assert.That(result.Statistics.Irregularities(), Is.EqualTo(BitMexBookTests.Counts(("rows_before_partial", 1), ("outages", 1))));
        });
    }

    /// <summary>00:30 UTC, when it is still the day before in New York.</summary>
    [Test]
    public void The_day_is_that_of_UTC()
    {
        Feed.Result result = new BitMexText().Wait(((24 * 60) - (22 * 60) - 13 + 30) * 60_000).Book().Read();
        Assert.That((result.Date, result.DateSource), Is.EqualTo((new DateOnly(2023, 11, 15), "capture")));
    }

    [Test]
    public void A_symbol_may_be_as_long_as_the_name_of_an_instrument()
    {
        const string Symbol = ".B1000PEPETHIRTYONELETTERS_NEXT";
        Feed.Result result = new BitMexText().Book(Symbol).Update(BitMexText.Level(2, "Buy", 3, null, Symbol)).Read();
        Assert.That((Symbol.Length, result.Instruments.Symbol(0)), Is.EqualTo((31, Symbol)));
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(Partial + " LevelSet:b3@100."));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
    }

    [Test]
    public void Refusals_belong_to_the_outage_that_they_prolong()
    {
        Feed.Result result = new BitMexText().Refused().Refused().Opened().Refused().Closed().Refused().Refused().Opened().Closed().Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(
            "Status(all). Status(all). Status(all):2000000. Status(all). Status(all). Clear(all). "
            + "Status(all). Status(all). Status(all):3000000. Status(all). Clear(all)."));
        BitMexStatistics s = result.Statistics.BitMex!;
        Assert.That((s.Refused, s.Outages, s.OutageNanos, s.IsInOutage), Is.EqualTo((5, 3, 5_000_000, true)));
    }

    [Test]
    public void A_connection_opened_while_another_is_open_begins_anew()
    {
        Feed.Result result = new BitMexText().Opened().Book().Opened().Update(BitMexText.Level(2, "Buy", 1, null)).Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo($"Status(all). {Partial} Status(all). Clear(all)."));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(BitMexBookTests.Counts(("rows_before_partial", 1), ("reopened", 1))));
    }

    [Test]
    public void Lines_of_other_forms_are_counted_and_passed_over()
    {
        Feed.Result result = new BitMexText().Book().Raw("configuration: {}").Raw("").Raw("wss://venue ?? 1.5: x").Raw("1.5 {}").Raw("1.: {}").Raw("ftp://venue <- 1.5: {}")
            .Raw("wss://venue <- now: {}").Raw(": {}").Raw("-1.5: {}").Raw("1.5").Raw("wss://venue -> 1.5: {}").Raw("https://venue <-> 1.5")
            .Update(BitMexText.Level(2, "Buy", 1, null)).Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(Partial + " LevelSet:b1@100."));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(BitMexBookTests.Counts(("malformed_lines", 11))));
        Assert.That(result.Statistics.BitMex!.BlankLines, Is.EqualTo(1));
    }

    [TestCase("1618677660.1733692", 1_618_677_660_173_369_200)]
    [TestCase("1618677660", 1_618_677_660_000_000_000)]
    [TestCase("0.000000001", 1)]
    [TestCase("1.1234567890000", 1_123_456_789)]
    [TestCase("9223372035.999999999", 9_223_372_035_999_999_999)]
    public void Times_are_exact(string seconds, long nanos)
    {
        Feed.Result result = Feed.Read(Encoding.ASCII.GetBytes($"wss://venue <-> {seconds}\r\n"));
        Assert.That(result.Events.Single().ReceiveTime, Is.EqualTo(nanos));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
    }

    [TestCase("1.1234567891")]
    [TestCase("9223372037")]
    [TestCase("99999999999999999999999999")]
    public void Times_that_do_not_fit_are_flagged_and_take_that_of_the_line_before(string seconds)
    {
        Feed.Result result = Feed.Read(Encoding.ASCII.GetBytes($"wss://venue <-> 5\nwss://venue <!> {seconds}: gone\n"));
        Assert.That(result.Events.Select(e => e.ReceiveTime), Is.All.EqualTo(5_000_000_000));
        Assert.That(result.Events.Select(e => e.Flags.HasFlag(EventFlags.BadReceiveTime)), Is.EqualTo(new[] { false, true, true }));
        Assert.That(result.Statistics.BitMex!.BadTimeLines, Is.EqualTo(1));
    }

    [Test]
    public void A_file_cut_inside_a_message_keeps_what_came_before()
    {
        byte[] before = new BitMexText().Book().ToArray();
        byte[] whole = new BitMexText().Book().Update(BitMexText.Level(2, "Buy", 1, null)).ToArray();
        for (int length = before.Length + 1; length < whole.Length - 1; length++)
        {
            Feed.Result result = Feed.Read(whole[..length]);
            Assert.That(BitMexText.Short(result.Events), Is.EqualTo(Partial), $"{length} bytes");
            Assert.That(result.Fault, Is.Not.Null, $"{length} bytes");
            Assert.That(result.Fault!.Offset, Is.EqualTo(before.Length));
            Assert.That(result.Fault.Sentence, Does.Contain($"is cut in the middle of the line at byte {before.Length:N0}; everything before it counts"));
            Assert.That(result.Statistics.BitMex!.MalformedLines, Is.Zero);
        }

        Feed.Result complete = Feed.Read(whole[..^1]);
        Assert.That(BitMexText.Short(complete.Events), Is.EqualTo(Partial + " LevelSet:b1@100."));
        Assert.That(complete.Fault, Is.Null);
    }

    [Test]
    public void A_cut_gzip_is_a_fault()
    {
        byte[] gzip = Feed.Gzip([.. Enumerable.Repeat(new BitMexText().Book().ToArray(), 500).SelectMany(b => b)]);
        Feed.Result result = Feed.Read(gzip[..^40]);
        Assert.That(result.Format, Is.EqualTo("gzip / text / BitMEX"));
        Assert.That(result.Events, Is.Not.Empty);
        Assert.That(result.Fault!.Sentence, Does.Contain("gzip is cut"));
    }

    [Test]
    public void A_line_longer_than_any_is_passed_over()
    {
        string blanks = new(' ', BitMexTextFile.MaxLineBytes);
        Feed.Result result = new BitMexText().Book().Json($"{{{blanks}}}").Update(BitMexText.Level(2, "Buy", 1, null)).Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(Partial + " LevelSet:b1@100."));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(BitMexBookTests.Counts(("long_lines", 1))));
    }

    [Test]
    public void A_long_line_without_an_end_is_a_cut()
    {
        byte[] bytes = [.. new BitMexText().Book().ToArray(), .. "1.5: {"u8, .. new byte[BitMexTextFile.MaxLineBytes]];
        Feed.Result result = Feed.Read(bytes);
        Assert.That(result.Fault!.Sentence, Does.Contain("is cut in the middle of the line"));
    }

    [Test]
    public void Files_are_merged_by_the_time_of_their_lines()
    {
        byte[] first = "1.5: {\"info\":1}\nwss://a <!> 3: x\n"u8.ToArray();
        byte[] second = "wss://a <-> 1\nhttps://a <!> 2.5: 503\nhttps://a <!> 3: 503\n"u8.ToArray();
        Feed.Result result = Feed.Read(first, second);
        Assert.That(result.Events.Select(e => (e.Kind, e.ReceiveTime / 100_000_000)), Is.EqualTo(new[]
        {
            (EventKind.Status, 10L), (EventKind.Status, 25L), (EventKind.Status, 30L), (EventKind.Clear, 30L), (EventKind.Status, 30L),
        }));
        Assert.That(result.Statistics.BitMex!.Closed, Is.EqualTo(1));
    }

    [Test]
    public void What_it_is_not_is_said_by_name()
    {
        string session = Feed.File("session", new BitMexText().Book().ToArray());
        string pcap = Feed.File("b.pcap", new PcapWriter().ToArray());
        string itch = Feed.File("c.itch", ItchBytes.BinaryFile(ItchBytes.Adds(1, 20)));
        Assert.Multiple(() =>
        {
            Assert.That(Refused(Venue.Itch50, session), Does.Contain("holds the lines of a BitMEX session; itch50 does not come in those"));
            Assert.That(Refused(Venue.BitMex, pcap), Does.Contain("is a packet capture; bitmex comes in files of its own"));
            Assert.That(Refused(Venue.BitMex, itch), Does.Contain("is a NASDAQ BinaryFILE; bitmex comes in files of its own"));
            Assert.That(Refused(Venue.None, session, pcap), Does.Contain("is a packet capture and").And.Contain("a BitMEX session; read them in separate runs"));
            Assert.That(
                Assert.Throws<CaptureException>(() => CaptureSource.Open([session], Feed.Options(new DateOnly(2021, 4, 17))))!.Message,
                Does.Contain("bitmex carries whole times; leave the date out"));
        });
    }

    [TestCase("1618677660.5: {\"a\":1}\n", true)]
    [TestCase("1618677660.5: [1]\n", true)]
    [TestCase("\n\nwss://a/b <-> 1618677660\n", true)]
    [TestCase("https://a/b -> 1618677660: [1]\n", true)]
    [TestCase("1618677660.5: text\n", false)]
    [TestCase("time,price\n1618677660.5: {}\n", false)]
    [TestCase("https://a/b\n", false)]
    [TestCase("12:30: {\n", false)]
    public void A_session_is_known_by_its_first_line(string text, bool isOne)
    {
        Assert.That(BitMexProbe.IsOne(Encoding.ASCII.GetBytes(text)), Is.EqualTo(isOne));
        if (!isOne)
        {
            Assert.That(Feed.Refused(Encoding.ASCII.GetBytes(text)).Message, Does.Contain("is a text file; expected a pcap"));
        }
    }

    private static string Refused(Venue venue, params string[] paths) =>
        Assert.Throws<CaptureException>(() => CaptureSource.Open(paths, Feed.Options() with { Venue = venue }))!.Message;
}
