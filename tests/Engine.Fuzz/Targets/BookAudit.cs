using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Fuzz.Running;
using Engine.TestKit.Books;

namespace Engine.Fuzz.Targets;

/// <summary>Books and features under small bounds, with the naive books beside them where it is to be slow.</summary>
internal sealed class BookAudit : IDisposable
{
    private const int CompareEvery = 16, Depth = 16;

    /// <summary>Most bytes that a batch's events may allocate: what the runtime keeps for code that runs for the first time.</summary>
    private const long MaxAllocated = 32 << 10;

    private static readonly EngineLimits s_limits = new() { Instruments = 32, Orders = 256, Levels = 192, LevelsPerSide = 32, WindowTrades = 128 };

    private readonly OrderBooks _books = new(s_limits);
    private readonly FeatureSet _set = FeatureSet.Create(FeatureSet.DefaultName, Sampling.EveryEvent, s_limits);
    private readonly FeatureBuilder _features;
    private readonly NaiveBooks? _naive;
    private readonly NaiveLevels? _levels;
    private readonly float[] _row;
    private readonly long[] _prices = new long[Depth];
    private readonly long[] _quantities = new long[Depth];
    private long _allocated;
    private long _events;
    private long _rows;
    private long _compared;
    private bool _hasOrders;
    private bool _hasLevels;

    /// <param name="isSlow">Whether the naive books go along.</param>
    public BookAudit(bool isSlow)
    {
        _features = new FeatureBuilder(_books, _set, s_limits);
        _row = new float[_features.Count];
        _naive = isSlow ? new NaiveBooks(s_limits) : null;
        _levels = isSlow ? new NaiveLevels(s_limits) : null;
    }

    /// <summary>Applies the events of a read.</summary>
    public void Check(ReadOnlySpan<MarketEvent> events)
    {
        _books.PrefetchPacket(events);
        for (int i = 0; i < events.Length; i++)
        {
            _books.PrefetchAhead(events, i);
            Check(events[i]);
        }
    }

    /// <summary>Every level and queue at the end.</summary>
    public void CheckEnd()
    {
        FuzzBatch.Require(_books.LiveOrders >= 0 && _books.LiveOrders <= s_limits.Orders, $"{_books.LiveOrders} orders");
        int levels = 0;
        for (int i = 0; i < s_limits.Instruments; i++)
        {
            levels += CheckSide(i, Side.Buy) + CheckSide(i, Side.Sell);
            if (_naive is not null && !_hasLevels)
            {
                string? difference = BookComparison.OfQueues(_books, _naive, i);
                FuzzBatch.Require(difference is null, $"instrument {i} at the end: {difference}");
            }
        }

        FuzzBatch.Require(levels == _books.LiveLevels, $"{_books.LiveLevels} levels, of which {levels} are on a side");
    }

    /// <summary>Adds up what was reached.</summary>
    public void Note(Dictionary<string, long>? reach)
    {
        if (reach is null)
        {
            return;
        }

        foreach (BookStatus status in Enum.GetValues<BookStatus>())
        {
            Add(reach, status.ToString(), _books.Count(status));
        }

        Add(reach, "events", _events);
        Add(reach, "rows", _rows);
        Add(reach, _hasLevels ? "compared levels" : "compared orders", _compared);
        Add(reach, "crossed", _books.CrossedEvents);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _features.Dispose();
        _books.Dispose();
        _set.Dispose();
    }

    private static void Add(Dictionary<string, long> reach, string name, long count) => reach[name] = reach.GetValueOrDefault(name) + count;

    private void Check(MarketEvent e)
    {
        MarketEvent before = e, naive = e;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        BookStatus status = _books.Apply(ref e);
        bool makesRow = _features.OnEvent(e, status);
        if (makesRow)
        {
            _features.Row(e.Instrument).CopyTo(_row);
            _rows++;
        }

        _allocated += GC.GetAllocatedBytesForCurrentThread() - allocated;
        FuzzBatch.Require(_allocated <= MaxAllocated, $"{_allocated:N0} bytes allocated for {_events:N0} events");
        _events++;
        _hasLevels |= e.Kind == EventKind.LevelSet;
        _hasOrders |= e.Kind is EventKind.Add or EventKind.Replace;
        if (makesRow)
        {
            FuzzBatch.Require(Array.TrueForAll(_row, value => !float.IsInfinity(value)), $"an infinite feature after a {before.Kind}");
        }

        Compare(before, e, status, ref naive);
    }

    private void Compare(in MarketEvent before, in MarketEvent after, BookStatus status, ref MarketEvent naive)
    {
        if (_naive is null || (_hasLevels && _hasOrders))
        {
            return; // Orders and levels in one book: the naive books know one of them.
        }

        _levels!.Apply(before);
        BookStatus expected = _naive.Apply(ref naive);
        if (_hasLevels)
        {
            return;
        }

        string? difference = BookComparison.OfEvent(status, after, expected, naive);
        if (difference is null && after.Instrument >= 0 && after.Instrument < s_limits.Instruments && _events % CompareEvery == 0)
        {
            difference = BookComparison.OfBook(_books, _naive, after.Instrument, after.Price);
            _compared++;
        }

        FuzzBatch.Require(difference is null, $"event {_events}, {before.Kind} of order {before.OrderId}: {difference}");
    }

    /// <summary>A side's levels lie in order, and are those of the naive levels where only levels were set.</summary>
    private int CheckSide(int instrument, Side side)
    {
        int count = _books.Top(instrument, side, _prices, _quantities);
        int depth = _books.Depth(instrument, side);
        FuzzBatch.Require(count == Math.Min(depth, Depth) && depth <= s_limits.LevelsPerSide, $"{count} of {depth} levels on a side");
        for (int i = 1; i < count; i++)
        {
            FuzzBatch.Require(side == Side.Buy ? _prices[i] < _prices[i - 1] : _prices[i] > _prices[i - 1], $"{side} level {i} out of order");
        }

        if (_levels is not null && _hasLevels && !_hasOrders)
        {
            string? difference = _levels.Compare(instrument, side, depth, _prices.AsSpan(0, count), _quantities);
            FuzzBatch.Require(difference is null, $"instrument {instrument}: {difference}");
            _compared++;
        }

        return depth;
    }
}
