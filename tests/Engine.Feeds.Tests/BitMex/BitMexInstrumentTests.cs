using System.Text;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.BitMex;
using Engine.Feeds.Captures;
using Engine.TestKit;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>The instrument table: what its rows change becomes events of index price, mark price and funding.</summary>
public class BitMexInstrumentTests
{
    private const string Whole =
        """{"symbol":"XBT","markPrice":100.5,"indicativeSettlePrice":100.25,"fundingRate":-0.000012,"fundingTimestamp":"2023-11-15T04:00:00.000Z","state":"Open"}""";

    private const string WholeText = "IndexPrice:100.25 MarkPrice:100.5 Funding:-0.000012/1700020800.";

    [Test]
    public void The_table_is_merged_by_symbol()
    {
        BitMexText text = new BitMexText().Partial("instrument", "XBT", Whole)
            .Rows("instrument", "update", """{"symbol":"XBT","markPrice":100.75,"indicativeFundingRate":1e-9,"timestamp":"2023-11-14T22:13:21.000Z"}""")
            .Rows("instrument", "update", """{"symbol":"XBT","fundingRate":null,"indicativeSettlePrice":1e-10}""");
        using MarketDataSource source = CaptureSource.Open([Feed.File("instrument", text.ToArray())], Feed.Options());
        var bitmex = (BitMexSource)source;
        Assert.That(bitmex.Values(0), Is.EqualTo(BitMexValues.Unknown));
        MarketEvent[] events = new MarketEvent[8];
        Assert.That(source.Read(events), Is.EqualTo(3));
        Assert.That(events.Take(3).All(e => e.Flags.HasFlag(EventFlags.FromSnapshot)));
        const long Funding = 1_700_020_800_000_000_000;
        Assert.That(bitmex.Values(0), Is.EqualTo(new BitMexValues(100_250_000_000, 100_500_000_000, -12_000, MarketEvent.Absent, Funding, BitMexText.Start)));
        Assert.That(source.Read(events), Is.EqualTo(1));
        Assert.That((events[0].Kind, events[0].ExchangeTime, events[0].Flags), Is.EqualTo(
            (EventKind.MarkPrice, BitMexText.Start + 1_000_000_000, EventFlags.LastOfEvent | EventFlags.Watched)));
        Assert.That(bitmex.Values(0), Is.EqualTo(new BitMexValues(100_250_000_000, 100_750_000_000, -12_000, 1, Funding, BitMexText.Start + 1_000_000_000)));
        Assert.That(source.Read(events), Is.EqualTo(2));
        Assert.That(BitMexText.Short(events.Take(2)), Is.EqualTo("IndexPrice:- Funding:-/1700020800."));
        Assert.That(bitmex.Values(0).FundingRate, Is.EqualTo(MarketEvent.Absent));
        Assert.That(bitmex.Values(0).IndexPrice, Is.EqualTo(MarketEvent.Absent), "finer than is kept");
        Assert.That(source.Statistics.Irregularities(), Is.EqualTo(BitMexBookTests.Counts(("too_fine_numbers", 1))));
    }

    [TestCase("update", "\"markPrice\":100.50", "Status.", "")]
    [TestCase("update", "\"lastPrice\":7", "Status.", "")]
    [TestCase("update", "\"indicativeFundingRate\":7", "Status.", "")]
    [TestCase("update", "\"markPrice\":null", "MarkPrice:-.", "")]
    [TestCase("update", "\"markPrice\":0", "MarkPrice:0.", "")]
    [TestCase("update", "\"markPrice\":\"5\"", "MarkPrice:-.", "bad_rows")]
    [TestCase("update", "\"markPrice\":1e30", "MarkPrice:-.", "too_large_numbers")]
    [TestCase("update", "\"indicativeSettlePrice\":-2.5e-9", "IndexPrice:-.", "too_fine_numbers")]
    [TestCase("update", "\"indicativeSettlePrice\":1e2,\"markPrice\":2e2", "IndexPrice:100 MarkPrice:200.", "")]
    [TestCase("update", "\"fundingRate\":0", "Funding:0/1700020800.", "")]
    [TestCase("update", "\"fundingRate\":0.000375", "Funding:0.000375/1700020800.", "")]
    [TestCase("update", "\"fundingTimestamp\":\"2023-11-15T12:00:00.000Z\"", "Funding:-0.000012/1700049600.", "")]
    [TestCase("update", "\"fundingTimestamp\":null", "Funding:-0.000012/-.", "")]
    [TestCase("update", "\"fundingTimestamp\":\"soon\"", "Funding:-0.000012/-.", "bad_times")]
    [TestCase("update", "\"fundingRate\":null,\"fundingTimestamp\":null", "Funding:-/-.", "")]
    [TestCase("delete", "\"state\":\"Settled\"", "IndexPrice:- MarkPrice:- Funding:-/-.", "")]
    [TestCase("partial", "\"markPrice\":100.5", "IndexPrice:- MarkPrice:100.5 Funding:-/-.", "")]
    [TestCase("partial", "\"markPrice\":3,\"indicativeSettlePrice\":4", "IndexPrice:4 MarkPrice:3 Funding:-/-.", "")]
    [TestCase("insert", "\"markPrice\":100.5", "IndexPrice:- Funding:-/-.", "")]
    public void A_row_tells_what_it_changes_and_a_partial_what_is_known(string action, string columns, string events, string counter)
    {
        string row = $$"""{"symbol":"XBT",{{columns}}}""";
        BitMexText text = new BitMexText().Partial("instrument", "XBT", Whole);
        Feed.Result result = (action == "partial" ? text.Partial("instrument", "XBT", row) : text.Rows("instrument", action, row)).Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo($"{WholeText} {events}"));
        Assert.That(result.Events.Skip(3).Select(e => e.Flags.HasFlag(EventFlags.FromSnapshot)), Is.All.EqualTo(action == "partial"));
        Assert.That(result.Statistics.Irregularities().Select(i => i.Key), Is.EqualTo(counter.Length > 0 ? [counter] : Array.Empty<string>()));
    }

    [Test]
    public void A_partial_behind_a_lost_connection_tells_everything_anew()
    {
        Feed.Result result = new BitMexText().Opened().Partial("instrument", "XBT", Whole).Closed().Opened()
            .Rows("instrument", "update", """{"symbol":"XBT","markPrice":7}""")
            .Partial("instrument", "XBT", Whole).Partial("instrument", "ETH", """{"symbol":"ETH"}""").Partial("instrument", "ADA").Read();
        Assert.That(BitMexText.Short(result.Events.Where(e => e.Instrument >= 0)), Is.EqualTo($"{WholeText} {WholeText} Status(1)."));
        Assert.That(result.Statistics.BitMex!.RowsBeforePartial, Is.EqualTo(1), "what lies between is of no known state");
    }

    [Test]
    public void A_partial_without_rows_forgets_what_was_known()
    {
        Feed.Result result = new BitMexText().Partial("instrument", "XBT", Whole).Partial("instrument", "XBT", " ").Partial("instrument", "XBT")
            .Rows("instrument", "update", """{"symbol":"XBT","markPrice":100.5}""").Rows("instrument", "update").Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo($"{WholeText} IndexPrice:- MarkPrice:- Funding:-/-. MarkPrice:100.5."));
        Assert.That(result.Events.Skip(3).Take(3).Select(e => (e.ExchangeTime, e.Flags.HasFlag(EventFlags.FromSnapshot | EventFlags.BadExchangeTime))),
            Is.All.EqualTo((BitMexText.Start + 1_000_000, true)));
    }

    /// <summary>What cannot be read may have been of any instrument: old values do not go on as if nothing had come.</summary>
    [TestCase("{\"table\":\"instrument\",\"action\":\"update\",\"data\":[{\"symbol\":\"XBT\",\"markPrice\":10", "malformed_messages")]
    [TestCase("{\"table\":\"instrument\",\"action\":\"update\",\"data\":7}", "shapeless_messages")]
    [TestCase("{\"table\":\"instrument\",\"action\":\"change\",\"data\":[]}", "shapeless_messages")]
    [TestCase("{\"table\":\"instrument\",\"action\":\"update\",\"data\":[{\"markPrice\":10}]}", "bad_rows")]
    [TestCase("{\"markPrice\":10", "malformed_messages")]
    public void An_unreadable_message_ends_the_values(string json, string counter)
    {
        Feed.Result result = new BitMexText().Partial("instrument", "XBT", Whole).Json(json).Json(json)
            .Rows("instrument", "update", """{"symbol":"XBT","markPrice":7}""").Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo($"{WholeText} IndexPrice:- MarkPrice:- Funding:-/-. MarkPrice:7."));
        Assert.That(result.Events.Skip(3).Take(3).Select(e => e.Flags & (EventFlags.FromSnapshot | EventFlags.BadExchangeTime)), Is.All.EqualTo(EventFlags.BadExchangeTime));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(BitMexBookTests.Counts((counter, 2))));
    }

    [Test]
    public void A_number_that_is_too_fine_is_not_known_until_one_that_is_not()
    {
        Feed.Result result = new BitMexText().Partial("instrument", "XBT", Whole).Rows("instrument", "update", """{"symbol":"XBT","markPrice":100.0000000001}""")
            .Rows("instrument", "update", """{"symbol":"XBT","markPrice":100.5}""").Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo($"{WholeText} MarkPrice:-. MarkPrice:100.5."));
    }

    [Test]
    public void A_partial_of_the_whole_table_forgets_what_it_does_not_name()
    {
        const string Table = "{\"table\":\"instrument\",\"action\":\"partial\",\"keys\":[\"symbol\"],\"data\":[";
        Feed.Result result = new BitMexText().Json(Table + Whole + """,{"symbol":"ETH","markPrice":2}]}""")
            .Json(Table + """{"symbol":"ETH","markPrice":3}]}""").Json(Table + """{"symbol":"ETH","markPrice":3}]}""").Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(
            $"{WholeText[..^1]} MarkPrice(1):2. Status. MarkPrice(1):3. IndexPrice:- MarkPrice:- Funding:-/-. MarkPrice(1):3."));
        Assert.That(result.Events.Skip(6).Take(3).Select(e => e.Flags.HasFlag(EventFlags.FromSnapshot | EventFlags.BadExchangeTime)), Is.All.True);
    }

    /// <summary>One message of several symbols: the last event of each is flagged, and none gets a time that is not its own.</summary>
    [Test]
    public void Rows_of_several_symbols_end_each_with_its_own_time()
    {
        BitMexText text = new BitMexText()
            .Json("""{"table":"instrument","action":"partial","keys":["symbol"],"data":[{"symbol":"XBT","markPrice":1,"timestamp":"2023-11-14T22:13:10.000Z"},{"symbol":"ETH","markPrice":2}]}""")
            .Rows("instrument", "update",
                """{"symbol":"XBT","markPrice":3,"timestamp":"2023-11-14T22:13:11.000Z"}""", """{"symbol":"ETH","markPrice":4,"timestamp":"2023-11-14T22:13:12.000Z"}""",
                """{"symbol":"XBT","markPrice":5,"timestamp":"2023-11-14T22:13:13.000Z"}""", """{"symbol":"ADA","markPrice":6,"timestamp":"2023-11-14T22:13:14.000Z"}""");
        Feed.Result result = text.Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(
            "MarkPrice:1 MarkPrice(1):2. Status. MarkPrice:3 MarkPrice(1):4 MarkPrice:5 MarkPrice(2):6. Status. Status(1)."));
        const long Second = 1_000_000_000;
        Assert.That(result.Events.Select(e => (e.ExchangeTime - BitMexText.Start) / Second), Is.EqualTo(new long[] { -10, 0, -10, -9, -8, -7, -6, -7, -8 }));
        Assert.That(result.Events.Select(e => e.Flags.HasFlag(EventFlags.BadExchangeTime)), Is.EqualTo(Enumerable.Range(0, 9).Select(i => i == 1)));
        Assert.That(result.Events.Select(e => e.Flags.HasFlag(EventFlags.FromSnapshot)), Is.EqualTo(Enumerable.Range(0, 9).Select(i => i < 3)));
    }

    [Test]
    public void They_change_no_book_and_leave_its_events_alone()
    {
        using OrderBooks books = new(new EngineLimits { Instruments = 8, Levels = 64, Orders = 16 });
        BitMexText text = new BitMexText().Book().Partial("instrument", "XBT", Whole)
            .Update(BitMexText.Level(2, "Buy", 3, null)).Rows("instrument", "update", """{"symbol":"XBT","markPrice":1}""").Update(BitMexText.Level(1, "Sell", 4, null));
        Feed.Result result = text.Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(
            $"SnapshotBegin LevelSet:s20@101 LevelSet:b10@100 SnapshotEnd. {WholeText} LevelSet:b3@100. MarkPrice:1. LevelSet:s4@101."));
        foreach (MarketEvent e in result.Events)
        {
            MarketEvent copy = e;
            BookDigest before = books.Digest;
            BookStatus status = books.Apply(ref copy);
            bool isReference = e.Kind is EventKind.IndexPrice or EventKind.MarkPrice or EventKind.Funding;
            Assert.That(!isReference || (status == BookStatus.NotABookEvent && books.Digest.Value == before.Value && copy.Equals(e)), $"{e.Kind}");
        }

        Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Good));
    }

    [Test]
    public void They_agree_with_documents_whatever_rows_come([Values(1, 64)] int room)
    {
        foreach (ulong seed in Seeds.Take(3))
        {
            string session = new BitMexFlow(seed).Write(3_000).ToString();
            var naive = new NaiveBitMex();
            foreach (string line in session.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                naive.Line(line);
            }

            using MarketDataSource source = CaptureSource.Open([Feed.File("flow", Encoding.ASCII.GetBytes(session))], Feed.Options());
            Feed.Result result = Feed.ReadAll(source, room);
            List<ToldValue> told = NaiveInstruments.Of(result);
            Assert.That(told, Is.EqualTo(naive.Instruments.Told), $"seed {seed}");
            Assert.That(told.Select(t => (t.Kind, t.Price is null, t.IsSnapshot)).Distinct().Count(), Is.AtLeast(11), $"seed {seed}: {told.Count} told");
            foreach (IGrouping<string, ToldValue> of in told.GroupBy(t => t.Symbol))
            {
                BitMexValues values = ((BitMexSource)source).Values(result.Instruments.Find(of.Key));
                Assert.That(Last(of, EventKind.IndexPrice), Is.EqualTo(Units(values.IndexPrice)), $"seed {seed}: {of.Key}");
                Assert.That(Last(of, EventKind.MarkPrice), Is.EqualTo(Units(values.MarkPrice)), $"seed {seed}: {of.Key}");
                Assert.That(Last(of, EventKind.Funding), Is.EqualTo(Units(values.FundingRate)), $"seed {seed}: {of.Key}");
            }
        }
    }

    private static decimal? Last(IEnumerable<ToldValue> told, EventKind kind) => told.LastOrDefault(t => t.Kind == kind)?.Price;

    private static decimal? Units(long value) => value == MarketEvent.Absent ? null : value / 1_000_000_000m;
}
