using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>What messages of books become.</summary>
public class BitMexBookTests
{
    [Test]
    public void A_partial_of_the_whole_table_empties_the_books_that_it_does_not_name()
    {
        const string Table = "{\"table\":\"orderBookL2\",\"action\":\"partial\",\"keys\":[\"symbol\",\"id\",\"side\"],\"data\":[";
        Feed.Result result = new BitMexText().Json($"{Table}{BitMexText.Level(1, "Sell", 20, "101")},{BitMexText.Level(2, "Buy", 5, "99", "ETH")}]}}")
            .Json($"{Table}{BitMexText.Level(2, "Buy", 6, "99", "ETH")}]}}").Update(BitMexText.Level(1, "Sell", 7, null)).Read();
        Assert.That(BitMexText.Short(result.Events.Skip(6)), Is.EqualTo(
            "SnapshotBegin(1) LevelSet(1):b6@99 SnapshotEnd(1). SnapshotBegin SnapshotEnd. Gap."), "what comes to the emptied book contradicts it");
        Assert.That(result.Statistics.BitMex!.UnknownIds, Is.EqualTo(1));
    }

    private const string Partial = "SnapshotBegin LevelSet:s20@101 LevelSet:b10@100 SnapshotEnd.";

    [Test]
    public void A_partial_is_a_snapshot_of_its_instrument()
    {
        Feed.Result result = new BitMexText().Book().Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(Partial));
        Assert.Multiple(() =>
        {
            Assert.That(result.Events.All(e => e.Flags.HasFlag(EventFlags.FromSnapshot | EventFlags.BadExchangeTime | EventFlags.Watched)));
            Assert.That(result.Events.All(e => e is { ReceiveTime: BitMexText.Start, ExchangeTime: BitMexText.Start, Sequence: 1, Venue: Venue.BitMex }));
            Assert.That(result.Events.Select(e => e.OrderId), Is.EqualTo(new ulong[] { 0, 1, 2, 0 }));
            Assert.That(result.Instruments.Symbol(0), Is.EqualTo("XBT"));
            Assert.That(result.Statistics.Irregularities(), Is.Empty);
        });
    }

    [Test]
    public void Changes_carry_the_price_that_the_id_has()
    {
        Feed.Result result = new BitMexText().Book()
            .Insert(BitMexText.Level(3, "Buy", 7, "9.95e1"))
            .Update(BitMexText.Level(2, "Buy", 11, null), BitMexText.Level(1, "Sell", 19, null))
            .Delete(BitMexText.Level(3, "Buy", null, null))
            .Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(
            Partial + " LevelSet:b7@99.5. LevelSet:b11@100 LevelSet:s19@101. LevelSet:b0@99.5."));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
        Assert.That(result.Events.Skip(4).All(e => !e.Flags.HasFlag(EventFlags.FromSnapshot)));
    }

    [Test]
    public void A_second_partial_begins_the_book_anew()
    {
        Feed.Result result = new BitMexText().Book().Book().Update(BitMexText.Level(2, "Buy", 1, null)).Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo($"{Partial} {Partial} LevelSet:b1@100."));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
    }

    [Test]
    public void Rows_before_their_partial_are_dropped_and_counted()
    {
        Feed.Result result = new BitMexText()
            .Insert(BitMexText.Level(9, "Buy", 7, "99"), BitMexText.Level(8, "Buy", 7, "98"))
            .Rows("trade", "insert", """{"symbol":"XBT","side":"Buy","size":1,"price":100}""")
            .Rows("quote", "insert", new BitMexText().Quote(10, "100", "101", 20))
            .Rows("instrument", "update", """{"symbol":"XBT","markPrice":1}""")
            .Book()
            .Delete(BitMexText.Level(9, "Buy", null, null, "ETH"))
            .Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(Partial));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(Counts(("rows_before_partial", 6))));
    }

    [TestCase("update")]
    [TestCase("delete")]
    public void An_unknown_id_is_a_loss_until_the_next_partial(string action)
    {
        string row = BitMexText.Level(77, "Buy", 5, null);
        Feed.Result result = new BitMexText().Book()
            .Rows("orderBookL2", action, row).Rows("orderBookL2", action, row, BitMexText.Level(2, "Buy", 4, null))
            .Book().Rows("orderBookL2", action, row).Read();
        string known = action == "update" ? "4" : "0";
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo($"{Partial} Gap. LevelSet:b{known}@100. {Partial} Gap."));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(Counts(("gaps", 2), ("unknown_ids", 3))));
        Assert.That(result.Events.Where(e => e.Kind == EventKind.Gap).All(e => e.Instrument == 0 && e.Quantity == MarketEvent.Absent));
    }

    [Test]
    public void An_id_that_comes_twice_is_a_loss_and_takes_the_new_place()
    {
        Feed.Result result = new BitMexText().Book().Insert(BitMexText.Level(2, "Buy", 5, "99")).Delete(BitMexText.Level(2, "Buy", null, null)).Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo($"{Partial} Gap LevelSet:b0@100 LevelSet:b5@99. LevelSet:b0@99."));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(Counts(("gaps", 1), ("known_ids", 1))));
    }

    [Test]
    public void A_book_that_is_crossed_after_a_whole_message_is_a_loss_and_one_crossed_within_it_is_not()
    {
        Feed.Result result = new BitMexText().Book()
            .Insert(BitMexText.Level(3, "Buy", 1, "102"), BitMexText.Level(4, "Sell", 1, "103"))
            .Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(Partial + " LevelSet:b1@102 LevelSet:s1@103 Gap."));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(Counts(("gaps", 1), ("crossed_messages", 1))));

        Feed.Result within = new BitMexText().Partial("orderBookL2", "XBT", BitMexText.Level(1, "Sell", 20, "101"), BitMexText.Level(2, "Buy", 10, "100"))
            .Json($$"""{"table":"orderBookL2","action":"update","data":[{"symbol":"XBT","id":2,"side":"Buy","price":102},{"symbol":"XBT","id":1,"side":"Sell","price":103}]}""")
            .Read();
        Assert.That(BitMexText.Short(within.Events), Is.EqualTo(
            Partial + " LevelSet:b0@100 LevelSet:b10@102 LevelSet:s0@101 LevelSet:s20@103."));
        Assert.That(within.Statistics.Irregularities(), Is.Empty);
    }

    [Test]
    public void A_partial_with_a_bad_row_ends_in_a_gap()
    {
        Feed.Result result = new BitMexText().Partial("orderBookL2", "XBT", BitMexText.Level(1, "Sell", 20, "101"), BitMexText.Level(2, "Buy", null, "100"))
            .Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo("SnapshotBegin LevelSet:s20@101 SnapshotEnd Gap."));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(Counts(("gaps", 1), ("bad_rows", 1))));
    }

    [Test]
    public void A_partial_without_rows_is_an_empty_book()
    {
        Feed.Result result = new BitMexText().Book().Partial("orderBookL2", "XBT").Insert(BitMexText.Level(2, "Buy", 3, "99")).Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(Partial + " SnapshotBegin SnapshotEnd. LevelSet:b3@99."));
    }

    [Test]
    public void A_partial_of_all_symbols_admits_symbols_that_it_does_not_have()
    {
        Feed.Result result = new BitMexText()
            .Json($$"""{"table":"orderBookL2","action":"partial","keys":["symbol","id","side"],"filter":{},"data":[{{BitMexText.Level(1, "Sell", 20, "101")}},{{BitMexText.Level(1, "Sell", 2, "11", "ETH")}}]}""")
            .Insert(BitMexText.Level(5, "Buy", 3, "7", "SOL"))
            .Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(
            "SnapshotBegin LevelSet:s20@101 SnapshotBegin(1) LevelSet(1):s2@11 SnapshotEnd(1). SnapshotEnd. "
            + "SnapshotBegin(2) SnapshotEnd(2) LevelSet(2):b3@7."));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
    }

    [Test]
    public void Symbols_that_take_turns_in_a_message_are_each_complete_at_its_end()
    {
        Feed.Result result = new BitMexText().Book().Book("ETH")
            .Update(BitMexText.Level(1, "Sell", 5, null), BitMexText.Level(1, "Sell", 6, null, "ETH"), BitMexText.Level(2, "Buy", 7, null))
            .Read();
        Assert.That(BitMexText.Short(result.Events.Skip(8)), Is.EqualTo("LevelSet:s5@101 LevelSet(1):s6@101 LevelSet:b7@100. Status(1)."));
        Assert.That(result.Events.Skip(8).Select(e => e.Sequence), Is.All.EqualTo(3));
    }

    [Test]
    public void The_fuller_table_decides()
    {
        Feed.Result result = new BitMexText()
            .Book(table: "orderBookL2_25").Rows("orderBookL2_25", "update", BitMexText.Level(2, "Buy", 3, null))
            .Book().Rows("orderBookL2_25", "update", BitMexText.Level(2, "Buy", 4, null)).Update(BitMexText.Level(2, "Buy", 5, null))
            .Book(table: "orderBookL2_25")
            .Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo($"{Partial} LevelSet:b3@100. {Partial} LevelSet:b5@100."));
        Assert.That(result.Statistics.BitMex!.ShadowedRows, Is.EqualTo(3), "an update, and the two rows of the later partial");
    }

    [Test]
    public void Keys_without_side_let_a_level_change_sides()
    {
        string partial = """{"table":"orderBookL2","action":"partial","keys":["symbol","id"],"filter":{"symbol":"XBT"},"data":[""";
        Feed.Result result = new BitMexText().Json(partial + BitMexText.Level(5, "Sell", 20, "101") + "]}")
            .Update("""{"symbol":"XBT","id":5,"side":"Buy","size":3}""").Delete("""{"symbol":"XBT","id":5}""").Read();
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(
            "SnapshotBegin LevelSet:s20@101 SnapshotEnd. LevelSet:s0@101 LevelSet:b3@101. LevelSet:b0@101."));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
    }

    [Test]
    public void Keys_with_side_tell_two_levels_of_one_id_apart()
    {
        Feed.Result result = new BitMexText().Book().Insert(BitMexText.Level(1, "Buy", 3, "99")).Delete(BitMexText.Level(1, "Sell", null, null))
            .Update(BitMexText.Level(1, "Buy", 4, null)).Read();
        Assert.That(BitMexText.Short(result.Events.Skip(4)), Is.EqualTo("LevelSet:b3@99. LevelSet:s0@101. LevelSet:b4@99."));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
    }

    [Test]
    public void Keys_that_nobody_knows_keep_the_book_closed()
    {
        Feed.Result result = new BitMexText()
            .Json("""{"table":"orderBookL2","action":"partial","keys":["symbol","queue"],"data":[{"symbol":"XBT","id":1,"side":"Buy","size":1,"price":1}]}""")
            .Update(BitMexText.Level(1, "Buy", 4, null)).Read();
        Assert.That(result.Events, Is.Empty);
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(Counts(("rows_before_partial", 1), ("unexpected_rows", 1), ("unknown_keys", 1))));
    }

    [Test]
    public void A_level_without_size_is_none_until_it_has_one()
    {
        Feed.Result result = new BitMexText().Book().Update(BitMexText.Level(2, "Buy", 0, null)).Delete(BitMexText.Level(2, "Buy", null, null))
            .Insert(BitMexText.Level(3, "Buy", 0, "99")).Update(BitMexText.Level(3, "Buy", 5, null)).Read();
        Assert.That(BitMexText.Short(result.Events.Skip(4)), Is.EqualTo("LevelSet:b0@100. Status:0. Status:0. LevelSet:b5@99."));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
    }

    [Test]
    public void Levels_beyond_the_limit_are_a_loss()
    {
        FeedOptions options = Feed.Options() with { Limits = new EngineLimits { Levels = 2 } };
        Feed.Result result = Feed.Read(options, new BitMexText().Book().Insert(BitMexText.Level(3, "Buy", 7, "99")).ToArray());
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(Partial + " Gap."));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(Counts(("gaps", 1), ("refused_levels", 1))));
    }

    [Test]
    public void Instruments_beyond_the_limit_are_counted()
    {
        FeedOptions options = Feed.Options() with { Instruments = new InstrumentTable(1) };
        Feed.Result result = Feed.Read(options, new BitMexText().Book().Book("ETH").ToArray());
        Assert.That(BitMexText.Short(result.Events), Is.EqualTo(Partial));
        Assert.That(result.Statistics.RefusedEvents, Is.EqualTo(2));
        Assert.That(result.Statistics.RefusedInstruments, Is.EqualTo(1));
    }

    [Test]
    public void A_row_s_own_time_is_its_exchange_time()
    {
        Feed.Result result = new BitMexText().Book()
            .Update("""{"symbol":"XBT","id":2,"side":"Buy","size":3,"timestamp":"2023-11-14T22:13:20.000123Z"}""")
            .Update("""{"symbol":"XBT","id":2,"side":"Buy","size":4,"timestamp":"yesterday"}""").Read();
        MarketEvent timed = result.Events[4];
        Assert.That((timed.ExchangeTime, timed.ReceiveTime), Is.EqualTo((BitMexText.Start + 123_000, BitMexText.Start + 1_000_000)));
        Assert.That(timed.Flags, Is.EqualTo(EventFlags.LastOfEvent | EventFlags.Watched));
        Assert.That(result.Events[5].Flags.HasFlag(EventFlags.BadExchangeTime));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(Counts(("bad_times", 1))));
    }

    [Test]
    public void Only_watched_symbols_are_flagged()
    {
        FeedOptions options = Feed.Options() with { Instruments = new InstrumentTable(10, ["ETH"]) };
        string path = Feed.File("watched", new BitMexText().Book().Book("ETH").ToArray());
        using MarketDataSource source = CaptureSource.Open([path], options);
        Feed.Result result = Feed.ReadAll(source);
        Assert.That(result.Events.Select(e => e.Flags.HasFlag(EventFlags.Watched)), Is.EqualTo(new[] { false, false, false, false, true, true, true, true }));
    }

    internal static KeyValuePair<string, long>[] Counts(params (string Name, long Count)[] counts) =>
        [.. counts.Select(c => KeyValuePair.Create(c.Name, c.Count))];
}
