using System.Runtime.CompilerServices;
using Engine.Core.Events;

namespace Engine.Books;

/// <content>Orders enter and leave the queues of their levels; levels enter and leave their sides.</content>
public sealed unsafe partial class OrderBooks
{
    private BookStatus Insert(ulong id, long price, in MarketEvent e)
    {
        (int instrument, Side side, long quantity) = (e.Instrument, e.Side, e.Quantity);
        int slot = _freeOrder != None ? _freeOrder : _usedOrders < _orderBuffer.Length ? _usedOrders : None;
        if (slot == None)
        {
            return BookStatus.OrderLimit;
        }

        ref Ladder ladder = ref SideOf(instrument, side);
        long key = side == Side.Buy ? price : -price;
        int position = _ladders.Search(ladder, key);
        int levelSlot = position >= 0 ? _ladders.Of(ladder)[position].Level : OpenLevel(ref ladder, ~position, key, price);
        if (levelSlot == None)
        {
            return BookStatus.LevelLimit;
        }

        if (position >= 0 && _levels[levelSlot].Head == None)
        {
            return BookStatus.MixedLevel;
        }

        // SAFETY: slot is free and inside the buffer; levelSlot is live.
        Order* order = _orders + slot;
        if (slot == _freeOrder)
        {
            _freeOrder = order->Level;
        }
        else
        {
            _usedOrders++;
        }

        Level* level = _levels + levelSlot;
        order->Id = id;
        order->Quantity = quantity;
        order->Next = None;
        order->Previous = level->Tail;
        order->Level = levelSlot;
        order->Side = (instrument << 1) | (side == Side.Sell ? 1 : 0);
        if (level->Tail != None)
        {
            _orders[level->Tail].Next = slot;
        }
        else
        {
            level->Head = slot;
        }

        level->Tail = slot;
        level->Quantity += quantity;
        level->Count++;
        LiveOrders++;
        _entryTimes[slot] = e.ExchangeTime;
        _index.Add(id, slot);
        Note(order->Side, price, quantity, e.ExchangeTime, e.Kind, left: false);
        _digest.Fold(What(e.Kind, order->Side), *level, id, quantity);
        return BookStatus.Applied;
    }

    /// <summary>A level now holds this quantity; 0 removes it. Levels that a feed sets have no queue.</summary>
    private BookStatus SetLevel(in MarketEvent e)
    {
        if (!TryTouch(e))
        {
            return BookStatus.InstrumentLimit;
        }

        if (e.Price <= 0 || e.Quantity < 0 || e.Side is not (Side.Buy or Side.Sell))
        {
            return BookStatus.BadValue;
        }

        ref Ladder ladder = ref SideOf(e.Instrument, e.Side);
        long key = e.Side == Side.Buy ? e.Price : -e.Price;
        int position = _ladders.Search(ladder, key);
        if (position < 0 && e.Quantity == 0)
        {
            return BookStatus.UnknownLevel;
        }

        int slot = position >= 0 ? _ladders.Of(ladder)[position].Level : OpenLevel(ref ladder, ~position, key, e.Price);
        if (slot == None)
        {
            return BookStatus.LevelLimit;
        }

        if (_levels[slot].Head != None)
        {
            // Its orders would be left without it.
            return BookStatus.MixedLevel;
        }

        int side = (e.Instrument << 1) | (e.Side == Side.Sell ? 1 : 0);
        SetQuantity(slot, side, e.Quantity, e.Kind);
        return BookStatus.Applied;
    }

    private void SetQuantity(int slot, int side, long quantity, EventKind kind)
    {
        // SAFETY: slot is a live level.
        Level* level = _levels + slot;
        Note(side, level->Price, quantity - level->Quantity, 0, kind, left: false);
        level->Quantity = quantity;
        _digest.Fold(What(kind, side), *level, 0, quantity);
        if (quantity == 0)
        {
            CloseLevel(slot, side);
        }
    }

    private int OpenLevel(ref Ladder ladder, int position, long key, long price)
    {
        int slot = _freeLevel != None ? _freeLevel : _usedLevels < _levelBuffer.Length ? _usedLevels : None;
        if (slot == None || ladder.Count >= _levelsPerSide || !_ladders.TryInsert(ref ladder, position, key, slot))
        {
            return None;
        }

        // SAFETY: slot is free and inside the buffer.
        Level* level = _levels + slot;
        if (slot == _freeLevel)
        {
            _freeLevel = level->Head;
        }
        else
        {
            _usedLevels++;
        }

        level->Price = price;
        level->Quantity = 0;
        level->Count = 0;
        level->Head = None;
        level->Tail = None;
        LiveLevels++;
        return slot;
    }

    private void Remove(int slot, EventKind kind)
    {
        // SAFETY: slot is live, so its level and neighbours are.
        Order* order = _orders + slot;
        Level* level = _levels + order->Level;
        if (order->Previous != None)
        {
            _orders[order->Previous].Next = order->Next;
        }
        else
        {
            level->Head = order->Next;
        }

        if (order->Next != None)
        {
            _orders[order->Next].Previous = order->Previous;
        }
        else
        {
            level->Tail = order->Previous;
        }

        level->Quantity -= order->Quantity;
        level->Count--;
        LiveOrders--;
        _index.Remove(order->Id);
        Note(order->Side, level->Price, -order->Quantity, _entryTimes[slot], kind, left: true);
        _digest.Fold(What(kind, order->Side), *level, order->Id, 0);
        int levelSlot = order->Level;
        int side = order->Side;
        order->Level = _freeOrder;
        _freeOrder = slot;
        if (level->Count == 0)
        {
            CloseLevel(levelSlot, side);
        }
    }

    private void CloseLevel(int slot, int side)
    {
        ref Ladder ladder = ref SideOf(side >> 1, (side & 1) == 0 ? Side.Buy : Side.Sell);
        long price = _levels[slot].Price;
        _ladders.Remove(ref ladder, _ladders.Search(ladder, (side & 1) == 0 ? price : -price));
        _levels[slot].Head = _freeLevel;
        _freeLevel = slot;
        LiveLevels--;
    }
}
