using System.Numerics;
using System.Runtime.CompilerServices;

namespace Engine.Books;

/// <summary>
/// The window of a side: one place for each of 64 ticks around the touch, a bit for each that has a level, and the levels' slots. Finding,
/// opening and closing a level is arithmetic on its price, without a search, a shift or a branch on what is there. Levels outside, and
/// those between two ticks, are in the side's <see cref="Ladder"/>.
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

    /// <summary>A tick is 2⁷ times 5⁷. This divides by the odd part: it is the inverse modulo 2⁶⁴.</summary>
    public const long Scale = unchecked((long)0xE5032477AE8D46A5);

    private const int TickTwos = 7;
    private const long MostTicks = 1L << 38;

    /// <summary>A price's place in a side's window; <see cref="Window"/> or more when it has none. The rotation divides by the power of two,
    /// and carries what was no whole tick to the top. Both steps map 64-bit numbers one to one, so only the 64 whole ticks come to less than 64.</summary>
    /// <param name="side">The side.</param>
    /// <param name="price">The price, 1e-9 units.</param>
    // SAFETY: the caller's side is in the table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Place(BookSide* side, long price) => BitOperations.RotateRight((ulong)((price - side->Base) * side->Scale), TickTwos);

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
    /// <param name="bid">The price of the bids' place 0.</param>
    /// <param name="ask">The price of the asks' place 0.</param>
    public static sbyte Reach(long bid, long ask) => (sbyte)Math.Clamp((2 * (Window - 1)) + ((bid / Tick) - (ask / Tick)), -1, sbyte.MaxValue);
}
