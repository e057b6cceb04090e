namespace Engine.Core.Events;

/// <summary>What the same field means at one venue and not at another.</summary>
public static class VenueTraits
{
    /// <summary>Whether the side of a <see cref="EventKind.Trade"/> is the aggressor's, so that nobody has to guess it. Source: BitMEX,
    /// trade table, column side: "the taker's". Elsewhere the side is the resting order's, or says nothing (ITCH prints B for all).</summary>
    public static bool NamesAggressor(Venue venue) => venue == Venue.BitMex;
}
