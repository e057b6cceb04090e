using Engine.Core.Events;

namespace Engine.Feeds.Instruments;

/// <summary>
/// What a decoder needs to know of an instrument, in a word that it finds by the venue's own key:
/// <code>
/// bit 0       nothing more to learn: the symbol is known (or there is none to know)
/// bit 1       watched
/// bit 2       seen
/// bits 3..31  instrument, −1 for every instrument, −2 for one that found no room
/// </code>
/// An entry of an instrument that found no room is never settled; bit 2 says of it that its symbol is still to come.
/// </summary>
internal static class InstrumentEntry
{
    /// <summary>Set in an entry that needs no further look.</summary>
    public const int Settled = 1;

    /// <summary>Set in an entry whose instrument is watched.</summary>
    public const int Watched = 2;

    /// <summary>How far up the instrument lies.</summary>
    public const int Shift = 3;

    /// <summary>The market as a whole.</summary>
    public const int Everything = (MarketEvent.AllInstruments << Shift) | Seen | Settled;

    /// <summary>An instrument that found no room with its symbol.</summary>
    public const int Refused = MarketEvent.NoInstrument << Shift;

    /// <summary>An instrument that found no room before its symbol was known.</summary>
    public const int RefusedUnnamed = Refused | Seen;

    private const int Seen = 4;

    /// <summary>Moves <see cref="Watched"/> to where <see cref="EventFlags.Watched"/> is.</summary>
    public const int WatchedToFlag = 4;

    /// <summary>Whether an entry's instrument found no room.</summary>
    public static bool IsRefused(int entry) => entry >> Shift == MarketEvent.NoInstrument;

    /// <summary>The entry of an instrument, or of one that found no room.</summary>
    public static int Of(InstrumentTable table, int instrument, bool settled) => instrument < 0
        ? settled ? Refused : RefusedUnnamed
        : (instrument << Shift) | Seen | (table.IsWatched(instrument) ? Watched : 0) | (settled ? Settled : 0);
}
