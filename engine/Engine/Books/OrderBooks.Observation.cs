using System.Runtime.CompilerServices;
using Engine.Core.Events;

namespace Engine.Books;

/// <content>What features read: what the last event did, the best levels, the queue at the touch.</content>
public sealed unsafe partial class OrderBooks
{
    private const int MostChanges = 2;

    private readonly LevelChange* _changes;
    private int _changeCount;

    /// <summary>What the last <see cref="Apply"/> did to its book, in order, if it gave <see cref="BookStatus.Applied"/>: at most a removal
    /// and an addition, all on one side (<see cref="ChangedSide"/>). Valid until the next.</summary>
    public ReadOnlySpan<LevelChange> Changes => new(_changes, _changeCount);

    /// <summary>The side that <see cref="Changes"/> are on; <see cref="Side.None"/> where there are none.</summary>
    public Side ChangedSide { get; private set; }

    /// <summary>Counts every change of an instrument's levels, whatever made it: two equal values saw no change between them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Version(int instrument) => _heads[instrument].Version;

    /// <summary>The best levels of one side, best first, as keys: the price for bids, minus the price for asks, so that a better one is
    /// always greater.</summary>
    /// <param name="instrument">Index of the instrument, within the limits.</param>
    /// <param name="side">Which side.</param>
    /// <param name="keys">Receives keys; room for <paramref name="depth"/>.</param>
    /// <param name="quantities">Receives quantities; room for <paramref name="depth"/>.</param>
    /// <param name="depth">Most levels.</param>
    /// <param name="first">The first to write; those before it are left as they are.</param>
    /// <returns>How many there are, those before the first too.</returns>
    public int CopyTop(int instrument, Side side, long* keys, long* quantities, int depth, int first = 0)
    {
        // SAFETY: a walk gives live levels; the caller has room for depth.
        int count = 0;
        for (LevelWalk walk = Walk(SideIndex(instrument, side)); count < depth && walk.MoveNext(); count++)
        {
            if (count >= first)
            {
                keys[count] = walk.Key;
                quantities[count] = LevelAt(walk.Slot)->Quantity;
            }
        }

        return count;
    }

    /// <summary>The queue at the best price of one side. False where the side is empty or its best level has no orders (a feed by level).</summary>
    /// <param name="instrument">Index of the instrument, within the limits.</param>
    /// <param name="side">Which side.</param>
    /// <param name="queue">Receives the queue.</param>
    public bool TryTouchQueue(int instrument, Side side, out TouchQueue queue)
    {
        int number = SideIndex(instrument, side);
        if (SideAt(number)->Count > 0)
        {
            // SAFETY: the best level is live; the neighbour of a level with orders is its oldest.
            Level* level = LevelAt(BestLevel(number));
            if (level->Count > 0)
            {
                Order* oldest = OrderAt(level->Next);
                queue = new TouchQueue(oldest->EntryTime, oldest->Quantity, level->Quantity, level->Count);
                return true;
            }
        }

        queue = default;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ChangeCause CauseOf(EventKind kind) => kind == EventKind.Execute ? ChangeCause.Executed : ChangeCause.Removed;
}
