using Engine.TestKit.Books;

namespace Engine.TestKit.Features;

/// <summary>Columns of the book as it lies: distances, volumes, imbalance, shape, queue.</summary>
internal static class NaiveBookColumns
{
    private const int ShapeLevels = 10;

    public static double Distance(string name, int level, NaiveMoment now)
    {
        (double Price, double, List<NaiveOrder>)[] levels = now.LevelsOf(name);
        return level < levels.Length ? Distance(name, levels[level].Price, now) : double.NaN;
    }

    public static double Volume(string name, int level, NaiveMoment now)
    {
        (double, double Quantity, List<NaiveOrder>)[] levels = now.LevelsOf(name);
        return level < levels.Length ? levels[level].Quantity : 0;
    }

    public static double Imbalance(string name, NaiveMoment now)
    {
        if (!now.HasTouch)
        {
            return double.NaN;
        }

        double ask = now.Asks[0].Price;
        double bid = now.Bids[0].Price;
        switch (name)
        {
            case "spread":
                return 1e4 * (ask - bid) / now.Mid;
            case "micro_price_offset":
                double micro = ((ask * now.Bids[0].Quantity) + (bid * now.Asks[0].Quantity)) / (now.Asks[0].Quantity + now.Bids[0].Quantity);
                return 1e4 * (micro - now.Mid) / now.Mid;
            default:
                int depth = NaiveNames.Number(name, "imbalance_depth");
                double bids = now.Bids.Take(depth).Sum(l => l.Quantity);
                double asks = now.Asks.Take(depth).Sum(l => l.Quantity);
                return (bids - asks) / (bids + asks);
        }
    }

    public static double Shape(string name, NaiveMoment now)
    {
        (double Price, double Quantity, List<NaiveOrder>)[] levels = [.. now.LevelsOf(name).Take(ShapeLevels)];
        double deepest = levels.Length > 0 ? Distance(name, levels[^1].Price, now) : double.NaN;
        return deepest > 0 ? levels.Sum(l => l.Quantity) / deepest : double.NaN;
    }

    public static double Queue(string name, NaiveMoment now)
    {
        (double, double Quantity, List<NaiveOrder> Queue) best = now.LevelsOf(name).FirstOrDefault();
        if (best.Queue is null || best.Queue[0].IsLevel)
        {
            return double.NaN;
        }

        NaiveOrder oldest = best.Queue[0];
        return name[4..] switch
        {
            "queue_age" => now.Since(oldest.EntryTime),
            "queue_orders" => best.Queue.Count,
            "queue_front" => oldest.Quantity / best.Quantity,
            "queue_mean_size" => best.Quantity / best.Queue.Count,
            _ => throw NaiveNames.Unknown(name),
        };
    }

    // The difference in decimals: a level exactly at the mid-price lies at distance 0, not beside it by a rounding.
    private static double Distance(string name, double price, NaiveMoment now)
    {
        double above = now.HasTouch ? (double)((decimal)price - (decimal)now.Mid) : double.NaN;
        return 1e4 * (NaiveMoment.SideOf(name) == Core.Events.Side.Sell ? above : -above) / now.Mid;
    }
}
