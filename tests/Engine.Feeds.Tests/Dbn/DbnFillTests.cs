using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.TestKit.Captures;

namespace Engine.Feeds.Tests.Dbn;

/// <summary>A fill tells what traded, the cancel behind it takes it away: an execution, that nobody prints a second time.</summary>
public class DbnFillTests
{
    private const ulong Start = 1_600_000_000_000_000_000;
    private const ulong Second = 1_000_000_000;

    private static readonly EngineLimits s_limits = new() { Instruments = 16, Orders = 1 << 10, Levels = 1 << 10, LevelsPerSide = 64, WindowTrades = 256 };

    [Test]
    public void A_cancel_is_an_execution_as_far_as_a_fill_told_it()
    {
        // Two orders are met by one aggressor: its fills come first, then both cancels; what is left of the first one is cancelled later.
        DbnWriter writer = Book().Mbo('T', 'B', 99, 103, 9, flags: 0).Mbo('F', 'A', 1, 103, 4, flags: 0).Mbo('F', 'A', 2, 103, 5, flags: 0);
        writer.Mbo('C', 'A', 1, 103, 4, flags: 0).Mbo('N', 'N', 0, DbnWriter.NoPrice, 0, flags: 0).Mbo('C', 'A', 2, 103, 5).Mbo('C', 'A', 1, 103, 6);
        Feed.Result result = Feed.Read(writer.ToArray());
        Assert.That(Told(result), Is.EqualTo("Trade:9 Status:4 Status:5 Execute:4/silent Status:0 Execute:5/silent. Cancel:6."));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
    }

    [Test]
    public void A_cancel_of_more_than_was_filled_is_both()
    {
        Feed.Result result = Feed.Read(Book().Mbo('F', 'A', 1, 103, 3, flags: 0).Mbo('F', 'A', 1, 103, 1, flags: 0).Mbo('C', 'A', 1, 103, 10).ToArray());
        Assert.That(Told(result), Is.EqualTo("Status:3 Status:1 Execute:4/silent Cancel:6."));
    }

    [Test]
    public void A_fill_is_of_one_order_of_one_instrument_until_its_book_begins_anew()
    {
        DbnWriter writer = Book().Mbo('F', 'A', 1, 103, 4, flags: 0).Mbo('F', 'A', 0, 103, 4, flags: 0).Mbo('C', 'A', 2, 103, 4).Mbo('R', 'N', 0, 0, 0, instrument: 8);
        writer.Mbo('A', 'A', 1, 103, 9, instrument: 8).Mbo('C', 'A', 1, 103, 4, instrument: 8).Mbo('R', 'N', 0, 0, 0).Mbo('A', 'A', 1, 103, 9).Mbo('C', 'A', 1, 103, 4);
        Feed.Result result = Feed.Read(writer.ToArray());
        Assert.That(result.Events.Select(e => e.Kind), Has.None.EqualTo(EventKind.Execute));
        Assert.That(result.Statistics.Irregularities().Where(i => i.Key == "unmatched_fills").Select(i => i.Value), Is.EqualTo(new[] { 2L }));
    }

    [Test]
    public void A_fill_ends_with_its_event()
    {
        // The last record of the event says so; then the same where only the time does.
        Feed.Result told = Feed.Read(Book().Mbo('F', 'A', 1, 103, 4, flags: 0, time: Start).Mbo('N', 'N', 0, DbnWriter.NoPrice, 0, time: Start)
            .Mbo('C', 'A', 1, 103, 4, time: Start).ToArray());
        Assert.That((Told(told), told.Statistics.UnmatchedFills), Is.EqualTo(("Status:4 Status:0. Cancel:4.", 1L)));
        Feed.Result later = Feed.Read(Book().Mbo('F', 'A', 1, 103, 4, flags: 0, time: Start).Mbo('C', 'A', 2, 103, 1, flags: 0, time: Start)
            .Mbo('C', 'A', 1, 103, 4, time: Start + 1).ToArray());
        Assert.That((Told(later), later.Statistics.UnmatchedFills), Is.EqualTo(("Status:4 Cancel:1 Cancel:4.", 1L)));

        // Another instrument's event that ends does not end it; and a fill of a later event begins anew.
        Feed.Result other = Feed.Read(Book().Mbo('F', 'A', 1, 103, 4, flags: 0).Mbo('A', 'B', 1, 99, 1, instrument: 8).Mbo('C', 'A', 1, 103, 4).ToArray());
        Assert.That(other.Events.Where(e => e.Kind == EventKind.Execute).Select(e => e.Quantity), Is.EqualTo(new[] { 4L }));
        Feed.Result again = Feed.Read(Book().Mbo('F', 'A', 1, 103, 4, time: Start).Mbo('F', 'A', 1, 103, 3, flags: 0, time: Start + 1)
            .Mbo('C', 'A', 1, 103, 10, time: Start + 1).ToArray());
        Assert.That((Told(again), again.Statistics.UnmatchedFills), Is.EqualTo(("Status:4. Status:3 Execute:3/silent Cancel:7.", 1L)));
    }

    [TestCase('M')]
    [TestCase('A')]
    public void An_order_that_begins_anew_or_changes_has_no_fill_to_come(char action)
    {
        Feed.Result result = Feed.Read(Book().Mbo('F', 'A', 1, 103, 4, flags: 0).Mbo(action, 'A', 1, 103, 6, flags: 0).Mbo('C', 'A', 1, 103, 6).ToArray());
        Assert.That(result.Events.Select(e => e.Kind), Has.None.EqualTo(EventKind.Execute));
        Assert.That(result.Statistics.UnmatchedFills, Is.EqualTo(1));
    }

    [Test]
    public void More_fills_than_are_kept_lose_the_oldest_and_are_counted()
    {
        const int Fills = 20_000;
        DbnWriter writer = new DbnWriter().Map("AA", 7).Mbo('R', 'N', 0, DbnWriter.NoPrice, 0);
        for (int i = 1; i <= Fills; i++)
        {
            writer.Mbo('F', 'A', (ulong)i, 103, 1, flags: 0);
        }

        for (int i = 1; i <= Fills; i++)
        {
            writer.Mbo('C', 'A', (ulong)i, 103, 1, flags: 0);
        }

        Feed.Result result = Feed.Read(writer.ToArray());
        int executed = result.Events.Count(e => e.Kind == EventKind.Execute);
        long unmatched = result.Statistics.Irregularities().Single(i => i.Key == "unmatched_fills").Value;
        Assert.That(executed, Is.InRange(2_000, 4_096));
        Assert.That(executed + unmatched, Is.EqualTo(Fills));
    }

    [Test]
    public void What_traded_is_not_among_what_was_removed()
    {
        DbnWriter writer = Book().Mbo('A', 'B', 3, 100, 10, time: Start + Second).Mbo('T', 'B', 99, 103, 4, flags: 0, time: Start + Second);
        writer.Mbo('F', 'A', 1, 103, 4, flags: 0, time: Start + Second).Mbo('C', 'A', 1, 103, 4, time: Start + Second).Mbo('C', 'A', 2, 103, 5, time: Start + (2 * Second));
        using OrderBooks books = new(s_limits);
        using FeatureSet set = FeatureSet.Create(FeatureSet.DefaultName, Sampling.EveryEvent, s_limits);
        using FeatureBuilder features = new(books, set, s_limits);
        foreach (MarketEvent told in Feed.Read(writer.ToArray()).Events)
        {
            MarketEvent e = told;
            features.OnEvent(e, books.Apply(ref e));
        }

        ReadOnlySpan<float> row = features.Row(0);
        (float Removed, float Traded, float Ratio) got = (
            row[set.Contract.IndexOf("ask_removed_liquidity_level0_5.000000")], row[set.Contract.IndexOf("buy_volume_5.000000")], row[set.Contract.IndexOf("ask_cancel_ratio_15.000000")]);
        Assert.That(got, Is.EqualTo((5f, 4f, 5f / 9)));
        Assert.That(books.Queue(0, Side.Sell, 0), Is.EqualTo(new[] { (1UL, 6L) }));
    }

    /// <summary>An empty book of AA, and two orders that sell.</summary>
    private static DbnWriter Book() => new DbnWriter().Map("AA", 7).Map("BB", 8).Mbo('R', 'N', 0, DbnWriter.NoPrice, 0, time: Start)
        .Mbo('A', 'A', 1, 103, 10, time: Start).Mbo('A', 'A', 2, 103, 5, time: Start);

    /// <summary>What comes behind the orders.</summary>
    private static string Told(Feed.Result result) => string.Join(' ', result.Events.Skip(3).Select(e =>
        $"{e.Kind}:{Math.Max(e.Quantity, 0)}{(e.Flags.HasFlag(EventFlags.NonPrintable) ? "/silent" : "")}{(e.Flags.HasFlag(EventFlags.LastOfEvent) ? "." : "")}"));
}
