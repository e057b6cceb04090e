using Engine.Core.Numerics;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Market;

/// <summary>One instrument's book and every way of changing it, each told to the feed in the messages that it causes.</summary>
public sealed class InstrumentMarket
{
    /// <summary>Orders of a side that trades never go below, so that a price always exists.</summary>
    public const int LeastOrdersPerSide = 4;

    private const double AttributedProbability = 0.04;
    private const double PricedExecutionProbability = 0.03;
    private const double UnprintedProbability = 0.20;
    private const uint HalfTick = InstrumentSpec.PriceUnitsPerTick / 2;
    private static readonly uint[] s_participants = [ItchText.Pack4("SIMA"), ItchText.Pack4("SIMB"), ItchText.Pack4("SIMC")];
    private readonly IExchangeFeed _feed;
    private readonly ExchangeNumbers _numbers;
    private readonly SeededRandom _random;
    private ulong _lastMatch;

    /// <param name="spec">The instrument.</param>
    /// <param name="feed">Where its messages go; its time is set by the caller.</param>
    /// <param name="numbers">The exchange's order and match numbers.</param>
    /// <param name="random">Its own draws.</param>
    public InstrumentMarket(InstrumentSpec spec, IExchangeFeed feed, ExchangeNumbers numbers, SeededRandom random)
    {
        Spec = spec;
        _feed = feed;
        _numbers = numbers;
        _random = random;
        Book = new MatchingBook(2 * spec.OpeningTicks);
    }

    /// <summary>The participants that attributed orders and L messages name.</summary>
    public static ReadOnlySpan<uint> Participants => s_participants;

    /// <summary>The instrument.</summary>
    public InstrumentSpec Spec { get; }

    /// <summary>Its orders.</summary>
    public MatchingBook Book { get; }

    /// <summary>Middle of best bid and ask, ticks; both sides must have orders.</summary>
    public double MidTicks => 0.5 * (Book.BestBid + Book.BestAsk);

    /// <summary>Displays an order (A or F); its price must not cross.</summary>
    /// <returns>Its number.</returns>
    public ulong Add(bool isBuy, int tick, int shares)
    {
        ulong id = _numbers.NextOrder();
        Book.Add(id, isBuy, tick, shares);
        uint price = Price(tick);
        if (_random.Chance(AttributedProbability))
        {
            uint participant = s_participants[_random.Next(s_participants.Length)];
            _feed.AddOrderAttributed(Spec.Locate, id, isBuy, (uint)shares, Spec.Stock, price, participant);
        }
        else
        {
            _feed.AddOrder(Spec.Locate, id, isBuy, (uint)shares, Spec.Stock, price);
        }

        _feed.EndOfEvent(Spec.Locate);
        return id;
    }

    /// <summary>Takes an order away (D).</summary>
    public void Delete(int slot)
    {
        ulong id = Book[slot].Id;
        Book.Remove(slot);
        _feed.OrderDelete(Spec.Locate, id);
        _feed.EndOfEvent(Spec.Locate);
    }

    /// <summary>Cancels some shares of an order (X); fewer than it has.</summary>
    public void CancelPart(int slot, int shares)
    {
        ulong id = Book[slot].Id;
        Book.Reduce(slot, shares);
        _feed.OrderCancel(Spec.Locate, id, (uint)shares);
        _feed.EndOfEvent(Spec.Locate);
    }

    /// <summary>Replaces an order by one of its side (U); the new price must not cross.</summary>
    public void Replace(int slot, int tick, int shares)
    {
        RestingOrder old = Book[slot];
        ulong id = _numbers.NextOrder();
        Book.Remove(slot);
        Book.Add(id, old.IsBuy, tick, shares);
        _feed.OrderReplace(Spec.Locate, old.Id, id, (uint)shares, Price(tick));
        _feed.EndOfEvent(Spec.Locate);
    }

    /// <summary>A market order walks the other side, best price and oldest order first (E, seldom C).</summary>
    /// <param name="isBuy">Side of the aggressor.</param>
    /// <param name="shares">What it wants.</param>
    /// <param name="worstTick">The last price that it accepts.</param>
    public void Take(bool isBuy, int shares, int worstTick)
    {
        while (shares > 0 && Book.Count(!isBuy) > LeastOrdersPerSide)
        {
            int tick = Book.Best(!isBuy);
            if (isBuy ? tick > worstTick : tick < worstTick)
            {
                break;
            }

            int slot = Book.First(tick);
            int executed = Math.Min(shares, Book[slot].Shares);
            Execute(slot, executed);
            shares -= executed;
        }

        _feed.EndOfEvent(Spec.Locate);
    }

    /// <summary>A trade with a hidden order between or at the best prices (P); the book stays.</summary>
    public void TradeHidden(int shares)
    {
        uint price = (Price(Book.BestBid) + Price(Book.BestAsk)) / 2;
        _lastMatch = _numbers.NextMatch();
        _feed.HiddenTrade(Spec.Locate, (uint)shares, Spec.Stock, price, _lastMatch);
        _feed.EndOfEvent(Spec.Locate);
    }

    /// <summary>Breaks the latest trade (B), once; nothing when there is none.</summary>
    public void BreakLastTrade()
    {
        if (_lastMatch != 0)
        {
            _feed.BrokenTrade(Spec.Locate, _lastMatch);
            _feed.EndOfEvent(Spec.Locate);
            _lastMatch = 0;
        }
    }

    /// <summary>An auction: the oldest order of each best price trades in it (C, not printable), then its print (Q).</summary>
    /// <param name="crossType">O opening, C closing.</param>
    /// <param name="hiddenShares">Shares of auction orders that the feed never showed.</param>
    public void Cross(char crossType, int hiddenShares)
    {
        uint price = (Price(Book.BestBid) + Price(Book.BestAsk)) / 2;
        price -= price % InstrumentSpec.PriceUnitsPerTick;
        ulong match = _numbers.NextMatch();
        int shown = 0;
        foreach (bool isBuy in (ReadOnlySpan<bool>)[true, false])
        {
            if (Book.Count(isBuy) > LeastOrdersPerSide)
            {
                int slot = Book.First(Book.Best(isBuy));
                RestingOrder order = Book[slot];
                Book.Remove(slot);
                _feed.OrderExecutedWithPrice(Spec.Locate, order.Id, (uint)order.Shares, match, false, price);
                shown += order.Shares;
            }
        }

        _feed.CrossTrade(Spec.Locate, (ulong)(shown + hiddenShares), Spec.Stock, price, match, crossType);
        _feed.EndOfEvent(Spec.Locate);
    }

    /// <summary>Tells the imbalance before an auction (I), around the book's middle.</summary>
    /// <param name="crossType">O opening, C closing.</param>
    /// <param name="pairedShares">Shares that would trade.</param>
    /// <param name="signedImbalance">Shares left over, above 0 to buy.</param>
    public void AnnounceImbalance(char crossType, int pairedShares, int signedImbalance)
    {
        uint reference = Price((Book.BestBid + Book.BestAsk) / 2);
        uint near = signedImbalance > 0 ? Price(Book.BestAsk) : Price(Book.BestBid);
        char direction = signedImbalance switch { > 0 => 'B', < 0 => 'S', _ => 'N' };
        var state = new AuctionImbalance(
            (ulong)pairedShares, (ulong)Math.Abs(signedImbalance), direction, near, near, reference, crossType);
        _feed.Imbalance(Spec.Locate, Spec.Stock, state);
    }

    private static uint Price(int tick) => (uint)tick * InstrumentSpec.PriceUnitsPerTick;

    private void Execute(int slot, int shares)
    {
        RestingOrder order = Book[slot];
        Book.Reduce(slot, shares);
        _lastMatch = _numbers.NextMatch();
        if (!_random.Chance(PricedExecutionProbability))
        {
            _feed.OrderExecuted(Spec.Locate, order.Id, (uint)shares, _lastMatch);
            return;
        }

        // Priced: half a tick better for the aggressor, or part of a block that is printed elsewhere.
        bool isPrintable = !_random.Chance(UnprintedProbability);
        uint price = Price(order.Tick);
        uint better = order.IsBuy ? price + HalfTick : price - HalfTick;
        _feed.OrderExecutedWithPrice(Spec.Locate, order.Id, (uint)shares, _lastMatch, isPrintable, isPrintable ? better : price);
    }
}
