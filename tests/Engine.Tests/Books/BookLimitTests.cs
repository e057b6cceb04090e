using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Tests.Books;

/// <summary>Every bound of the books has a name, refuses without damage, and lets in again when room returns.</summary>
public sealed class BookLimitTests
{
    private static readonly EngineLimits s_small = new() { Instruments = 4, Orders = 16, Levels = 8, LevelsPerSide = 5, WindowTrades = 64 };

    [Test]
    public void The_order_limit_refuses_and_recovers()
    {
        using var books = new OrderBooks(s_small);
        for (ulong id = 1; id <= 16; id++)
        {
            Assert.That(books.Add(id, Side.Buy, 100, 10), Is.EqualTo(BookStatus.Applied));
        }

        Assert.Multiple(() =>
        {
            Assert.That(books.Add(17, Side.Buy, 100, 10), Is.EqualTo(BookStatus.OrderLimit));
            Assert.That(books.Add(17, Side.Sell, 200, 10), Is.EqualTo(BookStatus.OrderLimit));
            Assert.That((books.LiveOrders, books.LiveLevels), Is.EqualTo((16, 1)), "a refused order opens no level");
            Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Suspect));
            Assert.That(books.Apply(EventKind.Delete, 5), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Add(17, Side.Buy, 100, 7), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Queue(0, Side.Buy, 0).Select(o => o.Id), Is.EqualTo((ulong[])[1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]));
            Assert.That(books.Apply(EventKind.Delete, 18), Is.EqualTo(BookStatus.UnknownOrder));
        });
    }

    [Test]
    public void An_order_of_id_zero_is_an_order_like_any()
    {
        using var books = new OrderBooks(s_small);
        Assert.Multiple(() =>
        {
            Assert.That(books.Apply(EventKind.Delete, 0), Is.EqualTo(BookStatus.UnknownOrder));
            Assert.That(books.Apply(EventKind.Execute, 0, 5, instrument: MarketEvent.AllInstruments), Is.EqualTo(BookStatus.InstrumentLimit));
            Assert.That(books.Add(0, Side.Buy, 100, 10), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Add(0, Side.Buy, 100, 10), Is.EqualTo(BookStatus.DuplicateOrder));
            Assert.That(books.Apply(EventKind.Execute, 0, 4), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Queue(0, Side.Buy, 0), Is.EqualTo(((ulong, long)[])[(0, 6)]));

            // 64 shares its place in a table of 64 and makes it give way.
            Assert.That(books.Add(64, Side.Buy, 100, 10), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Apply(EventKind.Delete, 64), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Apply(EventKind.Execute, 0, 1), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Apply(EventKind.Delete, 0), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Apply(EventKind.Delete, 0), Is.EqualTo(BookStatus.UnknownOrder));
        });
    }

    [TestCase(1)]
    [TestCase(5)]
    [TestCase(16)]
    [TestCase(20)]
    [TestCase(64)]
    public void The_limit_of_a_side_is_exact(int perSide)
    {
        using var books = new OrderBooks(new EngineLimits { Instruments = 2, Orders = 256, Levels = 256, LevelsPerSide = perSide, WindowTrades = 64 });
        for (int i = 0; i < perSide; i++)
        {
            Assert.That(books.Add((ulong)i + 1, Side.Sell, (i + 1) * BookMaker.Cent, 1), Is.EqualTo(BookStatus.Applied), $"level {i}");
        }

        Assert.Multiple(() =>
        {
            Assert.That(books.Add(1_000, Side.Sell, 999 * BookMaker.Cent, 1), Is.EqualTo(BookStatus.LevelLimit));
            Assert.That(books.Add(1_001, Side.Sell, BookMaker.Cent, 1), Is.EqualTo(BookStatus.Applied), "an existing level has room");
            Assert.That(books.Add(1_002, Side.Buy, 1, 1), Is.EqualTo(BookStatus.Applied), "the other side has room");
            Assert.That(books.Apply(EventKind.Delete, (ulong)perSide), Is.EqualTo(BookStatus.Applied));
            BookStatus again = books.Add(1_000, Side.Sell, 999 * BookMaker.Cent, 1);
            Assert.That(again, Is.EqualTo(perSide == 1 ? BookStatus.LevelLimit : BookStatus.Applied), "room returns with the last order of a level");
        });
    }

    [Test]
    public void The_level_limit_is_over_all_sides()
    {
        using var books = new OrderBooks(s_small);
        for (int i = 0; i < 8; i++)
        {
            Assert.That(books.Add((ulong)i + 1, i % 2 == 0 ? Side.Buy : Side.Sell, 100 + i, 1, i / 4), Is.EqualTo(BookStatus.Applied));
        }

        Assert.Multiple(() =>
        {
            Assert.That(books.Add(9, Side.Buy, 50, 1, 2), Is.EqualTo(BookStatus.LevelLimit));
            Assert.That(books.LiveOrders, Is.EqualTo(8), "a refused order leaves nothing behind");
            Assert.That(books.Apply(EventKind.Execute, 1, 1), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Add(9, Side.Buy, 50, 1, 2), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Prices(Side.Buy), Is.EqualTo((long[])[102]));
            Assert.That(books.Prices(Side.Buy, 2), Is.EqualTo((long[])[50]));
        });
    }

    [TestCase(4)]
    [TestCase(int.MaxValue)]
    [TestCase(-1)]
    [TestCase(int.MinValue)]
    public void An_instrument_outside_the_table_has_a_status_for_every_kind(int instrument)
    {
        using var books = new OrderBooks(s_small);
        books.Add(1, Side.Buy, 100, 10);
        Assert.Multiple(() =>
        {
            Assert.That(books.Add(2, Side.Buy, 100, 10, instrument), Is.EqualTo(BookStatus.InstrumentLimit));
            foreach (EventKind kind in (EventKind[])[EventKind.Execute, EventKind.Cancel, EventKind.Delete, EventKind.Replace, EventKind.Modify])
            {
                Assert.That(books.Apply(kind, 1, 1, 100, instrument), Is.EqualTo(BookStatus.InstrumentLimit), $"{kind} of a live order");
                Assert.That(books.Apply(kind, 99, 1, 100, instrument), Is.EqualTo(BookStatus.InstrumentLimit), $"{kind} of an unknown order");
            }

            Assert.That(books.Top(instrument, Side.Buy, new long[4], new long[4]), Is.Zero);
            Assert.That(books.Depth(instrument, Side.Buy), Is.Zero);
            Assert.That(books.Queue(instrument, Side.Buy, 0), Is.Empty);
            Assert.That(books.IsCrossed(instrument), Is.False);
            Assert.That(books.Trust(instrument), Is.EqualTo(BookTrust.Recovering));
            Assert.That(books.Queue(0, Side.Buy, 0), Is.EqualTo(((ulong, long)[])[(1, 10)]));
        });
    }

    [Test]
    public void A_wrong_first_event_is_not_forgotten()
    {
        using var books = new OrderBooks(s_small);
        MarketEvent start = BookMaker.Event(EventKind.Status, 0, instrument: MarketEvent.AllInstruments);
        start.Flags |= EventFlags.SessionStart;
        books.Apply(ref start);
        BookStatus bad = books.Add(1, Side.Buy, 100, 0, instrument: 1);
        MarketEvent gap = BookMaker.Event(EventKind.Gap, 0, 1, instrument: 2);
        books.Apply(ref gap);
        Assert.Multiple(() =>
        {
            Assert.That(bad, Is.EqualTo(BookStatus.BadValue));
            Assert.That(books.Add(2, Side.Buy, 100, 1, 1), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Trust(1), Is.EqualTo(BookTrust.Suspect), "an order that could not be entered is missing");
            Assert.That(books.Add(3, Side.Buy, 100, 1, 2), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Trust(2), Is.EqualTo(BookTrust.Suspect), "messages were lost before the first order");
            Assert.That(books.Add(4, Side.Buy, 100, 1, 3), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Trust(3), Is.EqualTo(BookTrust.Good));
        });
    }

    /// <summary>An order's quantity has 32 bits: what is larger is refused by name, and never cut.</summary>
    [TestCase(1L << 32)]
    [TestCase(long.MaxValue)]
    public void The_quantity_limit_refuses_larger_orders(long quantity)
    {
        using var books = new OrderBooks(s_small);
        Assert.Multiple(() =>
        {
            Assert.That(books.Add(1, Side.Buy, 100, quantity), Is.EqualTo(BookStatus.QuantityLimit));
            Assert.That(books.LiveLevels, Is.Zero, "a refused order opens no level");
            Assert.That(books.Add(1, Side.Buy, 100, uint.MaxValue), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Add(2, Side.Buy, 100, uint.MaxValue), Is.EqualTo(BookStatus.Applied), "a level holds more than an order");
            Assert.That(books.Apply(EventKind.Modify, 1, quantity, 100), Is.EqualTo(BookStatus.QuantityLimit));
            Assert.That(books.Queue(0, Side.Buy, 0), Is.EqualTo(((ulong, long)[])[(1, uint.MaxValue), (2, uint.MaxValue)]), "the order stays as it was");
            Assert.That(books.Apply(EventKind.Cancel, 1, quantity), Is.EqualTo(BookStatus.ExceedsOrder));
            MarketEvent replace = BookMaker.Event(EventKind.Replace, 2, quantity, 100) with { Reference = 3 };
            Assert.That(books.Apply(ref replace), Is.EqualTo(BookStatus.QuantityLimit));
            Assert.That((books.LiveOrders, books.LiveLevels), Is.EqualTo((0, 0)), "what was replaced is gone");
            Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Suspect));
            Assert.That(books.Count(BookStatus.QuantityLimit), Is.EqualTo(3));
        });
    }
}
