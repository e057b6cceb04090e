using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Books;

/// <summary>
/// The books of every instrument of a run, order by order (L3) or, where the feed only tells levels, by level (L2: levels
/// without queues). Memory is fixed at construction; every way to run out of it, and
/// every event that contradicts the book, has a <see cref="BookStatus"/>, is counted, and marks the instrument.
/// </summary>
public sealed unsafe partial class OrderBooks : IDisposable
{
    private const int None = -1;
    private const long FullStateEvery = 10_000;

    private readonly NativeBuffer<Order> _orderBuffer;
    private readonly NativeBuffer<Level> _levelBuffer;
    private readonly NativeBuffer<BookHead> _headBuffer;
    private readonly NativeBuffer<long> _entryTimeBuffer;
    private readonly NativeBuffer<LevelChange> _changeBuffer = new(MostChanges);
    private readonly LadderStore _ladders;
    private readonly OrderIndex _index;
    private readonly SidelessOrders _sideless = new();
    private readonly long[] _byStatus = new long[(int)BookStatus.MixedLevel + 1];
    private readonly BookTrust[] _venueTrust = new BookTrust[256];
    private readonly Order* _orders;
    private readonly Level* _levels;
    private readonly BookHead* _heads;
    private readonly long* _entryTimes;
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
        _entryTimeBuffer = new NativeBuffer<long>(limits.Orders);
        _index = new OrderIndex(limits.Orders);
        _orders = _orderBuffer.Pointer;
        _levels = _levelBuffer.Pointer;
        _heads = _headBuffer.Pointer;
        _entryTimes = _entryTimeBuffer.Pointer;
        _changes = _changeBuffer.Pointer;
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

    /// <summary>Whether an instrument had a book event.</summary>
    public bool Has(int instrument) => (uint)instrument < (uint)_instruments && _heads[instrument].Known;

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

        _changeCount = 0;
        BookStatus status = e.Kind switch
        {
            EventKind.Add => Add(ref e),
            EventKind.Execute or EventKind.Cancel => Reduce(ref e),
            EventKind.Delete => Delete(ref e),
            EventKind.Replace => Replace(ref e),
            EventKind.Modify => Modify(ref e),
            EventKind.LevelSet => SetLevel(e),
            EventKind.Gap => Distrust(e),
            EventKind.Clear => Clear(e),
            EventKind.SnapshotBegin => BeginSnapshot(e),
            EventKind.SnapshotEnd => EndSnapshot(e),
            _ => BookStatus.NotABookEvent,
        };
        if (status == BookStatus.UnknownOrder)
        {
            status = _sideless.Apply(ref e, _index);
        }

        _byStatus[(int)status]++;
        if (status == BookStatus.Applied)
        {
            ChangedSide = e.Side;
            Settle(ref e);
        }
        else
        {
            _changeCount = 0;
            ChangedSide = Side.None;
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
        _entryTimeBuffer.Dispose();
        _changeBuffer.Dispose();
        _ladders.Dispose();
        _index.Dispose();
        _sideless.Dispose();
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
                _digest.Mix((ulong)level->Quantity);
                for (int o = level->Head; o != None; o = _orders[o].Next)
                {
                    _digest.Mix(_orders[o].Id);
                    _digest.Mix((ulong)_orders[o].Quantity);
                }
            }
        }
    }
}
