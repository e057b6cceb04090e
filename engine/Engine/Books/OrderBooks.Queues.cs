using System.Runtime.CompilerServices;
using Engine.Core.Events;

namespace Engine.Books;

/// <content>Orders enter and leave the queues of their levels; levels enter and leave their sides.</content>
public sealed unsafe partial class OrderBooks
{
    /// <summary>Puts an order, whose id has claimed its place in the index, behind the queue of its price.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private BookStatus Insert(in MarketEvent e, ulong id, int* place, long price, int side, BookHead* head, LevelChange* change)
    {
        int slot = _freeOrder;
        if (slot == None)
        {
            return BookStatus.OrderLimit;
        }

        Ladder* ladder = LadderOf(head, side);
        long key = KeyOf(price, side);
        int rank = _rungs.Rank(ladder, key);
        int levelSlot;
        if (_rungs.Has(ladder, rank, key))
        {
            // SAFETY: rungs name live levels.
            levelSlot = _rungs.Levels(ladder)[rank];
            if (LevelAt(levelSlot)->Count == 0)
            {
                return BookStatus.MixedLevel;
            }
        }
        else
        {
            levelSlot = OpenLevel(head, rank, key, price, side);
            if (levelSlot == None)
            {
                return BookStatus.LevelLimit;
            }
        }

        // SAFETY: slot is free and inside the buffer; levelSlot is live, and so is its youngest order, or it is the level itself.
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
        _nodes[youngest].Next = slot;
        level->Previous = slot;
        long total = level->Quantity + quantity;
        int count = level->Count + 1;
        level->Quantity = total;
        level->Count = count;
        LiveOrders++;
        head->Version++;
        *place = slot;
        change->Set(price, quantity, time, ChangeCause.Added, left: false);
        _digest.Fold(What(e.Kind, side), price, total, count, id, quantity);
        return BookStatus.Applied;
    }

    /// <summary>Takes quantity from an order; the last of it takes the order out of its queue.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reduce(ulong id, int slot, int* place, Level* level, BookHead* head, long taken, EventKind kind, LevelChange* change)
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
        change->Set(level->Price, -taken, order->EntryTime, CauseOf(kind), leaves);
        _digest.Fold(What(kind, level->Side), level->Price, total, count, id, rest);
        if (leaves)
        {
            Remove(id, slot, place, level, head);
        }
    }

    /// <summary>Takes an order of which nothing is left out of its queue.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Remove(ulong id, int slot, int* place, Level* level, BookHead* head)
    {
        // SAFETY: the order was live until now, so its neighbours are.
        Order* order = OrderAt(slot);
        int levelSlot = order->Level;
        int next = order->Next;
        int previous = order->Previous;
        _nodes[previous].Next = next;
        _nodes[next].Previous = previous;
        order->Level = _freeOrder;
        _freeOrder = slot;
        LiveOrders--;
        _index.Remove(id, place, slot);
        if (level->Count == 0)
        {
            CloseLevel(level, levelSlot, head);
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
        Ladder* ladder = LadderOf(head, side);
        long key = KeyOf(e.Price, side);
        int rank = _rungs.Rank(ladder, key);
        bool found = _rungs.Has(ladder, rank, key);
        if (!found && e.Quantity == 0)
        {
            return Refuse(ref e, BookStatus.UnknownLevel);
        }

        int slot = found ? _rungs.Levels(ladder)[rank] : OpenLevel(head, rank, key, e.Price, side);
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
            CloseLevel(level, slot, head);
        }

        return delta;
    }

    /// <summary>Opens a level before the one of a rank. None when there is no room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int OpenLevel(BookHead* head, int rank, long key, long price, int side)
    {
        Ladder* ladder = LadderOf(head, side);
        int slot = _freeLevel;
        if (slot == None || (ladder->Count >= ladder->Limit && (ladder->Count >= _levelsPerSide || !_ladders.TryGrow(ladder))))
        {
            return None;
        }

        // SAFETY: slot is free and inside the buffer.
        _rungs.Open(ladder, rank, key, slot);
        Level* level = LevelAt(slot);
        int free = level->Side;
        _freeLevel = free != None ? free : FreshLevel();
        level->Price = price;
        level->Side = side;
        LiveLevels++;
        head->Crossed = Meet(head);
        return slot;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CloseLevel(Level* level, int slot, BookHead* head)
    {
        // SAFETY: the level is live, so its side has its key.
        int side = level->Side;
        Ladder* ladder = LadderOf(head, side);
        _rungs.Close(ladder, _rungs.Rank(ladder, KeyOf(level->Price, side)));
        level->Side = _freeLevel;
        _freeLevel = slot;
        LiveLevels--;
        head->Crossed = Meet(head);
    }

    /// <summary>The next slot that was never used, or none.</summary>
    private int FreshOrder() => _usedOrders < _orderLimit ? ++_usedOrders : None;

    /// <summary>The next slot that was never used, or none; links itself.</summary>
    private int FreshLevel()
    {
        if (_usedLevels >= _nodeBuffer.Length - 1)
        {
            return None;
        }

        LevelAt(_usedLevels)->Next = _usedLevels;
        LevelAt(_usedLevels)->Previous = _usedLevels;
        return _usedLevels++;
    }
}
