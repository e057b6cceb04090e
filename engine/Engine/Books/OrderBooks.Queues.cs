using System.Runtime.CompilerServices;
using Engine.Core.Events;

namespace Engine.Books;

/// <content>Orders enter and leave the queues of their levels; levels enter and leave their sides.</content>
public sealed unsafe partial class OrderBooks
{
    private const int Mixed = -1;

    /// <summary>Puts an order, whose id has claimed its place in the index, behind the queue of its price.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private BookStatus Insert(in MarketEvent e, ulong id, int* place, long price, int side, BookHead* head, int change)
    {
        if (_freeOrder == None)
        {
            return BookStatus.OrderLimit;
        }

        int levelSlot = JoinLevel(side, price);
        if (levelSlot <= None)
        {
            return levelSlot == None ? BookStatus.LevelLimit : BookStatus.MixedLevel;
        }

        // SAFETY: slot is free and inside the buffer; levelSlot is live, and so is its youngest order, or it is the level itself.
        int slot = _freeOrder;
        Order* order = OrderAt(slot);
        Level* level = LevelAt(levelSlot);
        int free = order->Level;
        _freeOrder = free != None ? free : FreshOrder();
        int youngest = level->Previous;
        long quantity = e.Quantity;
        long time = e.ExchangeTime;
        order->Id = id;
        order->EntryTime = time;
        order->Quantity = (uint)quantity;
        order->Next = levelSlot;
        order->Previous = youngest;
        order->Level = levelSlot;
        NodeAt(youngest)->Next = slot;
        level->Previous = slot;
        long total = level->Quantity + quantity;
        int count = level->Count + 1;
        level->Quantity = total;
        level->Count = count;
        LiveOrders++;
        head->Version++;
        *place = slot;
        (_changes + change)->Set(price, quantity, time, ChangeCause.Added, left: false);
        _digest.Fold(What(e.Kind, side), price, total, count, id, quantity);
        return BookStatus.Applied;
    }

    /// <summary>Takes quantity from an order; the last of it takes the order out of its queue.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reduce(ulong id, int slot, int* place, Level* level, BookHead* head, long taken, EventKind kind)
    {
        // SAFETY: the order is live, so its level is.
        Order* order = OrderAt(slot);
        long rest = order->Quantity - taken;
        long total = level->Quantity - taken;
        bool leaves = rest == 0;
        int count = level->Count - (leaves ? 1 : 0);
        order->Quantity = (uint)rest;
        level->Quantity = total;
        level->Count = count;
        head->Version++;
        _changes->Set(level->Price, -taken, order->EntryTime, CauseOf(kind), leaves);
        _digest.Fold(What(kind, level->Side), level->Price, total, count, id, rest);
        if (leaves)
        {
            Remove(id, slot, place, level);
        }
    }

    /// <summary>Takes an order of which nothing is left out of its queue.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Remove(ulong id, int slot, int* place, Level* level)
    {
        // SAFETY: the order was live until now, so its neighbours are.
        Order* order = OrderAt(slot);
        int levelSlot = order->Level;
        int next = order->Next;
        int previous = order->Previous;
        NodeAt(previous)->Next = next;
        NodeAt(next)->Previous = previous;
        order->Level = _freeOrder;
        _freeOrder = slot;
        LiveOrders--;
        _index.Remove(id, place, slot);
        LeaveLevel(level, levelSlot, level->Price, level->Count);
    }

    /// <summary>The slot of the level that an order enters, opened if there is none: no branch tells the two apart.</summary>
    /// <returns>The slot; none when there is no room; <see cref="Mixed"/> when the feed sets the level.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int JoinLevel(int side, long price)
    {
        // SAFETY: the side is in the table; a place below Window is in its window; slots name levels, the free one too.
        BookSide* book = SideAt(side);
        ulong place = NearLevels.Place(book, price);
        int fresh = _freeLevel;
        if (place >= NearLevels.Window || fresh == None || book->Count >= _levelsPerSide)
        {
            return JoinFar(side, price);
        }

        ulong near = book->Near;
        ulong bit = 1UL << (int)place;
        bool opens = (near & bit) == 0;
        int* window = WindowOf(side) + place;
        int slot = *window;
        slot = opens ? fresh : slot;
        int open = opens ? 1 : 0;
        Level* level = LevelAt(slot);
        if ((level->Count | open) == 0)
        {
            return Mixed;
        }

        int free = LevelAt(fresh)->Side;
        if (free == None)
        {
            free = opens ? FreshLevel() : None;
        }

        fresh = opens ? free : fresh;
        _freeLevel = fresh;
        *window = slot;
        book->Near = near | bit;
        book->Count += open;
        level->Price = price;
        level->Side = side;
        return slot;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int JoinFar(int side, long price)
    {
        int slot = FindLevel(side, price);
        return slot == None ? OpenLevel(side, price) : LevelAt(slot)->Count == 0 ? Mixed : slot;
    }

    /// <summary>Closes the level that an order left if it was the last: no branch tells whether it was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void LeaveLevel(Level* level, int slot, long price, int count)
    {
        // SAFETY: as in JoinLevel.
        int side = level->Side;
        bool closes = count == 0;
        int close = closes ? 1 : 0;
        BookSide* book = SideAt(side);
        ulong place = NearLevels.Place(book, price);
        ulong near = book->Near & ~((ulong)close << (int)place);
        if (place >= NearLevels.Window || near == 0)
        {
            LeaveFar(level, slot);
            return;
        }

        int free = _freeLevel;
        book->Near = near;
        book->Count -= close;
        side = closes ? free : side;
        free = closes ? slot : free;
        level->Side = side;
        _freeLevel = free;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LeaveFar(Level* level, int slot)
    {
        if (level->Count == 0)
        {
            CloseLevel(level, slot);
        }
    }

    /// <summary>A level now holds this quantity; 0 removes it. Levels that a feed sets have no queue.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus SetLevel(ref MarketEvent e)
    {
        if (!TryTouch(e))
        {
            return Refuse(ref e, BookStatus.InstrumentLimit);
        }

        if (e.Price <= 0 || e.Quantity < 0 || e.Side is not (Side.Buy or Side.Sell))
        {
            return Refuse(ref e, BookStatus.BadValue);
        }

        if (e.Quantity > LargestLevel)
        {
            return Refuse(ref e, BookStatus.QuantityLimit);
        }

        int side = SideIndex(e.Instrument, e.Side);
        BookHead* head = _heads + e.Instrument;
        int slot = FindLevel(side, e.Price);
        if (slot == None && e.Quantity == 0)
        {
            return Refuse(ref e, BookStatus.UnknownLevel);
        }

        slot = slot != None ? slot : OpenLevel(side, e.Price);
        if (slot == None)
        {
            return Refuse(ref e, BookStatus.LevelLimit);
        }

        if (LevelAt(slot)->Count != 0)
        {
            // Its orders would be left without it.
            return Refuse(ref e, BookStatus.MixedLevel);
        }

        long delta = SetQuantity(slot, e.Quantity, e.Kind);
        return Settle(ref e, head, delta != 0 ? 1 : 0);
    }

    /// <summary>Gives a level that the feed sets its quantity; answers by how much it changed.</summary>
    private long SetQuantity(int slot, long quantity, EventKind kind)
    {
        // SAFETY: slot is a live level.
        Level* level = LevelAt(slot);
        int side = level->Side;
        BookHead* head = _heads + (side >> 1);
        long delta = quantity - level->Quantity;
        level->Quantity = quantity;
        head->Version += delta != 0 ? 1u : 0u;
        _changes->Set(level->Price, delta, 0, delta > 0 ? ChangeCause.Added : ChangeCause.Removed, left: false);
        _digest.Fold(What(kind, side), level->Price, quantity, 0, 0, quantity);
        if (quantity == 0)
        {
            CloseLevel(level, slot);
        }

        return delta;
    }

    /// <summary>The next slot that was never used, or none.</summary>
    private int FreshOrder() => _usedOrders < _lastOrder ? _usedOrders += Node.Bytes : None;

    /// <summary>The next slot that was never used, or none; links itself.</summary>
    private int FreshLevel()
    {
        if (_usedLevels >= _lastLevel)
        {
            return None;
        }

        int slot = _usedLevels += Node.Bytes;
        LevelAt(slot)->Next = slot;
        LevelAt(slot)->Previous = slot;
        return slot;
    }
}
