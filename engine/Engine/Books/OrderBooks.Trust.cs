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
        Furnish(e.Instrument);
        _heads[e.Instrument].Open(e.Venue, _venueTrust[(int)e.Venue]);
        return true;
    }

    /// <summary>After a change: is the book crossed, is it good, is a full state due.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private BookStatus Settle(ref MarketEvent e, BookHead* head, int changes)
    {
        _changeCount = changes;
        ChangedSide = e.Side;
        _applied++;
        return NearLevels.MayMeet(head) || head->Doubt != 0 || _digest.Events >= _nextFullState ? SettleRare(ref e, head) : BookStatus.Applied;
    }

    /// <summary>The end of an event after which the book may be crossed, is not good, or its full state is due.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus SettleRare(ref MarketEvent e, BookHead* head)
    {
        Mark(ref e, head);
        if (_digest.Events >= _nextFullState)
        {
            _nextFullState = _digest.Events + FullStateEvery;
            FoldState(e.Instrument);
        }

        return BookStatus.Applied;
    }

    /// <summary>After a change to a book that may be crossed or is not good.</summary>
    private void Mark(ref MarketEvent e, BookHead* head)
    {
        if (head->Loose || NearLevels.MayMeet(head))
        {
            Loosen(e.Instrument << 1);
            CrossedEvents += Meet(e.Instrument) ? 1 : 0;
        }

        if (head->Trust != BookTrust.Good)
        {
            e.Flags |= EventFlags.BookSuspect;
        }
    }

    /// <summary>An event that did not apply makes a good book suspect; a recovering one is expected to miss orders.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private BookStatus Refuse(ref MarketEvent e, BookStatus status)
    {
        status = status == BookStatus.UnknownOrder ? _sideless.Apply(ref e, _index) : status;
        _byStatus[(int)status]++;
        _changeCount = 0;
        ChangedSide = Side.None;
        if (!TryTouch(e))
        {
            return status;
        }

        ref BookTrust trust = ref _heads[e.Instrument].Trust;
        if (status != BookStatus.NotABookEvent && (!IsExpectedWhileRecovering(status) || trust == BookTrust.Good))
        {
            trust = BookTrust.Suspect;
        }

        if (trust != BookTrust.Good)
        {
            e.Flags |= EventFlags.BookSuspect;
        }

        return status;
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

    private void Distrust(in MarketEvent e)
    {
        if (e.Instrument != MarketEvent.AllInstruments)
        {
            if (TryTouch(e))
            {
                _heads[e.Instrument].Trust = BookTrust.Suspect;
            }

            return;
        }

        _venueTrust[(int)e.Venue] = BookTrust.Suspect;
        for (int i = 0; i < _instruments; i++)
        {
            if (_heads[i].Known && _heads[i].Venue == e.Venue)
            {
                _heads[i].Trust = BookTrust.Suspect;
            }
        }
    }

    private void Clear(in MarketEvent e)
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
    }

    /// <summary>What follows is the whole book, or all books of the venue: what was there goes.</summary>
    private void BeginSnapshot(in MarketEvent e)
    {
        if (e.Instrument != MarketEvent.AllInstruments || VenueTraits.SnapshotsWholeVenue(e.Venue))
        {
            Clear(e);
        }
    }

    /// <summary>The book is whole, if nothing in the snapshot contradicted it.</summary>
    private void EndSnapshot(in MarketEvent e)
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
        for (int side = instrument << 1; side <= (instrument << 1) + 1; side++)
        {
            while (SideAt(side)->Count > 0)
            {
                // SAFETY: the best level is live; the neighbour of a level with orders is its oldest.
                int slot = BestLevel(side);
                Level* level = LevelAt(slot);
                if (level->Count == 0)
                {
                    SetQuantity(slot, 0, EventKind.Clear);
                }
                else
                {
                    int oldest = level->Next;
                    Reduce(oldest, OrderAt(oldest)->Quantity, EventKind.Clear);
                }
            }
        }
    }
}
