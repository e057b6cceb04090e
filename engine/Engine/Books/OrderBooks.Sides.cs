using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using Engine.Core.Events;

namespace Engine.Books;

/// <content>Where the levels of a side are: in its window near the touch, else in its ladder. What is here is for all of them; adding to and
/// taking from levels in the window has its own short way.</content>
public sealed unsafe partial class OrderBooks
{
    /// <summary>The key of a side without levels: worse than every other.</summary>
    private const long NoKey = long.MinValue;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SideIndex(int instrument, Side side) => (instrument << 1) | (side == Side.Sell ? 1 : 0);

    /// <summary>A side of a book by its number, which is instrument × 2 + (1 for the sell side).</summary>
    // SAFETY: callers checked the instrument against the table; the sides are the two halves of a head.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private BookSide* SideAt(int side) => (BookSide*)((byte*)_heads + ((ulong)(uint)side << 5));

    /// <summary>Where the levels of a side's window lie.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int WindowOf(int side) => _nearLevels + (side * NearLevels.Room);

    /// <summary>The slot of a price that has a place in the window.</summary>
    // SAFETY: as in FindLevel.
    private int NearSlot(int side, long price) => WindowOf(side) + NearLevels.RoomOf(NearLevels.Scaled(SideAt(side), price));

    /// <summary>The price for bids, minus the price for asks, so that a better one is always greater.</summary>
    private static long KeyOf(long price, int side) => (side & 1) == 0 ? price : -price;

    /// <summary>The slot of a price's level, or none.</summary>
    private int FindLevel(int side, long price)
    {
        // SAFETY: the side is in the table; a place below Window is in its window, and a rank below Count in its ladder.
        BookSide* book = SideAt(side);
        ulong place = NearLevels.Place(book, price);
        if (place < NearLevels.Window)
        {
            return ((book->Near >> (int)place) & 1) != 0 ? NearSlot(side, price) : None;
        }

        Ladder* far = _far + side;
        int rank = _rungs.Rank(far, KeyOf(price, side));
        return _rungs.Has(far, rank, KeyOf(price, side)) ? _rungs.Levels(far)[rank] : None;
    }

    /// <summary>The slot of the best level of a side, or none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int BestLevel(int side)
    {
        // SAFETY: as in FindLevel.
        BookSide* book = SideAt(side);
        return book->Near != 0 && !_heads[side >> 1].Loose
            ? WindowOf(side) + NearLevels.RoomOf(book->Origin, NearLevels.BestPlace(book->Near))
            : BestOfBoth(side);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int BestOfBoth(int side)
    {
        LevelWalk walk = Walk(side);
        return walk.MoveNext() ? walk.Slot : None;
    }

    private long BestKey(int side)
    {
        LevelWalk walk = Walk(side);
        return walk.MoveNext() ? walk.Key : NoKey;
    }

    /// <summary>Whether the best bid is at or above the best ask; an empty side meets nothing.</summary>
    private bool Meet(int instrument) => BestKey(instrument << 1) > ~BestKey((instrument << 1) | 1);

    /// <summary>Opens a level. None when there is no room.</summary>
    private int OpenLevel(int side, long price)
    {
        // SAFETY: as in FindLevel; there are as many slots as there may be levels.
        BookSide* book = SideAt(side);
        if (_levelsLeft <= 0 || book->Count >= _levelsPerSide)
        {
            return None;
        }

        ulong place = NearLevels.Place(book, price);
        if (place >= NearLevels.Window && TryReach(side, price))
        {
            place = NearLevels.Place(book, price);
        }

        int slot;
        if (place < NearLevels.Window)
        {
            slot = NearSlot(side, price);
            book->Near |= 1UL << (int)place;
        }
        else
        {
            slot = OpenFar(side, KeyOf(price, side));
            if (slot == None)
            {
                return None;
            }
        }

        LevelAt(slot)->Price = price;
        book->Count++;
        _levelsLeft--;
        Loosen(side);
        return slot;
    }

    private void CloseLevel(Level* level, int slot)
    {
        // SAFETY: the level is live, so its side has its price.
        int side = level->Side;
        BookSide* book = SideAt(side);
        ulong place = NearLevels.Place(book, level->Price);
        if (place < NearLevels.Window)
        {
            book->Near &= ~(1UL << (int)place);
        }
        else
        {
            int rank = _rungs.Rank(_far + side, KeyOf(level->Price, side));
            Debug.Assert(_rungs.Has(_far + side, rank, KeyOf(level->Price, side)), "a level without a place or a rung");
            _rungs.Close(_far + side, rank);
            FreeSlot(slot);
        }

        book->Count--;
        _levelsLeft++;
        if (book->Near == 0 && _far[side].Count > 0)
        {
            // The touch is in the ladder: the window goes there, if it is on a tick.
            _ = TryReach(side, KeyOf(*_rungs.Keys(_far + side), side));
        }

        Loosen(side);
    }

    /// <summary>Opens a level in the ladder of a side, in a slot that sides share. None when there is no room.</summary>
    private int OpenFar(int side, long key)
    {
        // SAFETY: the side is in the table, and has a ladder; there are as many slots as there may be levels.
        Ladder* far = _far + side;
        if (far->Count >= far->Limit && !_ladders.TryGrow(far))
        {
            return None;
        }

        int slot = _freeLevel;
        Level* level = LevelAt(slot);
        _freeLevel = Node.NextFree(slot, level->Side);
        level->Side = side;
        level->Next = slot;
        level->Previous = slot;
        _rungs.Open(far, _rungs.Rank(far, key), key, slot);
        return slot;
    }

    /// <summary>Gives the slot of a level that has no orders and no quantity back.</summary>
    // SAFETY: the slot was a level's.
    private void FreeSlot(int slot)
    {
        LevelAt(slot)->Side = Node.FreeLink(slot, _freeLevel);
        _freeLevel = slot;
    }

    /// <summary>Notes whether the best level of a side of this book may be in its ladder.</summary>
    // SAFETY: the side is in the table.
    private void Loosen(int side) => _heads[side >> 1].Loose = IsLoose(side & ~1) || IsLoose(side | 1);

    private bool IsLoose(int side)
    {
        // SAFETY: as in FindLevel.
        BookSide* book = SideAt(side);
        Ladder* far = _far + side;
        return far->Count > 0 && (book->Near == 0 || *_rungs.Keys(far) > NearLevels.BaseKey(book));
    }

    /// <summary>Orders that lost their place in the index to a later one: for checks.</summary>
    internal int Displaced => _index.Displaced;

    /// <summary>How many levels of a side are in its window, and whether its book is loose: for checks.</summary>
    internal (int Near, bool IsLoose) Nearness(int instrument, Side side) =>
        (BitOperations.PopCount(SideAt(SideIndex(instrument, side))->Near), _heads[instrument].Loose);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private LevelWalk Walk(int side) => new(SideAt(side), WindowOf(side), _far + side, _rungs);
}
