using System.Text;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.BitMex;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>Messages of the other tables, of no table, and of no shape.</summary>
public class BitMexMessageTests
{
    private const string Trade = """{"timestamp":"2023-11-14T22:13:20.500Z","symbol":"XBT","side":"Sell","size":1e2,"price":1.5e-8,"trdMatchID":"6cfc8b9c-1b2F-00ff-aaaa-bbbbbbbbbbbb"}""";

    [Test]
    public void A_trade_has_the_taker_s_side_and_the_first_half_of_its_match_id()
    {
        Feed.Result result = new BitMexText().Partial("trade", "XBT", Trade).Rows("trade", "insert", Trade, Trade.Replace("Sell", "Buy", StringComparison.Ordinal)).Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo("Trade:s100@0.000000015. Trade:s100@0.000000015 Trade:b100@0.000000015."));
        Assert.Multiple(() =>
        {
            Assert.That(result.Events[0].Flags.HasFlag(EventFlags.FromSnapshot));
            Assert.That(result.Events[1].Flags, Is.EqualTo(EventFlags.Watched));
            Assert.That(result.Events.Select(e => e.Reference), Is.All.EqualTo(0x6cfc8b9c1b2f00ff));
            Assert.That(result.Events[1].ExchangeTime, Is.EqualTo(BitMexText.Start + 500_000_000));
            Assert.That(result.Statistics.Irregularities(), Is.Empty);
        });
    }

    [TestCase("\"price\":1.0000000001", "too_fine_numbers", "Trade:s100@-.")]
    [TestCase("\"price\":99999999999", "too_large_numbers", "Trade:s100@-.")]
    [TestCase("\"price\":1e-10", "too_fine_numbers", "Trade:s100@-.")]
    [TestCase("\"price\":null", "", "Trade:s100@-.")]
    [TestCase("\"price\":\"1.5\"", "bad_rows", "")]
    [TestCase("\"price\":[1]", "bad_rows", "")]
    [TestCase("\"price\":true", "bad_rows", "")]
    [TestCase("\"size\":1.5", "too_fine_numbers", "Trade:s-@0.000000015.")]
    [TestCase("\"size\":null", "", "Trade:s-@0.000000015.")]
    [TestCase("\"size\":{}", "bad_rows", "")]
    [TestCase("\"size\":-5", "bad_rows", "")]
    [TestCase("\"price\":-0.5", "bad_rows", "")]
    [TestCase("\"side\":\"\"", "", "Trade:?100@0.000000015.")]
    [TestCase("\"side\":null", "", "Trade:?100@0.000000015.")]
    [TestCase("\"side\":\"Both\"", "bad_rows", "")]
    [TestCase("\"side\":\"\\u0042uy\"", "bad_rows", "")]
    [TestCase("\"symbol\":7", "bad_rows", "")]
    [TestCase("\"symbol\":\"\"", "bad_rows", "")]
    [TestCase("\"symbol\":\"THIRTYTWOLETTERSTHIRTYTWOLETTERS\"", "long_symbol_rows", "")]
    [TestCase("\"symbol\":\"X\\u0042T\"", "bad_rows", "")]
    [TestCase("\"trdMatchID\":\"none\"", "bad_match_ids", "Trade:s100@0.000000015.")]
    [TestCase("\"timestamp\":\"2023-02-30T00:00:00.000Z\"", "bad_times", "Trade:s100@0.000000015.")]
    [TestCase("\"timestamp\":5", "bad_times", "Trade:s100@0.000000015.")]
    public void A_value_that_is_not_what_it_should_be_is_counted(string member, string counter, string events)
    {
        // A name that comes again counts with its last value, and is counted too.
        string row = Trade[..^1] + "," + member + "}";
        Feed.Result result = new BitMexText().Partial("trade", "XBT").Rows("trade", "insert", row).Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(events));
        Assert.That(result.Statistics.Irregularities().Select(i => i.Key), Is.EquivalentTo(counter.Length > 0 ? [counter, "repeated_properties"] : new[] { "repeated_properties" }));
    }

    [TestCase("orderBookL2", """{"symbol":"XBT","id":"3","side":"Buy","size":1,"price":99}""")]
    [TestCase("orderBookL2", """{"symbol":"XBT","id":-3,"side":"Buy","size":1,"price":99}""")]
    [TestCase("orderBookL2", """{"symbol":"XBT","id":3.5,"side":"Buy","size":1,"price":99}""")]
    [TestCase("orderBookL2", """{"symbol":"XBT","id":99999999999999999999,"side":"Buy","size":1,"price":99}""")]
    [TestCase("orderBookL2", """{"symbol":"XBT","side":"Buy","size":1,"price":99}""")]
    [TestCase("orderBookL2", """{"symbol":"XBT","id":3,"size":1,"price":99}""")]
    [TestCase("orderBookL2", """{"symbol":"XBT","id":3,"side":"Buy","price":99}""")]
    [TestCase("orderBookL2", """{"symbol":"XBT","id":3,"side":"Buy","size":1}""")]
    [TestCase("orderBookL2", """{"symbol":"XBT","id":3,"side":"Buy","size":-1,"price":99}""")]
    [TestCase("orderBookL2", """{"symbol":"XBT","id":3,"side":"Buy","size":1,"price":0}""")]
    [TestCase("orderBookL2", """{"symbol":"XBT","id":3,"side":"Buy","size":1,"price":-99}""")]
    [TestCase("orderBookL2", """{"symbol":"XBT","id":3,"side":"Buy","size":1,"price":99.00000000001}""")]
    [TestCase("orderBookL2", """{"symbol":"XBT","id":3,"side":"Buy","size":0.5,"price":99}""")]
    public void A_row_of_a_book_that_cannot_be_used_is_a_loss(string table, string row)
    {
        Feed.Result result = new BitMexText().Book().Rows(table, "insert", row).Read();
        Assert.That(BitMexText.Short(result.Events.Skip(4)), Is.EqualTo("Gap."));
        Assert.That(result.Statistics.BitMex!.BadRows, Is.EqualTo(1));
        Assert.That(result.Statistics.Gaps, Is.EqualTo(1));
    }

    [Test]
    public void Rows_that_are_no_objects_are_counted()
    {
        Feed.Result result = new BitMexText().Book().Rows("orderBookL2", "update", "1", "null", "[[]]", "\"x\"", "{}").Read();
        Assert.That(BitMexText.Short(result.Events.Skip(4)), Is.EqualTo("Gap."), "they may have been rows of the book");
        Assert.That(result.Statistics.BitMex!.BadRows, Is.EqualTo(5));
    }

    [TestCase("""{"table":"trade","action":"insert"}""")]
    [TestCase("""{"table":"trade","action":"insert","data":{}}""")]
    [TestCase("""{"table":"trade","action":"grow","data":[]}""")]
    [TestCase("""{"table":"trade","action":7,"data":[]}""")]
    [TestCase("""{"table":7,"action":"insert","data":7}""")]
    public void Messages_without_a_known_shape_are_counted(string json)
    {
        Feed.Result result = new BitMexText().Json(json).Read();
        Assert.That(result.Events, Is.Empty);
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(BitMexBookTests.Counts(("shapeless_messages", 1))));
        Assert.That(result.Statistics.Messages, Is.EqualTo(1));
    }

    [TestCase("update")]
    [TestCase("delete")]
    public void Trades_and_quotes_only_come(string action)
    {
        Feed.Result result = new BitMexText().Partial("trade", "XBT").Rows("trade", action, Trade).Read();
        Assert.That(result.Events, Is.Empty);
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(BitMexBookTests.Counts(("unexpected_rows", 1))));
    }

    [Test]
    public void Other_tables_and_messages_without_one_are_counted_by_name()
    {
        var text = new BitMexText().Opened().Json("""{"info":"Welcome","version":"1"}""").Sent("""{"op":"subscribe"}""")
            .Json("""{"success":true,"subscribe":"trade:XBT"}""").Json("""{"status":400,"error":"Unknown table"}""").Json("pong").Json("""{"a":1}""").Json("7")
            .Rows("funding", "partial", "{}").Rows("funding", "insert", "{}").Rows("liquidation", "delete", "{}");
        for (int i = 0; i < 40; i++)
        {
            text.Rows("table" + i, "insert");
        }

        using MarketDataSource source = CaptureSource.Open([Feed.File("others", text.ToArray())], Feed.Options());
        Feed.Result result = Feed.ReadAll(source);
        BitMexTables tables = result.Statistics.BitMex!.Tables;
        long[] counts = result.Statistics.MessagesByType;
        var byTable = tables.Counts(counts).ToDictionary(t => t.Table, t => string.Join(" ", t.Actions.Select(a => $"{a.Action} {a.Count}")));
        Assert.Multiple(() =>
        {
            Assert.That(BitMexText.Short(result.Events), Is.EqualTo("Status(all)."));
            Assert.That(byTable["funding"], Is.EqualTo("partial 1 insert 1"));
            Assert.That(byTable["liquidation"], Is.EqualTo("delete 1"));
            Assert.That(byTable["table0"], Is.EqualTo("insert 1"));
            Assert.That(byTable["(further tables)"], Is.EqualTo("insert 16"), "24 of the 40 found a place");
            Assert.That(BitMexTables.Others(counts).Select(o => $"{o.Kind} {o.Count}"), Is.EqualTo(
                new[] { "info 1", "success 1", "error 1", "pong 1", "other_object 1", "other_json 1" }));
            Assert.That(result.Statistics.Messages, Is.EqualTo(49));
            Assert.That(result.Statistics.BitMex.SentLines, Is.EqualTo(1));
            Assert.That(result.Statistics.Irregularities(), Is.Empty);
        });
    }

    [TestCase("""{"symbol":"X\u0042T"}""", false)]
    [TestCase("""{"side":"Buy"}""", false)]
    [TestCase("\"XBT\"", false)]
    [TestCase("{ }", true)]
    [TestCase("null", true)]
    public void Only_a_partial_that_nothing_restricts_is_one_of_all_symbols(string filter, bool isWhole)
    {
        Feed.Result result = new BitMexText()
            .Json($$"""{"table":"orderBookL2","action":"partial","filter":{{filter}},"data":[{{BitMexText.Level(1, "Sell", 20, "101")}}]}""")
            .Insert(BitMexText.Level(1, "Buy", 5, "7", "ETH"))
            .Read();
        Assert.That(result.Statistics.BitMex!.RowsBeforePartial, Is.EqualTo(isWhole ? 0 : 1));
        Assert.That(result.Events.Count(e => e.Instrument == 1), Is.EqualTo(isWhole ? 3 : 0));
    }

    [Test]
    public void Properties_may_come_in_any_order_and_twice()
    {
        Feed.Result result = new BitMexText()
            .Json($$"""{"data":[{{BitMexText.Level(1, "Sell", 20, "101")}}],"filter":{"symbol":"XBT"},"keys":["id","side","symbol"],"action":"delete","action":"partial","table":"orderBookL2"}""")
            .Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo("SnapshotBegin LevelSet:s20@101 SnapshotEnd."));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(BitMexBookTests.Counts(("repeated_properties", 1))));
    }

    [TestCase("""{"table":"orderBookL2","action":"update","data":[{"symbol":"XBT","id":2,"side":"Buy","size":3}""", true)]
    [TestCase("""{"table":"orderBookL2","action":"update","data":[{"id":2,"side":"Buy","size":3}]}""", true)]
    [TestCase("""{"table":"orderBookL2","action":"update","data":[7]}""", true)]
    [TestCase("""{"table":"orderBookL2","action":"up","data":[]}""", true)]
    [TestCase("""{"table":"orderBookL2","action":"update"}""", true)]
    [TestCase("""{"table":"trade","action":"insert","data":[{"symbol":"XBT","side":"Buy","size":3}""", false)]
    [TestCase("""{"table":"trade","action":"insert","data":[{"side":"Buy","size":3}]}""", false)]
    [TestCase("<html>", false)]
    public void A_message_that_may_have_been_of_any_book_is_a_loss_to_each_until_its_next_partial(string json, bool isLoss)
    {
        BitMexText text = new BitMexText().Book().Book("ETH").Json(json).Json(json).Book();
        Feed.Result result = text.Read();
        using OrderBooks books = new(new EngineLimits { Instruments = 8, Levels = 64, Orders = 16 });
        foreach (MarketEvent e in result.Events)
        {
            MarketEvent copy = e;
            books.Apply(ref copy);
        }

        Assert.That(result.Events.Count(e => e.Kind == EventKind.Gap && e.Flags.HasFlag(EventFlags.LastOfEvent)), Is.EqualTo(isLoss ? 2 : 0));
        Assert.That(result.Statistics.Gaps, Is.EqualTo(isLoss ? 2 : 0));
        Assert.That((books.Trust(0), books.Trust(1)), Is.EqualTo((BookTrust.Good, isLoss ? BookTrust.Suspect : BookTrust.Good)));
    }

    [Test]
    public void A_message_that_is_no_JSON_counts_for_nothing_but_a_loss()
    {
        string deep = new string('[', 100) + new string(']', 100);
        Feed.Result result = new BitMexText().Book()
            .Json("""{"table":"orderBookL2","action":"update","data":[{"symbol":"XBT","id":2,"side":"Buy","size":3}]""")
            .Json("""{"table":"orderBookL2","action":"update","data":[{"symbol":"XBT","id":2,"side":"Buy","size":3},]}""")
            .Json("""{"table":"orderBookL2","action":"update","data":[{"symbol":"XBT","id":2,"side":"Buy","size":03}]}""")
            .Json("").Json("nonsense").Json("\"\u0001\"").Json(deep)
            .Rows("orderBookL2", "update", $$"""{"symbol":"XBT","id":2,"side":"Buy","size":5,"more":{{new string('[', 29)}}{{new string(']', 29)}}}""")
            .Read();
        Assert.That(BitMexText.Short(result.Events.Skip(4)), Is.EqualTo("Gap. LevelSet:b5@100."));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(BitMexBookTests.Counts(("gaps", 1), ("malformed_messages", 6), ("nested_messages", 1))));
        Assert.That(result.Statistics.Messages, Is.EqualTo(9));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase(" \t ")]
    [TestCase("{\"table\":\"orderBookL2\",\"a\":1 5")]
    [TestCase("{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}")]
    public void Text_that_cannot_be_read_is_counted_and_shown_as_it_is(string text)
    {
        byte[] session = new BitMexText().Opened().Book().Json(text).ToArray();
        using MarketDataSource source = CaptureSource.Open([Feed.File("unreadable.txt", session)], Feed.Options());
        MarketEvent[] events = new MarketEvent[64];
        StringWriter last = new();
        int count;
        while ((count = source.Read(events)) >= 0)
        {
            last = new StringWriter();
            for (int i = 0; i < count; i++)
            {
                source.WriteDetail(i, last);
            }
        }

        BitMexStatistics counts = source.Statistics.BitMex!;
        Assert.That(counts.MalformedMessages + counts.NestedMessages, Is.EqualTo(1));
        Assert.That(last.ToString(), text.StartsWith('{') ? Does.StartWith("malformed={\\x22") : Is.Empty);
    }

    [Test]
    public void Decoded_text_shows_what_events_have_no_room_for()
    {
        BitMexText text = new BitMexText().Opened().Book().Partial("quote", "XBT", new BitMexText().Quote(1, "2", "3", 4))
            .Rows("trade", "partial", Trade).Closed("code 1006; no reason");
        using MarketDataSource source = CaptureSource.Open([Feed.File("text", text.ToArray())], Feed.Options());
        MarketEvent[] events = new MarketEvent[8];
        List<string> shown = [];
        int count;
        while ((count = source.Read(events)) >= 0)
        {
            for (int i = 0; i < count; i++)
            {
                using var detail = new StringWriter();
                source.WriteDetail(i, detail);
                shown.Add($"{source.TypeText(i)}|{detail}");
            }
        }

        Assert.That(shown, Is.EqualTo(new[]
        {
            "opened|",
            "orderBookL2/partial|keys=[22 bytes];types={19 bytes};filter={16 bytes};data=[120 bytes]",
            "orderBookL2/partial|",
            "orderBookL2/partial|",
            "orderBookL2/partial|keys=[22 bytes];types={19 bytes};filter={16 bytes};data=[120 bytes]",
            "quote/partial|bidSize=1;bidPrice=2;askPrice=3;askSize=4",
            "trade/partial|trdMatchID=6cfc8b9c-1b2F-00ff-aaaa-bbbbbbbbbbbb",
            "closed|reason=code 1006\\x3b no reason",
            "|",
        }));
    }

    [Test]
    public void Latin_letters_beyond_ASCII_in_a_symbol_stay_apart()
    {
        Feed.Result result = Feed.Read(Encoding.UTF8.GetBytes(new BitMexText().Book("Ä").Book("Ö").ToString()));
        Assert.That(result.Instruments.Count, Is.EqualTo(2));
    }
}
