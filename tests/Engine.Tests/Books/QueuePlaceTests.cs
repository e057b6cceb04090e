using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Tests.Books;

/// <summary>Where a modified order stands in its queue, venue by venue.</summary>
public sealed class QueuePlaceTests
{
    [TestCase(Venue.Xdp, 50, 10, ExpectedResult = "1 2 3", Description = "less")]
    [TestCase(Venue.Xdp, 200, 10, ExpectedResult = "1 2 3", Description = "more")]
    [TestCase(Venue.Xdp, 200, 11, ExpectedResult = "2 3 | 1", Description = "another price")]
    [TestCase(Venue.Dbn, 50, 10, ExpectedResult = "1 2 3", Description = "less")]
    [TestCase(Venue.Dbn, 200, 10, ExpectedResult = "2 3 1", Description = "more")]
    [TestCase(Venue.Dbn, 50, 9, ExpectedResult = "1 | 2 3", Description = "another price")]
    public string A_modified_order_stands(Venue venue, long quantity, long cents)
    {
        using var books = new OrderBooks(new EngineLimits { Instruments = 2, Orders = 16, Levels = 16, LevelsPerSide = 8, WindowTrades = 8 });
        for (ulong id = 1; id <= 3; id++)
        {
            MarketEvent add = BookMaker.Event(EventKind.Add, id, 100, 10 * BookMaker.Cent) with { Side = Side.Sell, Venue = venue };
            Assert.That(books.Apply(ref add), Is.EqualTo(BookStatus.Applied));
        }

        MarketEvent modify = BookMaker.Event(EventKind.Modify, 1, quantity, cents * BookMaker.Cent) with { Venue = venue };
        Assert.That(books.Apply(ref modify), Is.EqualTo(BookStatus.Applied));
        long[] quantities = new long[books.Depth(0, Side.Sell)];
        _ = books.Top(0, Side.Sell, new long[quantities.Length], quantities);
        Assert.That(quantities.Sum(), Is.EqualTo(200 + quantity));
        return string.Join(" | ", Enumerable.Range(0, quantities.Length).Select(rank => string.Join(' ', books.Queue(0, Side.Sell, rank).Select(o => o.Id))));
    }
}
