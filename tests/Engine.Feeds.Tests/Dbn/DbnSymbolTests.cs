using Engine.Core.Events;
using Engine.Feeds.Captures;
using Engine.TestKit.Captures;

namespace Engine.Feeds.Tests.Dbn;

/// <summary>Which instrument a record's publisher and id stand for.</summary>
public class DbnSymbolTests
{
    private const ulong Day = 86_400_000_000_000;
    private const ulong First = 18_600 * Day;

    [Test]
    public void An_id_has_the_symbol_of_its_day([Values] bool byId)
    {
        // 18,600 days after the epoch is 2020-12-04.
        DbnWriter writer = byId
            ? new DbnWriter(byId: true).Map("7", (20201204, 20201205, "OLD"), (20201205, 20201206, "NEW"))
            : new DbnWriter().Map("OLD", (20201204, 20201205, "7")).Map("NEW", (20201205, 20201206, "7"));
        writer.Trade('B', 1, 1, time: First).Trade('B', 1, 1, time: First + Day - 2_000).Trade('B', 1, 1, time: First + Day).Trade('B', 1, 1, time: First + Day + Day);
        Feed.Result result = Feed.Read(writer.ToArray());
        Assert.That(Symbols(result), Is.EqualTo("OLD OLD NEW 7"));
        Assert.That(result.Statistics.UnmappedMessages, Is.EqualTo(1));
    }

    [Test]
    public void An_id_that_loses_its_symbol_is_its_number_again()
    {
        DbnWriter writer = new DbnWriter().Map("AA", (20201205, 20201206, "7")).Map("BB", (20201207, 20201208, "7"));
        for (ulong day = 0; day < 4; day++)
        {
            writer.Trade('B', 1, 1, time: First + (day * Day));
        }

        Feed.Result result = Feed.Read(writer.ToArray());
        Assert.That(result.Events.Select(e => e.Instrument), Is.EqualTo(new[] { 0, 0, 1, 1 }), "a number gets its first symbol");
        Assert.That(Symbols(result), Is.EqualTo("AA AA BB BB"));
    }

    [Test]
    public void Mapping_records_name_from_where_they_stand([Values(1, 2, 3)] int version)
    {
        DbnWriter writer = new DbnWriter(version).Map("META", 9).Trade('B', 1, 1).Name(7, "LIVE").Trade('B', 1, 1).Trade('B', 1, 1, instrument: 9);
        writer.Name(9, "ANEW").Trade('B', 1, 1, instrument: 9);
        Feed.Result result = Feed.Read(writer.ToArray());
        Assert.That(Symbols(result), Is.EqualTo("LIVE LIVE META ANEW"), "the first trade's instrument has got its name since");
        Assert.That(result.Statistics.UnmappedMessages, Is.EqualTo(1));
        Assert.That(result.Statistics.MessagesByType[0x16], Is.EqualTo(2));
    }

    [Test]
    public void Publishers_and_ids_with_one_symbol_are_instruments_of_their_own()
    {
        DbnWriter writer = new DbnWriter().Map("AA", 7).Map("AA", 8);
        writer.Trade('B', 1, 1).Trade('B', 1, 1, publisher: 2).Trade('B', 1, 1, instrument: 8).Trade('B', 1, 1, instrument: 8, publisher: 2).Trade('B', 1, 1);
        Feed.Result result = Feed.Read(writer.ToArray());
        Assert.That(Symbols(result), Is.EqualTo("AA AA@2 AA@1:8 AA@2:8 AA"));
        Assert.That(result.Events.Select(e => e.Instrument), Is.EqualTo(new[] { 0, 1, 2, 3, 0 }));
    }

    [Test]
    public void A_symbol_that_goes_over_to_another_id_keeps_its_instrument_and_its_book_begins_anew()
    {
        DbnWriter writer = new DbnWriter().Map("ES.c.0", (20201204, 20201205, "7"), (20201205, 20201206, "8"));
        writer.Mbo('R', 'N', 0, 0, 0, time: First).Mbo('A', 'B', 5, 100, 1, time: First).Mbo('A', 'B', 5, 200, 1, instrument: 8, time: First + Day);
        writer.Mbo('A', 'B', 6, 200, 1, instrument: 8, time: First + Day);
        Feed.Result result = Feed.Read(writer.ToArray());
        Assert.That(DbnRecordTests.Kinds(result), Is.EqualTo("Status Add Clear Add Add"));
        Assert.That(Symbols(result), Is.EqualTo("ES.c.0 ES.c.0 ES.c.0 ES.c.0 ES.c.0"));
    }

    [Test]
    public void Wanted_symbols_are_watched_and_what_finds_no_room_is_counted()
    {
        DbnWriter writer = new DbnWriter();
        for (uint i = 0; i < 40; i++)
        {
            writer.Map($"S{i}", i + 1).Trade('B', 1, 1, instrument: i + 1).Mbp10('A', 'B', 0, 0, [new(5, 1, 6, 1)], instrument: i + 1);
        }

        FeedOptions options = new() { Instruments = new InstrumentTable(4, ["S39"]) };
        Feed.Result result = Feed.Read(options, writer.ToArray());
        Assert.That(result.Instruments.Count, Is.EqualTo(4));
        Assert.That(result.Events.Count(e => e.Flags.HasFlag(EventFlags.Watched)), Is.EqualTo(3));
        Assert.That(result.Events.Where(e => e.Flags.HasFlag(EventFlags.Watched)).Select(e => result.Instruments.Symbol(e.Instrument)), Is.All.EqualTo("S39"));
        Assert.That(result.Statistics.RefusedEvents, Is.EqualTo(result.Events.Count(e => e.Instrument == MarketEvent.NoInstrument)).And.EqualTo(36 * 3));
        Assert.That(result.Statistics.RefusedInstruments, Is.Positive);
    }

    [Test]
    public void Files_are_merged_by_receive_time_each_with_its_own_names()
    {
        byte[] a = new DbnWriter().Map("AA", 7).Trade('B', 1, 1, time: 10).Trade('B', 2, 1, time: 30).Record(0x17, new byte[8]).Trade('B', 3, 1, time: 30).ToArray();
        byte[] b = new DbnWriter(1).Map("BB", 7).Trade('B', 4, 1, time: 20, publisher: 2).Trade('B', 5, 1, time: 30, publisher: 2).ToArray();
        Feed.Result result = Feed.Read(a, b);
        Assert.That(result.Events.Select(e => e.Price), Is.EqualTo(new long[] { 1, 4, 2, 3, 5 }));
        Assert.That(Symbols(result), Is.EqualTo("AA BB AA AA BB"));
        Assert.That(result.Format, Is.EqualTo("DBN 3 / TEST.SET / mbo + DBN 1 / TEST.SET / mbo"));
    }

    [Test]
    public void Files_of_two_schemas_are_refused_since_both_tell_of_the_same_market()
    {
        string orders = Feed.File("orders", new DbnWriter().Map("AA", 7).Mbo('A', 'B', 5, 100, 9).ToArray());
        string levels = Feed.File("levels", new DbnWriter(schema: 2).Map("AA", 7).Mbp10('A', 'B', 0, 0, [new(100, 9, 110, 6)]).ToArray());
        CaptureException refused = Assert.Throws<CaptureException>(() => CaptureSource.Open([orders, levels], Feed.Options()))!;
        Assert.That((refused.ExitCode, refused.Message), Is.EqualTo((2, $"{levels}: is DBN of schema mbp-10 and {orders} of mbo; read them in separate runs")));
        string definitions = Feed.File("definitions", new DbnWriter(schema: 9).Record(0x13, new byte[8]).ToArray());
        using MarketDataSource source = CaptureSource.Open([orders, definitions], Feed.Options());
        Assert.That(Feed.ReadAll(source).Events, Has.Count.EqualTo(2));
    }

    private static string Symbols(Feed.Result result) => string.Join(' ', result.Events.Select(e => result.Instruments.Symbol(e.Instrument)));
}
