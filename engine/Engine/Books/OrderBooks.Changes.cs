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
        int sell = (int)e.Side - (int)Side.Buy;
        if (!IsOrder(price, e.Quantity) || (uint)sell > 1)
        {
            return Refuse(ref e, Fault(e));
        }

        ulong id = e.OrderId;
        int* place = _index.PlaceOf(id);
        if (!_index.TryClaim(id, place))
        {
            return Refuse(ref e, BookStatus.DuplicateOrder);
        }

        BookHead* head = _heads + instrument;
        BookStatus status = Insert(e, id, place, price, (instrument << 1) + sell, head, 0);
        return status == BookStatus.Applied ? Settle(ref e, head, 1) : Refuse(ref e, status);
    }

    /// <summary>Execute, cancel and delete: quantity is taken from an order, by a delete all that is left.</summary>
    [SkipLocalsInit]
    private BookStatus Take(ref MarketEvent e)
    {
        // SAFETY: a place names a slot, the index holds live slots only, and the level of a live order is live. The slot that is no order's has
        // a level of no instrument.
        ulong id = e.OrderId;
        int* place = _index.PlaceOf(id);
        int slot = *place;
        if (OrderAt(slot)->Id != id || slot == OrderIndex.Missing)
        {
            slot = _index.FindDisplaced(id);
        }

        Order* order = OrderAt(slot);
        Level* level = LevelAt(order->Level);
        int side = level->Side;
        if (side >> 1 != e.Instrument)
        {
            return RefuseOrder(ref e, slot);
        }

        long left = order->Quantity;
        long taken = e.Quantity;
        taken = e.Kind == EventKind.Delete ? left : taken;
        e.Side = Side.Buy + (byte)(side & 1);
        e.Price = e.Price == MarketEvent.Absent ? level->Price : e.Price;
        e.Quantity = taken;
        if ((ulong)(taken - 1) >= (ulong)left)
        {
            return TakeWrong(ref e, slot, place, level);
        }

        BookHead* head = _heads + (side >> 1);
        Reduce(id, slot, place, level, head, taken, e.Kind);
        return Settle(ref e, head, 1);
    }

    /// <summary>Nothing, or more than is left, is taken from an order: more removes it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus TakeWrong(ref MarketEvent e, int slot, int* place, Level* level)
    {
        if (e.Quantity <= 0)
        {
            return Refuse(ref e, BookStatus.BadValue);
        }

        // SAFETY: the order is live.
        Reduce(e.OrderId, slot, place, level, _heads + e.Instrument, OrderAt(slot)->Quantity, e.Kind);
        return Refuse(ref e, BookStatus.ExceedsOrder);
    }

    [SkipLocalsInit]
    private BookStatus Replace(ref MarketEvent e)
    {
        // SAFETY: as in Take.
        ulong id = e.OrderId;
        int* place = _index.PlaceOf(id);
        int slot = *place;
        if (OrderAt(slot)->Id != id || slot == OrderIndex.Missing)
        {
            slot = _index.FindDisplaced(id);
        }

        Order* order = OrderAt(slot);
        Level* level = LevelAt(order->Level);
        int side = level->Side;
        if (side >> 1 != e.Instrument)
        {
            return RefuseOrder(ref e, slot);
        }

        e.Side = Side.Buy + (byte)(side & 1);
        BookHead* head = _heads + (side >> 1);
        Reduce(id, slot, place, level, head, order->Quantity, EventKind.Replace);
        long price = e.Price;
        if (!IsOrder(price, e.Quantity))
        {
            return Refuse(ref e, Fault(e));
        }

        ulong newId = e.Reference;
        int* newPlace = _index.PlaceOf(newId);
        if (!_index.TryClaim(newId, newPlace))
        {
            return Refuse(ref e, BookStatus.DuplicateOrder);
        }

        BookStatus status = Insert(e, newId, newPlace, price, side, head, 1);
        return status == BookStatus.Applied ? Settle(ref e, head, 2) : Refuse(ref e, status);
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
        if (side >> 1 != e.Instrument)
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

        int* place = _index.PlaceOf(e.OrderId);
        Reduce(e.OrderId, slot, place, level, head, order->Quantity, EventKind.Modify);
        _ = _index.TryClaim(e.OrderId, place);
        BookStatus status = Insert(e, e.OrderId, place, e.Price, side, head, 1);
        return status == BookStatus.Applied ? Settle(ref e, head, 2) : Refuse(ref e, status);
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
