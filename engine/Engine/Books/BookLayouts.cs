using System.Runtime.InteropServices;

namespace Engine.Books;

/// <summary>
/// What orders and levels have in common: links at the same offsets, in one store of 32-byte nodes, two to a cache line, orders first
/// and levels behind them. A queue is a ring through its level: level → oldest order → … → youngest order → level, so an order always has
/// two neighbours, and entering and leaving a queue needs no branch.
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

    /// <summary>Its level; while the slot is free, the next free slot.</summary>
    public int Level;
}

/// <summary>A price level, drawn at <see cref="Node"/>. One without orders is set by the feed. While the slot is free, quantity and count
/// are 0 and the links lead to itself, so that nothing need be set but price and side.</summary>
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

    /// <summary>Instrument × 2 + (1 for the sell side); while the slot is free, the next free slot.</summary>
    public int Side;
}

/// <summary>One side of one book: where its rungs are, best first.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 12)]
internal struct Ladder
{
    /// <summary>The best rung. Sides end where their run ends and grow towards its start.</summary>
    public int Best;
    public int Count;

    /// <summary>Most levels in its run: all of the run, or the most that a side may have; 0 before the first level.</summary>
    public int Limit;
}

/// <summary>The head of one instrument's book: 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 32)]
internal struct BookHead
{
    public Ladder Bid;
    public Ladder Ask;
    public BookTrust Trust;

    /// <summary>The best bid is at or above the best ask. Beside the trust, so that one test says that nothing is wrong.</summary>
    public bool Crossed;
    public bool Known;
    public Core.Events.Venue Venue;

    /// <summary>Changes of its levels so far, modulo 2³².</summary>
    public uint Version;
}
