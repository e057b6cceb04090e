using System.Runtime.InteropServices;

namespace Engine.Books;

/// <summary>A live order: 32 bytes, two to a cache line. Links are indices into the same store.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = 32)]
internal struct Order
{
    public ulong Id;
    public long Quantity;

    /// <summary>The next order in the queue of its level (younger), or −1.</summary>
    public int Next;

    /// <summary>The order ahead in the queue (older), or −1.</summary>
    public int Previous;

    /// <summary>Its level; while the slot is free, the next free slot.</summary>
    public int Level;

    /// <summary>Instrument × 2 + (1 for a sell order).</summary>
    public int Side;
}

/// <summary>A price level: 32 bytes, two to a cache line. Orders queue from <see cref="Head"/> (oldest) to <see cref="Tail"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = 32)]
internal struct Level
{
    /// <summary>1e-9 units.</summary>
    public long Price;
    public long Quantity;
    public int Count;

    /// <summary>The oldest order; while the slot is free, the next free slot.</summary>
    public int Head;
    public int Tail;
    private readonly int _reserved;
}

/// <summary>An entry of a sorted side: <see cref="Key"/> is the price for bids and minus the price for asks, so that the
/// best is always the greatest.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = 16)]
internal struct Rung
{
    public long Key;
    public int Level;
    private readonly int _reserved;
}

/// <summary>One side of one book: where its rungs are, worst first, best last.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 12)]
internal struct Ladder
{
    public int Offset;
    public int Count;

    /// <summary>Room, a power of two; 0 before the first level.</summary>
    public int Capacity;
}

/// <summary>The head of one instrument's book: 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 32)]
internal struct BookHead
{
    public Ladder Bid;
    public Ladder Ask;
    public BookTrust Trust;
    public bool Known;
    public bool Crossed;
    public Core.Events.Venue Venue;

    /// <summary>Changes of its levels so far, modulo 2³².</summary>
    public uint Version;
}
