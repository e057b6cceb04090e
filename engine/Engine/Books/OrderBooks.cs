using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Books;

/// <summary>
/// Order-by-order (L3) books of every instrument of a run. Memory is fixed at construction; every way to run out of it, and
/// every event that contradicts the book, has a <see cref="BookStatus"/>, is counted, and marks the instrument.
/// </summary>
public sealed unsafe class OrderBooks : IDisposable
{
    private const int None = -1;
    private const long FullStateEvery = 10_000;

    private readonly NativeBuffer<Order> _orderBuffer;
    private readonly NativeBuffer<Level> _levelBuffer;
    private readonly NativeBuffer<BookHead> _headBuffer;
    private readonly LadderStore _ladders;
    private readonly OrderIndex _index;
    private readonly SidelessOrders _sideless = new();
    private readonly long[] _byStatus = new long[(int)BookStatus.InstrumentLimit + 1];
    private readonly BookTrust[] _venueTrust = new BookTrust[256];
    private readonly Order* _orders;
    private readonly Level* _levels;
    private readonly BookHead* _heads;
    private readonly int _levelsPerSide;
    private int _freeOrder = None;
    private int _freeLevel = None;
    private int _usedOrders;
    private int _usedLevels;
    private int _instruments;
    private BookDigest _digest;
    private long _nextFullState = FullStateEvery;

    /// <param name="limits">Bounds of orders, levels and instruments.</param>
    public OrderBooks(EngineLimits limits)
    {
        _orderBuffer = new NativeBuffer<Order>(limits.Orders);
        _levelBuffer = new NativeBuffer<Level>(limits.Levels);
        _headBuffer = new NativeBuffer<BookHead>(limits.Instruments);
        _index = new OrderIndex(limits.Orders);
        _orders = _orderBuffer.Pointer;
        _levels = _levelBuffer.Pointer;
        _heads = _headBuffer.Pointer;
        _ladders = new LadderStore(_heads, limits.Instruments, limits.Levels, limits.LevelsPerSide);
        _levelsPerSide = limits.LevelsPerSide;
        Array.Fill(_venueTrust, BookTrust.Recovering);
    }

    /// <summary>Orders that rest now.</summary>
    public int LiveOrders { get; private set; }

    /// <summary>Price levels in use now.</summary>
    public int LiveLevels { get; private set; }

    /// <summary>Applied events after which the instrument's best bid was at or above its best ask.</summary>
    public long CrossedEvents { get; private set; }

    /// <summary>The rolling hash of every change so far.</summary>
    public BookDigest Digest => _digest;

    /// <summary>How many events came to each <see cref="BookStatus"/>.</summary>
    public long Count(BookStatus status) => _byStatus[(int)status];

    /// <summary>Whether an instrument's book can be believed.</summary>
    public BookTrust Trust(int instrument) => (uint)instrument < (uint)_instruments && _heads[instrument].Known
        ? _heads[instrument].Trust
        : BookTrust.Recovering;

    /// <summary>How many instruments had a book event and have this trust now.</summary>
    public int CountTrust(BookTrust trust)
    {
        int count = 0;
        for (int i = 0; i < _instruments; i++)
        {
            count += _heads[i].Known && _heads[i].Trust == trust ? 1 : 0;
        }

        return count;
    }

    /// <summary>Whether the best bid is at or above the best ask.</summary>
    public bool IsCrossed(int instrument) => (uint)instrument < (uint)_instruments && _heads[instrument].Crossed;

    /// <summary>Asks for the memory that <see cref="Apply"/> will need for this order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong orderId) => _index.Prefetch(orderId);

    /// <summary>
    /// Applies one event and fills in what the order it names knows: side, price and (delete) quantity; sets
    /// <see cref="EventFlags.BookSuspect"/> where the book is not good.
    /// </summary>
    public BookStatus Apply(ref MarketEvent e)
    {
        if ((e.Flags & EventFlags.SessionStart) != 0)
        {
            StartVenue(e.Venue, BookTrust.Good);
        }

        BookStatus status = e.Kind switch
        {
            EventKind.Add => Add(ref e),
            EventKind.Execute or EventKind.Cancel => Reduce(ref e),
            EventKind.Delete => Delete(ref e),
            EventKind.Replace => Replace(ref e),
            EventKind.Modify => Modify(ref e),
            EventKind.Gap => Distrust(e),
            EventKind.Clear => Clear(e),
            _ => BookStatus.NotABookEvent,
        };
        if (status == BookStatus.UnknownOrder)
        {
            status = _sideless.Apply(ref e, _index);
        }

        _byStatus[(int)status]++;
        if (status == BookStatus.Applied)
        {
            Settle(ref e);
        }
        else
        {
            Refuse(ref e, status);
        }

        return status;
    }

    /// <summary>The best levels of one side, best first.</summary>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="side">Which side.</param>
    /// <param name="prices">Receives prices, 1e-9 units.</param>
    /// <param name="quantities">Receives total quantities; as long as <paramref name="prices"/>.</param>
    /// <returns>How many levels were written.</returns>
    public int Top(int instrument, Side side, Span<long> prices, Span<long> quantities)
    {
        if ((uint)instrument >= (uint)_instruments)
        {
            return 0;
        }

        // SAFETY: rungs [0, Count) of a ladder are live and name live levels.
        ref Ladder ladder = ref SideOf(instrument, side);
        Rung* rungs = _ladders.Of(ladder);
        int count = Math.Min(Math.Min(prices.Length, quantities.Length), ladder.Count);
        for (int i = 0; i < count; i++)
        {
            Level* level = _levels + rungs[ladder.Count - 1 - i].Level;
            prices[i] = level->Price;
            quantities[i] = level->Quantity;
        }

        return count;
    }

    /// <summary>How many levels one side has.</summary>
    public int Depth(int instrument, Side side) => (uint)instrument < (uint)_instruments ? SideOf(instrument, side).Count : 0;

    /// <summary>The orders of one level from the oldest: ids and quantities. For checks and tools, not for the hot path.</summary>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="side">Which side.</param>
    /// <param name="rank">0 is the best level.</param>
    public IReadOnlyList<(ulong Id, long Quantity)> Queue(int instrument, Side side, int rank)
    {
        var orders = new List<(ulong, long)>();
        if (rank >= 0 && rank < Depth(instrument, side))
        {
            ref Ladder ladder = ref SideOf(instrument, side);
            for (int o = _levels[_ladders.Of(ladder)[ladder.Count - 1 - rank].Level].Head; o != None; o = _orders[o].Next)
            {
                orders.Add((_orders[o].Id, _orders[o].Quantity));
            }
        }

        return orders;
    }

    /// <summary>Folds the full state of every book into the digest: at the end of a run, so that it covers what rests.</summary>
    public void FoldFullState()
    {
        for (int i = 0; i < _instruments; i++)
        {
            FoldState(i);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _orderBuffer.Dispose();
        _levelBuffer.Dispose();
        _headBuffer.Dispose();
        _ladders.Dispose();
        _index.Dispose();
        _sideless.Dispose();
    }

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
            ? Insert(e.OrderId, e.Instrument, e.Side, e.Price, e.Quantity, e.Kind)
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
            ? Insert(e.Reference, e.Instrument, e.Side, price, e.Quantity, e.Kind)
            : BookStatus.DuplicateOrder;
    }

    /// <summary>Quantity (and maybe price) becomes what the event says; less at the same price keeps the place in the queue.</summary>
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
        if (e.Price == level->Price && e.Quantity <= order->Quantity)
        {
            level->Quantity -= order->Quantity - e.Quantity;
            order->Quantity = e.Quantity;
            _digest.Fold(What(e.Kind, order->Side), *level, order->Id, order->Quantity);
            return BookStatus.Applied;
        }

        Remove(slot, e.Kind);
        return Insert(e.OrderId, e.Instrument, e.Side, e.Price, e.Quantity, e.Kind);
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

    private BookStatus Insert(ulong id, int instrument, Side side, long price, long quantity, EventKind kind)
    {
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
        _index.Add(id, slot);
        _digest.Fold(What(kind, order->Side), *level, id, quantity);
        return BookStatus.Applied;
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
            _freeLevel = level->NextFree;
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
        _levels[slot].NextFree = _freeLevel;
        _freeLevel = slot;
        LiveLevels--;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Ladder SideOf(int instrument, Side side)
    {
        // SAFETY: callers checked the instrument against the table.
        BookHead* head = _heads + instrument;
        return ref side == Side.Buy ? ref head->Bid : ref head->Ask;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong What(EventKind kind, int side) => ((ulong)kind << 40) | (uint)side;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTouch(in MarketEvent e) =>
        (uint)e.Instrument < (uint)_instruments && _heads[e.Instrument].Known || TryOpen(e);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryOpen(in MarketEvent e)
    {
        if ((uint)e.Instrument >= (uint)_headBuffer.Length)
        {
            return false;
        }

        _instruments = Math.Max(_instruments, e.Instrument + 1);
        _heads[e.Instrument].Known = true;
        _heads[e.Instrument].Venue = e.Venue;
        _heads[e.Instrument].Trust = _venueTrust[(int)e.Venue];
        return true;
    }

    /// <summary>After a change: is the book crossed, is it good, is a full state due.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Settle(ref MarketEvent e)
    {
        BookHead* head = _heads + e.Instrument;
        UpdateCrossed(head);
        CrossedEvents += head->Crossed ? 1 : 0;
        if (head->Trust != BookTrust.Good)
        {
            e.Flags |= EventFlags.BookSuspect;
        }

        if (_digest.Events >= _nextFullState)
        {
            _nextFullState = _digest.Events + FullStateEvery;
            FoldState(e.Instrument);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void UpdateCrossed(BookHead* head)
    {
        // SAFETY: the head is in the table; Count > 0 makes the last rung live.
        head->Crossed = head->Bid.Count > 0 && head->Ask.Count > 0
            && _ladders.Of(head->Bid)[head->Bid.Count - 1].Key + _ladders.Of(head->Ask)[head->Ask.Count - 1].Key >= 0;
    }

    /// <summary>An event that did not apply makes a good book suspect; a recovering one is expected to miss orders.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refuse(ref MarketEvent e, BookStatus status)
    {
        if ((uint)e.Instrument >= (uint)_instruments || !_heads[e.Instrument].Known)
        {
            return;
        }

        ref BookTrust trust = ref _heads[e.Instrument].Trust;
        if (status != BookStatus.NotABookEvent && (status is not (BookStatus.UnknownOrder or BookStatus.SidelessOrder) || trust == BookTrust.Good))
        {
            trust = BookTrust.Suspect;
            UpdateCrossed(_heads + e.Instrument);
        }

        if (trust != BookTrust.Good)
        {
            e.Flags |= EventFlags.BookSuspect;
        }
    }

    private BookStatus Distrust(in MarketEvent e)
    {
        if (e.Instrument != MarketEvent.AllInstruments)
        {
            if (TryTouch(e))
            {
                _heads[e.Instrument].Trust = BookTrust.Suspect;
            }

            return BookStatus.NotABookEvent;
        }

        _venueTrust[(int)e.Venue] = BookTrust.Suspect;
        for (int i = 0; i < _instruments; i++)
        {
            if (_heads[i].Known && _heads[i].Venue == e.Venue)
            {
                _heads[i].Trust = BookTrust.Suspect;
            }
        }

        return BookStatus.NotABookEvent;
    }

    private BookStatus Clear(in MarketEvent e)
    {
        if (e.Instrument == MarketEvent.AllInstruments)
        {
            StartVenue(e.Venue, BookTrust.Recovering);
        }
        else if (TryTouch(e))
        {
            Empty(e.Instrument);
            _sideless.Forget(e.Instrument);
            _heads[e.Instrument].Trust = BookTrust.Recovering;
        }

        return BookStatus.NotABookEvent;
    }

    private void StartVenue(Venue venue, BookTrust trust)
    {
        _venueTrust[(int)venue] = trust;
        _sideless.Forget(_heads, venue);
        for (int i = 0; i < _instruments; i++)
        {
            if (_heads[i].Known && _heads[i].Venue == venue)
            {
                Empty(i);
                _heads[i].Trust = trust;
            }
        }
    }

    private void Empty(int instrument)
    {
        foreach (Side side in (ReadOnlySpan<Side>)[Side.Buy, Side.Sell])
        {
            ref Ladder ladder = ref SideOf(instrument, side);
            while (ladder.Count > 0)
            {
                Remove(_levels[_ladders.Of(ladder)[ladder.Count - 1].Level].Head, EventKind.Clear);
            }
        }

        _heads[instrument].Crossed = false;
    }

    private void FoldState(int instrument)
    {
        _digest.Mix((ulong)instrument);
        foreach (Side side in (ReadOnlySpan<Side>)[Side.Buy, Side.Sell])
        {
            ref Ladder ladder = ref SideOf(instrument, side);
            Rung* rungs = _ladders.Of(ladder);

            // SAFETY: rungs [0, Count) are live, and their queues end at None.
            for (int i = 0; i < ladder.Count; i++)
            {
                Level* level = _levels + rungs[i].Level;
                _digest.Mix((ulong)level->Price);
                for (int o = level->Head; o != None; o = _orders[o].Next)
                {
                    _digest.Mix(_orders[o].Id);
                    _digest.Mix((ulong)_orders[o].Quantity);
                }
            }
        }
    }
}
