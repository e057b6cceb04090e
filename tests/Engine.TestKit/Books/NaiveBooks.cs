using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.TestKit.Books;

/// <summary>
/// The books in the simplest way that could be right: a dictionary of orders, and a sorted dictionary of lists a side.
/// It answers what <see cref="OrderBooks"/> answers, from the meaning of the events alone.
/// </summary>
public sealed partial class NaiveBooks(EngineLimits limits)
{
    private const long LargestOrder = uint.MaxValue;
    private const long LargestLevel = 35_184_372_088_832;

    private readonly Dictionary<ulong, NaiveOrder> _orders = [];
    private readonly Dictionary<ulong, NaiveOrder> _sideless = [];
    private readonly Dictionary<(int, Side), SortedDictionary<long, List<NaiveOrder>>> _sides = [];
    private readonly Dictionary<int, BookTrust> _trust = [];
    private readonly Dictionary<int, Venue> _venue = [];
    private readonly Dictionary<Venue, BookTrust> _venueTrust = [];
    private long _time;

    /// <summary>Orders that rest.</summary>
    public int LiveOrders => _orders.Count;

    /// <summary>Price levels over all books.</summary>
    public int LiveLevels => _sides.Values.Sum(side => side.Count);

    /// <summary>Applied events after which the instrument's book was crossed.</summary>
    public long CrossedEvents { get; private set; }

    /// <summary>How many events came to each status.</summary>
    public Dictionary<BookStatus, long> Counts { get; } = [];

    /// <summary>Trust of an instrument that had a book event; else recovering.</summary>
    public BookTrust Trust(int instrument) => _trust.GetValueOrDefault(instrument, BookTrust.Recovering);

    /// <summary>How many instruments had a book event and have this trust.</summary>
    public int CountTrust(BookTrust trust) => _trust.Values.Count(t => t == trust);

    /// <summary>The levels of a side, best first, each with its queue, oldest first; of a level that a feed set, one entry that is
    /// <see cref="NaiveOrder.IsLevel"/>.</summary>
    public IEnumerable<(long Price, List<NaiveOrder> Queue)> Levels(int instrument, Side side)
    {
        IEnumerable<KeyValuePair<long, List<NaiveOrder>>> levels = SideOf(instrument, side);
        return (side == Side.Buy ? levels.Reverse() : levels).Select(l => (l.Key, l.Value));
    }

    /// <summary>Best bid at or above best ask.</summary>
    public bool IsCrossed(int instrument)
    {
        SortedDictionary<long, List<NaiveOrder>> bids = SideOf(instrument, Side.Buy);
        SortedDictionary<long, List<NaiveOrder>> asks = SideOf(instrument, Side.Sell);
        return bids.Count > 0 && asks.Count > 0 && bids.Keys.Last() >= asks.Keys.First();
    }

    /// <summary>Applies an event and fills in what the order it names knows.</summary>
    public BookStatus Apply(ref MarketEvent e)
    {
        _time = e.ExchangeTime;
        if (e.Flags.HasFlag(EventFlags.SessionStart))
        {
            ResetVenue(e.Venue, BookTrust.Good);
        }

        BookStatus status = Change(ref e);
        Counts[status] = Counts.GetValueOrDefault(status) + 1;
        if (_trust.TryGetValue(e.Instrument, out BookTrust trust))
        {
            bool expected = status is BookStatus.Applied or BookStatus.NotABookEvent
                || (status is BookStatus.UnknownOrder or BookStatus.SidelessOrder or BookStatus.UnknownLevel && trust != BookTrust.Good);
            trust = _trust[e.Instrument] = expected ? trust : BookTrust.Suspect;
            e.Flags |= trust == BookTrust.Good ? EventFlags.None : EventFlags.BookSuspect;
        }

        CrossedEvents += status == BookStatus.Applied && IsCrossed(e.Instrument) ? 1 : 0;
        return status;
    }

    private BookStatus Change(ref MarketEvent e)
    {
        // Whatever an instrument's first event is, its trust is the venue's from then on.
        if (e.Instrument >= 0)
        {
            Open(e);
        }

        switch (e.Kind)
        {
            case EventKind.Add or EventKind.Execute or EventKind.Cancel or EventKind.Delete or EventKind.Replace or EventKind.Modify:
                if (!Open(e))
                {
                    return BookStatus.InstrumentLimit;
                }

                return e.Kind == EventKind.Add ? Add(e) : Existing(ref e);
            case EventKind.LevelSet:
                return Open(e) ? SetLevel(e) : BookStatus.InstrumentLimit;
            case EventKind.Gap:
                Lose(e);
                return BookStatus.NotABookEvent;
            case EventKind.Clear when e.Instrument == MarketEvent.AllInstruments:
                ResetVenue(e.Venue, BookTrust.Recovering);
                return BookStatus.NotABookEvent;
            case EventKind.Clear when Open(e):
                Reset(e.Instrument, BookTrust.Recovering);
                return BookStatus.NotABookEvent;
            case EventKind.SnapshotBegin when e.Instrument == MarketEvent.AllInstruments:
                if (e.Venue == Venue.Itch50)
                {
                    ResetVenue(e.Venue, BookTrust.Recovering);
                }

                return BookStatus.NotABookEvent;
            case EventKind.SnapshotBegin when Open(e):
                Reset(e.Instrument, BookTrust.Recovering);
                return BookStatus.NotABookEvent;
            case EventKind.SnapshotEnd:
                EndSnapshot(e);
                return BookStatus.NotABookEvent;
            default:
                return BookStatus.NotABookEvent;
        }
    }

    private BookStatus Add(in MarketEvent e) =>
        e.Price <= 0 || e.Quantity <= 0 || e.Side == Side.None ? BookStatus.BadValue
        : e.Quantity > LargestOrder ? BookStatus.QuantityLimit
        : Insert(e.OrderId, e.Instrument, e.Side, e.Price, e.Quantity);

    private BookStatus SetLevel(in MarketEvent e)
    {
        if (e.Price <= 0 || e.Quantity < 0 || e.Side == Side.None)
        {
            return BookStatus.BadValue;
        }

        if (e.Quantity > LargestLevel)
        {
            return BookStatus.QuantityLimit;
        }

        SortedDictionary<long, List<NaiveOrder>> levels = SideOf(e.Instrument, e.Side);
        if (!levels.TryGetValue(e.Price, out List<NaiveOrder>? queue))
        {
            if (e.Quantity == 0)
            {
                return BookStatus.UnknownLevel;
            }

            if (levels.Count == limits.LevelsPerSide || LiveLevels == limits.Levels)
            {
                return BookStatus.LevelLimit;
            }

            queue = levels[e.Price] = [new NaiveOrder { Id = 0, Instrument = e.Instrument, Side = e.Side, Price = e.Price, IsLevel = true }];
        }

        if (!queue[0].IsLevel)
        {
            return BookStatus.MixedLevel;
        }

        queue[0].Quantity = e.Quantity;
        if (e.Quantity == 0)
        {
            levels.Remove(e.Price);
        }

        return BookStatus.Applied;
    }

    private BookStatus Existing(ref MarketEvent e)
    {
        if (!_orders.TryGetValue(e.OrderId, out NaiveOrder? order))
        {
            return Sideless(ref e);
        }

        if (order.Instrument != e.Instrument)
        {
            return BookStatus.WrongInstrument;
        }

        e.Side = order.Side;
        if (e.Price == MarketEvent.Absent && e.Kind != EventKind.Replace)
        {
            e.Price = order.Price;
        }

        switch (e.Kind)
        {
            case EventKind.Delete:
                e.Quantity = order.Quantity;
                Remove(order);
                return BookStatus.Applied;
            case EventKind.Replace:
                Remove(order);
                return e.Price <= 0 || e.Quantity <= 0 ? BookStatus.BadValue
                    : e.Quantity > LargestOrder ? BookStatus.QuantityLimit
                    : Insert(e.Reference, e.Instrument, e.Side, e.Price, e.Quantity);
            case EventKind.Modify:
                return Modify(order, e);
            default:
                return Reduce(order, e.Quantity);
        }
    }

    /// <summary>Orders that replaced one never seen: all is known of them but their side.</summary>
    private BookStatus Sideless(ref MarketEvent e)
    {
        _sideless.TryGetValue(e.OrderId, out NaiveOrder? order);
        bool valid = e.Price > 0 && e.Quantity > 0;
        if (order is null || order.Instrument != e.Instrument)
        {
            if (order is null && e.Kind == EventKind.Replace && valid)
            {
                Remember(e.Reference, e);
            }

            return order is null ? BookStatus.UnknownOrder : BookStatus.WrongInstrument;
        }

        switch (e.Kind)
        {
            case EventKind.Replace:
                _sideless.Remove(order.Id);
                return !valid ? BookStatus.BadValue : Remember(e.Reference, e) ? BookStatus.SidelessOrder : BookStatus.DuplicateOrder;
            case EventKind.Modify:
                if (valid)
                {
                    _sideless.Remove(order.Id);
                    Remember(order.Id, e);
                }

                return valid ? BookStatus.SidelessOrder : BookStatus.BadValue;
        }

        e.Price = e.Price == MarketEvent.Absent ? order.Price : e.Price;
        e.Quantity = e.Kind == EventKind.Delete ? order.Quantity : e.Quantity;
        if (e.Quantity <= 0)
        {
            return BookStatus.BadValue;
        }

        order.Quantity -= e.Quantity;
        if (order.Quantity <= 0)
        {
            _sideless.Remove(order.Id);
        }

        return order.Quantity < 0 ? BookStatus.ExceedsOrder : BookStatus.SidelessOrder;
    }

    private bool Remember(ulong id, in MarketEvent e) => !_orders.ContainsKey(id) && _sideless.TryAdd(
        id, new NaiveOrder { Id = id, Instrument = e.Instrument, Side = Side.None, Price = e.Price, Quantity = e.Quantity });

    private BookStatus Reduce(NaiveOrder order, long quantity)
    {
        if (quantity <= 0)
        {
            return BookStatus.BadValue;
        }

        BookStatus status = quantity > order.Quantity ? BookStatus.ExceedsOrder : BookStatus.Applied;
        order.Quantity -= quantity;
        if (order.Quantity <= 0)
        {
            Remove(order);
        }

        return status;
    }

    private BookStatus Modify(NaiveOrder order, in MarketEvent e)
    {
        if (e.Price <= 0 || e.Quantity <= 0)
        {
            return BookStatus.BadValue;
        }

        if (e.Quantity > LargestOrder)
        {
            return BookStatus.QuantityLimit;
        }

        bool staysWithMore = e.Venue == Venue.Xdp;
        if (e.Price == order.Price && (e.Quantity <= order.Quantity || staysWithMore))
        {
            order.Quantity = e.Quantity;
            return BookStatus.Applied;
        }

        Remove(order);
        return Insert(order.Id, order.Instrument, order.Side, e.Price, e.Quantity);
    }

    private BookStatus Insert(ulong id, int instrument, Side side, long price, long quantity)
    {
        SortedDictionary<long, List<NaiveOrder>> levels = SideOf(instrument, side);
        if (_orders.ContainsKey(id))
        {
            return BookStatus.DuplicateOrder;
        }

        if (_orders.Count == limits.Orders)
        {
            return BookStatus.OrderLimit;
        }

        if (!levels.TryGetValue(price, out List<NaiveOrder>? queue))
        {
            if (levels.Count == limits.LevelsPerSide || LiveLevels == limits.Levels)
            {
                return BookStatus.LevelLimit;
            }

            queue = levels[price] = [];
        }

        if (queue.Count > 0 && queue[0].IsLevel)
        {
            return BookStatus.MixedLevel;
        }

        var order = new NaiveOrder { Id = id, Instrument = instrument, Side = side, Price = price, Quantity = quantity, EntryTime = _time };
        queue.Add(order);
        _orders.Add(id, order);
        return BookStatus.Applied;
    }

    private void Remove(NaiveOrder order)
    {
        _orders.Remove(order.Id);
        SortedDictionary<long, List<NaiveOrder>> levels = SideOf(order.Instrument, order.Side);
        levels[order.Price].Remove(order);
        if (levels[order.Price].Count == 0)
        {
            levels.Remove(order.Price);
        }
    }

    private SortedDictionary<long, List<NaiveOrder>> SideOf(int instrument, Side side) =>
        _sides.TryGetValue((instrument, side), out SortedDictionary<long, List<NaiveOrder>>? levels) ? levels : _sides[(instrument, side)] = [];
}
