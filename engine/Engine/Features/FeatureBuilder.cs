using System.Runtime.InteropServices;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Features;

/// <summary>
/// Follows the events of every instrument and makes rows of raw features. The only feature code there is: live, replay,
/// `engine features` and dataset building all run this.
/// </summary>
public sealed class FeatureBuilder : IDisposable
{
    private readonly OrderBooks _books;
    private readonly FeatureSet _set;
    private readonly NativeBuffer<InstrumentClock> _clocks;
    private readonly (Families.FeatureFamily Family, int Offset, int Count)[] _families;
    private readonly BookView _view = new();
    private readonly long[] _price = new long[1];
    private readonly long[] _quantity = new long[1];
    private readonly long[] _venueGap = new long[256];

    /// <param name="books">The books that events were applied to before they come here.</param>
    /// <param name="set">The families.</param>
    /// <param name="limits">Bound of instruments.</param>
    public FeatureBuilder(OrderBooks books, FeatureSet set, EngineLimits limits)
    {
        _books = books;
        _set = set;
        _clocks = new NativeBuffer<InstrumentClock>(limits.Instruments);
        Array.Fill(_venueGap, MarketEvent.Absent);
        _families = new (Families.FeatureFamily, int, int)[set.Families.Count];
        int offset = 0;
        for (int i = 0; i < _families.Length; i++)
        {
            _families[i] = (set.Families[i], offset, set.Families[i].Specs.Count);
            offset += set.Families[i].Specs.Count;
        }
    }

    /// <summary>Features in a row.</summary>
    public int Count => _set.Contract.Count;

    /// <summary>Events whose exchange time lay before an earlier one of the same instrument; they count as at that earlier time.</summary>
    public long TimeReversals { get; private set; }

    /// <summary>Trades whose aggressor could not be told (at the mid-price, no price, no touch, or no side); they enter no window.</summary>
    public long UnclassifiedTrades { get; private set; }

    /// <summary>Trades that left their windows early because the pool was full.</summary>
    public long EvictedTrades => _set.Windows.EvictedTrades;

    /// <summary>Takes note of an event after it was applied to the books.</summary>
    /// <returns>Whether it may make a row: what the venue calls one event is complete with it, and in that event the book of the instrument
    /// changed or a trade happened. Events of a snapshot make none, enter no window and move no clock.</returns>
    public bool OnEvent(in MarketEvent e, BookStatus status)
    {
        if ((uint)e.Instrument >= (uint)_clocks.Length)
        {
            if (e.Kind == EventKind.Gap && e.Instrument == MarketEvent.AllInstruments)
            {
                ref long gap = ref _venueGap[(int)e.Venue];
                gap = Math.Max(gap, e.ExchangeTime);
            }

            return false;
        }

        // A snapshot tells what was; its times may lie far back, and nothing happens by it.
        if ((e.Flags & EventFlags.FromSnapshot) != 0)
        {
            return false;
        }

        ref InstrumentClock clock = ref _clocks[e.Instrument];
        long time = e.ExchangeTime;
        if (clock.Events == 0)
        {
            clock.Previous = time;
            clock.LastGap = MarketEvent.Absent;
            clock.Venue = e.Venue;
        }
        else
        {
            if (time < clock.Last)
            {
                TimeReversals++;
                time = clock.Last;
            }

            clock.Previous = clock.Last;
        }

        clock.Last = time;
        clock.Events++;
        if (e.Kind == EventKind.Gap)
        {
            clock.LastGap = Math.Max(clock.LastGap, e.ExchangeTime);
        }

        bool changes = status == BookStatus.Applied;
        if (e.Kind is EventKind.Trade || (e.Kind is EventKind.Execute && changes))
        {
            Trade(e, time);
            changes = true;
        }

        clock.Changed |= changes;
        if ((e.Flags & EventFlags.LastOfEvent) == 0)
        {
            return false;
        }

        bool complete = clock.Changed;
        clock.Changed = false;
        return complete;
    }

    /// <summary>Exchange time of the instrument's last event, never running backwards, ns.</summary>
    public long LastTime(int instrument) => _clocks[instrument].Last;

    /// <summary>Whether the instrument had an event.</summary>
    public bool HasEvents(int instrument) => (uint)instrument < (uint)_clocks.Length && _clocks[instrument].Events > 0;

    /// <summary>The venue of an instrument's first event. Only with <see cref="HasEvents"/>.</summary>
    public Venue VenueOf(int instrument) => _clocks[instrument].Venue;

    /// <summary>A row after the instrument's last event.</summary>
    /// <param name="instrument">Index of the instrument.</param>
    /// <param name="row">Receives the raw features, <see cref="Count"/> long.</param>
    public void WriteRow(int instrument, Span<float> row)
    {
        ref InstrumentClock clock = ref _clocks[instrument];
        Write(instrument, clock.Last, clock.Previous, row);
    }

    /// <summary>A row at a time between events: everything applied so far lies before it.</summary>
    public void WriteRowAt(int instrument, long time, Span<float> row) => Write(instrument, time, _clocks[instrument].Last, row);

    /// <inheritdoc/>
    public void Dispose() => _clocks.Dispose();

    private void Write(int instrument, long time, long previous, Span<float> row)
    {
        _set.Windows.Advance(instrument, time);
        ref InstrumentClock clock = ref _clocks[instrument];
        _view.Fill(_books, instrument, time, previous, Math.Max(clock.LastGap, _venueGap[(int)clock.Venue]));
        foreach ((Families.FeatureFamily family, int offset, int count) in _families)
        {
            family.Write(_view, row.Slice(offset, count));
        }

        CanonicalBits.Apply(row);
    }

    private void Trade(in MarketEvent e, long time)
    {
        if ((e.Flags & EventFlags.NonPrintable) != 0 || e.Quantity <= 0)
        {
            return;
        }

        bool buy;
        if (e.Kind == EventKind.Execute || VenueTraits.NamesResting(e))
        {
            buy = e.Side == Side.Sell;
        }
        else if (VenueTraits.NamesAggressor(e.Venue) && e.Side != Side.None)
        {
            buy = e.Side == Side.Buy;
        }
        else if (e.Side == Side.None || e.Price <= 0 || !TryClassify(e, out buy))
        {
            UnclassifiedTrades++;
            return;
        }

        _set.Windows.Add(e.Instrument, time, buy, e.Quantity);
    }

    /// <summary>A trade away from the visible book: above the mid-price a buyer was the aggressor, below it a seller.
    /// (The side that ITCH prints for hidden trades is always `B`.)</summary>
    private bool TryClassify(in MarketEvent e, out bool buy)
    {
        buy = false;
        if (_books.Top(e.Instrument, Side.Sell, _price, _quantity) == 0)
        {
            return false;
        }

        long twiceMid = _price[0];
        if (_books.Top(e.Instrument, Side.Buy, _price, _quantity) == 0)
        {
            return false;
        }

        twiceMid += _price[0];
        buy = 2 * e.Price > twiceMid;
        return 2 * e.Price != twiceMid;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 8, Size = 40)]
    private struct InstrumentClock
    {
        public long Last;
        public long Previous;
        public long Events;
        public long LastGap;
        public Venue Venue;

        /// <summary>Something changed since the venue's last complete event.</summary>
        public bool Changed;
    }
}
