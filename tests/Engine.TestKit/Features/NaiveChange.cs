using Engine.Core.Events;
using Engine.TestKit.Books;

namespace Engine.TestKit.Features;

/// <summary>What a part of a book change did.</summary>
public enum NaiveFlow
{
    /// <summary>Quantity came.</summary>
    Added,

    /// <summary>Quantity went, and nobody traded it.</summary>
    Removed,

    /// <summary>Quantity was executed.</summary>
    Executed,
}

/// <summary>A price level of a side.</summary>
/// <param name="Price">Its price, 1e-9.</param>
/// <param name="Quantity">What rests on it.</param>
public readonly record struct NaiveLevel(long Price, long Quantity);

/// <summary>Quantity that came to a level or went from it.</summary>
/// <param name="Flow">Which way.</param>
/// <param name="Rank">Levels of the side that were better: before the event where it went, after it where it came.</param>
/// <param name="Quantity">How much, positive.</param>
public readonly record struct NaiveDelta(NaiveFlow Flow, int Rank, long Quantity);

/// <summary>An order that left its book.</summary>
/// <param name="Executed">By execution; otherwise by removal.</param>
/// <param name="AgeNanos">How old it was.</param>
public readonly record struct NaiveLeaving(bool Executed, long AgeNanos);

/// <summary>What one event did to one side of a book.</summary>
/// <param name="Time">The instrument's clock at the event, ns.</param>
/// <param name="Entry">When it enters windows of buckets, ns: see <see cref="NaiveHistory.EntryTime"/>.</param>
/// <param name="Side">The side.</param>
/// <param name="Before">Its levels before, best first.</param>
/// <param name="After">Its levels after.</param>
/// <param name="TwiceMidBefore">Best bid plus best ask before, null without both sides.</param>
/// <param name="TwiceMidAfter">The same after.</param>
/// <param name="Deltas">What came and went.</param>
/// <param name="Left">The orders that left.</param>
public sealed record NaiveChange(
    long Time, long Entry, Side Side, NaiveLevel[] Before, NaiveLevel[] After, long? TwiceMidBefore, long? TwiceMidAfter, NaiveDelta[] Deltas,
    NaiveLeaving[] Left)
{
    /// <summary>What the event did by what the book was and is, or null if it changed no quantity.</summary>
    /// <param name="e">The event, completed by the books.</param>
    /// <param name="time">The instrument's clock at it.</param>
    /// <param name="entry">When it enters windows of buckets.</param>
    /// <param name="before">The book before.</param>
    /// <param name="after">The book after.</param>
    public static NaiveChange? Between(in MarketEvent e, long time, long entry, NaiveBookState before, NaiveBookState after)
    {
        var deltas = new List<NaiveDelta>();
        var left = new List<NaiveLeaving>();
        var sides = new HashSet<Side>();
        bool executed = e.Kind == EventKind.Execute;
        foreach ((NaiveOrder order, long was) in before.Orders)
        {
            long now = after.Orders.GetValueOrDefault(order);
            if (now < was)
            {
                deltas.Add(new NaiveDelta(executed ? NaiveFlow.Executed : NaiveFlow.Removed, before.Rank(order), was - now));
                sides.Add(order.Side);
            }

            if (now == 0 && !order.IsLevel)
            {
                left.Add(new NaiveLeaving(executed, Math.Max(0, time - order.EntryTime)));
            }
        }

        foreach ((NaiveOrder order, long now) in after.Orders)
        {
            long was = before.Orders.GetValueOrDefault(order);
            if (now > was)
            {
                deltas.Add(new NaiveDelta(NaiveFlow.Added, after.Rank(order), now - was));
                sides.Add(order.Side);
            }
        }

        return deltas.Count == 0
            ? null
            : new NaiveChange(
                time, entry, sides.Single(), before.Levels(sides.Single()), after.Levels(sides.Single()), before.TwiceMid, after.TwiceMid, [.. deltas], [.. left]);
    }
}

/// <summary>One instrument's book at a moment.</summary>
public sealed class NaiveBookState
{
    private readonly NaiveLevel[] _asks;
    private readonly NaiveLevel[] _bids;

    /// <param name="books">The books.</param>
    /// <param name="instrument">The instrument.</param>
    public NaiveBookState(NaiveBooks books, int instrument)
    {
        _asks = [.. books.Levels(instrument, Side.Sell).Select(Note)];
        _bids = [.. books.Levels(instrument, Side.Buy).Select(Note)];
    }

    /// <summary>Every order (and set level), with its quantity at this moment.</summary>
    public Dictionary<NaiveOrder, long> Orders { get; } = [];

    /// <summary>Best bid plus best ask, null without both sides.</summary>
    public long? TwiceMid => _asks.Length > 0 && _bids.Length > 0 ? _asks[0].Price + _bids[0].Price : null;

    /// <summary>A side's levels, best first.</summary>
    public NaiveLevel[] Levels(Side side) => side == Side.Buy ? _bids : _asks;

    /// <summary>How many levels of an order's side are better than its own.</summary>
    public int Rank(NaiveOrder order) => Levels(order.Side).Count(l => order.Side == Side.Buy ? l.Price > order.Price : l.Price < order.Price);

    private NaiveLevel Note((long Price, List<NaiveOrder> Queue) level)
    {
        foreach (NaiveOrder order in level.Queue)
        {
            Orders.Add(order, order.Quantity);
        }

        return new NaiveLevel(level.Price, level.Queue.Sum(o => o.Quantity));
    }
}
