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
    /// <summary>Largest quantity that a feed may set a level to, and that may trade at once: sums of some hundred thousand such still fit 64 bits.</summary>
    public const long LargestLevel = 1L << 45;

    private const int None = 0;
    private const long FullStateEvery = 10_000;

    private readonly Node* _nodes;
    private readonly BookHead* _heads;
    private OrderIndex _index;
    private readonly RungArena _rungs;
    private readonly int _orderLimit;
    private readonly int _levelsPerSide;
    private int _freeOrder;
    private int _freeLevel;
    private int _usedOrders;
    private int _usedLevels;
    private int _instruments;
    private long _applied;
    private long _nextFullState = FullStateEvery;
    private BookDigest _digest;
    private readonly NativeBuffer<Node> _nodeBuffer;
    private readonly NativeBuffer<int> _placeBuffer;
    private readonly NativeBuffer<ulong> _indexBuffer;
    private readonly NativeBuffer<BookHead> _headBuffer;
    private readonly NativeBuffer<LevelChange> _changeBuffer = new(MostChanges);
    private readonly LadderStore _ladders;
    private readonly SidelessOrders _sideless = new();
    private readonly long[] _byStatus = new long[(int)BookStatus.QuantityLimit + 1];
    private readonly BookTrust[] _venueTrust = new BookTrust[256];

    /// <param name="limits">Bounds of orders, levels and instruments.</param>
    public OrderBooks(EngineLimits limits)
    {
        // Node 0 is nobody's: it stands for none. As an order it is at the last node, a level of no instrument.
        _nodeBuffer = new NativeBuffer<Node>(checked(2 + limits.Orders + limits.Levels));
        _headBuffer = new NativeBuffer<BookHead>(limits.Instruments);
        _nodes = _nodeBuffer.Pointer;
        _heads = _headBuffer.Pointer;
        _changes = _changeBuffer.Pointer;
        _placeBuffer = new NativeBuffer<int>(OrderIndex.Places(limits.Orders));
        _indexBuffer = new NativeBuffer<ulong>(HashedOrderIndex.Entries(limits.Orders));
        _index = new OrderIndex(_placeBuffer, _indexBuffer, _nodes);
        _ladders = new LadderStore(_heads, limits.Instruments, limits.Levels, limits.LevelsPerSide);
        _rungs = _ladders.Rungs;
        _orderLimit = limits.Orders;
        _usedLevels = 1 + limits.Orders;
        _freeOrder = FreshOrder();
        _freeLevel = FreshLevel();
        OrderAt(None)->Level = _nodeBuffer.Length - 1;
        LevelAt(_nodeBuffer.Length - 1)->Side = int.MinValue;
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
    public long Count(BookStatus status) => status == BookStatus.Applied ? _applied : _byStatus[(int)status];

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

    /// <summary>
    /// Applies one event and fills in what the order it names knows: side, price and (delete) quantity; sets
    /// <see cref="EventFlags.BookSuspect"/> where the book is not good.
    /// </summary>
    public BookStatus Apply(ref MarketEvent e)
    {
        if ((e.Flags & EventFlags.SessionStart) != 0)
        {
            return ApplyFirst(ref e);
        }

        switch (e.Kind)
        {
            case EventKind.Add:
                return Add(ref e);
            case EventKind.Execute:
            case EventKind.Cancel:
            case EventKind.Delete:
                return Take(ref e);
            case EventKind.Replace:
                return Replace(ref e);
            default:
                return ApplyOther(ref e);
        }
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
        Ladder* ladder = SideOf(instrument, side);
        int* levels = _rungs.Levels(ladder);
        int count = Math.Min(Math.Min(prices.Length, quantities.Length), ladder->Count);
        for (int i = 0; i < count; i++)
        {
            Level* level = LevelAt(levels[i]);
            prices[i] = level->Price;
            quantities[i] = level->Quantity;
        }

        return count;
    }

    /// <summary>How many levels one side has.</summary>
    public int Depth(int instrument, Side side) => (uint)instrument < (uint)_instruments ? SideOf(instrument, side)->Count : 0;

    /// <summary>The orders of one level from the oldest: ids and quantities. For checks and tools, not for the hot path.</summary>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="side">Which side.</param>
    /// <param name="rank">0 is the best level.</param>
    public IReadOnlyList<(ulong Id, long Quantity)> Queue(int instrument, Side side, int rank)
    {
        var orders = new List<(ulong, long)>();
        if (rank >= 0 && rank < Depth(instrument, side))
        {
            int level = _rungs.Levels(SideOf(instrument, side))[rank];
            for (int o = _nodes[level].Next; o != level; o = _nodes[o].Next)
            {
                orders.Add((OrderAt(o)->Id, OrderAt(o)->Quantity));
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
        _nodeBuffer.Dispose();
        _headBuffer.Dispose();
        _changeBuffer.Dispose();
        _ladders.Dispose();
        _placeBuffer.Dispose();
        _indexBuffer.Dispose();
        _sideless.Dispose();
    }

    /// <summary>The first event of a session.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus ApplyFirst(ref MarketEvent e)
    {
        StartVenue(e.Venue, BookTrust.Good);
        return e.Kind switch
        {
            EventKind.Add => Add(ref e),
            EventKind.Execute or EventKind.Cancel or EventKind.Delete => Take(ref e),
            EventKind.Replace => Replace(ref e),
            _ => ApplyOther(ref e),
        };
    }

    /// <summary>The events that are rare, or whose feeds tell levels.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus ApplyOther(ref MarketEvent e)
    {
        switch (e.Kind)
        {
            case EventKind.Modify:
                return Modify(ref e);
            case EventKind.LevelSet:
                return SetLevel(ref e);
            case EventKind.Gap:
                Distrust(e);
                break;
            case EventKind.Clear:
                Clear(e);
                break;
            case EventKind.SnapshotBegin:
                BeginSnapshot(e);
                break;
            case EventKind.SnapshotEnd:
                EndSnapshot(e);
                break;
        }

        return Refuse(ref e, BookStatus.NotABookEvent);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Ladder* SideOf(int instrument, Side side) => LadderOf(_heads + instrument, side == Side.Sell ? 1 : 0);

    /// <summary>A side of a book by the lowest bit of its number, which is instrument × 2 + (1 for the sell side).</summary>
    // SAFETY: callers checked the instrument against the table; the two sides are the first fields of a head.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Ladder* LadderOf(BookHead* head, int side) => &head->Bid + (side & 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SideIndex(int instrument, Side side) => (instrument << 1) | (side == Side.Sell ? 1 : 0);

    /// <summary>The price for bids, minus the price for asks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long KeyOf(long price, int side) => (price ^ -(long)(side & 1)) + (side & 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Order* OrderAt(int slot) => (Order*)(_nodes + slot);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Level* LevelAt(int slot) => (Level*)(_nodes + slot);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong What(EventKind kind, int side) => ((ulong)kind << 40) | (uint)side;

    private void FoldState(int instrument)
    {
        _digest.Mix((ulong)instrument);
        for (int side = instrument << 1; side <= (instrument << 1) + 1; side++)
        {
            // SAFETY: rungs [0, Count) are live, and their queues end at their levels. The worst level goes first.
            Ladder* ladder = LadderOf(_heads + instrument, side);
            int* levels = _rungs.Levels(ladder);
            for (int rank = ladder->Count - 1; rank >= 0; rank--)
            {
                Level* level = LevelAt(levels[rank]);
                _digest.Mix((ulong)level->Price);
                _digest.Mix((ulong)level->Quantity);
                for (int o = level->Next; o != levels[rank]; o = _nodes[o].Next)
                {
                    _digest.Mix(OrderAt(o)->Id);
                    _digest.Mix(OrderAt(o)->Quantity);
                }
            }
        }
    }
}
