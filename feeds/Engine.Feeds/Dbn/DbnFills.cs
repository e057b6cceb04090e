using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Feeds.Dbn;

/// <summary>
/// Quantity that fills have told and cancels have not yet taken, by order. Records of other orders may lie between a fill and its cancel: an aggressor
/// that meets several orders gives all fills first. All of them are of one event of the venue, with one time: a fill ends with its event, and
/// where its order is added or modified. Sets of <see cref="Ways"/> orders: the oldest fill of a full set is forgotten.
/// </summary>
/// <param name="statistics">Counts the fills that have no cancel.</param>
internal sealed unsafe class DbnFills(FeedStatistics statistics) : IDisposable
{
    /// <summary>Most orders with a fill whose cancel has not come.</summary>
    public const int Most = Sets * Ways;

    private const int SetBits = 10;
    private const int Sets = 1 << SetBits;
    private const int Ways = 4;

    private readonly NativeBuffer<Fill> _fills = new(Most);
    private long _added;
    private int _open;

    /// <summary>A fill of an order; one that names no order, or no quantity, has no cancel to come.</summary>
    /// <param name="e">The fill.</param>
    /// <param name="ended">Events of its instrument that have ended.</param>
    public void Add(in MarketEvent e, uint ended)
    {
        if (e.OrderId == 0 || e.Quantity <= 0)
        {
            statistics.UnmatchedFills++;
            return;
        }

        Fill* fill = Current(e, ended);
        if (fill == null)
        {
            fill = Oldest(e);
            _open += fill->Quantity == 0 ? 1 : 0;
            statistics.UnmatchedFills++;
            *fill = new Fill { Order = e.OrderId, Instrument = e.Instrument, Time = e.ExchangeTime, Ended = ended };
        }

        fill->Quantity += e.Quantity;
        fill->Added = ++_added;
    }

    /// <summary>How much of what a cancel takes from an order had been filled in the same event.</summary>
    /// <param name="e">The cancel.</param>
    /// <param name="ended">Events of its instrument that have ended.</param>
    public long Take(in MarketEvent e, uint ended)
    {
        Fill* fill = _open == 0 || e.Quantity <= 0 ? null : Current(e, ended);
        if (fill == null)
        {
            return 0;
        }

        long taken = Math.Min(fill->Quantity, e.Quantity);
        fill->Quantity -= taken;
        if (fill->Quantity == 0)
        {
            _open--;
            statistics.UnmatchedFills--;
        }

        return taken;
    }

    /// <summary>An order begins anew or changes: a cancel that comes later is not of its fill.</summary>
    public void Drop(in MarketEvent e)
    {
        Fill* fill = _open == 0 ? null : Find(e);
        if (fill != null)
        {
            fill->Quantity = 0;
            _open--;
        }
    }

    /// <summary>An instrument's book begins anew: its orders are gone.</summary>
    public void Forget(int instrument)
    {
        for (int i = 0; i < Most && _open > 0; i++)
        {
            bool isGone = _fills[i].Quantity > 0 && _fills[i].Instrument == instrument;
            _fills[i].Quantity = isGone ? 0 : _fills[i].Quantity;
            _open -= isGone ? 1 : 0;
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _fills.Dispose();

    /// <summary>The order's fill of the event at hand; one of an event before is dropped.</summary>
    private Fill* Current(in MarketEvent e, uint ended)
    {
        Fill* fill = Find(e);
        if (fill == null || (fill->Time == e.ExchangeTime && fill->Ended == ended))
        {
            return fill;
        }

        Drop(e);
        return null;
    }

    private Fill* Find(in MarketEvent e)
    {
        Fill* fill = SetOf(e);
        for (int way = 0; way < Ways; way++)
        {
            if (fill[way].Order == e.OrderId && fill[way].Instrument == e.Instrument && fill[way].Quantity > 0)
            {
                return fill + way;
            }
        }

        return null;
    }

    /// <summary>A place of the order's set that is free, else the one of the oldest fill.</summary>
    private Fill* Oldest(in MarketEvent e)
    {
        Fill* set = SetOf(e);
        Fill* oldest = set;
        for (int way = 1; way < Ways; way++)
        {
            oldest = Age(set + way) < Age(oldest) ? set + way : oldest;
        }

        return oldest;
    }

    private static long Age(Fill* fill) => fill->Quantity == 0 ? 0 : fill->Added;

    // SAFETY: the highest SetBits bits of a product are below the number of sets.
    private Fill* SetOf(in MarketEvent e) =>
        _fills.Pointer + (Ways * (int)(((e.OrderId + (uint)e.Instrument) * 0x9E3779B97F4A7C15) >> (64 - SetBits)));

    private struct Fill
    {
        public ulong Order;
        public long Quantity;
        public long Added;
        public long Time;
        public int Instrument;
        public uint Ended;
    }
}
