using System.Numerics;
using System.Runtime.CompilerServices;

namespace Engine.Books;

/// <summary>
/// The window of a side: one place for each of 64 ticks around the touch, a bit for each that has a level, and room for the levels themselves.
/// Finding, opening and closing a level is arithmetic on its price, without a search, a look at a table or a branch on what is there. Levels
/// outside, and those between two ticks, are in the side's <see cref="Ladder"/>, and lie in slots that all sides share.
/// </summary>
/// <remarks>Place 0 is the worst price, place 63 the best.</remarks>
internal static unsafe class NearLevels
{
    /// <summary>The distance between two places: one cent, 1e-9 units. Prices of other grids are right, and slower.</summary>
    public const long Tick = 10_000_000;

    /// <summary>Places of a window.</summary>
    public const int Window = 64;

    /// <summary>Where a window that is moved puts the best level that it is to hold: most places are for worse prices.</summary>
    public const int Touch = 47;

    /// <summary>A window whose best level is below this follows it, when a worse level would find a place then.</summary>
    public const int Sunk = 16;

    /// <summary>Most levels in the ladder of a side whose window is moved.</summary>
    public const int LongestLadder = 256;

    /// <summary>Most orders of the levels that leave a window, or come into it, when it moves.</summary>
    public const int MostMoved = 256;

    /// <summary>A tick is 2⁷ times 5⁷. This divides by the odd part: it is the inverse modulo 2⁶⁴.</summary>
    public const long Scale = unchecked((long)0xE5032477AE8D46A5);

    /// <summary>Bytes of the levels of one side's window.</summary>
    public const int Room = Window * Node.Bytes;

    private const int TickTwos = 7;
    private const int NodeBits = 5;
    private const long MostTicks = 1L << 38;

    /// <summary>A price's place in a side's window; <see cref="Window"/> or more when it has none. The rotation divides by the power of two,
    /// and carries what was no whole tick to the top. Both steps map 64-bit numbers one to one, so only the 64 whole ticks come to less than 64.</summary>
    /// <param name="side">The side.</param>
    /// <param name="price">The price, 1e-9 units.</param>
    // SAFETY: the caller's side is in the table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Place(BookSide* side, long price) => PlaceOf(side, Scaled(side, price));

    /// <summary>A price times the scale of its side: 2⁷ for each tick of its key, if it is on one.</summary>
    // SAFETY: the caller's side is in the table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Scaled(BookSide* side, long price) => price * side->Scale;

    /// <summary>The place of a scaled price.</summary>
    // SAFETY: the caller's side is in the table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong PlaceOf(BookSide* side, long scaled) => BitOperations.RotateRight((ulong)(scaled - side->Origin), TickTwos);

    /// <summary>Where in the room of its side the level of a scaled price lies, in bytes. A price keeps its room for as long as the window
    /// has a place for it, wherever that moves: prices a window apart share one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RoomOf(long scaled) => (int)(scaled >> (TickTwos - NodeBits)) & (Room - 1);

    /// <summary>Where the level of a place lies in the room of its side.</summary>
    /// <param name="origin">The side's origin.</param>
    /// <param name="place">The place.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RoomOf(long origin, long place) => RoomOf(origin + (place << TickTwos));

    /// <summary>The place whose level has a room.</summary>
    /// <param name="side">The side.</param>
    /// <param name="slot">Where the level lies; only the room counts, and of the result the lower six bits.</param>
    // SAFETY: the caller's side is in the table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PlaceIn(BookSide* side, int slot) => (slot - (int)(side->Origin >> (TickTwos - NodeBits))) >> NodeBits;

    /// <summary>The key of place 0: the price for bids, minus the price for asks.</summary>
    // SAFETY: the caller's side is in the table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long BaseKey(BookSide* side) => side->Origin * (Tick >> TickTwos);

    /// <summary>Whether a window can be moved to a price: a whole tick, and far from the end of the numbers.</summary>
    public static bool IsOnTick(long price) => price % Tick == 0 && price / Tick < MostTicks;

    /// <summary>The best of some places.</summary>
    /// <param name="levels">A bit for each; not 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long BestPlace(ulong levels) => Window - 1 - BitOperations.LeadingZeroCount(levels);

    /// <summary>Whether the windows of a book may meet: its places above the best of both are no more than its reach.</summary>
    /// <param name="head">The book.</param>
    // SAFETY: the caller's head is in the table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayMeet(BookHead* head) =>
        BitOperations.LeadingZeroCount(head->Bid.Near) + BitOperations.LeadingZeroCount(head->Ask.Near) <= head->Reach;

    /// <summary>The reach of two windows.</summary>
    /// <param name="bid">The key of the bids' place 0.</param>
    /// <param name="ask">The key of the asks' place 0.</param>
    public static sbyte Reach(long bid, long ask) => (sbyte)Math.Clamp((2 * (Window - 1)) + ((bid / Tick) + (ask / Tick)), -1, sbyte.MaxValue);
}
