using Engine.Core.Numerics;

namespace Engine.Simulator.Market.Known;

/// <summary>
/// A book of one steady shape around a price that only its owner moves: a spread of one tick, ten levels a side, orders of one round lot
/// at the touch. Of a fixed number of orders at the touch some lean to the bid and the others to the ask:
/// <code>
///   orders at the best bid = least + bidding        orders at the best ask = least + leaning - bidding
/// </code>
/// So the imbalance of the touch tells <see cref="Bidding"/> exactly. Deeper levels hold a few orders of one to three lots, which come and go
/// and tell nothing. A trade takes one order whose owner shows the next one at once, as reserve orders do.
/// Whatever one call causes has one time, so a book between two times is always whole, and it is never crossed.
/// </summary>
internal sealed class QuoteLadder
{
    /// <summary>Levels of a side.</summary>
    public const int Levels = 10;

    private const int SpreadTicks = 1;
    private const int MostDeepLots = 3;
    private readonly InstrumentMarket _market;
    private readonly MatchingBook _book;
    private readonly SeededRandom _random;
    private readonly LadderShape _shape;
    private readonly List<Wall> _walls = [];

    /// <param name="market">The instrument's market; its book is empty.</param>
    /// <param name="shape">How full it is.</param>
    /// <param name="random">Draws of sizes and of deeper orders.</param>
    public QuoteLadder(InstrumentMarket market, LadderShape shape, SeededRandom random)
    {
        _market = market;
        _book = market.Book;
        _random = random;
        _shape = shape;
        BidTick = market.Spec.OpeningTicks;
        for (int i = 0; i < shape.LeaningOrders; i++)
        {
            Bidding += random.Chance(0.5) ? 1 : 0;
        }
    }

    /// <summary>The best bid; the best ask is a tick above.</summary>
    public int BidTick { get; private set; }

    /// <summary>How many of the leaning orders are bids, 0 to <see cref="LadderShape.LeaningOrders"/>.</summary>
    public int Bidding { get; private set; }

    /// <summary>Fills the empty book.</summary>
    public void Fill()
    {
        foreach (bool isBuy in (ReadOnlySpan<bool>)[true, false])
        {
            Restore(isBuy);
            for (int distance = 1; distance < Levels; distance++)
            {
                for (int i = 0; i < _shape.DeepOrders; i++)
                {
                    _market.Add(isBuy, Tick(isBuy, distance), DeepShares());
                }
            }
        }
    }

    /// <summary>Puts orders back that an auction took.</summary>
    public void Refill()
    {
        Restore(true);
        Restore(false);
    }

    /// <summary>One leaning order, drawn from all of them, goes to the other side.</summary>
    public void Flip()
    {
        bool leavesBid = _random.Next(_shape.LeaningOrders) < Bidding;
        Bidding += leavesBid ? -1 : 1;
        Restore(leavesBid);
        Restore(!leavesBid);
    }

    /// <summary>A market order of one lot; the order that it takes is shown again.</summary>
    /// <param name="isBuy">Side of the aggressor.</param>
    public void Trade(bool isBuy) => Trade(isBuy, OrderDraws.RoundLot);

    /// <summary>A market order against the touch, whose orders are shown again; walls are not.</summary>
    /// <param name="isBuy">Side of the aggressor.</param>
    /// <param name="shares">What it takes.</param>
    public void Trade(bool isBuy, int shares)
    {
        _market.Take(isBuy, shares, Tick(!isBuy, 0));
        _walls.RemoveAll(wall => Slot(wall) == 0);
        Restore(!isBuy);
    }

    /// <summary>A market order takes the whole touch and the price goes a tick on.</summary>
    /// <param name="isBuy">Side of the aggressor: a buyer moves it up.</param>
    public void Sweep(bool isBuy)
    {
        int tick = Tick(!isBuy, 0);
        _market.Take(isBuy, _book.SharesAt(tick), tick);
        _walls.RemoveAll(wall => Slot(wall) == 0);
        Shift(isBuy);
    }

    /// <summary>
    /// The price goes one tick up or down: the side that gives way withdraws its touch to its far end, the next level becomes the touch,
    /// and the other side shows a new touch where the old one was. Without room for ten levels below or above nothing happens.
    /// </summary>
    public void Shift(bool up)
    {
        int moved = BidTick + (up ? 1 : -1);
        if (moved <= Levels || moved + SpreadTicks + Levels >= _book.LadderTicks)
        {
            return;
        }

        bool givesWay = !up;
        Withdraw(givesWay, Tick(givesWay, 0), Tick(givesWay, Levels));
        BidTick = moved;
        Restore(givesWay);
        Restore(!givesWay);
        Empty(Tick(!givesWay, Levels));
    }

    /// <summary>An order comes to a deeper level, or leaves it.</summary>
    public void Churn()
    {
        bool isBuy = _random.Chance(0.5);
        int tick = Tick(isBuy, 1 + _random.Next(Levels - 1));
        int count = _book.CountAt(tick);
        if (_random.Next(count + _shape.DeepOrders) < _shape.DeepOrders)
        {
            _market.Add(isBuy, tick, DeepShares());
            return;
        }

        int slot = _book.First(tick);
        for (int steps = _random.Next(count); steps > 0; steps--)
        {
            slot = _book[slot].Behind;
        }

        if (IsWall(slot))
        {
            _market.Add(isBuy, tick, DeepShares());
        }
        else
        {
            _market.Delete(slot);
        }
    }

    /// <summary>Displays a large order at the touch, behind what is there.</summary>
    public Wall PlaceWall(bool isBuy, int shares)
    {
        int tick = Tick(isBuy, 0);
        var wall = new Wall(_market.Add(isBuy, tick, shares), isBuy, tick);
        _walls.Add(wall);
        return wall;
    }

    /// <summary>Takes a wall away, whatever is left of it.</summary>
    public void CancelWall(Wall wall)
    {
        int slot = Slot(wall);
        if (slot != 0)
        {
            _market.Delete(slot);
            _walls.Remove(wall);
        }
    }

    /// <summary>Shares of a wall and of all orders that trade before it at its price; 0 when nothing is left of it.</summary>
    public int SharesThrough(Wall wall)
    {
        int shares = 0;
        for (int slot = _book.First(wall.Tick); slot != 0; slot = _book[slot].Behind)
        {
            shares += _book[slot].Shares;
            if (_book[slot].Id == wall.Id)
            {
                return shares;
            }
        }

        return 0;
    }

    private int Tick(bool isBuy, int distance) => isBuy ? BidTick - distance : BidTick + SpreadTicks + distance;

    private int DeepShares() => OrderDraws.RoundLot * (1 + _random.Next(MostDeepLots));

    private bool IsWall(int slot)
    {
        ulong id = _book[slot].Id;
        return _walls.Exists(wall => wall.Id == id);
    }

    private int Slot(Wall wall)
    {
        int slot = _book.First(wall.Tick);
        while (slot != 0 && _book[slot].Id != wall.Id)
        {
            slot = _book[slot].Behind;
        }

        return slot;
    }

    // The touch as it has to be: its oldest orders, cut to one lot each, the rest deleted, missing ones added; walls are let be.
    private void Restore(bool isBuy)
    {
        int wanted = _shape.LeastTouchOrders + (isBuy ? Bidding : _shape.LeaningOrders - Bidding);
        int tick = Tick(isBuy, 0);
        int kept = 0;
        for (int slot = _book.First(tick), behind; slot != 0; slot = behind)
        {
            RestingOrder order = _book[slot];
            behind = order.Behind;
            if (IsWall(slot))
            {
                continue;
            }

            if (kept == wanted)
            {
                _market.Delete(slot);
                continue;
            }

            kept++;
            if (order.Shares > OrderDraws.RoundLot)
            {
                _market.CancelPart(slot, order.Shares - OrderDraws.RoundLot);
            }
        }

        for (; kept < wanted; kept++)
        {
            _market.Add(isBuy, tick, OrderDraws.RoundLot);
        }
    }

    private void Withdraw(bool isBuy, int tick, int farTick)
    {
        int placed = 0;
        for (int slot = _book.First(tick); slot != 0; slot = _book.First(tick))
        {
            if (placed < _shape.DeepOrders)
            {
                _market.Replace(slot, farTick, DeepShares());
                placed++;
            }
            else
            {
                _market.Delete(slot);
            }
        }

        for (; placed < _shape.DeepOrders; placed++)
        {
            _market.Add(isBuy, farTick, DeepShares());
        }
    }

    private void Empty(int tick)
    {
        for (int slot = _book.First(tick); slot != 0; slot = _book.First(tick))
        {
            _market.Delete(slot);
        }
    }

    /// <summary>A large order.</summary>
    /// <param name="Id">Its number.</param>
    /// <param name="IsBuy">Its side.</param>
    /// <param name="Tick">Its price.</param>
    internal sealed record Wall(ulong Id, bool IsBuy, int Tick);
}
