using Engine.Books;
using Engine.Core.Events;

namespace Engine.Tests.Books;

/// <summary>Events by hand, for tests that follow a few orders.</summary>
internal static class BookMaker
{
    public const long Cent = 10_000_000;

    public static MarketEvent Event(EventKind kind, ulong id, long quantity = MarketEvent.Absent, long price = MarketEvent.Absent, int instrument = 0) =>
        new()
        {
            Kind = kind,
            OrderId = id,
            Quantity = quantity,
            Price = price,
            Instrument = instrument,
            Venue = Venue.Itch50,
            Flags = EventFlags.Watched | EventFlags.LastOfEvent,
        };

    public static BookStatus Apply(this OrderBooks books, EventKind kind, ulong id, long quantity = MarketEvent.Absent, long price = MarketEvent.Absent, int instrument = 0)
    {
        MarketEvent e = Event(kind, id, quantity, price, instrument);
        return books.Apply(ref e);
    }

    public static BookStatus Add(this OrderBooks books, ulong id, Side side, long price, long quantity, int instrument = 0)
    {
        MarketEvent e = Event(EventKind.Add, id, quantity, price, instrument);
        e.Side = side;
        return books.Apply(ref e);
    }

    /// <summary>The prices of a side, best first.</summary>
    public static long[] Prices(this OrderBooks books, Side side, int instrument = 0)
    {
        long[] prices = new long[books.Depth(instrument, side)];
        books.Top(instrument, side, prices, new long[prices.Length]);
        return prices;
    }
}
