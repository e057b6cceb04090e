using System.Diagnostics;

namespace Engine.Simulator.Market;

/// <summary>An order at rest; a slot of <see cref="MatchingBook"/>.</summary>
public struct RestingOrder
{
    /// <summary>Its number on the wire.</summary>
    public ulong Id;

    /// <summary>Shares still displayed.</summary>
    public int Shares;

    /// <summary>Price in ticks.</summary>
    public int Tick;

    /// <summary>Whether it is a bid.</summary>
    public bool IsBuy;

    /// <summary>Slot behind it in its level's queue, 0 for none.</summary>
    public int Behind;

    /// <summary>Slot ahead of it in its level's queue, 0 for none.</summary>
    public int Ahead;

    /// <summary>Where the list of live slots holds it.</summary>
    internal int LiveIndex;
}

/// <summary>
/// The orders of one instrument in price-time priority. One ladder of levels serves both sides, for the book is never crossed:
/// below the gap all are bids, above it all are asks. Slot 0 means none.
/// </summary>
public sealed class MatchingBook
{
    private struct Level
    {
        public int First;
        public int Last;
        public int Count;
        public int Shares;
    }

    private readonly Level[] _levels;
    private RestingOrder[] _orders = new RestingOrder[1_024];
    private int[] _live = new int[1_024];
    private int _free;
    private int _used = 1;

    /// <param name="ladderTicks">Prices are from 1 to one below this.</param>
    public MatchingBook(int ladderTicks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ladderTicks, 2);
        _levels = new Level[ladderTicks];
        BestAsk = ladderTicks;
    }

    /// <summary>Highest bid in ticks, 0 when there is none.</summary>
    public int BestBid { get; private set; }

    /// <summary>Lowest ask in ticks, <see cref="LadderTicks"/> when there is none.</summary>
    public int BestAsk { get; private set; }

    /// <summary>One above the highest price.</summary>
    public int LadderTicks => _levels.Length;

    /// <summary>Live bids.</summary>
    public int BidCount { get; private set; }

    /// <summary>Live asks.</summary>
    public int AskCount { get; private set; }

    /// <summary>Live orders.</summary>
    public int LiveCount => BidCount + AskCount;

    /// <summary>The order in a slot.</summary>
    public ref readonly RestingOrder this[int slot] => ref _orders[slot];

    /// <summary>Live orders of a side.</summary>
    public int Count(bool isBuy) => isBuy ? BidCount : AskCount;

    /// <summary>Best price of a side in ticks; see <see cref="BestBid"/> and <see cref="BestAsk"/> for an empty one.</summary>
    public int Best(bool isBuy) => isBuy ? BestBid : BestAsk;

    /// <summary>Slot of a live order, by a number from 0 to <see cref="LiveCount"/> - 1 that says nothing else.</summary>
    public int LiveSlot(int index) => _live[index];

    /// <summary>First slot in a level's queue, 0 for none.</summary>
    public int First(int tick) => _levels[tick].First;

    /// <summary>Orders of a level.</summary>
    public int CountAt(int tick) => _levels[tick].Count;

    /// <summary>Shares of a level.</summary>
    public int SharesAt(int tick) => _levels[tick].Shares;

    /// <summary>The next worse price of a side that has orders, or 0 (bids) or <see cref="LadderTicks"/> (asks).</summary>
    public int NextWorse(bool isBuy, int tick)
    {
        int step = isBuy ? -1 : 1;
        int end = isBuy ? 0 : _levels.Length;
        for (tick += step; tick != end && _levels[tick].Count == 0; tick += step)
        {
        }

        return tick;
    }

    /// <summary>Puts an order at the end of its price's queue.</summary>
    /// <returns>Its slot.</returns>
    /// <exception cref="InvalidOperationException">It would cross the book.</exception>
    public int Add(ulong id, bool isBuy, int tick, int shares)
    {
        Debug.Assert(shares > 0 && tick > 0 && tick < _levels.Length);
        if (isBuy ? tick >= BestAsk : tick <= BestBid)
        {
            throw new InvalidOperationException($"order {id} at {tick} would cross the book {BestBid}/{BestAsk}");
        }

        int slot = Claim();
        ref Level level = ref _levels[tick];
        _orders[slot] = new RestingOrder
        {
            Id = id, Shares = shares, Tick = tick, IsBuy = isBuy, Ahead = level.Last, LiveIndex = LiveCount,
        };
        _live[LiveCount] = slot;
        if (level.Last == 0)
        {
            level.First = slot;
        }
        else
        {
            _orders[level.Last].Behind = slot;
        }

        level.Last = slot;
        level.Count++;
        level.Shares += shares;
        CountIn(isBuy, tick);
        return slot;
    }

    /// <summary>Takes shares off an order and, when none are left, the order out of the book.</summary>
    public void Reduce(int slot, int shares)
    {
        ref RestingOrder order = ref _orders[slot];
        Debug.Assert(shares > 0 && shares <= order.Shares);
        if (shares == order.Shares)
        {
            Remove(slot);
            return;
        }

        order.Shares -= shares;
        _levels[order.Tick].Shares -= shares;
    }

    /// <summary>Takes an order out of the book.</summary>
    public void Remove(int slot)
    {
        RestingOrder order = _orders[slot];
        ref Level level = ref _levels[order.Tick];
        if (order.Ahead == 0)
        {
            level.First = order.Behind;
        }
        else
        {
            _orders[order.Ahead].Behind = order.Behind;
        }

        if (order.Behind == 0)
        {
            level.Last = order.Ahead;
        }
        else
        {
            _orders[order.Behind].Ahead = order.Ahead;
        }

        level.Count--;
        level.Shares -= order.Shares;
        int last = _live[LiveCount - 1];
        _live[order.LiveIndex] = last;
        _orders[last].LiveIndex = order.LiveIndex;
        _orders[slot].Behind = _free;
        _free = slot;
        CountOut(order.IsBuy, order.Tick);
    }

    private void CountIn(bool isBuy, int tick)
    {
        if (isBuy)
        {
            BidCount++;
            BestBid = Math.Max(BestBid, tick);
        }
        else
        {
            AskCount++;
            BestAsk = Math.Min(BestAsk, tick);
        }
    }

    private void CountOut(bool isBuy, int tick)
    {
        bool levelIsEmpty = _levels[tick].Count == 0;
        if (isBuy)
        {
            BidCount--;
            if (levelIsEmpty && tick == BestBid)
            {
                BestBid = BidCount == 0 ? 0 : NextWorse(true, tick);
            }
        }
        else
        {
            AskCount--;
            if (levelIsEmpty && tick == BestAsk)
            {
                BestAsk = AskCount == 0 ? _levels.Length : NextWorse(false, tick);
            }
        }
    }

    private int Claim()
    {
        if (_free != 0)
        {
            int slot = _free;
            _free = _orders[slot].Behind;
            return slot;
        }

        if (_used == _orders.Length)
        {
            Array.Resize(ref _orders, _used * 2);
            Array.Resize(ref _live, _used * 2);
        }

        return _used++;
    }
}
