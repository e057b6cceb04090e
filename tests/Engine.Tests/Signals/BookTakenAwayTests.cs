using Engine.Core.Events;
using Engine.Features;
using Engine.Tests.Books;
using Engine.Tests.Features;

namespace Engine.Tests.Signals;

/// <summary>On a grid, cells whose time has come see the book as it was before a snapshot, or a lost connection, took it away.</summary>
public sealed class BookTakenAwayTests
{
    private const long Milli = 1_000_000;

    [TestCase(0, EventFlags.FromSnapshot, Description = "a snapshot that begins with a clear of its instrument")]
    [TestCase(MarketEvent.AllInstruments, EventFlags.FromSnapshot, Description = "one of every instrument")]
    [TestCase(MarketEvent.AllInstruments, EventFlags.BadExchangeTime, Description = "a connection that closed, by a clock that is not the exchange's")]
    public void Cells_before_a_clear_see_the_book_before_it(int instrument, EventFlags flags)
    {
        using Pipeline<RowCollector> pipeline = Pipelines.Collecting(FeatureSet.SnapshotName, "grid-100");
        Give(pipeline, EventKind.Add, 50, id: 1, side: Side.Buy, price: 99);
        Give(pipeline, EventKind.Add, 60, id: 2, side: Side.Sell, price: 101);
        Give(pipeline, EventKind.Add, 450, id: 3, side: Side.Buy, price: 50, instrument: 1);
        Give(pipeline, EventKind.Clear, 5_000, instrument: instrument, flags: flags);
        Give(pipeline, EventKind.Add, 550, id: 4, side: Side.Buy, price: 10);
        Give(pipeline, EventKind.Status, 650);

        float[][] rows = [.. pipeline.Rows.Rows.Where(r => r.Stamp.Instrument == 0).Select(r => r.Values)];
        long[] times = [.. pipeline.Rows.Rows.Where(r => r.Stamp.Instrument == 0).Select(r => r.Stamp.Time / Milli)];
        int spread = Array.FindIndex(pipeline.Rows.Rows.Count == 0 ? [] : Names(), n => n == "spread");
        Assert.Multiple(() =>
        {
            Assert.That(times, Is.EqualTo(new long[] { 100, 200, 300, 400, 500, 600 }));
            Assert.That(rows[..4].Select(r => float.IsNaN(r[spread])), Has.All.False, "the venue's own clock had come to 450 ms");
            Assert.That(rows[4..].Select(r => float.IsNaN(r[spread])), Has.All.True);
        });
    }

    [TestCase(EventKind.IndexPrice, "index_difference")]
    [TestCase(EventKind.MarkPrice, "mark_difference")]
    public void Cells_before_a_value_of_a_snapshot_see_the_value_before_it(EventKind kind, string column)
    {
        using Pipeline<RowCollector> pipeline = Pipelines.Collecting("bitmex", "grid-100");
        Give(pipeline, EventKind.Add, 50, id: 1, side: Side.Buy, price: 99);
        Give(pipeline, EventKind.Add, 60, id: 2, side: Side.Sell, price: 101);
        Give(pipeline, kind, 70, price: 100);
        Give(pipeline, EventKind.Status, 450, instrument: 1);
        Give(pipeline, kind, 5_000, price: 50, flags: EventFlags.FromSnapshot | EventFlags.BadExchangeTime);
        Give(pipeline, EventKind.Status, 650);

        int at = Array.IndexOf(Names("bitmex"), column);
        CollectedRow[] rows = [.. pipeline.Rows.Rows.Where(r => r.Stamp.Instrument == 0)];
        Assert.That(rows.Select(r => (r.Stamp.Time / Milli, r.Values[at] == 0f)), Is.EqualTo(
            new[] { (100L, true), (200L, true), (300L, true), (400L, true), (500L, false), (600L, false) }), "the venue's own clock had come to 450 ms");
    }

    private static string[] Names(string contract = FeatureSet.SnapshotName)
    {
        using var set = FeatureSet.Create(contract, Sampling.EveryEvent, Pipelines.Limits);
        return [.. set.Contract.Features.ToArray().Select(f => f.Name)];
    }

    private static void Give(
        Pipeline<RowCollector> pipeline, EventKind kind, long millis, ulong id = 0, Side side = Side.None, long price = MarketEvent.Absent, int instrument = 0, EventFlags flags = EventFlags.None)
    {
        MarketEvent e = BookMaker.Event(kind, id, 10, price, instrument);
        (e.ExchangeTime, e.Side, e.Venue) = (millis * Milli, side, Venue.Dbn);
        e.Flags |= flags;
        pipeline.OnEvent(ref e);
    }
}
