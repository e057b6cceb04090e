using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Tests.Books;

/// <summary>What the beginning and the end of a snapshot do to a book, and to others.</summary>
public sealed class SnapshotTests
{
    [Test]
    public void A_snapshot_empties_its_book_and_ends_with_one_that_is_good()
    {
        using var books = Books();
        Level(books, 0, 5);
        Level(books, 1, 7);
        Apply(books, EventKind.Gap, 0);
        Assert.That(Apply(books, EventKind.SnapshotBegin, 0).Flags.HasFlag(EventFlags.BookSuspect));
        Assert.Multiple(() =>
        {
            Assert.That(books.Depth(0, Side.Buy), Is.Zero);
            Assert.That(books.Depth(1, Side.Buy), Is.EqualTo(1), "another book");
            Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Recovering));
        });
        Level(books, 0, 9);
        Assert.That(Apply(books, EventKind.SnapshotEnd, 0).Flags.HasFlag(EventFlags.BookSuspect), Is.False);
        Assert.Multiple(() =>
        {
            Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Good));
            Assert.That(books.Trust(1), Is.EqualTo(BookTrust.Recovering), "another book");
            Assert.That(books.Depth(0, Side.Buy), Is.EqualTo(1));
            Assert.That(books.Count(BookStatus.NotABookEvent), Is.EqualTo(3));
        });
        Apply(books, EventKind.Gap, 0);
        Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Suspect));
    }

    [TestCase(EventKind.SnapshotBegin)]
    [TestCase(EventKind.SnapshotEnd)]
    public void One_that_names_no_instrument_changes_nothing(EventKind kind)
    {
        using var books = Books();
        Level(books, 0, 5);
        Apply(books, EventKind.SnapshotEnd, 0);
        Level(books, 1, 7);
        ulong digest = books.Digest.Value;
        Apply(books, kind, MarketEvent.AllInstruments);
        Apply(books, kind, MarketEvent.NoInstrument);
        Assert.Multiple(() =>
        {
            Assert.That(books.Digest.Value, Is.EqualTo(digest));
            Assert.That(books.LiveLevels, Is.EqualTo(2));
            Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Good));
            Assert.That(books.Trust(1), Is.EqualTo(BookTrust.Recovering));
        });
    }

    [Test]
    public void Glimpse_empties_every_book_of_its_venue_and_ends_with_books_that_are_good()
    {
        using var books = Books();
        Level(books, 0, 5);
        Itch(books, EventKind.Add, 1, 11);
        Itch(books, EventKind.Gap, MarketEvent.AllInstruments, 0);
        Assert.That(books.Trust(1), Is.EqualTo(BookTrust.Suspect));
        Itch(books, EventKind.SnapshotBegin, MarketEvent.AllInstruments, 0);
        Assert.That((books.LiveOrders, books.Trust(1), books.Depth(0, Side.Buy)), Is.EqualTo((0, BookTrust.Recovering, 1)), "the other venue's book stays");
        Itch(books, EventKind.Add, 1, 12);
        Itch(books, EventKind.SnapshotEnd, MarketEvent.AllInstruments, 0);
        Itch(books, EventKind.Add, 2, 13);
        Assert.That((books.Trust(1), books.Trust(2), books.Trust(0)), Is.EqualTo((BookTrust.Good, BookTrust.Good, BookTrust.Recovering)));
    }

    [Test]
    public void A_snapshot_that_contradicts_itself_does_not_make_its_book_good()
    {
        using var books = Books();
        Itch(books, EventKind.SnapshotBegin, MarketEvent.AllInstruments, 0);
        Itch(books, EventKind.Add, 1, 12);
        Itch(books, EventKind.Add, 1, 12);
        Itch(books, EventKind.Add, 2, 13);
        Itch(books, EventKind.SnapshotEnd, MarketEvent.AllInstruments, 0);
        Assert.That((books.Trust(1), books.Trust(2)), Is.EqualTo((BookTrust.Suspect, BookTrust.Good)));
    }

    [Test]
    public void A_clear_of_all_makes_good_books_unknown_again()
    {
        using var books = Books();
        Apply(books, EventKind.SnapshotBegin, 0);
        Level(books, 0, 5);
        Apply(books, EventKind.SnapshotEnd, 0);
        Apply(books, EventKind.Clear, MarketEvent.AllInstruments);
        Assert.That((books.Trust(0), books.LiveLevels), Is.EqualTo((BookTrust.Recovering, 0)));
    }

    private static OrderBooks Books() => new(new EngineLimits { Instruments = 4, Levels = 64, Orders = 16 });

    private static void Itch(OrderBooks books, EventKind kind, int instrument, ulong id)
    {
        MarketEvent e = new()
        {
            Kind = kind, Venue = Venue.Itch50, Instrument = instrument, Side = Side.Buy, Price = MarketEvent.PriceScale, Quantity = 10, OrderId = id,
        };
        books.Apply(ref e);
    }

    private static void Level(OrderBooks books, int instrument, long quantity)
    {
        MarketEvent e = new()
        {
            Kind = EventKind.LevelSet, Venue = Venue.BitMex, Instrument = instrument, Side = Side.Buy, Price = MarketEvent.PriceScale, Quantity = quantity,
        };
        Assert.That(books.Apply(ref e), Is.EqualTo(BookStatus.Applied));
    }

    private static MarketEvent Apply(OrderBooks books, EventKind kind, int instrument)
    {
        MarketEvent e = new() { Kind = kind, Venue = Venue.BitMex, Instrument = instrument };
        Assert.That(books.Apply(ref e), Is.EqualTo(BookStatus.NotABookEvent));
        return e;
    }
}
