using System.Runtime.CompilerServices;
using Engine.Core.Events;

namespace Engine.Books;

/// <content>What each kind of event does to a book.</content>
public sealed unsafe partial class OrderBooks
{
    [SkipLocalsInit]
    private BookStatus Add(ref MarketEvent e)
    {
        int instrument = e.Instrument;
        if (((uint)instrument >= (uint)_instruments || !_heads[instrument].Known) && !TryOpen(e))
        {
            return Refuse(ref e, BookStatus.InstrumentLimit);
        }

        long price = e.Price;
        if (!IsOrder(price, e.Quantity) | (uint)(e.Side - Side.Buy) > Side.Sell - Side.Buy)
        {
            return Refuse(ref e, Fault(e));
        }

        ulong id = e.OrderId;
        if (_index.Has(id))
        {
            return Refuse(ref e, BookStatus.DuplicateOrder);
        }

        BookHead* head = _heads + instrument;
        BookStatus status = Insert(e, id, price, (instrument << 1) + (e.Side - Side.Buy), head, _changes);
        return status == BookStatus.Applied ? Settle(ref e, head, 1) : Refuse(ref e, status);
    }

    /// <summary>Execute, cancel and delete: quantity is taken from an order, by a delete all that is left.</summary>
    [SkipLocalsInit]
    private BookStatus Take(ref MarketEvent e)
    {
        int slot = _index.Find(e.OrderId, out uint entry);
        if (slot == OrderIndex.Missing)
        {
            return Refuse(ref e, TryTouch(e) ? BookStatus.UnknownOrder : BookStatus.InstrumentLimit);
        }

        // SAFETY: the index holds live slots only, and the level of a live order is live.
        Order* order = OrderAt(slot);
        Level* level = LevelAt(order->Level);
        int side = level->Side;
        if (side >> 1 != e.Instrument)
        {
            return Refuse(ref e, TryTouch(e) ? BookStatus.WrongInstrument : BookStatus.InstrumentLimit);
        }

        EventKind kind = e.Kind;
        long left = order->Quantity;
        long taken = e.Quantity;
        taken = kind == EventKind.Delete ? left : taken;
        e.Side = Side.Buy + (byte)(side & 1);
        e.Price = e.Price == MarketEvent.Absent ? level->Price : e.Price;
        e.Quantity = taken;
        BookHead* head = _heads + (side >> 1);
        if ((ulong)(taken - 1) < (ulong)(left - 1))
        {
            order->Quantity = (uint)(left - taken);
            long quantity = level->Quantity - taken;
            level->Quantity = quantity;
            head->Version++;
            _changes->Set(level->Price, -taken, order->EntryTime, CauseOf(kind), left: false);
            _digest.Fold(What(kind, side), level->Price, quantity, level->Count, e.OrderId, left - taken);
            return Settle(ref e, head, 1);
        }

        if (taken <= 0)
        {
            return Refuse(ref e, BookStatus.BadValue);
        }

        Remove(slot, entry, order, level, head, kind, _changes);
        return taken == left ? Settle(ref e, head, 1) : Refuse(ref e, BookStatus.ExceedsOrder);
    }

    [SkipLocalsInit]
    private BookStatus Replace(ref MarketEvent e)
    {
        int slot = _index.Find(e.OrderId, out uint entry);
        if (slot == OrderIndex.Missing)
        {
            return Refuse(ref e, TryTouch(e) ? BookStatus.UnknownOrder : BookStatus.InstrumentLimit);
        }

        // SAFETY: as in Take.
        Order* order = OrderAt(slot);
        Level* level = LevelAt(order->Level);
        int side = level->Side;
        if (side >> 1 != e.Instrument)
        {
            return Refuse(ref e, TryTouch(e) ? BookStatus.WrongInstrument : BookStatus.InstrumentLimit);
        }

        e.Side = Side.Buy + (byte)(side & 1);
        BookHead* head = _heads + (side >> 1);
        Remove(slot, entry, order, level, head, EventKind.Replace, _changes);
        long price = e.Price;
        if (!IsOrder(price, e.Quantity))
        {
            return Refuse(ref e, Fault(e));
        }

        ulong id = e.Reference;
        if (_index.Has(id))
        {
            return Refuse(ref e, BookStatus.DuplicateOrder);
        }

        BookStatus status = Insert(e, id, price, side, head, _changes + 1);
        return status == BookStatus.Applied ? Settle(ref e, head, 2) : Refuse(ref e, status);
    }

    /// <summary>Quantity (and maybe price) becomes what the event says; at the same price the order keeps its place in the queue with
    /// less, and with more where <see cref="VenueTraits.KeepsPlaceOnIncrease"/> says so.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus Modify(ref MarketEvent e)
    {
        int slot = _index.Find(e.OrderId, out uint entry);
        if (slot == OrderIndex.Missing)
        {
            return Refuse(ref e, TryTouch(e) ? BookStatus.UnknownOrder : BookStatus.InstrumentLimit);
        }

        // SAFETY: as in Take.
        Order* order = OrderAt(slot);
        Level* level = LevelAt(order->Level);
        int side = level->Side;
        if (side >> 1 != e.Instrument)
        {
            return Refuse(ref e, TryTouch(e) ? BookStatus.WrongInstrument : BookStatus.InstrumentLimit);
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

        Remove(slot, entry, order, level, head, EventKind.Modify, _changes);
        BookStatus status = Insert(e, e.OrderId, e.Price, side, head, _changes + 1);
        return status == BookStatus.Applied ? Settle(ref e, head, 2) : Refuse(ref e, status);
    }

    /// <summary>Whether price and quantity can be an order's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsOrder(long price, long quantity) => (price > 0) & ((ulong)(quantity - 1) < uint.MaxValue);

    /// <summary>Why an event's values cannot be an order's.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static BookStatus Fault(in MarketEvent e) =>
        e.Price <= 0 || e.Quantity <= 0 || e.Side is not (Side.Buy or Side.Sell) ? BookStatus.BadValue : BookStatus.QuantityLimit;
}
