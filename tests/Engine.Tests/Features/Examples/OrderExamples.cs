using Engine.Core.Events;

namespace Engine.Tests.Features.Examples;

/// <summary>Queues, lifetimes, rates and times since.</summary>
internal static class OrderExamples
{
    public static IEnumerable<FeatureExample> All() => [Queues(), Lifetimes(), Fills(), Rates(), Sides(), Traded()];

    private static FeatureExample Queues() => new FeatureExample("the queue at the best price")
        .Add(0, 1, Side.Sell, 101, 10).Then(Ask(0, 1, 1, 10)).Then(
            ("bid_queue_age", double.NaN), ("bid_queue_orders", double.NaN), ("bid_queue_front", double.NaN), ("bid_queue_mean_size", double.NaN))
        .Add(1, 2, Side.Sell, 101, 30).Then(Ask(1, 2, 0.25, 20))
        .Cancel(2, 1, 4).Then(Ask(2, 2, 6.0 / 36, 18))
        .Modify(2.5m, 1, 101, 5).Then(Ask(2.5, 2, 5.0 / 35, 17.5))

        // More at the same price: to the back, and young again.
        .Modify(3, 1, 101, 20).Then(Ask(2, 2, 0.6, 25))
        .Execute(4, 2, 29).Then(Ask(3, 2, 1.0 / 21, 10.5))
        .Execute(4, 2, 1).Then(Ask(1, 1, 1, 20))
        .Replace(5, 1, 3, 101, 20).Then(Ask(0, 1, 1, 20))
        .Add(6, 4, Side.Sell, 100, 7).Then(Ask(0, 1, 1, 7))
        .Delete(7, 4).Then(Ask(2, 1, 1, 20))
        .Add(8, 5, Side.Buy, 90, 8).Then(
            ("bid_queue_age", 0), ("bid_queue_orders", 1), ("bid_queue_front", 1), ("bid_queue_mean_size", 8))
        .Tick(3604).Then(Ask(3599, 1, 1, 20))
        .Tick(3606).Then(Ask(3600, 1, 1, 20)).Then(("bid_queue_age", 3598));

    /// <summary>A bucket of 5 s is 0.3125 s long.</summary>
    private static FeatureExample Lifetimes() => new FeatureExample("ages of orders that left by removal")
        .Add(0, 1, Side.Sell, 101, 10).Then(Lives(5, double.NaN, double.NaN, double.NaN))
        .Add(0, 2, Side.Sell, 101, 10)
        .Add(0, 3, Side.Buy, 99, 10)
        .Delete(0.1m, 1).Then(Lives(5, 0.1, 1, 0))

        // 100,001.9 µs count as 100,001: just not fleeting.
        .Delete(0.100_001_900m, 3).Then(Lives(5, 0.100_000_5, 0.5, 0))
        .Execute(1, 2, 4).Then(Lives(5, 0.100_000_5, 0.5, 0))
        .Execute(2, 2, 6).Then(Lives(5, 0.100_000_5, 0.5, 1.0 / 3))
        .Add(3, 4, Side.Buy, 98, 5)
        .Replace(4, 4, 5, 98, 5).Then(Lives(5, 1.200_001 / 3, 1.0 / 3, 0.25))
        .Modify(4.5m, 5, 98, 3).Then(Lives(5, 1.200_001 / 3, 1.0 / 3, 0.25))
        .Cancel(4.6m, 5, 3).Then(Lives(5, 1.800_001 / 4, 0.25, 0.2))

        // The first two are gone from 5 s.
        .Tick(5).Then(Lives(5, 0.8, 0, 1.0 / 3)).Then(Lives(60, 1.800_001 / 4, 0.25, 0.2))
        .Tick(9).Then(Lives(5, 0.6, 0, 0))
        .Tick(10).Then(Lives(5, double.NaN, double.NaN, double.NaN)).Then(Lives(60, 1.800_001 / 4, 0.25, 0.2));

    private static FeatureExample Fills() => new FeatureExample("fills alone have no lifetime")
        .Add(0, 1, Side.Sell, 101, 10)
        .Execute(1, 1, 10).Then(Lives(5, double.NaN, double.NaN, 1))
        .Add(2, 2, Side.Sell, 101, 10)
        .Execute(2.05m, 2, 9)
        .Delete(2.1m, 2).Then(Lives(5, 0.1, 1, 0.5))

        // Not printable, and yet an execution.
        .Add(3, 3, Side.Buy, 99, 10)
        .Flagged(EventFlags.NonPrintable).Execute(3.1m, 3, 10).Then(Lives(5, 0.1, 1, 2.0 / 3)).Then(("time_since_trade", 1.05));

    /// <summary>A bucket of 0.5 s is 0.03125 s long.</summary>
    private static FeatureExample Rates() => new FeatureExample("rates and times since")
        .Add(0, 1, Side.Buy, 99, 10).Then(("event_rate_0.500000", 2), ("event_rate_5.000000", 0.2), ("event_rate_60.000000", 1 / 60.0)).Then(Since(3600, 3600, 0))
        .Add(0.1m, 2, Side.Sell, 101, 10).Then(Since(3600, 0, 0.1))
        .Add(0.2m, 3, Side.Sell, 102, 5).Then(Since(3600, 0.1, 0.2))
        .Execute(0.3m, 2, 4).Then(Since(0, 0.2, 0.3))
        .Flagged(EventFlags.NonPrintable).Execute(0.35m, 2, 1).Then(Since(0.05, 0.25, 0.35))
        .Status(0.4m)

        // At the mid-price: nobody's trade, but an event.
        .Trade(0.45m, 100, 5).Then(Since(0.15, 0.35, 0.45)).Then(("event_rate_0.500000", 12), ("event_rate_5.000000", 1.2))
        .Delete(0.5m, 77)

        // From 0.125 on: five events.
        .Delete(0.6m, 2).Then(Since(0.3, 0, 0.6)).Then(("event_rate_0.500000", 10), ("event_rate_5.000000", 1.4))

        // Applied, and no change. From 0.21875 on: five.
        .Modify(0.7m, 3, 102, 5).Then(Since(0.4, 0.1, 0.7)).Then(("event_rate_0.500000", 10))
        .Delete(0.8m, 3).Then(Since(0.5, 0, 0.8))
        .Replace(0.9m, 1, 4, 99, 20).Then(Since(0.6, 0.1, 0.9))
        .Replace(1, 4, 5, 98, 20).Then(Since(0.7, 0.2, 0))
        .Tick(4000).Then(Since(3600, 3600, 3600)).Then(("event_rate_0.500000", 2), ("event_rate_60.000000", 1 / 60.0));

    private static FeatureExample Sides() => new FeatureExample("a trade whose side is told counts, others do not") { Venue = Venue.BitMex }
        .Trade(0, 100, 5, Side.None).Then(("time_since_trade", 3600), ("event_rate_0.500000", 2))
        .Trade(1, 100, 0, Side.Sell).Then(("time_since_trade", 3600), ("sell_count_60.000000", 0))
        .Trade(2, 100, 5, Side.Sell).Then(("time_since_trade", 0), ("sell_count_60.000000", 1), ("bid_cancel_ratio_1.000000", 0), ("ask_cancel_ratio_1.000000", double.NaN))
        .Trade(3, 100, 5).Then(("time_since_trade", 0), ("buy_volume_1.500000", 5), ("sell_volume_1.500000", 5))
        .Tick(3.5m).Then(("time_since_trade", 0.5), ("buy_volume_1.500000", 5), ("sell_volume_1.500000", 0))
        .Tick(3.6m).Then(("buy_volume_0.500000", 0), ("buy_volume_1.500000", 5), ("buy_count_60.000000", 1));

    private static FeatureExample Traded() => new FeatureExample("traded windows are exact, those in buckets are not")
        .Add(0, 1, Side.Sell, 101, 100)
        .Execute(0.05m, 1, 7).Then(("buy_volume_1.500000", 7), ("ask_cancel_ratio_1.000000", 0))
        .Tick(1.01m).Then(("buy_volume_1.500000", 7), ("ask_cancel_ratio_1.000000", double.NaN))
        .Tick(1.549_999_999m).Then(("buy_volume_1.500000", 7), ("buy_count_1.500000", 1))
        .Tick(1.55m).Then(("buy_volume_1.500000", 0), ("buy_volume_5.000000", 7));

    private static (string, double)[] Ask(double age, double orders, double front, double mean) =>
        [("ask_queue_age", age), ("ask_queue_orders", orders), ("ask_queue_front", front), ("ask_queue_mean_size", mean)];

    private static (string, double)[] Lives(int seconds, double mean, double fleeting, double fills) =>
        [($"mean_lifetime_{seconds}.000000", mean), ($"fleeting_share_{seconds}.000000", fleeting), ($"fill_share_{seconds}.000000", fills)];

    private static (string, double)[] Since(double trade, double ask, double bid) =>
        [("time_since_trade", trade), ("time_since_ask_move", ask), ("time_since_bid_move", bid)];
}
