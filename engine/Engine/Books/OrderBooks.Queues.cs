using System.Runtime.CompilerServices;
using Engine.Core.Events;

namespace Engine.Books;

/// <content>Orders enter and leave the queues of their levels; levels enter and leave their sides.</content>
public sealed unsafe partial class OrderBooks
{
    /// <summary>Puts an order behind the queue of its price the short way: its id is new, and its price has a place near the touch. False when that is
    /// not so, or a limit may be reached; nothing has changed then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryInsert(in MarketEvent e, ulong id, long price, int side, EventKind kind, int change)
    {
        int* place = _index.PlaceOf(id);
        if (!_index.IsFree(id, place) || _freeOrder > _lastOrder)
        {
            return false;
        }

        int level = JoinNear(side, price);
        if (level == None)
        {
            return false;
        }

        Enter(e, id, place, price, side, kind, level, change);
        return true;
    }

    /// <summary>Puts an order behind the queue of its price, whatever has to be done for it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus Insert(in MarketEvent e, ulong id, long price, int side, EventKind kind, int change)
    {
        int* place = _index.PlaceOf(id);
        if (!_index.TryClaim(id, place))
        {
            return BookStatus.DuplicateOrder;
        }

        if (_freeOrder > _lastOrder)
        {
            return BookStatus.OrderLimit;
        }

        int level = FindLevel(side, price);
        if (level == None)
        {
            level = OpenLevel(side, price);
            if (level == None)
            {
                return BookStatus.LevelLimit;
            }
        }
        else if (LevelAt(level)->Count == 0)
        {
            return BookStatus.MixedLevel;
        }

        Enter(e, id, place, price, side, kind, level, change);
        return BookStatus.Applied;
    }

    /// <summary>Makes an order of a free slot, behind the youngest of a level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enter(in MarketEvent e, ulong id, int* place, long price, int side, EventKind kind, int levelSlot, int change)
    {
        // SAFETY: slot is free and inside the buffer; levelSlot is live, and so is its youngest order, or it is the level itself.
        int slot = _freeOrder;
        Order* order = OrderAt(slot);
        Level* level = LevelAt(levelSlot);
        int youngest = level->Previous;
        long quantity = e.Quantity;
        long time = e.ExchangeTime;
        long total = level->Quantity + quantity;
        int count = level->Count + 1;
        _freeOrder = Node.NextFree(slot, order->Level);
        order->Id = id;
        order->EntryTime = time;
        order->Quantity = (uint)quantity;
        order->Next = levelSlot;
        order->Previous = youngest;
        order->Level = levelSlot;
        level->Quantity = total;
        level->Count = count;
        level->Previous = slot;
        NodeAt(youngest)->Next = slot;
        *place = slot;
        LiveOrders++;
        HeadOf(side)->Version++;
        (_changes + change)->Set(price, quantity, time, ChangeCause.Added, left: false);
        _digest.Fold(What(kind, side), price, total, count, id, quantity);
    }

    /// <summary>Takes quantity from an order, and the order out of its queue with the last of it, whatever has to be done for it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Reduce(int slot, long taken, EventKind kind)
    {
        // SAFETY: the order is live, so its level is.
        Order* order = OrderAt(slot);
        int levelSlot = order->Level;
        Level* level = LevelAt(levelSlot);
        ulong id = order->Id;
        if (TakeFrom(order, level, id, order->Quantity, taken, level->Price, level->Side, kind, out int count))
        {
            Leave(order, slot);
            _index.Remove(id, _index.PlaceOf(id), slot);
            if (count == 0)
            {
                CloseLevel(level, levelSlot);
            }
        }
    }

    /// <summary>Takes quantity from an order and its level; the rest of the arguments is what they say. Whether nothing is left of the order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TakeFrom(Order* order, Level* level, ulong id, long left, long taken, long price, int side, EventKind kind, out int count)
    {
        // SAFETY: the order is live, so its level is.
        long rest = left - taken;
        long total = level->Quantity - taken;
        bool leaves = rest == 0;
        count = level->Count - (leaves ? 1 : 0);
        order->Quantity = (uint)rest;
        level->Quantity = total;
        level->Count = count;
        HeadOf(side)->Version++;
        _changes->Set(price, -taken, order->EntryTime, CauseOf(kind), leaves);
        _digest.Fold(What(kind, side), price, total, count, id, rest);
        return leaves;
    }

    /// <summary>Takes an order of which nothing is left out of its queue, and frees its slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Leave(Order* order, int slot)
    {
        // SAFETY: the order was live until now, so its neighbours are.
        int next = order->Next;
        int previous = order->Previous;
        NodeAt(previous)->Next = next;
        NodeAt(next)->Previous = previous;
        order->Level = Node.FreeLink(slot, _freeOrder);
        _freeOrder = slot;
        LiveOrders--;
    }

    /// <summary>The slot of the level near the touch that an order enters, opened if there is none: no branch tells the two apart.</summary>
    /// <returns>None where the price has no place near the touch, a limit may be reached, or the feed sets the level.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int JoinNear(int side, long price)
    {
        // SAFETY: the side is in the table; a place below Window has its room.
        BookSide* book = SideAt(side);
        long scaled = NearLevels.Scaled(book, price);
        ulong place = NearLevels.PlaceOf(book, scaled);
        if (place >= NearLevels.Window || _levelsLeft <= 0 || book->Count >= _levelsPerSide)
        {
            return None;
        }

        int slot = WindowOf(side) + NearLevels.RoomOf(scaled);
        Level* level = LevelAt(slot);
        ulong near = book->Near;
        int opens = 1 - (int)((near >> (int)place) & 1);
        if ((level->Count | opens) == 0)
        {
            return None;
        }

        book->Near = near | (1UL << (int)place);
        book->Count += opens;
        _levelsLeft -= opens;
        level->Price = price;
        return slot;
    }

    /// <summary>Closes the level near the touch that an order left if it was the last: no branch tells whether it was.</summary>
    /// <returns>False where the level is not near the touch, or its window would be empty: nothing has changed then, and whether there is anything to
    /// close is still to be seen.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryLeaveNear(int slot, int side, int count)
    {
        // SAFETY: the side is in the table.
        BookSide* book = SideAt(side);
        int closes = count == 0 ? 1 : 0;
        ulong near = book->Near & ~((ulong)closes << NearLevels.PlaceIn(book, slot));
        if (slot < _nearLevels || near == 0)
        {
            return false;
        }

        book->Near = near;
        book->Count -= closes;
        _levelsLeft += closes;
        return true;
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
}
