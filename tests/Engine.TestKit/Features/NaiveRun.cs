using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.TestKit.Books;

namespace Engine.TestKit.Features;

/// <summary>A row as the definitions give it.</summary>
/// <param name="Instrument">Its instrument.</param>
/// <param name="Time">Exchange time of the row, ns.</param>
/// <param name="Event">Number of the event that made it due.</param>
/// <param name="Trust">Trust of the book.</param>
/// <param name="Columns">Values by name.</param>
public sealed record NaiveRow(int Instrument, long Time, long Event, BookTrust Trust, IReadOnlyDictionary<string, double> Columns);

/// <summary>Events → rows by the naive books, features and a naive sampler: what a pipeline should give.</summary>
public sealed class NaiveRun
{
    private readonly Sampling _sampling;
    private readonly EngineLimits _limits;
    private readonly Dictionary<int, long> _due = [];
    private readonly Dictionary<int, long> _passed = [];
    private readonly Dictionary<Venue, long> _times = [];
    private readonly List<NaiveRow> _rows = [];
    private long _events;

    /// <param name="limits">Bounds, as the pipeline's.</param>
    /// <param name="sampling">When rows are taken.</param>
    /// <param name="columns">The columns; null for the default contract's.</param>
    public NaiveRun(EngineLimits limits, Sampling sampling, IEnumerable<FeatureSpec>? columns = null)
    {
        _sampling = sampling;
        _limits = limits;
        Books = new NaiveBooks(limits);
        Features = new NaiveFeatures(Books, columns);
    }

    private readonly HashSet<int> _changed = [];

    /// <summary>The books.</summary>
    public NaiveBooks Books { get; }

    /// <summary>The features.</summary>
    public NaiveFeatures Features { get; }

    /// <summary>Takes one event.</summary>
    /// <returns>The rows it made, in order.</returns>
    public IReadOnlyList<NaiveRow> OnEvent(MarketEvent e)
    {
        _rows.Clear();
        long number = _events++;
        bool start = e.Flags.HasFlag(EventFlags.SessionStart);
        bool venueWide = start || (e.Instrument == MarketEvent.AllInstruments
            && (e.Kind == EventKind.Gap || (e.Kind == EventKind.Clear && !e.Flags.HasFlag(EventFlags.FromSnapshot))));
        bool followed = e.Flags.HasFlag(EventFlags.Watched) || e.Instrument == MarketEvent.AllInstruments;
        bool fromSnapshot = e.Flags.HasFlag(EventFlags.FromSnapshot);
        if (_sampling.Kind == SamplingKind.Grid)
        {
            foreach (int instrument in Features.Instruments.Keys.Order().ToList())
            {
                if ((followed && !fromSnapshot && instrument == e.Instrument) || (venueWide && Features.Instruments[instrument] == e.Venue))
                {
                    bool isTimed = venueWide ? !e.Flags.HasFlag(EventFlags.BadExchangeTime) : NaiveFeatures.HasTime(e);
                    Cells(instrument, isTimed ? e.ExchangeTime : _times.GetValueOrDefault(e.Venue), number);
                }

                // Before a snapshot takes a book away: the rows whose time has come at its venue.
                bool isReference = e.Kind is EventKind.IndexPrice or EventKind.MarkPrice or EventKind.Funding;
                if ((e.Kind == EventKind.SnapshotBegin || ((e.Kind == EventKind.Clear || isReference) && fromSnapshot)) && !start && _times.TryGetValue(e.Venue, out long latest) && Features.Instruments[instrument] == e.Venue
                    && (e.Instrument == instrument || (e.Instrument == MarketEvent.AllInstruments && (e.Kind == EventKind.Clear || e.Venue == Venue.Itch50))))
                {
                    Cells(instrument, latest, number);
                }
            }
        }

        if (!e.Flags.HasFlag(EventFlags.BadExchangeTime))
        {
            _times[e.Venue] = Math.Max(_times.GetValueOrDefault(e.Venue), e.ExchangeTime);
        }

        if (!followed)
        {
            if (start)
            {
                var only = new MarketEvent { Kind = EventKind.Status, Flags = e.Flags, Venue = e.Venue, Instrument = MarketEvent.AllInstruments };
                Books.Apply(ref only);
            }

            return _rows;
        }

        if (e.Instrument >= _limits.Instruments)
        {
            Books.Apply(ref e);
            return _rows;
        }

        bool first = e.Instrument >= 0 && !fromSnapshot && !Features.Has(e.Instrument) && NaiveFeatures.HasTime(e);
        bool mayMake = Features.Apply(ref e);
        if (fromSnapshot)
        {
            return _rows;
        }

        if (first)
        {
            _passed[e.Instrument] = e.ExchangeTime;
        }

        // A change waits for the event that completes what the venue calls one event.
        if (mayMake && e.Instrument >= 0)
        {
            _changed.Add(e.Instrument);
        }

        mayMake = e.Flags.HasFlag(EventFlags.LastOfEvent) && _changed.Remove(e.Instrument);
        if (mayMake && _sampling.Kind != SamplingKind.Grid)
        {
            _due[e.Instrument] = _due.GetValueOrDefault(e.Instrument) + 1;
            if (_due[e.Instrument] % _sampling.N == 0)
            {
                Take(e.Instrument, Features.LastTime(e.Instrument), number, Features.Row(e.Instrument));
            }
        }

        return _rows;
    }

    /// <summary>Every multiple of the step after the last time looked at, up to and with this one.</summary>
    private void Cells(int instrument, long time, long number)
    {
        for (long cell = _passed[instrument] + 1; cell <= time; cell++)
        {
            long past = cell % _sampling.StepNanos;
            cell += past == 0 ? 0 : _sampling.StepNanos - past;
            if (cell <= time)
            {
                Take(instrument, cell, number, Features.RowAt(instrument, cell));
            }
        }

        _passed[instrument] = Math.Max(_passed[instrument], time);
    }

    private void Take(int instrument, long time, long number, Dictionary<string, double> columns) =>
        _rows.Add(new NaiveRow(instrument, time, number, Books.Trust(instrument), columns));
}
