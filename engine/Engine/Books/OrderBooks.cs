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

    private readonly byte* _nodes;
    private readonly BookHead* _heads;
    private OrderIndex _index;
    private readonly RungArena _rungs;
    private readonly Ladder* _far;
    private readonly int _nearLevels;
    private readonly int _lastOrder;
    private readonly int _lastLevel;
    private readonly int _levelsPerSide;
    private int _freeOrder;
    private int _freeLevel;
    private int _levelsLeft;
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
        // Node 0 is nobody's: it stands for none.
        long lastLevel = ((long)limits.Orders + limits.Levels) * Node.Bytes;
        long nearLevels = (lastLevel + Node.Bytes + NearLevels.Room - 1) & -NearLevels.Room;
        long end = nearLevels + (limits.Instruments * 2L * NearLevels.Room);
        if (end > int.MaxValue)
        {
            throw new ArgumentException(
                $"{limits.Orders} orders, {limits.Levels} levels and {limits.Instruments} instruments take {end} bytes; at most {int.MaxValue} are allowed: lower one of them.", nameof(limits));
        }

        _lastOrder = limits.Orders * Node.Bytes;
        _lastLevel = (int)lastLevel;
        _nearLevels = (int)nearLevels;
        _nodeBuffer = new NativeBuffer<Node>((int)(end / Node.Bytes));
        _headBuffer = new NativeBuffer<BookHead>(limits.Instruments);
        _nodes = (byte*)_nodeBuffer.Pointer;
        _heads = _headBuffer.Pointer;
        _changes = _changeBuffer.Pointer;
        _placeBuffer = new NativeBuffer<int>(OrderIndex.Places(limits.Orders));
        _indexBuffer = new NativeBuffer<ulong>(HashedOrderIndex.Entries(limits.Orders));
        _index = new OrderIndex(_placeBuffer, _indexBuffer, _nodeBuffer.Pointer);
        _ladders = new LadderStore(limits.Instruments, limits.Levels, limits.LevelsPerSide);
        _rungs = _ladders.Rungs;
        _far = _ladders.Ladders;
        _freeOrder = Node.Bytes;
        _freeLevel = _lastOrder + Node.Bytes;
        _levelsPerSide = limits.LevelsPerSide;
        _levelsLeft = limits.Levels;
        Array.Fill(_venueTrust, BookTrust.Recovering);
    }

    /// <summary>Orders that rest now.</summary>
    public int LiveOrders { get; private set; }

    /// <summary>Price levels in use now.</summary>
    public int LiveLevels
    {
        get
        {
            int count = 0;
            for (int i = 0; i < _instruments; i++)
            {
                count += _heads[i].Bid.Count + _heads[i].Ask.Count;
            }

            return count;
        }
    }

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
    public bool IsCrossed(int instrument) => (uint)instrument < (uint)_instruments && Meet(instrument);

    /// <summary>
    /// Applies one event and fills in what the order it names knows: side, price and (delete) quantity; sets
    /// <see cref="EventFlags.BookSuspect"/> where the book is not good.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BookStatus Apply(ref MarketEvent e)
    {
        if ((e.Flags & EventFlags.SessionStart) != 0)
        {
            return ApplyFirst(ref e);
        }

        if (e.Kind == EventKind.Add)
        {
            return Add(ref e);
        }

        // Cancel, delete and execute are neighbours: one test for what is left of the common kinds.
        return e.Kind is >= EventKind.Cancel and <= EventKind.Execute ? Take(ref e)
            : e.Kind == EventKind.Replace ? Replace(ref e)
            : ApplyOther(ref e);
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

        // SAFETY: a walk gives live levels.
        int count = 0, room = Math.Min(prices.Length, quantities.Length);
        for (LevelWalk walk = Walk(SideIndex(instrument, side)); count < room && walk.MoveNext(); count++)
        {
            Level* level = LevelAt(walk.Slot);
            prices[count] = level->Price;
            quantities[count] = level->Quantity;
        }

        return count;
    }

    /// <summary>How many levels one side has.</summary>
    public int Depth(int instrument, Side side) => (uint)instrument < (uint)_instruments ? SideAt(SideIndex(instrument, side))->Count : 0;

    /// <summary>The orders of one level from the oldest: ids and quantities. For checks and tools, not for the hot path.</summary>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="side">Which side.</param>
    /// <param name="rank">0 is the best level.</param>
    public IReadOnlyList<(ulong Id, long Quantity)> Queue(int instrument, Side side, int rank)
    {
        var orders = new List<(ulong, long)>();
        if (rank >= 0 && rank < Depth(instrument, side))
        {
            LevelWalk walk = Walk(SideIndex(instrument, side));
            for (int i = 0; i <= rank; i++)
            {
                _ = walk.MoveNext();
            }

            int level = walk.Slot;
            for (int o = NodeAt(level)->Next; o != level; o = NodeAt(o)->Next)
            {
                orders.Add((OrderAt(o)->Id, OrderAt(o)->Quantity));
            }
        }

        return orders;
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
    private Order* OrderAt(int slot) => (Order*)(_nodes + (uint)slot);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Level* LevelAt(int slot) => (Level*)(_nodes + (uint)slot);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Node* NodeAt(int slot) => (Node*)(_nodes + (uint)slot);

    /// <summary>The head of the book that a side is of.</summary>
    // SAFETY: callers checked the side against the table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private BookHead* HeadOf(int side) => _heads + (uint)(side >> 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong What(EventKind kind, int side) => ((ulong)kind << 40) | (uint)side;
}
