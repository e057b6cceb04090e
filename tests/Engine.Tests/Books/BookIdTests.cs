using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.TestKit;
using Engine.TestKit.Books;
using static Engine.Tests.Books.BookMaker;

namespace Engine.Tests.Books;

/// <summary>Ids that do not count up, and instruments that no feed names.</summary>
public sealed class BookIdTests
{
    private const int Orders = 256;
    private const int Events = 30_000;

    private static readonly EngineLimits s_limits = new() { Instruments = 2, Orders = Orders, Levels = 256, LevelsPerSide = 128, WindowTrades = 64 };

    /// <summary>Ids that fall, that are any of 64 bits, that share few places of the index, and that come again: every order is found, and none twice.</summary>
    [TestCase("falling")]
    [TestCase("any")]
    [TestCase("few places")]
    [TestCase("few ids")]
    public void Orders_are_found_whatever_order_ids_come_in(string ids)
    {
        ulong seed = Seeds.Take(1).First();
        var random = new SeededRandom(seed);
        using var books = new OrderBooks(s_limits);
        var naive = new NaiveBooks(s_limits);
        var seen = new List<ulong>();
        for (int i = 0; i < Events; i++)
        {
            MarketEvent e = Next(random, seen, ids, (ulong)(Events - i));
            MarketEvent copy = e;
            BookStatus status = books.Apply(ref e);
            BookStatus expected = naive.Apply(ref copy);
            string? difference = BookComparison.OfEvent(status, e, expected, copy) ?? BookComparison.OfBook(books, naive, 0, e.Price);
            if (difference is not null)
            {
                Assert.Fail($"seed {seed}, event {i}, {e.Kind} of order {e.OrderId}: {difference}");
            }
        }

        Assert.Multiple(() =>
        {
            Assert.That(books.Count(BookStatus.DuplicateOrder), Is.Positive, $"seed {seed}");
            Assert.That(books.Count(BookStatus.UnknownOrder), Is.Positive, $"seed {seed}");
            Assert.That(books.Count(BookStatus.Applied), Is.GreaterThan(Events / 10), $"seed {seed}");
        });
    }

    /// <summary>An event that names no order of the books is refused whatever its instrument's number is.</summary>
    [Test]
    public void No_instrument_has_the_slot_of_no_order(
        [Values(EventKind.Delete, EventKind.Modify)] EventKind kind, [Values(int.MinValue, int.MinValue >> 1, -2, 2, int.MaxValue)] int instrument)
    {
        using var books = new OrderBooks(s_limits);
        Assert.That(books.Apply(kind, 77, instrument: instrument), Is.EqualTo(BookStatus.InstrumentLimit));
    }

    private static MarketEvent Next(SeededRandom random, List<ulong> seen, string ids, ulong falling)
    {
        if (seen.Count > 0 && random.Chance(0.55))
        {
            int index = random.Next(seen.Count);
            MarketEvent e = Event(random.Chance(0.5) ? EventKind.Delete : EventKind.Cancel, seen[index], random.Next(1, 6));
            e.Quantity = e.Kind == EventKind.Delete ? MarketEvent.Absent : e.Quantity;
            if (e.Kind == EventKind.Delete && random.Chance(0.9))
            {
                seen.RemoveAt(index);
            }

            return e;
        }

        ulong id = seen.Count > 0 && random.Chance(0.05) ? seen[random.Next(seen.Count)] : ids switch
        {
            "falling" => falling,
            "any" => random.NextUInt64(),
            "few places" => ((ulong)random.Next(4_000) * Orders) + (ulong)random.Next(3),
            _ => (ulong)random.Next(400),
        };
        seen.Add(id);
        MarketEvent add = Event(EventKind.Add, id, random.Next(1, 6), (1_000 + random.Next(100)) * Cent);
        add.Side = random.Chance(0.5) ? Side.Buy : Side.Sell;
        return add;
    }
}
