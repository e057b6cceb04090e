using System.Runtime.CompilerServices;
using Engine.Books;
using Engine.Core.Events;

namespace Engine.Features;

/// <content>Trades: who was the aggressor, and which windows they enter.</content>
public sealed unsafe partial class FeatureBuilder
{
    private const int ShortagesASweep = 64;

    private long _shortages;

    private void Trade(InstrumentHead* block, in MarketEvent e)
    {
        if ((e.Flags & EventFlags.NonPrintable) != 0 || e.Quantity <= 0)
        {
            return;
        }

        if (e.Quantity > OrderBooks.LargestLevel)
        {
            UnclassifiedTrades++;
            return;
        }

        // SAFETY: the block is the event's instrument's: OnEvent.
        bool buy;
        if (e.Kind == EventKind.Execute || VenueTraits.NamesResting(e))
        {
            buy = e.Side == Side.Sell;
        }
        else if (VenueTraits.NamesAggressor(e.Venue) && e.Side != Side.None)
        {
            buy = e.Side == Side.Buy;
        }
        else if (e.Side == Side.None || e.Price <= 0 || block->TwiceMid == 0 || 2 * e.Price == block->TwiceMid)
        {
            UnclassifiedTrades++;
            return;
        }
        else
        {
            // A trade away from the visible book: above the mid-price a buyer was the aggressor, below it a seller. (The side that ITCH
            // prints for hidden trades is always `B`.)
            buy = 2 * e.Price > block->TwiceMid;
        }

        if (_trades is not null)
        {
            if (_trades.IsShort(e.Instrument))
            {
                FreeTrades();
            }

            _plan.Traded.Write((byte*)block, _trades, e.Instrument, _trades.Add(e.Instrument, block->Last, buy, e.Quantity));
            block->TradeExpiry = _trades.NextExpiry(e.Instrument);
        }

        block->LastTrade = block->Last;
        _plan.Pressure?.Traded(block, buy, e.Quantity);
    }

    /// <summary>The pool of trades is used up: every instrument gives back what has left its windows. Only events decide when and what.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FreeTrades()
    {
        for (int i = 0; _shortages % ShortagesASweep == 0 && i < _instruments; i++)
        {
            // SAFETY: the instruments seen so far have blocks.
            InstrumentHead* block = _blocks.Of(i);
            if (block->Events > 0)
            {
                block->Dirty |= _trades!.Release(i, block->Last) != 0 ? _traded : 0;
            }
        }

        _shortages++;
    }
}
