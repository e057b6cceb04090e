using System.Runtime.CompilerServices;
using Engine.Core.Events;

namespace Engine.Books;

/// <content>What each kind of event does to a book.</content>
public sealed unsafe partial class OrderBooks
{
    private BookStatus Add(ref MarketEvent e)
    {
        if (!TryTouch(e))
        {
            return BookStatus.InstrumentLimit;
        }

        if (e.Price <= 0 || e.Quantity <= 0 || e.Side is not (Side.Buy or Side.Sell))
        {
            return BookStatus.BadValue;
        }

        return _index.Find(e.OrderId) == OrderIndex.Missing
            ? Insert(e.OrderId, e.Price, e)
            : BookStatus.DuplicateOrder;
    }

    private BookStatus Reduce(ref MarketEvent e)
    {
        BookStatus status = Locate(ref e, out int slot);
        if (status != BookStatus.Applied)
        {
            return status;
        }

        if (e.Quantity <= 0)
        {
            return BookStatus.BadValue;
        }

        // SAFETY: Locate gave a live slot.
        Order* order = _orders + slot;
        if (e.Quantity > order->Quantity)
        {
            Remove(slot, e.Kind);
            return BookStatus.ExceedsOrder;
        }

        if (e.Quantity == order->Quantity)
        {
            Remove(slot, e.Kind);
        }
        else
        {
            order->Quantity -= e.Quantity;
            Level* level = _levels + order->Level;
            level->Quantity -= e.Quantity;
            Note(order->Side, level->Price, -e.Quantity, _entryTimes[slot], e.Kind, left: false);
            _digest.Fold(What(e.Kind, order->Side), *level, order->Id, order->Quantity);
        }

        return BookStatus.Applied;
    }

    private BookStatus Delete(ref MarketEvent e)
    {
        BookStatus status = Locate(ref e, out int slot);
        if (status == BookStatus.Applied)
        {
            e.Quantity = _orders[slot].Quantity;
            Remove(slot, e.Kind);
        }

        return status;
    }

    private BookStatus Replace(ref MarketEvent e)
    {
        long price = e.Price;
        BookStatus status = Locate(ref e, out int slot);
        e.Price = price;
        if (status != BookStatus.Applied)
        {
            return status;
        }

        Remove(slot, e.Kind);
        if (price <= 0 || e.Quantity <= 0)
        {
            return BookStatus.BadValue;
        }

        return _index.Find(e.Reference) == OrderIndex.Missing
            ? Insert(e.Reference, price, e)
            : BookStatus.DuplicateOrder;
    }

    /// <summary>Quantity (and maybe price) becomes what the event says; at the same price the order keeps its place in the queue with
    /// less, and with more where <see cref="VenueTraits.KeepsPlaceOnIncrease"/> says so.</summary>
    private BookStatus Modify(ref MarketEvent e)
    {
        BookStatus status = Locate(ref e, out int slot);
        if (status != BookStatus.Applied)
        {
            return status;
        }

        if (e.Price <= 0 || e.Quantity <= 0)
        {
            return BookStatus.BadValue;
        }

        // SAFETY: Locate gave a live slot.
        Order* order = _orders + slot;
        Level* level = _levels + order->Level;
        if (e.Price == level->Price && (e.Quantity <= order->Quantity || VenueTraits.KeepsPlaceOnIncrease(e.Venue)))
        {
            long delta = e.Quantity - order->Quantity;
            level->Quantity += delta;
            order->Quantity = e.Quantity;
            Note(order->Side, level->Price, delta, _entryTimes[slot], e.Kind, left: false);
            _digest.Fold(What(e.Kind, order->Side), *level, order->Id, order->Quantity);
            return BookStatus.Applied;
        }

        Remove(slot, e.Kind);
        return Insert(e.OrderId, e.Price, e);
    }

    /// <summary>Finds the order an event names and fills in the event's side and (where it has none) price.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private BookStatus Locate(ref MarketEvent e, out int slot)
    {
        slot = _index.Find(e.OrderId);
        if (slot == OrderIndex.Missing)
        {
            return TryTouch(e) ? BookStatus.UnknownOrder : BookStatus.InstrumentLimit;
        }

        // SAFETY: the index holds live slots only.
        Order* order = _orders + slot;
        if (order->Side >> 1 != e.Instrument)
        {
            return TryTouch(e) ? BookStatus.WrongInstrument : BookStatus.InstrumentLimit;
        }

        e.Side = (order->Side & 1) == 0 ? Side.Buy : Side.Sell;
        if (e.Price == MarketEvent.Absent)
        {
            e.Price = _levels[order->Level].Price;
        }

        return BookStatus.Applied;
    }
}
