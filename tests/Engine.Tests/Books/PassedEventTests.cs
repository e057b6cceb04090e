using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Tests.Books;

/// <summary>Events of instruments that a run does not follow.</summary>
public sealed class PassedEventTests
{
    private static readonly EngineLimits s_limits = new() { Instruments = 8, Orders = 64, Levels = 64 };

    [Test]
    public void A_session_that_starts_on_another_instruments_message_empties_the_books_and_makes_them_good()
    {
        using var books = new OrderBooks(s_limits);
        MarketEvent add = Order(EventKind.Add, 1, instrument: 0);
        books.Apply(ref add);
        Assert.That((books.LiveOrders, books.Trust(0)), Is.EqualTo((1, BookTrust.Recovering)));
        books.Pass(Order(EventKind.Add, 2, instrument: 5) with { Flags = EventFlags.SessionStart }, unnamed: false);
        Assert.That((books.LiveOrders, books.Trust(0)), Is.EqualTo((0, BookTrust.Good)));
    }

    [Test]
    public void Orders_of_an_instrument_without_a_name_enter_no_book_but_messages_that_name_unknown_ones_count()
    {
        using var books = new OrderBooks(s_limits);
        books.Pass(Order(EventKind.Add, 1, instrument: 3), unnamed: true);
        books.Pass(Order(EventKind.Delete, 9, instrument: 3), unnamed: true);
        books.Pass(Order(EventKind.Delete, 10, instrument: 4), unnamed: false);
        Assert.That((books.LiveOrders, books.Count(BookStatus.UnknownOrder), books.Digest.Events), Is.EqualTo((0, 1L, 0L)));
    }

    private static MarketEvent Order(EventKind kind, ulong id, int instrument) => new()
    {
        Kind = kind,
        Venue = Venue.Itch50,
        Instrument = instrument,
        OrderId = id,
        Side = Side.Buy,
        Price = MarketEvent.PriceScale,
        Quantity = 100,
    };
}
