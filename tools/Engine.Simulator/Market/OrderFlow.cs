using Engine.Core.Numerics;

namespace Engine.Simulator.Market;

/// <summary>
/// Decides what each event of one instrument is. Quotes belong around the reference price r: bids at or below
/// ⌊r - s/2 + ½⌋, asks at or above that plus the usual spread s. Orders that r has left behind are taken or cancelled with
/// priority, which is how the book follows r. The felt pressure f = clamp(signal·x, ±3) tilts, with c = clamp(f, ±2):
/// <code>
///   P(new order is a bid)        = 0.5 + 0.14·c
///   P(cancelled order is an ask) = 0.5 + 0.10·c
///   P(market order buys)         = clamp(0.5 + 0.15·c + 0.15·(r - mid)/s, 0.08, 0.92)
///   size within a spread of the quote: × (1 + 0.55·clamp(±f, -1.5, 2)), + for bids
/// </code>
/// </summary>
public sealed class OrderFlow
{
    private const double AddWeight = 0.42, CancelWeight = 0.31, ReplaceWeight = 0.10, PartWeight = 0.04;
    private const double TakeWeight = 0.06, HiddenWeight = 0.012, BreakWeight = 0.00006;
    private const double StaleProbability = 0.35, StaleTakenProbability = 0.40;
    private const double NearCancelProbability = 0.75;
    private const double CalmMark = 0.92, TradeMark = 2.0;
    private const int TargetOrders = 170;
    private const int LevelsWalkedAtMost = 25;
    private const int QueueWalkedAtMost = 100;
    private const int StaleLevelsTakenAtMost = 4;
    private readonly InstrumentMarket _market;
    private readonly MatchingBook _book;
    private readonly PressureProcess _hidden;
    private readonly OrderDraws _draws;
    private readonly SeededRandom _random;
    private readonly int _spread;

    /// <param name="market">The instrument's market.</param>
    /// <param name="hidden">Its hidden state.</param>
    /// <param name="random">Its own draws.</param>
    public OrderFlow(InstrumentMarket market, PressureProcess hidden, SeededRandom random)
    {
        _market = market;
        _book = market.Book;
        _hidden = hidden;
        _random = random;
        _spread = market.Spec.SpreadTicks;
        _draws = new OrderDraws(market.Spec, random);
    }

    private double Tilt => Math.Clamp(_hidden.FeltPressure, -2, 2);

    private int BidAnchor => (int)Math.Floor(_hidden.ReferenceTicks - (0.5 * _spread) + 0.5);

    private int AskAnchor => BidAnchor + _spread;

    /// <summary>Does one event.</summary>
    /// <returns>How much it excites further ones, on average about 1.</returns>
    public double Step()
    {
        if (Math.Min(_book.BidCount, _book.AskCount) <= InstrumentMarket.LeastOrdersPerSide)
        {
            Place(_book.BidCount < _book.AskCount);
            return CalmMark;
        }

        bool asksAreStale = _book.BestAsk < AskAnchor;
        bool bidsAreStale = _book.BestBid > BidAnchor;
        if ((asksAreStale || bidsAreStale) && _random.Chance(StaleProbability))
        {
            return ClearStale(bidsAreStale);
        }

        double crowd = Math.Clamp((double)_book.LiveCount / TargetOrders, 0.1, 4);
        double cancel = CancelWeight * crowd;
        double u = _random.NextDouble() * (AddWeight + cancel + ReplaceWeight + PartWeight + TakeWeight + HiddenWeight + BreakWeight);
        if ((u -= AddWeight) < 0)
        {
            Place(_random.Chance(0.5 + (0.14 * Tilt)));
            return CalmMark;
        }

        if ((u -= cancel) < 0)
        {
            _market.Delete(PickForCancel());
            return CalmMark;
        }

        return StepRarer(u);
    }

    /// <summary>Displays one new order at a price drawn around the reference price.</summary>
    public void Place(bool isBuy)
    {
        int distance = _draws.Distance(isBuy ? _hidden.FeltPressure : -_hidden.FeltPressure);
        _market.Add(isBuy, PriceAt(isBuy, distance), SizeAt(isBuy, distance));
    }

    private double StepRarer(double u)
    {
        if ((u -= ReplaceWeight) < 0)
        {
            int slot = Pick(_random.Chance(0.5));
            bool isBuy = _book[slot].IsBuy;
            int distance = _draws.Distance(isBuy ? _hidden.FeltPressure : -_hidden.FeltPressure);
            _market.Replace(slot, PriceAt(isBuy, distance), SizeAt(isBuy, distance));
            return CalmMark;
        }

        if ((u -= PartWeight) < 0)
        {
            CancelPart();
            return CalmMark;
        }

        if ((u -= TakeWeight) < 0)
        {
            double gap = _hidden.ReferenceTicks - _market.MidTicks;
            bool buys = _random.Chance(Math.Clamp(0.5 + (0.15 * Tilt) + (0.15 * gap / _spread), 0.08, 0.92));
            TakeSome(buys);
            return TradeMark;
        }

        if (u - HiddenWeight < 0)
        {
            _market.TradeHidden(_draws.Size(1));
            return TradeMark;
        }

        _market.BreakLastTrade();
        return CalmMark;
    }

    // The side that the reference price has left behind: swept by an aggressor, or an order withdrawn by its owner.
    private double ClearStale(bool staleIsBuy)
    {
        if (!_random.Chance(StaleTakenProbability))
        {
            _market.Delete(PickAt(_book.Best(staleIsBuy)));
            return CalmMark;
        }

        int anchor = staleIsBuy ? BidAnchor + 1 : AskAnchor - 1;
        int shares = 0;
        int tick = _book.Best(staleIsBuy);
        for (int i = 0; i < StaleLevelsTakenAtMost && (staleIsBuy ? tick >= anchor : tick <= anchor); i++)
        {
            shares += _book.SharesAt(tick);
            tick = _book.NextWorse(staleIsBuy, tick);
        }

        _market.Take(!staleIsBuy, shares, anchor);
        return TradeMark;
    }

    // Mostly a size of its own within the best price, sometimes the whole level, sometimes into the next one.
    private void TakeSome(bool buys)
    {
        int best = _book.Best(!buys);
        double u = _random.NextDouble();
        if (u < 0.88)
        {
            _market.Take(buys, _draws.Size(1.3), best);
        }
        else if (u < 0.97)
        {
            _market.Take(buys, _book.SharesAt(best), best);
        }
        else
        {
            int next = _book.NextWorse(!buys, best);
            _market.Take(buys, _book.SharesAt(best) + _draws.Size(1), next);
        }
    }

    private void CancelPart()
    {
        int slot = Pick(_random.Chance(0.5));
        int shares = _book[slot].Shares;
        if (shares == 1)
        {
            _market.Delete(slot);
            return;
        }

        int lots = (shares - 1) / OrderDraws.RoundLot;
        int part = lots > 0 ? OrderDraws.RoundLot * (1 + _random.Next(lots)) : 1 + _random.Next(shares - 1);
        _market.CancelPart(slot, part);
    }

    private int PriceAt(bool isBuy, int distance)
    {
        int tick = isBuy ? Math.Min(BidAnchor - distance, _book.BestAsk - 1) : Math.Max(AskAnchor + distance, _book.BestBid + 1);
        return Math.Clamp(tick, 1, _book.LadderTicks - 1);
    }

    private int SizeAt(bool isBuy, int distance)
    {
        double felt = isBuy ? _hidden.FeltPressure : -_hidden.FeltPressure;
        return _draws.Size(distance <= _spread ? 1 + (0.55 * Math.Clamp(felt, -1.5, 2)) : 1);
    }

    private int PickForCancel()
    {
        bool isBuy = !_random.Chance(0.5 + (0.10 * Tilt));
        return _random.Chance(NearCancelProbability) ? Pick(isBuy) : _book.LiveSlot(_random.Next(_book.LiveCount));
    }

    // A live order near the touch: each next level is half as likely.
    private int Pick(bool isBuy)
    {
        int tick = _book.Best(isBuy);
        for (int i = 0; i < LevelsWalkedAtMost && _random.Chance(0.5); i++)
        {
            int next = _book.NextWorse(isBuy, tick);
            if (next == 0 || next == _book.LadderTicks)
            {
                break;
            }

            tick = next;
        }

        return PickAt(tick);
    }

    private int PickAt(int tick)
    {
        int slot = _book.First(tick);
        int steps = _random.Next(Math.Min(_book.CountAt(tick), QueueWalkedAtMost));
        for (int i = 0; i < steps; i++)
        {
            slot = _book[slot].Behind;
        }

        return slot;
    }
}
