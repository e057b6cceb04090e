using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Feeds.Captures;
using Engine.Feeds.Instruments;

namespace Engine.Feeds.Dbn;

/// <content>What a record does to a book: order by order (mbo), or as its whole top (mbp-10).</content>
internal sealed unsafe partial class DbnDecoder
{
    private void Order(
        InstrumentSlot* slot, DbnState* state, byte* at, byte action, Side side, byte flags, ref MarketEvent like, MarketEvent* events,
        ref RecordEvents record)
    {
        bool isClear = action == 'R';
        bool isFirst = false;
        if (isClear || action is (byte)'A' or (byte)'C' or (byte)'M')
        {
            isFirst = !state->IsSeen && !state->IsMoved;
            if (!isClear && (!state->IsSeen || state->IsMoved))
            {
                Synthetic(EventKind.Clear, like, events, ref record);
            }

            Start(state);
        }

        if (isClear)
        {
            state->IsBad = false;
            state->Bids = state->Asks = 0;
            _fills.Forget(like.Instrument);
        }
        else
        {
            Doubt(state, (flags & DbnLayouts.MaybeBadBook) != 0, like, events, ref record);
        }

        // SAFETY: the record is at least as long as its type's layout, here and below.
        ulong id = Unsafe.ReadUnaligned<ulong>(at + 16);
        like.OrderId = id == 0 ? 0 : OrderIdSpace.Of(id, like.Instrument);
        if (action is (byte)'A' or (byte)'M')
        {
            _fills.Drop(like);
        }

        bool isLevel = (flags & (DbnLayouts.TopOfBook | DbnLayouts.PriceLevel)) != 0;
        switch (action)
        {
            case (byte)'A' or (byte)'M' or (byte)'C' when isLevel:
                Level(slot, state, action, side, flags, ref like, events, ref record);
                break;
            case (byte)'A' when side == Side.None:
                statistics.BadSide++;
                break;
            case (byte)'A':
                Plain(EventKind.Add, side, like, events, ref record);
                break;
            case (byte)'M':
                Plain(EventKind.Modify, side, like, events, ref record);
                break;
            case (byte)'C':
                Cancel(state, side, ref like, events, ref record);
                break;
            case (byte)'R' when isFirst:
                Plain(EventKind.Status, Side.None, like, events, ref record);
                break;
            case (byte)'R':
                Plain(EventKind.Clear, Side.None, like, events, ref record);
                Plain(EventKind.SnapshotEnd, Side.None, like, events, ref record);
                break;
            case (byte)'T':
                Plain(EventKind.Trade, side, like, events, ref record);
                break;
            case (byte)'F' or (byte)'N':
                Plain(EventKind.Status, side, like, events, ref record);
                if (action == 'F' && !isLevel)
                {
                    _fills.Add(like, state->Ended);
                }

                break;
            default:
                statistics.BadActions++;
                break;
        }

        state->Ended += (flags & DbnLayouts.Last) == 0 ? 0u : 1;
    }

    /// <summary>Quantity leaves an order: what a fill of the same event said before traded, the rest was cancelled.</summary>
    private void Cancel(DbnState* state, Side side, ref MarketEvent like, MarketEvent* events, ref RecordEvents record)
    {
        long filled = _fills.Take(like, state->Ended);
        if (filled > 0)
        {
            MarketEvent execution = like;
            execution.Quantity = filled;
            execution.Flags |= EventFlags.NonPrintable;
            Plain(EventKind.Execute, side, execution, events, ref record);
            like.Quantity -= filled;
        }

        if (filled == 0 || like.Quantity > 0)
        {
            Plain(EventKind.Cancel, side, like, events, ref record);
        }
    }

    /// <summary>An order that stands for a level: its side's best and only one, or (not read) one of many.</summary>
    private void Level(
        InstrumentSlot* slot, DbnState* state, byte action, Side side, byte flags, ref MarketEvent like, MarketEvent* events,
        ref RecordEvents record)
    {
        if (side == Side.None)
        {
            statistics.BadSide++;
            return;
        }

        if ((flags & DbnLayouts.TopOfBook) == 0)
        {
            statistics.LevelRecords++;
            Doubt(state, true, like, events, ref record);
            Plain(EventKind.Status, side, like, events, ref record);
            return;
        }

        KnownLevels known = instruments.Known(slot);
        _diff.Begin();
        _diff.Keep(known, side == Side.Buy ? Side.Sell : Side.Buy);
        if (action != 'C' && like.Price != MarketEvent.Absent && like.Quantity > 0)
        {
            _diff.Add(side, like.Price, like.Quantity);
        }

        Levels(state, ref known, side, ref like, events, ref record, true);
    }

    private void Top(
        InstrumentSlot* slot, DbnState* state, byte* at, byte action, Side side, byte flags, ref MarketEvent like, MarketEvent* events,
        ref RecordEvents record)
    {
        if (action is not ((byte)'A' or (byte)'C' or (byte)'M' or (byte)'R' or (byte)'T' or (byte)'F' or (byte)'N'))
        {
            statistics.BadActions++;
            return;
        }

        if (state->IsMoved || (action == 'R' && state->IsBad))
        {
            state->IsBad = false;
            state->Bids = state->Asks = 0;
            Synthetic(EventKind.Clear, like, events, ref record);
            Synthetic(EventKind.SnapshotEnd, like, events, ref record);
        }

        Start(state);
        if (action != 'R')
        {
            Doubt(state, (flags & DbnLayouts.MaybeBadBook) != 0, like, events, ref record);
        }

        KnownLevels known = instruments.Known(slot);
        _diff.Begin();
        for (byte* level = at + DbnLayouts.FirstLevel; level < at + DbnLayouts.Mbp10Length; level += DbnLayouts.LevelBytes)
        {
            Add(Side.Buy, Unsafe.ReadUnaligned<long>(level), Unsafe.ReadUnaligned<uint>(level + 16));
            Add(Side.Sell, Unsafe.ReadUnaligned<long>(level + 8), Unsafe.ReadUnaligned<uint>(level + 20));
        }

        Levels(state, ref known, side, ref like, events, ref record, action != 'T');
        if (action == 'T')
        {
            Plain(EventKind.Trade, side, like, events, ref record);
        }

        statistics.UnsortedLevels = _diff.Unsorted;
    }

    private void Levels(
        DbnState* state, ref KnownLevels known, Side side, ref MarketEvent like, MarketEvent* events, ref RecordEvents record, bool repeats)
    {
        like.OrderId = 0;
        int written = _diff.Write(ref known, like, events + record.Count);
        (state->Bids, state->Asks) = (known.Bids, known.Asks);
        if (written == 0 && repeats)
        {
            _diff.Repeat(known, side, like, events + record.Count);
            written = 1;
        }

        record.Count += written;
    }

    private void Add(Side side, long price, uint size)
    {
        if (price != DbnLayouts.NoPrice && size is not (0 or DbnLayouts.NoSize))
        {
            _diff.Add(side, price, size);
        }
    }

    /// <summary>The first record of the source that concerns a book: all books are empty, and known to be.</summary>
    private void Start(DbnState* state)
    {
        state->IsSeen = true;
        state->IsMoved = false;
        _starts |= !_started;
        _started = true;
    }

    /// <summary>Where a book may be bad, a gap of unknown size says so: once, until it is said to be good again.</summary>
    private static void Doubt(DbnState* state, bool isBad, in MarketEvent like, MarketEvent* events, ref RecordEvents record)
    {
        if (isBad && !state->IsBad)
        {
            Synthetic(EventKind.Gap, like, events, ref record);
        }

        state->IsBad = isBad;
    }
}
