using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.TestKit;

namespace Engine.Tests.Books;

/// <summary>Books of feeds that tell levels, against a sorted dictionary a side after every event.</summary>
public sealed class LevelBookTests
{
    private const int Events = 20_000;
    private const int Instruments = 3;
    private const long Tick = 10_000_000;

    [Test]
    public void Levels_agree_with_sorted_dictionaries_after_every_event()
    {
        foreach (ulong seed in Seeds.Take(4))
        {
            var random = new SeededRandom(seed);
            using var books = new OrderBooks(new EngineLimits { Instruments = 8, Levels = 4_096, Orders = 16 });
            var naive = new Dictionary<(int, Side), SortedDictionary<long, long>>();
            for (int i = 0; i < Events; i++)
            {
                MarketEvent e = Draw(random, i);
                BookStatus expected = Set(naive, e);
                Assert.That(books.Apply(ref e), Is.EqualTo(expected), $"seed {seed}, event {i}");
                Compare(books, naive, e.Instrument, $"seed {seed}, event {i}");
            }

            Assert.That(books.LiveLevels, Is.EqualTo(naive.Values.Sum(side => side.Count)), $"seed {seed}");
            Assert.That(books.LiveOrders, Is.Zero);
        }
    }

    [Test]
    public void A_removed_level_that_is_not_there_makes_a_good_book_suspect_and_leaves_a_recovering_one()
    {
        using var books = new OrderBooks(new EngineLimits { Instruments = 8, Levels = 64, Orders = 16 });
        MarketEvent remove = Level(0, Side.Buy, Tick, 0);
        Assert.That(books.Apply(ref remove), Is.EqualTo(BookStatus.UnknownLevel));
        Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Recovering));

        MarketEvent start = new() { Kind = EventKind.Status, Instrument = MarketEvent.AllInstruments, Venue = Venue.IexDeep, Flags = EventFlags.SessionStart };
        books.Apply(ref start);
        Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Good));
        books.Apply(ref remove);
        Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Suspect));
    }

    [Test]
    public void A_level_of_more_than_the_limit_is_refused_by_name()
    {
        const long Most = 1L << 45;
        using var books = new OrderBooks(new EngineLimits { Instruments = 8, Levels = 64, Orders = 16 });
        MarketEvent start = new() { Kind = EventKind.Status, Instrument = MarketEvent.AllInstruments, Venue = Venue.IexDeep, Flags = EventFlags.SessionStart };
        books.Apply(ref start);
        MarketEvent most = Level(0, Side.Buy, Tick, Most), more = Level(0, Side.Buy, Tick, Most + 1), wrapping = Level(0, Side.Buy, 2 * Tick, long.MaxValue);
        Assert.That(books.Apply(ref most), Is.EqualTo(BookStatus.Applied));
        Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Good));
        Assert.That(books.Apply(ref more), Is.EqualTo(BookStatus.QuantityLimit));
        Assert.That(books.Apply(ref wrapping), Is.EqualTo(BookStatus.QuantityLimit));
        Assert.That((books.Count(BookStatus.QuantityLimit), books.LiveLevels, books.Trust(0)), Is.EqualTo((2, 1, BookTrust.Suspect)));
    }

    [Test]
    public void A_level_is_set_or_made_of_orders_never_both()
    {
        foreach (ulong seed in Seeds.Take(4))
        {
            var random = new SeededRandom(seed);
            using var books = new OrderBooks(new EngineLimits { Instruments = 8, Levels = 64, Orders = 64 });
            MarketEvent start = new() { Kind = EventKind.Status, Instrument = MarketEvent.AllInstruments, Venue = Venue.IexDeep, Flags = EventFlags.SessionStart };
            books.Apply(ref start);
            var set = new Dictionary<long, long>();
            var orders = new Dictionary<ulong, long>();
            for (int i = 0; i < Events; i++)
            {
                long price = random.Next(1, 6) * Tick;
                ulong id = (ulong)random.Next(1, 8);
                bool known = orders.TryGetValue(id, out long at);
                BookStatus expected;
                MarketEvent e;
                switch (random.Next(0, 3))
                {
                    case 0:
                        e = Level(0, Side.Buy, price, random.Next(0, 3));
                        expected = orders.ContainsValue(price) ? BookStatus.MixedLevel
                            : e.Quantity == 0 && !set.ContainsKey(price) ? BookStatus.UnknownLevel : BookStatus.Applied;
                        _ = expected == BookStatus.Applied && (e.Quantity == 0 ? set.Remove(price) : (set[price] = e.Quantity) > 0);
                        break;
                    case 1:
                        e = Level(0, Side.Buy, price, 5) with { Kind = EventKind.Add, OrderId = id };
                        expected = known ? BookStatus.DuplicateOrder : set.ContainsKey(price) ? BookStatus.MixedLevel : BookStatus.Applied;
                        _ = expected == BookStatus.Applied && (orders[id] = price) > 0;
                        break;
                    default:
                        e = Level(0, Side.Buy, MarketEvent.Absent, 5) with { Kind = EventKind.Delete, OrderId = id };
                        expected = known ? BookStatus.Applied : BookStatus.UnknownOrder;
                        orders.Remove(id);
                        break;
                }

                Assert.That(books.Apply(ref e), Is.EqualTo(expected), $"seed {seed}, event {i}, order at {at}");
                Assert.That(books.Depth(0, Side.Buy), Is.EqualTo(set.Keys.Concat(orders.Values).Distinct().Count()), $"seed {seed}, event {i}");
                Assert.That(books.LiveLevels, Is.EqualTo(books.Depth(0, Side.Buy)), $"seed {seed}, event {i}");
            }

            Assert.That(books.Count(BookStatus.MixedLevel), Is.Positive);
            Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Suspect));
        }
    }

    [Test]
    public void A_clear_empties_levels_and_every_change_moves_the_digest()
    {
        using var books = new OrderBooks(new EngineLimits { Instruments = 8, Levels = 64, Orders = 16 });
        var digests = new HashSet<ulong>();
        foreach ((long price, long quantity) in ((long, long)[])[(Tick, 5), (2 * Tick, 7), (2 * Tick, 8), (Tick, 0)])
        {
            MarketEvent e = Level(1, Side.Sell, price, quantity);
            Assert.That(books.Apply(ref e), Is.EqualTo(BookStatus.Applied));
            Assert.That(digests.Add(books.Digest.Value), Is.True);
        }

        MarketEvent clear = new() { Kind = EventKind.Clear, Instrument = 1, Venue = Venue.IexDeep };
        books.Apply(ref clear);
        Assert.That(books.LiveLevels, Is.Zero);
        Assert.That(books.Depth(1, Side.Sell), Is.Zero);
        Assert.That(digests.Add(books.Digest.Value), Is.True);
    }

    [Test]
    public void A_level_that_orders_rest_on_cannot_be_set([Values(0, 7)] long quantity)
    {
        using var books = new OrderBooks(new EngineLimits { Instruments = 8, Levels = 64, Orders = 16 });
        MarketEvent add = Level(0, Side.Buy, Tick, 5) with { Kind = EventKind.Add, OrderId = 1 };
        Assert.That(books.Apply(ref add), Is.EqualTo(BookStatus.Applied));
        MarketEvent set = Level(0, Side.Buy, Tick, quantity);
        Assert.That(books.Apply(ref set), Is.EqualTo(BookStatus.MixedLevel));
        MarketEvent other = Level(0, Side.Buy, 2 * Tick, 3) with { Kind = EventKind.Add, OrderId = 2 };
        MarketEvent delete = Level(0, Side.Buy, Tick, 5) with { Kind = EventKind.Delete, OrderId = 1 };
        Assert.That((books.Apply(ref other), books.Apply(ref delete)), Is.EqualTo((BookStatus.Applied, BookStatus.Applied)));
        Assert.That((books.LiveLevels, books.LiveOrders, books.Depth(0, Side.Buy)), Is.EqualTo((1, 1, 1)));
    }

    [TestCase(0, 5, Side.Buy)]
    [TestCase(Tick, -1, Side.Buy)]
    [TestCase(Tick, 5, Side.None)]
    public void A_level_without_a_price_quantity_or_side_is_a_bad_value(long price, long quantity, Side side)
    {
        using var books = new OrderBooks(new EngineLimits { Instruments = 8, Levels = 64, Orders = 16 });
        MarketEvent e = Level(0, side, price, quantity);
        Assert.That(books.Apply(ref e), Is.EqualTo(BookStatus.BadValue));
        Assert.That(books.LiveLevels, Is.Zero);
    }

    private static MarketEvent Draw(SeededRandom random, int i)
    {
        Side side = random.Chance(0.5) ? Side.Buy : Side.Sell;
        long price = (side == Side.Buy ? 100 - random.Next(60) : 101 + random.Next(60)) * Tick;
        return Level(random.Next(Instruments), side, price, random.Chance(0.4) ? 0 : random.Next(1, 500)) with { ExchangeTime = i };
    }

    private static MarketEvent Level(int instrument, Side side, long price, long quantity) => new()
    {
        Kind = EventKind.LevelSet,
        Venue = Venue.IexDeep,
        Instrument = instrument,
        Side = side,
        Price = price,
        Quantity = quantity,
    };

    private static BookStatus Set(Dictionary<(int, Side), SortedDictionary<long, long>> naive, MarketEvent e)
    {
        if (!naive.TryGetValue((e.Instrument, e.Side), out SortedDictionary<long, long>? side))
        {
            naive[(e.Instrument, e.Side)] = side = [];
        }

        if (e.Quantity == 0)
        {
            return side.Remove(e.Price) ? BookStatus.Applied : BookStatus.UnknownLevel;
        }

        side[e.Price] = e.Quantity;
        return BookStatus.Applied;
    }

    private static void Compare(OrderBooks books, Dictionary<(int, Side), SortedDictionary<long, long>> naive, int instrument, string where)
    {
        var prices = new long[128];
        var quantities = new long[128];
        foreach (Side side in (ReadOnlySpan<Side>)[Side.Buy, Side.Sell])
        {
            int count = books.Top(instrument, side, prices, quantities);
            IEnumerable<KeyValuePair<long, long>> levels = naive.GetValueOrDefault((instrument, side)) ?? [];
            levels = side == Side.Buy ? levels.Reverse() : levels;
            Assert.That(
                Enumerable.Range(0, count).Select(i => (prices[i], quantities[i])),
                Is.EqualTo(levels.Select(l => (l.Key, l.Value))), $"{where}, {side}");
        }
    }
}
