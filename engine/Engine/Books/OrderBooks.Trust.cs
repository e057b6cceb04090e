using System.Runtime.CompilerServices;
using Engine.Core.Events;

namespace Engine.Books;

/// <content>Which books can be believed: sessions, gaps, contradictions.</content>
public sealed unsafe partial class OrderBooks
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTouch(in MarketEvent e) =>
        (uint)e.Instrument < (uint)_instruments && _heads[e.Instrument].Known || TryOpen(e);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryOpen(in MarketEvent e)
    {
        if ((uint)e.Instrument >= (uint)_headBuffer.Length)
        {
            return false;
        }

        _instruments = Math.Max(_instruments, e.Instrument + 1);
        _heads[e.Instrument].Known = true;
        _heads[e.Instrument].Venue = e.Venue;
        _heads[e.Instrument].Trust = _venueTrust[(int)e.Venue];
        return true;
    }

    /// <summary>After a change: is the book crossed, is it good, is a full state due.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Settle(ref MarketEvent e)
    {
        BookHead* head = _heads + e.Instrument;
        UpdateCrossed(head);
        CrossedEvents += head->Crossed ? 1 : 0;
        if (head->Trust != BookTrust.Good)
        {
            e.Flags |= EventFlags.BookSuspect;
        }

        if (_digest.Events >= _nextFullState)
        {
            _nextFullState = _digest.Events + FullStateEvery;
            FoldState(e.Instrument);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void UpdateCrossed(BookHead* head)
    {
        // SAFETY: the head is in the table; Count > 0 makes the last rung live.
        head->Crossed = head->Bid.Count > 0 && head->Ask.Count > 0
            && _ladders.Of(head->Bid)[head->Bid.Count - 1].Key + _ladders.Of(head->Ask)[head->Ask.Count - 1].Key >= 0;
    }

    /// <summary>An event that did not apply makes a good book suspect; a recovering one is expected to miss orders.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refuse(ref MarketEvent e, BookStatus status)
    {
        if (!TryTouch(e))
        {
            return;
        }

        ref BookTrust trust = ref _heads[e.Instrument].Trust;
        if (status != BookStatus.NotABookEvent && (!IsExpectedWhileRecovering(status) || trust == BookTrust.Good))
        {
            trust = BookTrust.Suspect;
            UpdateCrossed(_heads + e.Instrument);
        }

        if (trust != BookTrust.Good)
        {
            e.Flags |= EventFlags.BookSuspect;
        }
    }

    /// <summary>
    /// An event of an instrument that the run does not follow: only a session's start counts, for its venue. An instrument that the
    /// feed has not named yet is not followed either (whether it will be wanted is not known), but its messages that name orders are
    /// counted where every instrument is wanted.
    /// </summary>
    /// <param name="e">The event.</param>
    /// <param name="unnamed">The instrument is not followed because it has no name yet.</param>
    public void Pass(in MarketEvent e, bool unnamed)
    {
        if ((e.Flags & EventFlags.SessionStart) != 0)
        {
            StartVenue(e.Venue, BookTrust.Good);
        }

        if (unnamed && e.Instrument != MarketEvent.NoInstrument
            && e.Kind is (EventKind.Execute or EventKind.Cancel or EventKind.Delete or EventKind.Replace or EventKind.Modify))
        {
            MarketEvent only = e;
            only.Flags &= ~EventFlags.SessionStart;
            Apply(ref only);
        }
    }

    private static bool IsExpectedWhileRecovering(BookStatus status) =>
        status is BookStatus.UnknownOrder or BookStatus.SidelessOrder or BookStatus.UnknownLevel;

    private BookStatus Distrust(in MarketEvent e)
    {
        if (e.Instrument != MarketEvent.AllInstruments)
        {
            if (TryTouch(e))
            {
                _heads[e.Instrument].Trust = BookTrust.Suspect;
            }

            return BookStatus.NotABookEvent;
        }

        _venueTrust[(int)e.Venue] = BookTrust.Suspect;
        for (int i = 0; i < _instruments; i++)
        {
            if (_heads[i].Known && _heads[i].Venue == e.Venue)
            {
                _heads[i].Trust = BookTrust.Suspect;
            }
        }

        return BookStatus.NotABookEvent;
    }

    private BookStatus Clear(in MarketEvent e)
    {
        if (e.Instrument == MarketEvent.AllInstruments)
        {
            StartVenue(e.Venue, BookTrust.Recovering);
        }
        else if (TryTouch(e))
        {
            Empty(e.Instrument);
            _sideless.Forget(e.Instrument);
            _heads[e.Instrument].Trust = BookTrust.Recovering;
        }

        return BookStatus.NotABookEvent;
    }

    /// <summary>What follows is the whole book, or all books of the venue: what was there goes.</summary>
    private BookStatus BeginSnapshot(in MarketEvent e) =>
        e.Instrument == MarketEvent.AllInstruments && !VenueTraits.SnapshotsWholeVenue(e.Venue) ? BookStatus.NotABookEvent : Clear(e);

    /// <summary>The book is whole, if nothing in the snapshot contradicted it.</summary>
    private BookStatus EndSnapshot(in MarketEvent e)
    {
        if (e.Instrument != MarketEvent.AllInstruments)
        {
            if (TryTouch(e) && _heads[e.Instrument].Trust == BookTrust.Recovering)
            {
                _heads[e.Instrument].Trust = BookTrust.Good;
            }
        }
        else if (VenueTraits.SnapshotsWholeVenue(e.Venue) && _venueTrust[(int)e.Venue] == BookTrust.Recovering)
        {
            _venueTrust[(int)e.Venue] = BookTrust.Good;
            for (int i = 0; i < _instruments; i++)
            {
                if (_heads[i].Known && _heads[i].Venue == e.Venue && _heads[i].Trust == BookTrust.Recovering)
                {
                    _heads[i].Trust = BookTrust.Good;
                }
            }
        }

        return BookStatus.NotABookEvent;
    }

    private void StartVenue(Venue venue, BookTrust trust)
    {
        _venueTrust[(int)venue] = trust;
        _sideless.Forget(_heads, venue);
        for (int i = 0; i < _instruments; i++)
        {
            if (_heads[i].Known && _heads[i].Venue == venue)
            {
                Empty(i);
                _heads[i].Trust = trust;
            }
        }
    }

    private void Empty(int instrument)
    {
        foreach (Side side in (ReadOnlySpan<Side>)[Side.Buy, Side.Sell])
        {
            ref Ladder ladder = ref SideOf(instrument, side);
            while (ladder.Count > 0)
            {
                int level = _ladders.Of(ladder)[ladder.Count - 1].Level;
                if (_levels[level].Head == None)
                {
                    SetQuantity(level, (instrument << 1) | (side == Side.Sell ? 1 : 0), 0, EventKind.Clear);
                }
                else
                {
                    Remove(_levels[level].Head, EventKind.Clear);
                }
            }
        }

        _heads[instrument].Crossed = false;
    }
}
