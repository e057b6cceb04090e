using Engine.Core.Events;

namespace Engine.Features;

/// <content>Trades: who was the aggressor, and which windows they enter.</content>
public sealed unsafe partial class FeatureBuilder
{
    private void Trade(InstrumentHead* block, in MarketEvent e)
    {
        if ((e.Flags & EventFlags.NonPrintable) != 0 || e.Quantity <= 0)
        {
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
            MarkTrades(block, _trades.Add(e.Instrument, block->Last, buy, e.Quantity));
            block->TradeExpiry = _trades.NextExpiry(e.Instrument);
        }

        block->LastTrade = block->Last;
        (_event.IsBuy, _event.Quantity) = (buy, e.Quantity);
        _plan.Pressure?.Traded(_event);
    }
}
