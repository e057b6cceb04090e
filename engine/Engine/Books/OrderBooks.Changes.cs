using System.Runtime.CompilerServices;
using Engine.Core.Events;

namespace Engine.Books;

/// <content>What each kind of event does to a book.</content>
public sealed unsafe partial class OrderBooks
{
    /// <summary>A new order: the short way, which calls nothing but what is left to do at its end, so that nothing need be saved.</summary>
    private BookStatus Add(ref MarketEvent e)
    {
        int instrument = e.Instrument;
        long price = e.Price;
        int sell = (int)e.Side - (int)Side.Buy;
        if ((uint)instrument < (uint)_instruments && _heads[instrument].Known && IsOrder(price, e.Quantity) && (uint)sell <= 1
            && TryInsert(e, e.OrderId, price, (instrument << 1) + sell, EventKind.Add, 0))
        {
            return Settle(ref e, _heads + instrument, 1);
        }

        return AddAnyhow(ref e);
    }

    /// <summary>A new order: the way that is right for all.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus AddAnyhow(ref MarketEvent e)
    {
        if (!TryTouch(e))
        {
            return Refuse(ref e, BookStatus.InstrumentLimit);
        }

        if (!IsOrder(e.Price, e.Quantity) || e.Side is not (Side.Buy or Side.Sell))
        {
            return Refuse(ref e, Fault(e));
        }

        return InsertAnyhow(ref e, e.OrderId, SideIndex(e.Instrument, e.Side), 0);
    }

    /// <summary>Execute, cancel and delete: quantity is taken from an order, by a delete all that is left. The short way, as with <see cref="Add"/>.</summary>
    private BookStatus Take(ref MarketEvent e)
    {
        // SAFETY: a place names a slot, the index holds live slots only, and the level of a live order is live. Slot 0, which is no order's, can be
        // read, and is left at that.
        ulong id = e.OrderId;
        int* place = _index.PlaceOf(id);
        int slot = *place;
        Order* order = OrderAt(slot);
        if (order->Id != id || slot == OrderIndex.Missing)
        {
            return TakeDisplaced(ref e);
        }

        int levelSlot = order->Level;
        Level* level = LevelAt(levelSlot);
        int side = level->Side;
        if (side >> 1 != e.Instrument)
        {
            return RefuseOrder(ref e, slot);
        }

        long left = order->Quantity, price = level->Price;
        long taken = Complete(ref e, left, price, side);
        if ((ulong)(taken - 1) >= (ulong)left)
        {
            return TakeWrong(ref e, slot);
        }

        if (TakeFrom(order, level, id, left, taken, price, side, e.Kind, out int count))
        {
            Leave(order, slot);
            *place = OrderIndex.Missing;
            if (!TryLeaveNear(levelSlot, side, count))
            {
                return LeaveFar(ref e, level, levelSlot);
            }
        }

        return Settle(ref e, HeadOf(side), 1);
    }

    /// <summary>Fills in what the order says that an event takes from; answers how much it takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Complete(ref MarketEvent e, long left, long price, int side)
    {
        long taken = e.Quantity;
        taken = e.Kind == EventKind.Delete ? left : taken;
        e.Side = Side.Buy + (byte)(side & 1);
        e.Price = e.Price == MarketEvent.Absent ? price : e.Price;
        e.Quantity = taken;
        return taken;
    }

    /// <summary>The order left a level that is not near the touch, or its window empty.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus LeaveFar(ref MarketEvent e, Level* level, int slot)
    {
        CloseEmpty(level, slot);
        return Settle(ref e, _heads + e.Instrument, 1);
    }

    /// <summary>Closes a level if the last order has left it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CloseEmpty(Level* level, int slot)
    {
        // SAFETY: the level is live.
        if (level->Count == 0)
        {
            CloseLevel(level, slot);
        }
    }

    /// <summary>The order is not at its place in the index.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus TakeDisplaced(ref MarketEvent e)
    {
        // SAFETY: as in Take.
        int slot = _index.FindDisplaced(e.OrderId);
        Order* order = OrderAt(slot);
        Level* level = LevelAt(order->Level);
        if (slot == OrderIndex.Missing || level->Side >> 1 != e.Instrument)
        {
            return RefuseOrder(ref e, slot);
        }

        long taken = Complete(ref e, order->Quantity, level->Price, level->Side);
        if ((ulong)(taken - 1) >= order->Quantity)
        {
            return TakeWrong(ref e, slot);
        }

        Reduce(slot, taken, e.Kind);
        return Settle(ref e, _heads + e.Instrument, 1);
    }

    /// <summary>Nothing, or more than is left, is taken from an order: more removes it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus TakeWrong(ref MarketEvent e, int slot)
    {
        if (e.Quantity <= 0)
        {
            return Refuse(ref e, BookStatus.BadValue);
        }

        // SAFETY: the order is live.
        Reduce(slot, OrderAt(slot)->Quantity, e.Kind);
        return Refuse(ref e, BookStatus.ExceedsOrder);
    }

    /// <summary>An order leaves, another takes its side: the short way.</summary>
    private BookStatus Replace(ref MarketEvent e)
    {
        // SAFETY: as in Take.
        ulong id = e.OrderId;
        int* place = _index.PlaceOf(id);
        int slot = *place;
        Order* order = OrderAt(slot);
        if (order->Id != id || slot == OrderIndex.Missing)
        {
            return ReplaceDisplaced(ref e);
        }

        int levelSlot = order->Level;
        Level* level = LevelAt(levelSlot);
        int side = level->Side;
        if (side >> 1 != e.Instrument)
        {
            return RefuseOrder(ref e, slot);
        }

        e.Side = Side.Buy + (byte)(side & 1);
        long left = order->Quantity, price = level->Price;
        _ = TakeFrom(order, level, id, left, left, price, side, EventKind.Replace, out int count);
        Leave(order, slot);
        *place = OrderIndex.Missing;
        if (!TryLeaveNear(levelSlot, side, count))
        {
            CloseEmpty(level, levelSlot);
        }

        return ReplaceBy(ref e, side);
    }

    /// <summary>The order is not at its place in the index.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus ReplaceDisplaced(ref MarketEvent e)
    {
        // SAFETY: as in Take.
        int slot = _index.FindDisplaced(e.OrderId);
        Order* order = OrderAt(slot);
        int side = LevelAt(order->Level)->Side;
        if (slot == OrderIndex.Missing || side >> 1 != e.Instrument)
        {
            return RefuseOrder(ref e, slot);
        }

        e.Side = Side.Buy + (byte)(side & 1);
        Reduce(slot, order->Quantity, EventKind.Replace);
        return ReplaceBy(ref e, side);
    }

    /// <summary>The order that takes the place of one that has left: the short way.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus ReplaceBy(ref MarketEvent e, int side)
    {
        long price = e.Price;
        return IsOrder(price, e.Quantity) && TryInsert(e, e.Reference, price, side, EventKind.Replace, 1)
            ? Settle(ref e, HeadOf(side), 2)
            : ReplaceAnyhow(ref e, side);
    }

    /// <summary>The order that takes the place of one that has left: the way that is right for all.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus ReplaceAnyhow(ref MarketEvent e, int side) =>
        IsOrder(e.Price, e.Quantity) ? InsertAnyhow(ref e, e.Reference, side, 1) : Refuse(ref e, Fault(e));

    /// <summary>The end of an event that adds an order, whatever has to be done for it.</summary>
    private BookStatus InsertAnyhow(ref MarketEvent e, ulong id, int side, int change)
    {
        BookStatus status = Insert(e, id, e.Price, side, e.Kind, change);
        return status == BookStatus.Applied ? Settle(ref e, HeadOf(side), change + 1) : Refuse(ref e, status);
    }

    /// <summary>Quantity (and maybe price) becomes what the event says; at the same price the order keeps its place in the queue with
    /// less, and with more where <see cref="VenueTraits.KeepsPlaceOnIncrease"/> says so.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus Modify(ref MarketEvent e)
    {
        int slot = _index.Find(e.OrderId);

        // SAFETY: as in Take.
        Order* order = OrderAt(slot);
        Level* level = LevelAt(order->Level);
        int side = level->Side;
        if (slot == OrderIndex.Missing || side >> 1 != e.Instrument)
        {
            return RefuseOrder(ref e, slot);
        }

        e.Side = Side.Buy + (byte)(side & 1);
        e.Price = e.Price == MarketEvent.Absent ? level->Price : e.Price;
        if (!IsOrder(e.Price, e.Quantity))
        {
            return Refuse(ref e, Fault(e));
        }

        BookHead* head = _heads + (side >> 1);
        if (e.Price == level->Price && (e.Quantity <= order->Quantity || VenueTraits.KeepsPlaceOnIncrease(e.Venue)))
        {
            long delta = e.Quantity - order->Quantity;
            level->Quantity += delta;
            order->Quantity = (uint)e.Quantity;
            head->Version += delta != 0 ? 1u : 0u;
            _changes->Set(level->Price, delta, order->EntryTime, delta > 0 ? ChangeCause.Added : ChangeCause.Removed, left: false);
            _digest.Fold(What(e.Kind, side), level->Price, level->Quantity, level->Count, order->Id, order->Quantity);
            return Settle(ref e, head, delta != 0 ? 1 : 0);
        }

        Reduce(slot, order->Quantity, EventKind.Modify);
        return InsertAnyhow(ref e, e.OrderId, side, 1);
    }

    /// <summary>The order that an event names is not there, or is another instrument's.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus RefuseOrder(ref MarketEvent e, int slot) => Refuse(
        ref e,
        !TryTouch(e) ? BookStatus.InstrumentLimit : slot == OrderIndex.Missing ? BookStatus.UnknownOrder : BookStatus.WrongInstrument);

    /// <summary>Whether price and quantity can be an order's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsOrder(long price, long quantity) => price > 0 && (ulong)(quantity - 1) < uint.MaxValue;

    /// <summary>Why an event's values cannot be an order's.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static BookStatus Fault(in MarketEvent e) =>
        e.Price <= 0 || e.Quantity <= 0 || e.Side is not (Side.Buy or Side.Sell) ? BookStatus.BadValue : BookStatus.QuantityLimit;
}
