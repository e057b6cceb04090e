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
public sealed class Pipeline<TRows> : IDisposable
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

    /// <summary>What takes the rows of a lane.</summary>
    public ref TRows RowsOf(int lane) => ref lane == 0 ? ref _rows : ref _lanes[lane - 1].Rows;

    /// <summary>Adds a lane, before the first event.</summary>
    /// <param name="set">Its families. A set that an earlier lane reads is followed once for both, which rows at grid times forbid: they
    /// move windows on. Owned by the pipeline from here on.</param>
    /// <param name="sampling">When its rows are due.</param>
    /// <param name="rows">What takes them.</param>
    public void Add(FeatureSet set, Sampling sampling, TRows rows)
    {
        int builder = _sets.IndexOf(set);
        if (builder < 0)
        {
            builder = _sets.Count;
            _sets.Add(set);
            _builders = [.. _builders, new FeatureBuilder(Books, set, _limits)];
            _completes = new bool[_sets.Count];
        }
        else if (sampling.Kind == SamplingKind.Grid || set.Sampling.Kind == SamplingKind.Grid)
        {
            throw new ArgumentException($"Rows of {sampling} cannot be made from the features that {set.Sampling} reads.", nameof(sampling));
        }

        var lane = new RowLane<TRows>(builder, new RowSampler(sampling, _limits), rows);
        _lanes = [.. _lanes, lane];
        _hasGrid |= lane.Sampler.IsGrid;
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
        if ((e.Flags & EventFlags.SessionStart) != 0 || e.Instrument == MarketEvent.AllInstruments || TakesBookAway(e))
        {
            OnVenue(e, number);
        }

        if (_hasGrid && (e.Flags & EventFlags.BadExchangeTime) == 0)
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
            Grid(e, e.Instrument, number, e.ExchangeTime);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MakeRow(ref TRows rows, FeatureBuilder features, in MarketEvent e, long number)
    {
        ReadOnlySpan<float> row = features.Row(e.Instrument);
        RowsMade++;
        _timer.Lap(_timer.Features);
        rows.OnRow(new RowStamp(e.Instrument, features.LastTime(e.Instrument), number, Books.Trust(e.Instrument)), e, row);
    }

    /// <summary>The lanes behind the first, whose builder has followed the event.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OnOtherLanes(in MarketEvent e, BookStatus status, bool isComplete, long number)
    {
        _completes[0] = isComplete;
        for (int i = 1; i < _builders.Length; i++)
        {
            _completes[i] = _builders[i].OnEvent(e, status);
        }

        foreach (RowLane<TRows> lane in _lanes)
        {
            if (_completes[lane.Builder] && !lane.Sampler.IsGrid && lane.Sampler.IsDue(e.Instrument))
            {
                MakeRow(ref lane.Rows, _builders[lane.Builder], e, number);
            }
        }

        _timer.Skip();
    }

    /// <summary>Before an event that changes every book of its venue, or a whole book: rows whose time has come still see the books as
    /// they were. A snapshot, and an event whose time is not the exchange's own, come at the latest time of their venue.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OnVenue(in MarketEvent e, long number)
    {
        bool isSnapshot = TakesBookAway(e);
        bool isWhole = e.Instrument == MarketEvent.AllInstruments && (e.Kind == EventKind.Clear || VenueTraits.SnapshotsWholeVenue(e.Venue));
        bool isUpheaval = (e.Flags & EventFlags.SessionStart) != 0 || e.Kind is EventKind.Gap or EventKind.Clear || isSnapshot;
        bool isTimed = !isSnapshot && (e.Flags & EventFlags.BadExchangeTime) == 0;
        long until = isTimed ? e.ExchangeTime : _venueTimes[(int)e.Venue];
        for (int i = 0; isUpheaval && _hasGrid && i < _instruments; i++)
        {
            if (Features.HasEvents(i) && Features.VenueOf(i) == e.Venue && (!isSnapshot || isWhole || e.Instrument == i))
            {
                Grid(e, i, number, until);
            }
        }
    }

    /// <summary>Whether a snapshot begins with the event: in so many words, or by a clear that is part of one.</summary>
    private static bool TakesBookAway(in MarketEvent e) =>
        e.Kind == EventKind.SnapshotBegin || (e.Kind == EventKind.Clear && (e.Flags & EventFlags.FromSnapshot) != 0);

    private void Grid(in MarketEvent e, int instrument, long number, long until)
    {
        if (_sampler.IsGrid)
        {
            MakeCells(ref _rows, Features, _sampler, e, instrument, number, until);
        }

        foreach (RowLane<TRows> lane in _lanes)
        {
            if (lane.Sampler.IsGrid)
            {
                MakeCells(ref lane.Rows, _builders[lane.Builder], lane.Sampler, e, instrument, number, until);
            }
        }
    }

    private void MakeCells(ref TRows rows, FeatureBuilder features, RowSampler sampler, in MarketEvent e, int instrument, long number, long until)
    {
        while (sampler.TryNextCell(instrument, until, out long cell))
        {
            ReadOnlySpan<float> row = features.RowAt(instrument, cell);
            RowsMade++;
            _timer.Lap(_timer.Features);
            rows.OnRow(new RowStamp(instrument, cell, number, Books.Trust(instrument)), e, row);
        }
    }
}
