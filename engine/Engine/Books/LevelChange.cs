using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Books;

/// <summary>Why the quantity of a level changed.</summary>
public enum ChangeCause : byte
{
    /// <summary>Quantity was added: a new order, or more of one.</summary>
    Added,

    /// <summary>Quantity was taken away without a trade, as far as the feed tells.</summary>
    Removed,

    /// <summary>Quantity traded.</summary>
    Executed,
}

/// <summary>What an event did to one price level: 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = 32)]
public struct LevelChange
{
    /// <summary>Price of the level, 1e-9 units.</summary>
    public long Price;

    /// <summary>Quantity after minus quantity before; never 0.</summary>
    public long Delta;

    /// <summary>When the order that was touched took its place in its queue: exchange time, ns since the Unix epoch. 0 where a feed sets
    /// levels.</summary>
    public long EntryTime;

    /// <summary>Why.</summary>
    public ChangeCause Cause;

    /// <summary>The order left its queue with this change.</summary>
    public bool OrderLeft;

    /// <summary>Sets every field.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Set(long price, long delta, long entryTime, ChangeCause cause, bool left)
    {
        Price = price;
        Delta = delta;
        EntryTime = entryTime;
        Cause = cause;
        OrderLeft = left;
    }
}

/// <summary>The queue at the best price of one side.</summary>
/// <param name="OldestTime">When its oldest order took its place, exchange time, ns since the Unix epoch.</param>
/// <param name="OldestQuantity">What is left of the oldest order.</param>
/// <param name="Quantity">Quantity of the level.</param>
/// <param name="Orders">Orders at the level.</param>
public readonly record struct TouchQueue(long OldestTime, long OldestQuantity, long Quantity, int Orders);
