using System.Runtime.CompilerServices;
using Engine.Core.Events;

namespace Engine.Feeds.BitMex;

/// <summary>
/// The levels near the top of one book, sorted, best first: up to <see cref="Room"/> a side. A side that has more levels than are
/// here says so; when those here are used up it is filled again from all levels, which pays for as many removals.
/// All zeros is an empty book.
/// </summary>
internal struct BitMexTops
{
    /// <summary>Levels a side.</summary>
    public const int Room = 16;

    /// <summary>The first level of the instrument's list, slot plus one; 0 where there is none.</summary>
    public int FirstLevel;

    private SideTops _bid;
    private SideTops _ask;

    /// <summary>Whether a side's best has to be looked for among all levels.</summary>
    public readonly bool NeedsRefill(Side side) => side == Side.Buy ? _bid.Count == 0 && _bid.HasMore : _ask.Count == 0 && _ask.HasMore;

    /// <summary>Forgets a side.</summary>
    public void Reset(Side side)
    {
        if (side == Side.Buy)
        {
            _bid = default;
        }
        else
        {
            _ask = default;
        }
    }

    /// <summary>A price now has this size; 0 removes it.</summary>
    public void Set(Side side, long price, long size)
    {
        if (side == Side.Buy)
        {
            Set(ref _bid, price, size, 1);
        }
        else
        {
            Set(ref _ask, price, size, -1);
        }
    }

    /// <summary>The best level of a side that needs no refill.</summary>
    public readonly (long Price, long Size) Best(Side side)
    {
        ref readonly SideTops tops = ref side == Side.Buy ? ref _bid : ref _ask;
        return tops.Count == 0 ? (MarketEvent.Absent, 0) : (tops.Prices[0], tops.Sizes[0]);
    }

    private static void Set(ref SideTops tops, long price, long size, int sign)
    {
        int at = 0;
        while (at < tops.Count && sign * (tops.Prices[at] - price) > 0)
        {
            at++;
        }

        bool isHere = at < tops.Count && tops.Prices[at] == price;
        if (isHere && size > 0)
        {
            tops.Sizes[at] = size;
        }
        else if (isHere)
        {
            Close(ref tops, at);
        }
        else if (size > 0)
        {
            Open(ref tops, at, price, size);
        }
    }

    private static void Close(ref SideTops tops, int at)
    {
        tops.Count--;
        for (; at < tops.Count; at++)
        {
            tops.Prices[at] = tops.Prices[at + 1];
            tops.Sizes[at] = tops.Sizes[at + 1];
        }
    }

    /// <summary>A level worse than all that are here stays out where others that are not here may lie between.</summary>
    private static void Open(ref SideTops tops, int at, long price, long size)
    {
        if (at == Room || (at == tops.Count && tops.HasMore))
        {
            tops.HasMore = true;
            return;
        }

        tops.HasMore |= tops.Count == Room;
        tops.Count = Math.Min(tops.Count + 1, Room);
        for (int i = tops.Count - 1; i > at; i--)
        {
            tops.Prices[i] = tops.Prices[i - 1];
            tops.Sizes[i] = tops.Sizes[i - 1];
        }

        tops.Prices[at] = price;
        tops.Sizes[at] = size;
    }

    private struct SideTops
    {
        public int Count;
        public bool HasMore;
        public Values Prices;
        public Values Sizes;
    }

    [InlineArray(Room)]
    private struct Values
    {
        private long _first;
    }
}
