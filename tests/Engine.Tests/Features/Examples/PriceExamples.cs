using Engine.Core.Events;

namespace Engine.Tests.Features.Examples;

/// <summary>Returns, volatility and the shape of the book.</summary>
internal static class PriceExamples
{
    public static IEnumerable<FeatureExample> All() =>
    [
        Returns(), ReturnsOfRowsBetweenEvents(), ReturnsOverSnapshots(), Volatility(), Rounding(), Shapes(), DeepShape(), Distances(),
    ];

    /// <summary>A bucket of 5 s is 0.3125 s long.</summary>
    private static FeatureExample Returns() => new FeatureExample("returns from where the window begins")
        .Add(0, 1, Side.Buy, 99, 1).Then((Return5, double.NaN))
        .Add(0.1m, 2, Side.Sell, 101, 1).Then((Return5, double.NaN))
        .Replace(1, 2, 3, 103, 1).Then((Return5, double.NaN))

        // From 0.3125 on; the first event from there on is that at 1, and before it the mid-price was 100. It is 101.
        .Tick(5).Then((Return5, 100))

        // From 0.9375 on: the same.
        .Tick(5.9m).Then((Return5, 100))

        // From 1.25 on: the tick at 5, before which the mid-price was 101.
        .Tick(6).Then((Return5, 0))
        .Replace(6.1m, 1, 4, 97, 1).Then((Return5, 1e4 * (100 - 101) / 101.0))

        // After a silence the first event from the boundary on is the row's own: the mid-price before it was 100.
        .Replace(100, 4, 5, 99, 1).Then((Return5, 100), ("return_0.100000", 100), ("return_60.000000", 100))
        .Delete(101, 5).Then((Return5, double.NaN))

        // From 105.3125 on, where the book had one side.
        .Add(110, 6, Side.Buy, 95, 1).Then((Return5, double.NaN), ("return_60.000000", 1e4 * (99 - 100) / 100.0))
        .Tick(116).Then((Return5, 0));

    /// <summary>Rows each second. A bucket of 1.5 s is 0.09375 s long.</summary>
    private static FeatureExample ReturnsOfRowsBetweenEvents() => new FeatureExample("a row between events passes a boundary too") { Sampling = "grid-1000" }
        .Add(0.5m, 1, Side.Buy, 99, 1)
        .Add(0.6m, 2, Side.Sell, 101, 1)
        .Replace(3.5m, 2, 3, 103, 1)

            // From 0.53125 on: the event at 0.6, before which there was no ask.
            .ThenAt(1, ("return_0.500000", double.NaN), ("return_1.500000", double.NaN))

            // From 1.53125 on: this row; from 0.5625 on: the event at 0.6.
            .ThenAt(2, ("return_0.500000", 0), ("return_1.500000", double.NaN))
            .ThenAt(3, ("return_0.500000", 0), ("return_1.500000", 0))
        .Status(6.2m)

            // From 3.53125 on: this row, after the move; from 2.53125 on: the row at 3, before it.
            .ThenAt(4, ("return_0.500000", 0), ("return_1.500000", 100))
            .ThenAt(5, ("return_0.500000", 0), ("return_1.500000", 0))
            .ThenAt(6, ("return_0.500000", 0), ("return_1.500000", 0));

    private static FeatureExample ReturnsOverSnapshots() => new FeatureExample("a snapshot passes no boundary, and its mid-price is in force")
        .Add(0, 1, Side.Buy, 99, 1)
        .Add(0.1m, 2, Side.Sell, 101, 1)
        .Flagged(EventFlags.FromSnapshot).Delete(3, 2)
        .Flagged(EventFlags.FromSnapshot).Add(3, 3, Side.Sell, 103, 1)
        .Replace(8, 1, 4, 97, 1).Then((Return5, 1e4 * (100 - 101) / 101.0), ("volatility_5.000000", 1e-4 * 990_099));

    private static FeatureExample Volatility() => new FeatureExample("volatility of moves of the mid-price")
        .Add(0, 1, Side.Buy, 99, 1).Then((Volatility5, 0))
        .Add(0.1m, 2, Side.Sell, 101, 1).Then((Volatility5, 0))

        // From 100 to 101, a hundred basis points, and back: 1/101, rounded to a ten-thousandth of a basis point.
        .Replace(0.2m, 2, 3, 103, 1).Then((Volatility5, 100))
        .Replace(0.3m, 3, 4, 101, 1).Then((Volatility5, 1e-4 * Math.Sqrt(1e12 + (990_099.0 * 990_099))))

        // More than a tenth counts as a tenth.
        .Replace(0.4m, 4, 5, 1000, 1).Then((Volatility5, 1e-4 * Math.Sqrt(1e14 + 1e12 + (990_099.0 * 990_099))))

        // Neither a side that goes nor one that comes is a move, nor a trade.
        .Delete(0.5m, 5)
        .Add(0.6m, 6, Side.Sell, 105, 1)
        .Trade(0.7m, 100, 1)
        .Add(0.8m, 7, Side.Sell, 106, 1).Then((Volatility5, 1e-4 * Math.Sqrt(1e14 + 1e12 + (990_099.0 * 990_099))))
        .Tick(5).Then((Volatility5, 1000), ("volatility_60.000000", 1e-4 * Math.Sqrt(1e14 + 1e12 + (990_099.0 * 990_099))))
        .Tick(5.3125m).Then((Volatility5, 0));

    /// <summary>Twice the mid-price is 2·10⁸ units: a unit is half a ten-thousandth of a basis point, and halves go to the even.</summary>
    private static FeatureExample Rounding()
    {
        var example = new FeatureExample("moves are rounded to even ten-thousandths of a basis point");
        foreach ((int instrument, int units, int rounded) in ((int, int, int)[])[(0, 1, 0), (1, 3, 2), (2, 5, 2), (3, -1, 0), (4, -3, 2), (5, 7, 4)])
        {
            ulong id = 10 * (ulong)(instrument + 1);
            example.On(instrument).Add(0, id, Side.Buy, 0.099_999_900m, 1).Add(0, id + 1, Side.Sell, 0.100_000_100m, 1)
                .Replace(0, id + 1, id + 2, 0.100_000_100m + (units * 0.000_000_001m), 1).Then((Volatility5, rounded * 1e-4));
        }

        return example;
    }

    private static FeatureExample Shapes() => new FeatureExample("quantity a basis point")
        .Add(0, 1, Side.Sell, 101, 10).Then(("ask_slope", double.NaN), ("bid_slope", double.NaN))
        .Add(0, 2, Side.Sell, 102, 20).Then(("ask_slope", double.NaN), ("bid_slope", double.NaN))

        // The mid-price is 100: 30 shares within 200 basis points, 5 within 100.
        .Add(0, 3, Side.Buy, 99, 5).Then(("ask_slope", 0.15), ("bid_slope", 0.05))
        .Add(0, 4, Side.Sell, 102, 30).Then(("ask_slope", 0.3), ("bid_slope", 0.05))

        // Bids at 99 and 103 around asks at 101 and 102: the mid-price is 102, the deepest ask on it, the deepest bid 1/34 below it.
        .Add(0, 5, Side.Buy, 103, 1).Then(("ask_slope", double.NaN), ("bid_slope", 6 / (1e4 * 3 / 102)))
        .Delete(0, 3).Then(("ask_slope", double.NaN), ("bid_slope", double.NaN));

    private static FeatureExample DeepShape()
    {
        FeatureExample example = new FeatureExample("only ten levels make a shape").Add(0, 1, Side.Buy, 99, 1);
        for (int i = 0; i < 12; i++)
        {
            example.Add(0, (ulong)(2 + i), Side.Sell, 101 + i, 1 + i);
        }

        // Asks at 101 to 112 with 1 to 12; the tenth is at 110 with 10, and 55 lie up to it.
        return example.Then(("ask_slope", 55.0 / 1000), ("bid_slope", 1.0 / 100), ("ask_volume_level9", 10), ("ask_distance_level9", 1000));
    }

    private static FeatureExample Distances() => new FeatureExample("distances, imbalance and spread")
        .Add(0, 1, Side.Buy, 99, 30)
        .Add(0, 2, Side.Sell, 101, 10)
        .Add(0, 3, Side.Sell, 103, 20).Then(
            ("ask_distance_level0", 100), ("ask_distance_level1", 300), ("ask_distance_level2", double.NaN), ("bid_distance_level0", 100),
            ("imbalance_depth1", 0.5), ("imbalance_depth3", 0), ("imbalance_depth10", 0), ("spread", 200),

            // (101 · 30 + 99 · 10) / 40 = 100.5
            ("micro_price_offset", 50), ("bid_volume_level0", 30), ("bid_volume_level1", 0));

    private const string Return5 = "return_5.000000";

    private const string Volatility5 = "volatility_5.000000";
}
