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
    private BookSide* SideAt(int side) => (BookSide*)((byte*)_heads + ((long)side << 5));

    // SAFETY: as SideAt: every side has a window.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int* WindowOf(int side) => _windows + ((long)side * NearLevels.Window);

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
            return ((book->Near >> (int)place) & 1) != 0 ? WindowOf(side)[place] : None;
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
        ulong near = SideAt(side)->Near;
        return near != 0 && !_heads[side >> 1].Loose ? WindowOf(side)[NearLevels.BestPlace(near)] : BestOfBoth(side);
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
        // SAFETY: as in FindLevel; the free slot is inside the buffer.
        BookSide* book = SideAt(side);
        int slot = _freeLevel;
        if (slot == None || book->Count >= _levelsPerSide)
        {
            return None;
        }

        ulong place = NearLevels.Place(book, price);
        if (place >= NearLevels.Window && TryReach(side, price))
        {
            place = NearLevels.Place(book, price);
        }

        if (place < NearLevels.Window)
        {
            WindowOf(side)[place] = slot;
            book->Near |= 1UL << (int)place;
        }
        else if (!TryOpenFar(side, KeyOf(price, side), slot))
        {
            return None;
        }

        Level* level = LevelAt(slot);
        int free = level->Side;
        _freeLevel = free != None ? free : FreshLevel();
        level->Price = price;
        level->Side = side;
        book->Count++;
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
        }

        level->Side = _freeLevel;
        _freeLevel = slot;
        book->Count--;
        if (book->Near == 0 && _far[side].Count > 0)
        {
            // The touch is in the ladder: the window goes there, if it is on a tick.
            _ = TryReach(side, KeyOf(*_rungs.Keys(_far + side), side));
        }

        Loosen(side);
    }

    /// <summary>Puts a level into the ladder of its side. False when there is no room.</summary>
    private bool TryOpenFar(int side, long key, int slot)
    {
        // SAFETY: the side is in the table, and has a ladder.
        Ladder* far = _far + side;
        if (far->Count >= far->Limit && !_ladders.TryGrow(far))
        {
            return false;
        }

        _rungs.Open(far, _rungs.Rank(far, key), key, slot);
        return true;
    }

    /// <summary>Notes whether the best level of a side of this book may be in its ladder.</summary>
    // SAFETY: the side is in the table.
    private void Loosen(int side) => _heads[side >> 1].Loose = IsLoose(side & ~1) || IsLoose(side | 1);

    private bool IsLoose(int side)
    {
        // SAFETY: as in FindLevel.
        BookSide* book = SideAt(side);
        Ladder* far = _far + side;
        return far->Count > 0 && (book->Near == 0 || *_rungs.Keys(far) > KeyOf(book->Base, side));
    }

    /// <summary>Moves a side's window so that a price outside has a place: a better one, or a worse one where the best level of the window has sunk, or
    /// any where the window is empty. Not where the ladder is so long that moving would cost more than it saves.</summary>
    private bool TryReach(int side, long price)
    {
        if (!NearLevels.IsOnTick(price) || _far[side].Count > NearLevels.LongestLadder)
        {
            return false;
        }

        // SAFETY: the side is in the table. Everything in keys from here on.
        BookSide* book = SideAt(side);
        long key = KeyOf(price, side), top = key;
        if (book->Near != 0)
        {
            long best = NearLevels.BestPlace(book->Near);
            top = Math.Max(key, KeyOf(book->Base, side) + (best * NearLevels.Tick));
            if (top != key && best >= NearLevels.Sunk)
            {
                return false;
            }
        }

        long baseKey = top - (NearLevels.Touch * NearLevels.Tick);
        if (key < baseKey)
        {
            return false;
        }

        MoveWindow(side, baseKey);
        return true;
    }

    /// <summary>Moves a side's window: levels that leave it go to the ladder, levels of the ladder that it reaches come in.</summary>
    private void MoveWindow(int side, long baseKey)
    {
        // SAFETY: places are below Window; ranks below the ladder's count.
        BookHead* head = _heads + (side >> 1);
        BookSide* book = SideAt(side);
        int* window = WindowOf(side);
        long oldKey = KeyOf(book->Base, side);
        long by = (baseKey - oldKey) / NearLevels.Tick;
        for (ulong left = book->Near; left != 0; left &= left - 1)
        {
            int place = BitOperations.TrailingZeroCount(left);
            if ((ulong)(place - by) >= NearLevels.Window)
            {
                // A ladder has room for all levels that its side may have.
                bool moved = TryOpenFar(side, oldKey + (place * NearLevels.Tick), window[place]);
                Debug.Assert(moved, "no room in a ladder for a level that its side has");
                book->Near &= ~(1UL << place);
            }
        }

        // What stays has a place in the window before and after, so that nothing is shifted out.
        int from = (int)Math.Clamp(by, 0, NearLevels.Window), to = (int)Math.Clamp(-by, 0, NearLevels.Window);
        new Span<int>(window + from, NearLevels.Window - from - to).CopyTo(new Span<int>(window + to, NearLevels.Window - from - to));
        book->Near = book->Near == 0 ? 0 : book->Near >> from << to;
        book->Base = KeyOf(baseKey, side);
        head->Reach = NearLevels.Reach(head->Bid.Base, head->Ask.Base);
        Ladder* far = _far + side;
        for (int rank = _rungs.Rank(far, baseKey + ((NearLevels.Window - 1) * NearLevels.Tick)); rank < far->Count && _rungs.Keys(far)[rank] >= baseKey;)
        {
            ulong place = NearLevels.Place(book, KeyOf(_rungs.Keys(far)[rank], side));
            if (place >= NearLevels.Window)
            {
                rank++;
                continue;
            }

            window[place] = _rungs.Levels(far)[rank];
            book->Near |= 1UL << (int)place;
            _rungs.Close(far, rank);
        }
    }

    /// <summary>How many levels of a side are in its window, and whether its book is loose: for checks.</summary>
    internal (int Near, bool IsLoose) Nearness(int instrument, Side side) =>
        (BitOperations.PopCount(SideAt(SideIndex(instrument, side))->Near), _heads[instrument].Loose);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private LevelWalk Walk(int side) => new(KeyOf(SideAt(side)->Base, side), SideAt(side)->Near, WindowOf(side), _far + side, _rungs);
}
