namespace Engine.Core.Events;

/// <summary>What the same field means at one venue and not at another.</summary>
public static class VenueTraits
{
    /// <summary>Whether the side of a <see cref="EventKind.Trade"/> is the aggressor's, so that nobody has to guess it. Source: BitMEX,
    /// trade table, column side: "the taker's"; Databento, DBN, action T. Elsewhere the side is the resting order's, or says nothing (ITCH prints B for all).</summary>
    public static bool NamesAggressor(Venue venue) => venue is Venue.BitMex or Venue.Dbn;

    /// <summary>Whether the side of a <see cref="EventKind.Trade"/> is that of the order that rested, which it names: LOBSTER's executions of
    /// visible orders, where the books are those of the rows. Hidden ones name no order, and their direction says nothing.</summary>
    public static bool NamesResting(in MarketEvent e) => e.Venue == Venue.Lobster && e.OrderId != 0 && e.Side != Side.None;

    /// <summary>Whether a snapshot that names no instrument is one of every book of the venue. GLIMPSE's is; XDP begins and ends the
    /// refresh of a single symbol so.</summary>
    public static bool SnapshotsWholeVenue(Venue venue) => venue == Venue.Itch50;

    /// <summary>Whether a modify that raises an order's quantity leaves it where it is in its price's queue. NYSE, XDP Integrated Feed:
    /// an order loses its place only with its price. Databento, DBN: more at the same price goes to the back, as at most venues.</summary>
    public static bool KeepsPlaceOnIncrease(Venue venue) => venue == Venue.Xdp;
}
