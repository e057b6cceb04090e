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
/// <typeparam name="TRows">What takes the rows.</typeparam>
public sealed class Pipeline<TRows> : IDisposable
    where TRows : struct, IRowHandler
{
    private readonly FeatureSet _set;
    private readonly RowSampler _sampler;
    private readonly StageTimer _timer;
    private readonly int _instruments;
    private readonly long[] _venueTimes = new long[256];
    private TRows _rows;
    private long _events;

    /// <param name="limits">Bounds of every buffer.</param>
    /// <param name="set">The contract's families; owned by the pipeline from here on.</param>
    /// <param name="rows">What takes the rows.</param>
    /// <param name="timer">Laps; one that is not enabled where nobody asks.</param>
    public Pipeline(EngineLimits limits, FeatureSet set, TRows rows, StageTimer timer)
    {
        _set = set;
        _rows = rows;
        _timer = timer;
        Books = new OrderBooks(limits);
        Features = new FeatureBuilder(Books, set, limits);
        _sampler = new RowSampler(set.Sampling, limits);
        _instruments = limits.Instruments;
    }

    /// <summary>Whether every instrument is wanted, so that an event that is not watched is one of an instrument without a name.</summary>
    public bool FollowsAll { get; init; }

    /// <summary>The books.</summary>
    public OrderBooks Books { get; }

    /// <summary>The features.</summary>
    public FeatureBuilder Features { get; }

    /// <summary>What takes the rows.</summary>
    public ref TRows Rows => ref _rows;

    /// <summary>Events seen, unwatched ones too.</summary>
    public long Events => _events;

    /// <summary>Rows made.</summary>
    public long RowsMade { get; private set; }

    /// <summary>Grid cells passed over: see <see cref="RowSampler.MaxCellsPerEvent"/>.</summary>
    public long SkippedCells => _sampler.SkippedCells;

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

        if (_sampler.IsGrid && (e.Flags & EventFlags.BadExchangeTime) == 0)
        {
            ref long time = ref _venueTimes[(int)e.Venue];
            time = Math.Max(time, e.ExchangeTime);
        }

        if ((e.Flags & EventFlags.Watched) == 0 && e.Instrument != MarketEvent.AllInstruments)
        {
            Books.Pass(e, FollowsAll);
            Features.OnPassed(e);
            return;
        }

        if (_sampler.IsGrid && (uint)e.Instrument < (uint)_instruments && (e.Flags & EventFlags.FromSnapshot) == 0)
        {
            Grid(e, e.Instrument, number, e.ExchangeTime);
        }

        BookStatus status = Books.Apply(ref e);
        _timer.Lap(_timer.Book);
        bool makesRow = Features.OnEvent(e, status) && !_sampler.IsGrid && _sampler.IsDue(e.Instrument);
        if (makesRow)
        {
            ReadOnlySpan<float> row = Features.Row(e.Instrument);
            RowsMade++;
            _timer.Lap(_timer.Features);
            _rows.OnRow(new RowStamp(e.Instrument, Features.LastTime(e.Instrument), number, Books.Trust(e.Instrument)) { Unchanged = ~Features.ChangedFamilies }, e, row);
        }
        else
        {
            _timer.Skip();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Books.Dispose();
        Features.Dispose();
        _sampler.Dispose();
        _set.Dispose();
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
        for (int i = 0; isUpheaval && _sampler.IsGrid && i < _instruments; i++)
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
        while (_sampler.TryNextCell(instrument, until, out long cell))
        {
            ReadOnlySpan<float> row = Features.RowAt(instrument, cell);
            RowsMade++;
            _timer.Lap(_timer.Features);
            _rows.OnRow(new RowStamp(instrument, cell, number, Books.Trust(instrument)) { Unchanged = ~Features.ChangedFamilies }, e, row);
        }
    }
}
