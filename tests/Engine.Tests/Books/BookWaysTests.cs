using System.Runtime.InteropServices;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.TestKit;
using Engine.TestKit.Books;

namespace Engine.Tests.Books;

/// <summary>
/// An event goes the short way where its order is at its place in the index and its level near the touch, and else another: whichever it
/// goes, the book, what is told of it and every counter are the same.
/// </summary>
public sealed class BookWaysTests
{
    private const int Events = 40_000;
    private const int Many = 1 << 14;
    private const int Few = 512;

    private static readonly FlowOptions s_flow = new()
    {
        Instruments = 4, LevelInstruments = 1, Orders = 120, Ticks = 30, Mischief = 0.1, Upheaval = 0.0005, Snapshots = 0.001, Edits = 0.1, Touches = 0.05, Moves = 0.01,
    };

    private static IEnumerable<ulong> FlowSeeds() => Seeds.Take(3);

    /// <summary>In a short table of ids many orders lose their place to a later one, in a long one few do.</summary>
    [TestCaseSource(nameof(FlowSeeds))]
    public void Orders_that_lost_their_place_are_orders_like_any(ulong seed)
    {
        using var books = new OrderBooks(Limits(Many));
        using var displacing = new OrderBooks(Limits(Few));
        int few = 0, many = 0;
        Drive(seed, books, displacing, 0, () => (few, many) = (Math.Max(few, books.Displaced), Math.Max(many, displacing.Displaced)));
        Assert.That(many, Is.GreaterThan(100).And.GreaterThan(few * 4), $"seed {seed}");
        Assert.That(displacing.Digest, Is.EqualTo(books.Digest), $"seed {seed}");
    }

    /// <summary>A billionth above a tick there is no place near the touch, so that every level lies in a ladder.</summary>
    [TestCaseSource(nameof(FlowSeeds))]
    public void Levels_away_from_the_ticks_are_levels_like_any(ulong seed)
    {
        using var books = new OrderBooks(Limits(Many));
        using var between = new OrderBooks(Limits(Many));
        int near = 0;
        Drive(seed, books, between, 1, () => near = Math.Max(near, books.Nearness(0, Side.Buy).Near));
        Assert.That(near, Is.GreaterThan(10), $"seed {seed}");
        Assert.That(between.Nearness(0, Side.Buy).Near, Is.Zero, $"seed {seed}");
        Assert.That(between.Digest.Events, Is.EqualTo(books.Digest.Events), $"seed {seed}");
    }

    private static EngineLimits Limits(int orders) => new() { Instruments = 4, Orders = orders, Levels = 1_024, LevelsPerSide = 300, WindowTrades = 64 };

    private static void Drive(ulong seed, OrderBooks books, OrderBooks other, long shift, Action onEvent)
    {
        var flow = new RandomFlow(seed, s_flow);
        for (int i = 0; i < Events; i++)
        {
            MarketEvent e = flow.Next();
            MarketEvent shifted = e;
            shifted.Price = Shift(e.Price, shift);
            BookStatus status = books.Apply(ref e);
            BookStatus otherStatus = other.Apply(ref shifted);
            onEvent();
            MarketEvent expected = e;
            expected.Price = Shift(e.Price, shift);
            string? difference = BookComparison.OfEvent(otherStatus, shifted, status, expected) ?? OfBooks(books, other, e.Instrument, shift);
            if (difference is not null)
            {
                Assert.Fail($"seed {seed}, event {i}, {e.Kind} of order {e.OrderId} on {e.Instrument}: {difference}");
            }
        }

        foreach (BookStatus status in Enum.GetValues<BookStatus>())
        {
            Assert.That(other.Count(status), Is.EqualTo(books.Count(status)), $"{status}, seed {seed}");
        }

        Assert.That(other.CrossedEvents, Is.EqualTo(books.CrossedEvents).And.Positive, $"seed {seed}");
        Assert.That(books.Count(BookStatus.Applied), Is.GreaterThan(Events / 2), $"seed {seed}");
    }

    private static string? OfBooks(OrderBooks books, OrderBooks other, int instrument, long shift)
    {
        if ((other.LiveOrders, other.LiveLevels, other.ChangedSide) != (books.LiveOrders, books.LiveLevels, books.ChangedSide))
        {
            return $"{other.LiveOrders} orders, {other.LiveLevels} levels, side {other.ChangedSide}; {books.LiveOrders}, {books.LiveLevels}, {books.ChangedSide} expected";
        }

        LevelChange[] changes = [.. books.Changes];
        for (int i = 0; i < changes.Length; i++)
        {
            changes[i].Price += shift;
        }

        if (!MemoryMarshal.AsBytes(other.Changes).SequenceEqual(MemoryMarshal.AsBytes<LevelChange>(changes)))
        {
            return "other changes are told";
        }

        if (!books.Has(instrument))
        {
            return null;
        }

        TouchQueue touch = default, otherTouch = default;
        foreach (Side side in (Side[])[Side.Buy, Side.Sell])
        {
            bool has = books.TryTouchQueue(instrument, side, out touch);
            if (other.TryTouchQueue(instrument, side, out otherTouch) != has || otherTouch != touch)
            {
                return $"{side}: the touch is {otherTouch}, expected {touch}";
            }
        }

        return other.Version(instrument) == books.Version(instrument) && other.IsCrossed(instrument) == books.IsCrossed(instrument) ? null : "another version, or crossed or not";
    }

    private static long Shift(long price, long by) => price > 0 ? price + by : price;
}
