using Engine.Core.Events;
using Engine.Features;

namespace Engine.TestKit.Features;

/// <summary>
/// Columns that are sums over what happened: traded quantities, liquidity, order flow, rates, volatility. Those with buckets are made of
/// amounts at times, so that the same amounts can be summed over the exact window too.
/// </summary>
internal static class NaiveFlowColumns
{
    /// <summary>Traded quantity or number of trades in the exact window.</summary>
    public static double Traded(FeatureSpec spec, NaiveMoment now)
    {
        bool buy = spec.Family.StartsWith("buy_", StringComparison.Ordinal);
        bool count = spec.Family.EndsWith("_count", StringComparison.Ordinal);
        return NaiveWindow.From(now.History.Trades, t => t.Time, now.Time - spec.WindowNanos)
            .Where(t => t.Buy == buy && NaiveWindow.IsInside(t.Time, now.Time, spec.WindowNanos))
            .Sum(t => count ? 1 : t.Quantity);
    }

    /// <summary>A sum over buckets as the column's value.</summary>
    public static double Value(FeatureSpec spec, double sum) => spec.Family switch
    {
        "activity" => sum / (spec.WindowNanos / 1e9),
        "volatility" => Math.Sqrt(sum) * 1e-4,
        _ => sum,
    };

    /// <summary>What a column sums, from a time on: when it entered, and how much.</summary>
    public static IEnumerable<(long Entry, double Amount)> Amounts(FeatureSpec spec, NaiveMoment now, long since)
    {
        IEnumerable<NaiveChange> changes = now.History.ChangesSince(since);
        int Level() => NaiveNames.Number(spec.Name, "_level");
        switch (spec.Family)
        {
            case "ask_added_liquidity" or "bid_added_liquidity":
                return Deltas(changes, NaiveMoment.SideOf(spec.Name), NaiveFlow.Added, Level(), Level());
            case "ask_removed_liquidity" or "bid_removed_liquidity":
                return Deltas(changes, NaiveMoment.SideOf(spec.Name), NaiveFlow.Removed, Level(), Level());
            case "order_flow_imbalance":
                int level = Level();
                return changes.Select(c => (c.Entry, (double)Imbalance(c, level)));
            case "activity":
                return NaiveWindow.From(now.History.Active, t => t, since).Select(t => (t, 1.0));
            case "volatility":
                return changes.Where(IsMove).Select(c => (c.Entry, Move(c) * Move(c)));
            default:
                throw NaiveNames.Unknown(spec.Name);
        }
    }

    /// <summary>Removed against removed and traded: quantity that went from the best three levels, and that traded with the side.</summary>
    public static double CancelRatio(FeatureSpec spec, NaiveMoment now)
    {
        const int DeepestRank = 2;
        Side side = NaiveMoment.SideOf(spec.Name);
        long from = NaiveWindow.Start(now.Time, spec.WindowNanos);
        double removed = Deltas(now.History.ChangesSince(from), side, NaiveFlow.Removed, 0, DeepestRank)
            .Where(a => NaiveWindow.IsInBuckets(a.Entry, now.Time, spec.WindowNanos)).Sum(a => a.Amount);
        double traded = NaiveWindow.From(now.History.Trades, t => t.Entry, from)
            .Where(t => t.Buy == (side == Side.Sell) && NaiveWindow.IsInBuckets(t.Entry, now.Time, spec.WindowNanos)).Sum(t => (double)t.Quantity);
        return removed + traded > 0 ? removed / (removed + traded) : double.NaN;
    }

    /// <summary>What an event says about demand at a level: Cont, Kukanov and Stoikov's e.</summary>
    private static decimal Imbalance(NaiveChange c, int level)
    {
        bool isBid = c.Side == Side.Buy;
        decimal worst = isBid ? decimal.MinValue : decimal.MaxValue;
        (decimal was, long had) = level < c.Before.Length ? ((decimal)c.Before[level].Price, c.Before[level].Quantity) : (worst, 0);
        (decimal now, long has) = level < c.After.Length ? ((decimal)c.After[level].Price, c.After[level].Quantity) : (worst, 0);
        return isBid
            ? now > was ? has : now < was ? -had : has - had
            : now < was ? -has : now > was ? had : -(has - had);
    }

    private static bool IsMove(NaiveChange c) => c.TwiceMidBefore is long before && c.TwiceMidAfter is long after && before != after;

    /// <summary>How far the mid-price moved, in millionths of a hundredth of a percent, at most a tenth.</summary>
    private static double Move(NaiveChange c)
    {
        const double Most = 1e7;
        long before = c.TwiceMidBefore!.Value;
        return Math.Clamp(Math.Round((double)(c.TwiceMidAfter!.Value - before) * 1e8 / before, MidpointRounding.ToEven), -Most, Most);
    }

    private static IEnumerable<(long Entry, double Amount)> Deltas(IEnumerable<NaiveChange> changes, Side side, NaiveFlow flow, int best, int deepest) =>
        from change in changes
        where change.Side == side
        from delta in change.Deltas
        where delta.Flow == flow && delta.Rank >= best && delta.Rank <= deepest
        select (change.Entry, (double)delta.Quantity);
}
