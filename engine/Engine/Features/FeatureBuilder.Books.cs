using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Books;
using Engine.Core.Events;

namespace Engine.Features;

/// <content>Keeps the best levels beside the books, and tells families what flowed.</content>
public sealed unsafe partial class FeatureBuilder
{
    /// <summary>An event that names no instrument of the table.</summary>
    private void OnVenue(in MarketEvent e)
    {
        bool isVenueWide = e.Instrument == MarketEvent.AllInstruments;
        if (isVenueWide && e.Kind == EventKind.Gap)
        {
            ref long gap = ref _venueGap[(int)e.Venue];
            bool moves = MovesClock(e);
            bool isTimed = moves && IsTime(e.ExchangeTime);
            TimesOutOfRange += moves && !isTimed ? 1 : 0;
            gap = Math.Max(gap, isTimed ? e.ExchangeTime : LatestTime(e.Venue));
        }

        if ((e.Flags & EventFlags.SessionStart) != 0 || (isVenueWide && e.Kind is EventKind.Clear or EventKind.SnapshotBegin))
        {
            ReloadVenue(e.Venue, MarketEvent.NoInstrument);
        }
    }

    /// <summary>The latest time of a venue's instruments; <see cref="MarketEvent.Absent"/> where none had an event.</summary>
    private long LatestTime(Venue venue)
    {
        long latest = MarketEvent.Absent;
        for (int i = 0; i < _instruments; i++)
        {
            // SAFETY: as ReloadVenue.
            InstrumentHead* block = _blocks.Of(i);
            latest = block->Events > 0 && block->Venue == venue ? Math.Max(latest, block->Last) : latest;
        }

        return latest;
    }

    /// <summary>Where an event begins a session, every book of its venue was emptied before it was applied.</summary>
    /// <param name="e">The event.</param>
    /// <param name="own">Its instrument, which is left alone.</param>
    private void ResetVenue(in MarketEvent e, int own)
    {
        if ((e.Flags & EventFlags.SessionStart) != 0)
        {
            ReloadVenue(e.Venue, own);
        }
    }

    private void ReloadVenue(Venue venue, int except)
    {
        for (int i = 0; i < _instruments; i++)
        {
            InstrumentHead* block = _blocks.Of(i);
            if (i != except && block->Known && block->Venue == venue)
            {
                ReloadIfChanged(block, i);
            }
        }
    }

    private void ReloadIfChanged(InstrumentHead* block, int instrument)
    {
        if (block->Version != _books.Version(instrument))
        {
            Reload(block, instrument);
        }
    }

    /// <summary>Reads the levels anew: what changed them is no flow.</summary>
    private void Reload(InstrumentHead* block, int instrument)
    {
        // SAFETY: as OnEvent; every block comes from there, or from the instruments seen so far.
        block->Bid.Read(_books, instrument, Side.Buy);
        block->Ask.Read(_books, instrument, Side.Sell);
        block->Version = _books.Version(instrument);
        RaiseReload(block, instrument);
    }

    /// <summary>The book was emptied before the changes of the event at hand.</summary>
    private void Empty(InstrumentHead* block, int instrument)
    {
        block->Bid.Clear();
        block->Ask.Clear();
        block->Version = _books.Version(instrument) - (uint)_books.Changes.Length;
        RaiseReload(block, instrument);
    }

    private void RaiseReload(InstrumentHead* block, int instrument)
    {
        _blocks.Open(block);
        _event.Begin(block, instrument, block->Last);
        _event.IsReload = true;
        _event.TwiceMidBefore = block->TwiceMid;
        block->TwiceMid = TwiceMid(block);
        (block->BidDepths, block->AskDepths) = (block->Bid.Depths, block->Ask.Depths);
        block->Dirty |= _bidLevels | _askLevels | _bidPrices | _askPrices;
        _plan.Queues?.Changed(_event, ask: false);
        _plan.Queues?.Changed(_event, ask: true);
        MoveMid(block);
        _event.IsReload = false;
    }

    private void MoveMid(InstrumentHead* block)
    {
        block->Dirty |= _mid;
        block->BasisPoints = 1e4 / block->TwiceMid;

        // An ask's key is minus its price.
        block->HalfSpread = (double)(-block->Ask.Key(0) - block->Bid.Key(0)) / block->TwiceMid;
        _plan.Return?.Moved(_event);
        _plan.Volatility?.Moved(_event);
    }

    private static long TwiceMid(InstrumentHead* block) =>
        block->Bid.IsEmpty || block->Ask.IsEmpty ? 0 : block->Bid.Key(0) - block->Ask.Key(0);

    /// <summary>Takes over what an event did to one side, and tells the families.</summary>
    private void Follow(InstrumentHead* block, ReadOnlySpan<LevelChange> changes)
    {
        bool ask = _books.ChangedSide == Side.Sell;
        ref TopLevels top = ref ask ? ref block->Ask : ref block->Bid;
        _event.Ask = ask;
        ref readonly LevelChange change = ref MemoryMarshal.GetReference(changes);
        if (changes.Length == 1 && TryShift(ref top, ask ? -change.Price : change.Price, change.Delta, out int rank))
        {
            block->Version++;
            Tell(block, ask, change, rank);
            if (rank < TopLevels.Depth)
            {
                long delta = change.Delta;
                block->Dirty |= ask ? _askLevels : _bidLevels;
                if (_plan.ReadsDepths)
                {
                    (ask ? ref block->AskDepths : ref block->BidDepths) += TopLevels.DepthsOf(rank, delta);
                }

                _plan.Volumes(ask)?.Changed(block, rank, top.Quantity(rank));
                _plan.OrderFlow?.Changed((byte*)block, rank, ask ? -delta : delta);
                if (rank == 0)
                {
                    _plan.Queues?.Changed(_event, ask);
                }
            }

            return;
        }

        Restructure(block, ref top, changes);
    }

    /// <summary>A change that leaves the levels where they are: of the quantity of one, or of a level behind those held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryShift(ref TopLevels top, long key, long delta, out int rank)
    {
        rank = top.RankOf(key);
        if (rank == TopLevels.Depth)
        {
            return true;
        }

        if (top.Key(rank) != key || top.Quantity(rank) + delta == 0)
        {
            return false;
        }

        top.Add(rank, delta);
        return true;
    }

    /// <summary>Levels may have come or gone: what moves up from behind is read from the book.</summary>
    private void Restructure(InstrumentHead* block, ref TopLevels top, ReadOnlySpan<LevelChange> changes)
    {
        (int instrument, bool ask) = (_event.Instrument, _event.Ask);
        _event.Before = top;
        _event.TwiceMidBefore = block->TwiceMid;
        int known = TopLevels.Depth;
        foreach (ref readonly LevelChange change in changes)
        {
            known = top.Take(ask ? -change.Price : change.Price, change.Delta, ref known) ? known : 0;
        }

        if (known < TopLevels.Depth)
        {
            top.Read(_books, instrument, ask ? Side.Sell : Side.Buy, known);
        }

        block->Version += (uint)changes.Length;
        block->TwiceMid = TwiceMid(block);
        if (_plan.ReadsDepths)
        {
            (ask ? ref block->AskDepths : ref block->BidDepths) = top.Depths;
        }

        foreach (ref readonly LevelChange change in changes)
        {
            long key = ask ? -change.Price : change.Price;
            Tell(block, ask, change, change.Delta < 0 ? _event.Before.RankOf(key) : top.RankOf(key));
        }

        block->Dirty |= ask ? _askLevels | _askPrices : _bidLevels | _bidPrices;
        _plan.OrderFlow?.Restructured(_event);
        _plan.Queues?.Changed(_event, ask);
        if (top.Key(0) != _event.Before.Key(0))
        {
            (ask ? ref block->LastAskMove : ref block->LastBidMove) = _event.Time;
        }

        if (block->TwiceMid != _event.TwiceMidBefore)
        {
            MoveMid(block);
        }
    }

    /// <summary>Tells what one change was.</summary>
    /// <param name="block">The instrument.</param>
    /// <param name="ask">The ask side; otherwise the bid side.</param>
    /// <param name="change">The change.</param>
    /// <param name="rank">Its rank: before the event for what was taken away, after it for what was added; <see cref="TopLevels.Depth"/>
    /// where it lies behind the levels held.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Tell(InstrumentHead* block, bool ask, in LevelChange change, int rank)
    {
        // SAFETY: as OnEvent.
        if (change.Cause != ChangeCause.Executed)
        {
            bool added = change.Cause == ChangeCause.Added;
            long quantity = Math.Abs(change.Delta);
            _plan.Liquidity(ask, added)?.Flowed((byte*)block, rank, quantity);
            if (!added)
            {
                _plan.Pressure?.Removed(block, ask, rank, quantity);
            }
        }

        if (change.OrderLeft)
        {
            _plan.Lifetime?.Left(block, _event.Time, change);
        }
    }
}
