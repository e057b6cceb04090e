using System.Numerics;
using System.Runtime.CompilerServices;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Features;

/// <summary>
/// Follows the events of every instrument and makes rows of raw features. The only feature code there is: live, replay,
/// `engine features` and dataset building all run this. An event updates what it touches (clocks, best levels, sums); a row writes the
/// columns that may differ since the row before.
/// </summary>
public sealed unsafe partial class FeatureBuilder : IDisposable
{
    private readonly OrderBooks _books;
    private readonly FeatureSet _set;
    private readonly InstrumentBlocks _blocks;
    private readonly InstrumentEvent _event;
    private readonly TradeWindows? _trades;
    private readonly FamilyPlan _plan;
    private readonly ulong _bidLevels, _askLevels, _bidPrices, _askPrices, _mid, _traded, _reference, _funding, _timed;
    private readonly long[] _venueGap = new long[256];
    private int _instruments;

    /// <param name="books">The books that events were applied to before they come here.</param>
    /// <param name="set">The families.</param>
    /// <param name="limits">Bound of instruments.</param>
    public FeatureBuilder(OrderBooks books, FeatureSet set, EngineLimits limits)
    {
        _books = books;
        _set = set;
        _trades = set.Windows;
        _plan = set.Layout.Plan;
        (_bidLevels, _askLevels) = (Readers(Signals.BidLevels), Readers(Signals.AskLevels));
        (_bidPrices, _askPrices) = (Readers(Signals.BidPrices), Readers(Signals.AskPrices));
        (_mid, _traded) = (Readers(Signals.Mid), Readers(Signals.Traded));
        (_reference, _funding, _timed) = (Readers(Signals.Reference), Readers(Signals.FundingTime), Readers(Signals.Time));
        _blocks = new InstrumentBlocks(set.Layout, limits.Instruments);
        _event = new InstrumentEvent { Books = books };
        Array.Fill(_venueGap, MarketEvent.Absent);
    }

    /// <summary>Features in a row.</summary>
    public int Count => _set.Contract.Count;

    /// <summary>Events whose exchange time lay before an earlier one of the same instrument; they count as at that earlier time.</summary>
    public long TimeReversals { get; private set; }

    /// <summary>Events whose exchange time can be none (<see cref="IsTime"/>); they count as at the time that their instrument has, 0 before any.</summary>
    public long TimesOutOfRange { get; private set; }

    /// <summary>Trades whose aggressor could not be told (at the mid-price, no price, no touch, or no side), or of more than
    /// <see cref="OrderBooks.LargestLevel"/>; they enter no window.</summary>
    public long UnclassifiedTrades { get; private set; }

    /// <summary>Trades that left their windows early because the pool was full.</summary>
    public long EvictedTrades => _trades?.EvictedTrades ?? 0;

    /// <summary>Asks for the memory that <see cref="OnEvent"/> will need for this instrument.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int instrument) => _blocks.Prefetch(instrument);

    /// <summary>Takes note of an event after it was applied to the books.</summary>
    /// <returns>Whether it may make a row: what the venue calls one event is complete with it, and in that event the book of the instrument
    /// changed or a trade happened. Events of a snapshot make none, enter no window and move no clock.</returns>
    public bool OnEvent(in MarketEvent e, BookStatus status)
    {
        if ((uint)e.Instrument >= (uint)_blocks.Count)
        {
            OnVenue(e);
            return false;
        }

        // SAFETY: the instrument is below the blocks' count, and blocks live as long as this object.
        InstrumentHead* block = _blocks.Of(e.Instrument);
        if (!block->Known)
        {
            _instruments = Math.Max(_instruments, e.Instrument + 1);
            _blocks.Start(block, e.Venue);
        }

        if (e.Kind >= EventKind.IndexPrice)
        {
            Refer(block, e);
        }

        // A snapshot tells what was; its times may lie far back, and nothing happens by it.
        if ((e.Flags & EventFlags.FromSnapshot) != 0)
        {
            ResetVenue(e, e.Instrument);
            ReloadIfChanged(block, e.Instrument);
            return false;
        }

        long time = MovesClock(e) ? AdvanceClock(block, e) : KeepClock(block, e);
        if ((e.Flags & EventFlags.SessionStart) != 0)
        {
            ResetVenue(e, e.Instrument);
            Empty(block, e.Instrument);
        }

        _event.Begin(block, e.Instrument, time);
        bool changes = status == BookStatus.Applied;
        if (e.Kind is EventKind.Trade || (e.Kind is EventKind.Execute && changes))
        {
            Trade(block, e);
            changes = true;
        }

        ReadOnlySpan<LevelChange> levels = _books.Changes;
        if (block->Version + (uint)levels.Length != _books.Version(e.Instrument))
        {
            Reload(block, e.Instrument);
        }
        else if (levels.Length > 0)
        {
            Follow(block, levels);
        }

        if (changes)
        {
            _plan.Activity?.Happened((byte*)block);
            block->Changed = true;
        }

        if ((e.Flags & EventFlags.LastOfEvent) == 0)
        {
            return false;
        }

        bool complete = block->Changed;
        block->Changed = false;
        return complete;
    }

    /// <summary>Takes note of an event that the books did not follow: only a session's start counts, for its venue.</summary>
    public void OnPassed(in MarketEvent e) => ResetVenue(e, MarketEvent.NoInstrument);

    /// <summary>Exchange time of the instrument's last event, never running backwards, ns.</summary>
    public long LastTime(int instrument) => _blocks.Of(instrument)->Last;

    /// <summary>Whether the instrument had an event.</summary>
    public bool HasEvents(int instrument) => (uint)instrument < (uint)_blocks.Count && _blocks.Of(instrument)->Events > 0;

    /// <summary>The venue of an instrument's first event. Only with <see cref="HasEvents"/>.</summary>
    public Venue VenueOf(int instrument) => _blocks.Of(instrument)->Venue;

    /// <summary>A row after the instrument's last event.</summary>
    /// <param name="instrument">Index of the instrument.</param>
    /// <returns>The raw features, <see cref="Count"/> long; valid until the instrument's next event.</returns>
    public ReadOnlySpan<float> Row(int instrument)
    {
        InstrumentHead* block = _blocks.Of(instrument);
        return Write(block, instrument, block->Last, block->Previous);
    }

    /// <summary>A row at a time between events: everything applied so far lies before it.</summary>
    public ReadOnlySpan<float> RowAt(int instrument, long time)
    {
        InstrumentHead* block = _blocks.Of(instrument);
        return Write(block, instrument, time, block->Last);
    }

    /// <inheritdoc/>
    public void Dispose() => _blocks.Dispose();

    /// <summary>Whether an event's time is its instrument's time from there on. One that the venue did not give does so only where something
    /// happened then: what a feed without exchange times tells has no other. A gap, a status or a clear comes at the time that the instrument has.</summary>
    public static bool MovesClock(in MarketEvent e) =>
        (e.Flags & EventFlags.BadExchangeTime) == 0 || e.Kind is (>= EventKind.Add and <= EventKind.Trade) or >= EventKind.IndexPrice;

    /// <summary>Whether a time can be one that clocks and windows go to: not before the epoch, and hours before a long ends.</summary>
    public static bool IsTime(long nanos) => (ulong)nanos <= WindowTable.LatestTime;

    private long KeepClock(InstrumentHead* block, in MarketEvent e)
    {
        if (e.Kind == EventKind.Gap && block->Events > 0)
        {
            block->LastGap = Math.Max(block->LastGap, block->Last);
        }

        return block->Last;
    }

    private long AdvanceClock(InstrumentHead* block, in MarketEvent e)
    {
        long told = e.ExchangeTime;
        if (!IsTime(told))
        {
            TimesOutOfRange++;
            told = block->Last;
        }

        long time = told;
        if (block->Events == 0)
        {
            block->Previous = time;
            block->Venue = e.Venue;
            _blocks.StartWindows(block, time);
        }
        else
        {
            if (time < block->Last)
            {
                TimeReversals++;
                time = block->Last;
            }

            block->Previous = block->Last;
            _blocks.Advance(block, time, isEvent: true);
        }

        block->Last = time;
        block->Events++;
        if (e.Kind == EventKind.Gap)
        {
            block->LastGap = Math.Max(block->LastGap, told);
        }

        return time;
    }

    private ReadOnlySpan<float> Write(InstrumentHead* block, int instrument, long time, long previous)
    {
        if (time >= block->TradeExpiry)
        {
            Expire(block, instrument, time);
        }

        _blocks.Advance(block, time, isEvent: false);
        ulong dirty = block->Dirty | _timed | (block->FundingTime == MarketEvent.Absent ? 0 : _funding);
        var view = new InstrumentView(block, instrument, time)
        {
            PreviousEventTime = previous,
            LastGapTime = Math.Max(block->LastGap, _venueGap[(int)block->Venue]),
            Trust = _books.Trust(instrument),
        };
        Span<float> row = _blocks.Row(block);
        _plan.Write(dirty, view, row);
        block->Dirty = 0;
        return row;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Expire(InstrumentHead* block, int instrument, long time)
    {
        _plan.Traded.Write((byte*)block, _trades!, instrument, _trades!.Advance(instrument, time));
        block->TradeExpiry = _trades.NextExpiry(instrument);
    }

    private ulong Readers(Signals signal) => _set.Layout.Readers[BitOperations.TrailingZeroCount((uint)signal)];

    private void Refer(InstrumentHead* block, in MarketEvent e)
    {
        block->Dirty |= _reference;
        switch (e.Kind)
        {
            case EventKind.IndexPrice:
                block->IndexPrice = e.Price;
                break;
            case EventKind.MarkPrice:
                block->MarkPrice = e.Price;
                break;
            default:
                block->FundingRate = e.Price;
                block->FundingTime = e.Quantity;
                break;
        }
    }
}
