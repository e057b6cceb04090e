using System.Runtime.InteropServices;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Feeds.Instruments;

/// <summary>A price and what rests there.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct PriceLevel
{
    /// <summary>1e-9 units.</summary>
    public long Price;

    /// <summary>In the venue's unit.</summary>
    public long Quantity;
}

/// <summary>What a feed that repeats its whole top of the book said last of one instrument: the levels of each side, best first.</summary>
internal unsafe struct KnownLevels
{
    /// <summary>Bids, then, <see cref="LevelDiff.Depth"/> further on, asks.</summary>
    public PriceLevel* Levels;

    /// <summary>How many bids.</summary>
    public int Bids;

    /// <summary>How many asks.</summary>
    public int Asks;
}

/// <summary>
/// Turns whole tops of books into the level changes that lead from one to the next: levels that left first, on both sides, then those
/// that came or changed, so that no book is crossed on the way that is not in the end.
/// </summary>
/// <param name="depth">Most levels a side.</param>
internal sealed unsafe class LevelDiff(int depth) : IDisposable
{
    private readonly NativeBuffer<PriceLevel> _levels = new(2 * depth);
    private int _bids;
    private int _asks;

    /// <summary>Most levels a side.</summary>
    public int Depth => depth;

    /// <summary>Most events of one <see cref="Write"/>.</summary>
    public int MostEvents => 4 * depth;

    /// <summary>Levels that were not behind the one before them: put where they belong, and added up where the price was the same.</summary>
    public long Unsorted { get; private set; }

    /// <summary>Begins a new top without levels.</summary>
    public void Begin() => _bids = _asks = 0;

    /// <summary>Takes over what is known of a side.</summary>
    public void Keep(in KnownLevels known, Side side)
    {
        // SAFETY: known levels have room for Depth a side, as the buffer has.
        int count = side == Side.Buy ? known.Bids : known.Asks;
        int start = side == Side.Buy ? 0 : depth;
        for (int i = 0; i < count; i++)
        {
            _levels[start + i] = known.Levels[start + i];
        }

        (_bids, _asks) = side == Side.Buy ? (count, _asks) : (_bids, count);
    }

    /// <summary>The next level of a side; at most <see cref="Depth"/> each.</summary>
    public void Add(Side side, long price, long quantity)
    {
        bool isBid = side == Side.Buy;
        PriceLevel* levels = _levels.Pointer + (isBid ? 0 : depth);
        int count = isBid ? _bids : _asks;
        System.Diagnostics.Debug.Assert(count < depth, "more levels than there is room for");

        // SAFETY: count < depth, so the place behind the last level lies in the side's half of the buffer.
        int place = count;
        if (count > 0 && !IsBetter(isBid, levels[count - 1].Price, price))
        {
            Unsorted++;
            while (place > 0 && IsBetter(isBid, price, levels[place - 1].Price))
            {
                place--;
            }

            if (place > 0 && levels[place - 1].Price == price)
            {
                levels[place - 1].Quantity += quantity;
                return;
            }

            for (int i = count; i > place; i--)
            {
                levels[i] = levels[i - 1];
            }
        }

        levels[place] = new PriceLevel { Price = price, Quantity = quantity };
        (_bids, _asks) = isBid ? (count + 1, _asks) : (_bids, count + 1);
    }

    /// <summary>Writes the changes from what is known to the new top, which is known then.</summary>
    /// <param name="known">The top before; becomes the new one.</param>
    /// <param name="like">Everything but kind, side, price, quantity and ids.</param>
    /// <param name="events">Room for <see cref="MostEvents"/>.</param>
    /// <returns>How many were written.</returns>
    public int Write(ref KnownLevels known, in MarketEvent like, MarketEvent* events)
    {
        PriceLevel* bids = _levels.Pointer;
        PriceLevel* asks = bids + depth;
        int written = Removals(Side.Buy, known.Levels, known.Bids, bids, _bids, like, events);
        written += Removals(Side.Sell, known.Levels + depth, known.Asks, asks, _asks, like, events + written);
        written += Settings(Side.Buy, known.Levels, known.Bids, bids, _bids, like, events + written);
        written += Settings(Side.Sell, known.Levels + depth, known.Asks, asks, _asks, like, events + written);
        for (int i = 0; i < _bids; i++)
        {
            known.Levels[i] = bids[i];
        }

        for (int i = 0; i < _asks; i++)
        {
            known.Levels[depth + i] = asks[i];
        }

        (known.Bids, known.Asks) = (_bids, _asks);
        return written;
    }

    /// <summary>For a message that changes nothing: the best level of a side once more, so that the message has its event.</summary>
    /// <param name="known">What is known.</param>
    /// <param name="side">The side to begin with.</param>
    /// <param name="like">Everything but kind, side, price, quantity and ids.</param>
    /// <param name="target">Receives the event: a status where both sides are empty.</param>
    public void Repeat(in KnownLevels known, Side side, in MarketEvent like, MarketEvent* target)
    {
        Side shown = side == Side.Sell ? (known.Asks > 0 ? Side.Sell : Side.Buy) : known.Bids > 0 ? Side.Buy : Side.Sell;
        int count = shown == Side.Buy ? known.Bids : known.Asks;
        if (count == 0)
        {
            *target = like;
            target->Kind = EventKind.Status;
            target->Price = target->Quantity = MarketEvent.Absent;
            return;
        }

        // SAFETY: count > 0, so the side has a first level.
        PriceLevel level = known.Levels[shown == Side.Buy ? 0 : depth];
        Set(target, like, shown, level.Price, level.Quantity);
    }

    /// <inheritdoc/>
    public void Dispose() => _levels.Dispose();

    private static bool IsBetter(bool isBid, long price, long other) => isBid ? price > other : price < other;

    private static int Removals(Side side, PriceLevel* old, int oldCount, PriceLevel* now, int nowCount, in MarketEvent like, MarketEvent* events)
    {
        int written = 0;
        int at = 0;
        bool isBid = side == Side.Buy;

        // SAFETY: both sides are sorted, best first; indices stay below the counts.
        for (int i = 0; i < oldCount; i++)
        {
            while (at < nowCount && IsBetter(isBid, now[at].Price, old[i].Price))
            {
                at++;
            }

            if (at == nowCount || now[at].Price != old[i].Price)
            {
                Set(events + written++, like, side, old[i].Price, 0);
            }
        }

        return written;
    }

    private static int Settings(Side side, PriceLevel* old, int oldCount, PriceLevel* now, int nowCount, in MarketEvent like, MarketEvent* events)
    {
        int written = 0;
        int at = 0;
        bool isBid = side == Side.Buy;

        // SAFETY: as in Removals.
        for (int i = 0; i < nowCount; i++)
        {
            while (at < oldCount && IsBetter(isBid, old[at].Price, now[i].Price))
            {
                at++;
            }

            if (at == oldCount || old[at].Price != now[i].Price || old[at].Quantity != now[i].Quantity)
            {
                Set(events + written++, like, side, now[i].Price, now[i].Quantity);
            }
        }

        return written;
    }

    private static void Set(MarketEvent* target, in MarketEvent like, Side side, long price, long quantity)
    {
        *target = like;
        target->Kind = EventKind.LevelSet;
        target->Side = side;
        target->Price = price;
        target->Quantity = quantity;
        target->OrderId = 0;
        target->Reference = 0;
    }
}
