using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Books;

/// <summary>
/// What orders and levels have in common: links at the same offsets, in one store of 32-byte nodes, two to a cache line: first the orders,
/// then the slots of levels that all sides share, then a room for each side's levels near the touch. A queue is a ring through its level:
/// level → oldest order → … → youngest order → level, so an order always has two neighbours, and entering and leaving a queue needs no branch.
/// </summary>
/// <remarks>
/// <code>
///        0       8         16         20     24         28     32
///        +-------+---------+----------+------+----------+------+
/// order  | id u64| entry ns| quantity | next | previous | level|
///        |       | i64     | u32      | i32  | i32      | i32  |
///        +-------+---------+----------+------+----------+------+
/// level  | price | quantity| count    | next | previous | side |
///        | 1e-9  | i64     | i32      | i32  | i32      | i32  |
///        +-------+---------+----------+------+----------+------+
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct Node
{
    /// <summary>Bytes of a node. A slot is where its node lies, in bytes from the first.</summary>
    public const int Bytes = 32;

    /// <summary>The slot that is free next after a free one. A link says how far from the neighbour that is, so that slots never used, which are
    /// all zeros, are linked one to the next.</summary>
    /// <param name="slot">The free slot.</param>
    /// <param name="link">What it says.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NextFree(int slot, int link) => slot + Bytes + link;

    /// <summary>What a slot that becomes free says, where another is free next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FreeLink(int slot, int next) => next - slot - Bytes;

    /// <summary>The next in the ring: younger; of a level, its oldest order.</summary>
    [FieldOffset(20)] public int Next;

    /// <summary>The one before in the ring: older; of a level, its youngest order.</summary>
    [FieldOffset(24)] public int Previous;
}

/// <summary>A live order, drawn at <see cref="Node"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = 32)]
internal struct Order
{
    public ulong Id;

    /// <summary>Exchange time of the event that gave it its place in its queue, ns since the Unix epoch.</summary>
    public long EntryTime;
    public uint Quantity;
    public int Next;
    public int Previous;

    /// <summary>Its level; while the slot is free, the link to the next free one.</summary>
    public int Level;
}

/// <summary>A price level, drawn at <see cref="Node"/>. One without orders is set by the feed. While the slot is free, quantity and count
/// are 0.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = 32)]
internal struct Level
{
    /// <summary>1e-9 units.</summary>
    public long Price;
    public long Quantity;

    /// <summary>Orders in the queue; 0 where the feed sets levels.</summary>
    public int Count;

    /// <summary>The oldest order, or itself.</summary>
    public int Next;

    /// <summary>The youngest order, or itself.</summary>
    public int Previous;

    /// <summary>Instrument × 2 + (1 for the sell side); while the slot is free, the link to the next free one.</summary>
    public int Side;
}

/// <summary>The levels of one side that its window has no place for: where their rungs are, best first.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 12)]
internal struct Ladder
{
    /// <summary>The best rung. Sides end where their run ends and grow towards its start.</summary>
    public int Best;
    public int Count;

    /// <summary>Most levels in its run: all of the run, or the most that a side may have; 0 before the first level.</summary>
    public int Limit;
}

/// <summary>One side of one book: its window of prices near the touch, and how many levels it has.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 28)]
internal struct BookSide
{
    /// <summary>A bit for each place of the window that has a level.</summary>
    public ulong Near;

    /// <summary>The price of place 0 of the window, times the scale.</summary>
    public long Origin;

    /// <summary>What makes places of prices; see <see cref="NearLevels.Place"/>.</summary>
    public long Scale;

    /// <summary>Levels in the window and in the ladder.</summary>
    public int Count;
}

/// <summary>The head of one instrument's book: 64 bytes, a side in each half.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct BookHead
{
    /// <summary>The buy side.</summary>
    [FieldOffset(0)] public BookSide Bid;

    /// <summary>Neither is the trust other than good, nor the book loose: 0.</summary>
    [FieldOffset(28)] public readonly ushort Doubt;

    /// <summary>How far the book can be believed.</summary>
    [FieldOffset(28)] public BookTrust Trust;

    /// <summary>The best level of a side may be in its ladder.</summary>
    [FieldOffset(29)] public bool Loose;

    /// <summary>How many places in all may be free above the best of both windows before the sides meet: no more, and they do, if both have levels in their windows.</summary>
    [FieldOffset(30)] public sbyte Reach;

    [FieldOffset(31)] private byte _venue;

    /// <summary>The sell side.</summary>
    [FieldOffset(32)] public BookSide Ask;

    /// <summary>Changes of its levels so far, modulo 2³².</summary>
    [FieldOffset(60)] public uint Version;

    /// <summary>The instrument had a book event.</summary>
    public readonly bool Known => _venue != 0;

    /// <summary>The venue that it came from.</summary>
    public readonly Core.Events.Venue Venue => (Core.Events.Venue)(_venue - 1);

    /// <summary>The first event of the instrument.</summary>
    /// <param name="venue">The venue that it came from.</param>
    /// <param name="trust">How far the venue's books can be believed.</param>
    public void Open(Core.Events.Venue venue, BookTrust trust)
    {
        _venue = (byte)(venue + 1);
        Trust = trust;
        Bid.Scale = NearLevels.Scale;
        Ask.Scale = -NearLevels.Scale;
    }
}
