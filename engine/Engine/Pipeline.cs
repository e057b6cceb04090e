using System.Runtime.CompilerServices;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Signals;

namespace Engine;

/// <summary>
/// Books → features → rows, in flow order, for one thread: the same code whatever the source, the topology and the use of the rows.
/// </summary>
/// <remarks>
/// Several lanes of rows may read one set of books, each with a sampling of its own, and with a contract of its own. What a lane's
/// rows are does not depend on the others. Of one event the rows at times before it come first, lane by lane and each lane's in
/// order of time; then those after it, lane by lane.
/// </remarks>
/// <typeparam name="TRows">What takes the rows.</typeparam>
public sealed partial class Pipeline<TRows> : IDisposable
    where TRows : struct, IRowHandler
{
    private readonly List<FeatureSet> _sets;
    private readonly EngineLimits _limits;
    private readonly RowSampler _sampler;
    private readonly StageTimer _timer;
    private readonly int _instruments;
    private readonly long[] _venueTimes = new long[256];
    private FeatureBuilder[] _builders;
    private bool[] _completes;
    private RowLane<TRows>[] _lanes = [];
    private TRows _rows;
    private bool _hasGrid;
    private long _events;
    private long _interruptNumber = long.MaxValue;
    private long _interruptTime = long.MaxValue;
    private IEventInterrupt? _interrupt;

    /// <param name="limits">Bounds of every buffer.</param>
    /// <param name="set">The first lane's families, in its sampling; owned by the pipeline from here on.</param>
    /// <param name="rows">What takes the first lane's rows.</param>
    /// <param name="timer">Laps; one that is not enabled where nobody asks.</param>
    public Pipeline(EngineLimits limits, FeatureSet set, TRows rows, StageTimer timer)
    {
        _sets = [set];
        _limits = limits;
        _rows = rows;
        _timer = timer;
        Books = new OrderBooks(limits);
        Features = new FeatureBuilder(Books, set, limits);
        _builders = [Features];
        _completes = new bool[1];
        _sampler = new RowSampler(set.Sampling, limits);
        _hasGrid = _sampler.IsGrid;
        _instruments = limits.Instruments;
    }

    /// <summary>Whether every instrument is wanted, so that an event that is not watched is one of an instrument without a name.</summary>
    public bool FollowsAll { get; init; }

    /// <summary>The books.</summary>
    public OrderBooks Books { get; }

    /// <summary>The first lane's features.</summary>
    public FeatureBuilder Features { get; }

    /// <summary>What takes the first lane's rows.</summary>
    public ref TRows Rows => ref _rows;

    /// <summary>Lanes of rows.</summary>
    public int Lanes => 1 + _lanes.Length;

    /// <summary>Events seen, unwatched ones too.</summary>
    public long Events => _events;

    /// <summary>Rows made.</summary>
    public long RowsMade { get; private set; }

    /// <summary>Grid cells passed over: see <see cref="RowSampler.MaxCellsPerEvent"/>.</summary>
    public long SkippedCells => _sampler.SkippedCells + _lanes.Sum(l => l.Sampler.SkippedCells);

    /// <summary>Trades that left windows early because their pool was full: see <see cref="FeatureBuilder.EvictedTrades"/>.</summary>
    public long EvictedTrades => _builders.Sum(b => b.EvictedTrades);

    /// <summary>What takes the rows of a lane.</summary>
    public ref TRows RowsOf(int lane) => ref lane == 0 ? ref _rows : ref _lanes[lane - 1].Rows;

    /// <summary>Has something done before an event, in place of what was to be done before.</summary>
    /// <param name="number">Before the first event of this number or a later one; <see cref="long.MaxValue"/> for never.</param>
    /// <param name="time">Or before the first whose exchange time, ns, is this or later, unless the feed says that it is not right.</param>
    /// <param name="interrupt">What is called, once.</param>
    public void InterruptAt(long number, long time, IEventInterrupt interrupt)
    {
        _interruptNumber = number;
        _interruptTime = time;
        _interrupt = interrupt;
    }

    /// <summary>Takes the events of one packet, in order; fills in what the books know.</summary>
    public void OnPacket(Span<MarketEvent> events)
    {
        Books.PrefetchPacket(events);
        for (int i = 0; i < events.Length; i++)
        {
            Books.PrefetchAhead(events, i);
            if (i + 1 < events.Length && events[i + 1].Instrument != events[i].Instrument)
            {
                Features.Prefetch(events[i + 1].Instrument);
            }

            OnEvent(ref events[i]);
        }
    }

    /// <summary>Takes one event.</summary>
    public void OnEvent(ref MarketEvent e)
    {
        long number = _events++;
        if (number >= _interruptNumber || e.ExchangeTime >= _interruptTime)
        {
            Interrupt(number, e);
        }

        if ((e.Flags & EventFlags.SessionStart) != 0 || e.Instrument == MarketEvent.AllInstruments || TellsAnew(e))
        {
            OnVenue(e, number);
        }

        if (_hasGrid && (e.Flags & EventFlags.BadExchangeTime) == 0 && FeatureBuilder.IsTime(e.ExchangeTime))
        {
            ref long time = ref _venueTimes[(int)e.Venue];
            time = Math.Max(time, e.ExchangeTime);
        }

        if ((e.Flags & EventFlags.Watched) == 0 && e.Instrument != MarketEvent.AllInstruments)
        {
            Books.Pass(e, FollowsAll);
            foreach (FeatureBuilder builder in _builders)
            {
                builder.OnPassed(e);
            }

            return;
        }

        if (_hasGrid && (uint)e.Instrument < (uint)_instruments && (e.Flags & EventFlags.FromSnapshot) == 0)
        {
            OnGrid(e, number);
        }

        BookStatus status = Books.Apply(ref e);
        _timer.Lap(_timer.Book);
        bool isComplete = Features.OnEvent(e, status);
        if (isComplete && !_sampler.IsGrid && _sampler.IsDue(e.Instrument))
        {
            MakeRow(ref _rows, Features, e, number);
        }
        else
        {
            _timer.Skip();
        }

        if (_lanes.Length != 0)
        {
            OnOtherLanes(e, status, isComplete, number);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Books.Dispose();
        _sampler.Dispose();
        foreach (RowLane<TRows> lane in _lanes)
        {
            lane.Sampler.Dispose();
        }

        foreach (FeatureBuilder builder in _builders)
        {
            builder.Dispose();
        }

        foreach (FeatureSet set in _sets)
        {
            set.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Interrupt(long number, in MarketEvent e)
    {
        if (number >= _interruptNumber || (e.Flags & EventFlags.BadExchangeTime) == 0)
        {
            _interruptNumber = _interruptTime = long.MaxValue;
            _interrupt!.Before(number, e);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MakeRow(ref TRows rows, FeatureBuilder features, in MarketEvent e, long number)
    {
        ReadOnlySpan<float> row = features.Row(e.Instrument);
        RowsMade++;
        _timer.Lap(_timer.Features);
        rows.OnRow(new RowStamp(e.Instrument, features.LastTime(e.Instrument), number, Books.Trust(e.Instrument)), e, row);
    }

    /// <summary>Before an event that changes every book of its venue, or a whole book: rows whose time has come still see the books as
    /// they were. A snapshot, and an event whose time is not the exchange's own, come at the latest time of their venue.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OnVenue(in MarketEvent e, long number)
    {
        bool isSnapshot = TellsAnew(e);
        bool isWhole = e.Instrument == MarketEvent.AllInstruments && (e.Kind == EventKind.Clear || VenueTraits.SnapshotsWholeVenue(e.Venue));
        bool isUpheaval = (e.Flags & EventFlags.SessionStart) != 0 || e.Kind is EventKind.Gap or EventKind.Clear || isSnapshot;
        bool isTimed = !isSnapshot && (e.Flags & EventFlags.BadExchangeTime) == 0;
        long until = isTimed ? e.ExchangeTime : _venueTimes[(int)e.Venue];
        bool isOfOne = isSnapshot && !isWhole;
        int last = isOfOne ? Math.Min(e.Instrument, _instruments - 1) : _instruments - 1;
        for (int i = isOfOne ? Math.Max(e.Instrument, 0) : 0; isUpheaval && _hasGrid && i <= last; i++)
        {
            if (Features.HasEvents(i) && Features.VenueOf(i) == e.Venue)
            {
                Grid(e, i, number, until);
            }
        }
    }

    /// <summary>Whether a snapshot begins with the event: in so many words, by a clear that is part of one, or by a reference value of one, which
    /// takes the place of the value before it.</summary>
    private static bool TellsAnew(in MarketEvent e) =>
        e.Kind == EventKind.SnapshotBegin || (e.Kind is EventKind.Clear or >= EventKind.IndexPrice && (e.Flags & EventFlags.FromSnapshot) != 0);

    /// <summary>Before an event is applied: the rows of its instrument whose time has come by it, or, where its own is no time, by its venue.</summary>
    private void OnGrid(in MarketEvent e, long number)
    {
        if (FeatureBuilder.MovesClock(e))
        {
            Grid(e, e.Instrument, number, e.ExchangeTime);
        }
        else if (Features.HasEvents(e.Instrument))
        {
            Grid(e, e.Instrument, number, _venueTimes[(int)e.Venue]);
        }
    }
}
