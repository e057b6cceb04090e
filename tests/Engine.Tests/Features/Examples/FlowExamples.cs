using Engine.Core.Events;

namespace Engine.Tests.Features.Examples;

/// <summary>Liquidity, order flow imbalance and cancel pressure.</summary>
internal static class FlowExamples
{
    public static IEnumerable<FeatureExample> All() =>
    [
        Liquidity(), Replaces(), Modifies(), KeepsPlace(), SetLevels(), NoChanges(), Snapshots(), BidFlow(), AskFlow(), CancelPressure(), Reversal(), Ahead(),
    ];

    /// <summary>A bucket of 5 s is 0.3125 s long.</summary>
    private static FeatureExample Liquidity() => new FeatureExample("liquidity by rank, in buckets")
        .Add(0, 1, Side.Sell, 101, 10).Then((AskAdded(0), 10), (AskAdded(1), 0), (BidAdded(0), 0))
        .Add(0.1m, 2, Side.Sell, 102, 20).Then((AskAdded(0), 10), (AskAdded(1), 20))
        .Add(0.2m, 3, Side.Sell, 100, 5).Then((AskAdded(0), 15), (AskAdded(1), 20), (AskAdded(2), 0))
        .Cancel(0.3m, 2, 4).Then((AskRemoved(2), 4), (AskRemoved(1), 0), (AskRemoved(0), 0))
        .Execute(0.4m, 3, 5).Then((AskRemoved(0), 0), (AskRemoved(2), 4), (AskAdded(0), 15))
        .Delete(0.5m, 1).Then((AskRemoved(0), 10), (AskRemoved(1), 0))
        .Add(0.7m, 4, Side.Buy, 99, 7).Then((BidAdded(0), 7), (BidRemoved(0), 0), (AskAdded(0), 15))
        .Tick(4.999_999_999m).Then((AskAdded(0), 15), (AskAdded(1), 20), (AskRemoved(2), 4), (AskRemoved(0), 10), (BidAdded(0), 7))

        // The sixteenth bucket after that of the first four events begins, and takes them out together.
        .Tick(5).Then((AskAdded(0), 0), (AskAdded(1), 0), (AskRemoved(2), 0), (AskRemoved(0), 10), (BidAdded(0), 7))
        .Tick(5.312_499_999m).Then((AskRemoved(0), 10), (BidAdded(0), 7))
        .Tick(5.3125m).Then((AskRemoved(0), 0), (BidAdded(0), 7))
        .Tick(5.625m).Then((BidAdded(0), 0));

    private static FeatureExample Replaces() => new FeatureExample("a replace removes and adds")
        .Add(0, 1, Side.Buy, 100, 10)
        .Add(0.1m, 2, Side.Buy, 99, 20).Then((BidAdded(0), 10), (BidAdded(1), 20))

        // Taken from the best of 100 and 99, put on the second of 99 and 98.
        .Replace(0.2m, 1, 3, 98, 8).Then((BidRemoved(0), 10), (BidRemoved(1), 0), (BidAdded(0), 10), (BidAdded(1), 28), (BidAdded(2), 0))

        // From the second to the best, past the other.
        .Replace(0.3m, 3, 4, 100, 6).Then((BidRemoved(1), 8), (BidAdded(0), 16))

        // At its own price: all goes and comes.
        .Replace(0.4m, 4, 5, 100, 6).Then((BidRemoved(0), 16), (BidAdded(0), 22), ("order_flow_imbalance_level0_15.000000", 10 - 10 + 6));

    private static FeatureExample Modifies() => new FeatureExample("a modify keeps its place with less and loses it with more")
        .Add(0, 1, Side.Buy, 99, 20)
        .Add(0.1m, 2, Side.Buy, 98, 8).Then((BidAdded(0), 20), (BidAdded(1), 8))
        .Modify(0.2m, 1, 99, 15).Then((BidRemoved(0), 5), (BidAdded(0), 20), ("mean_lifetime_5.000000", double.NaN))
        .Modify(0.3m, 1, 99, 15).Then((BidRemoved(0), 5), (BidAdded(0), 20))
        .Modify(0.4m, 1, 99, 25).Then((BidRemoved(0), 20), (BidAdded(0), 45), ("mean_lifetime_5.000000", 0.4))
        .Modify(0.6m, 2, 97, 8).Then((BidRemoved(1), 8), (BidAdded(1), 16), ("mean_lifetime_5.000000", 0.45));

    private static FeatureExample KeepsPlace() => new FeatureExample("where the venue says so a modify keeps its place with more") { Venue = Venue.Xdp }
        .Add(0, 1, Side.Buy, 99, 20)
        .Add(1, 2, Side.Buy, 99, 20)
        .Modify(2, 1, 99, 26).Then(
            (BidAdded(0), 46), (BidRemoved(0), 0), ("bid_queue_age", 2), ("bid_queue_front", 26.0 / 46), ("mean_lifetime_5.000000", double.NaN));

    private static FeatureExample SetLevels() => new FeatureExample("a set level adds or removes its difference") { Venue = Venue.BitMex }
        .SetLevel(0, Side.Sell, 101, 10).Then((AskAdded(0), 10), ("ask_queue_orders", double.NaN), ("ask_queue_age", double.NaN))
        .SetLevel(0.1m, Side.Sell, 101, 4).Then((AskAdded(0), 10), (AskRemoved(0), 6))
        .SetLevel(0.2m, Side.Sell, 102, 7).Then((AskAdded(1), 7))
        .SetLevel(0.3m, Side.Sell, 102, 7).Then((AskAdded(1), 7), (AskRemoved(1), 0), ("event_rate_0.500000", 8))
        .SetLevel(0.4m, Side.Sell, 101, 0).Then(
            (AskRemoved(0), 10), ("time_since_ask_move", 0), ("mean_lifetime_5.000000", double.NaN), ("fill_share_5.000000", double.NaN),
            ("ask_cancel_ratio_1.000000", 1), ("ask_queue_front", double.NaN), ("ask_queue_mean_size", double.NaN));

    private static FeatureExample NoChanges() => new FeatureExample("what did not apply is no change, whatever it removed")
        .Add(0, 1, Side.Sell, 101, 10)
        .Execute(0.1m, 1, 12)
        .Add(0.2m, 2, Side.Sell, 102, 3).Then(
            (AskAdded(0), 13), (AskRemoved(0), 0), ("fill_share_5.000000", double.NaN), ("time_since_trade", 3600), ("event_rate_0.500000", 4),
            ("time_since_ask_move", 0))
        .Replace(0.3m, 2, 3, 103, 0)
        .Tick(0.4m).Then(
            (AskAdded(0), 13), (AskRemoved(0), 0), ("mean_lifetime_5.000000", double.NaN), ("time_since_ask_move", 0.2),
            ("order_flow_imbalance_level0_1.000000", -13), ("ask_volume_level0", 0))
        .Add(0.5m, 4, Side.Sell, 102, 5)
        .Event(0.6m, new MarketEvent { Kind = EventKind.Clear })
        .Tick(0.7m).Then((AskRemoved(0), 0), ("time_since_ask_move", 0.2), ("ask_volume_level0", 0), ("mean_lifetime_5.000000", double.NaN))
        .Add(0.8m, 5, Side.Sell, 102, 5)
        .Flagged(EventFlags.SessionStart).Add(0.9m, 6, Side.Sell, 104, 7).Then(
            (AskRemoved(0), 0), (AskAdded(0), 30), ("ask_volume_level0", 7), ("ask_volume_level1", 0), ("time_since_ask_move", 0),
            ("order_flow_imbalance_level0_1.000000", -30), ("mean_lifetime_5.000000", double.NaN));

    private static FeatureExample Snapshots() => new FeatureExample("a snapshot changes the book and is no flow")
        .Flagged(EventFlags.FromSnapshot).Add(-5, 1, Side.Sell, 101, 10)
        .Flagged(EventFlags.FromSnapshot).Add(-4, 2, Side.Sell, 102, 20)
        .Tick(0).Then(
            (AskAdded(0), 0), (AskAdded(1), 0), ("order_flow_imbalance_level0_15.000000", 0), ("event_rate_5.000000", 0.2), ("time_since_ask_move", 3600),
            ("ask_volume_level0", 10), ("ask_queue_age", 5), ("staleness", 0))
        .Cancel(1, 2, 5).Then((AskRemoved(1), 5), ("order_flow_imbalance_level1_15.000000", 5))
        .Flagged(EventFlags.FromSnapshot).Delete(1.5m, 2)

        // The best ask is older than the instrument's first event.
        .Delete(2, 1).Then(
            (AskRemoved(0), 10), ("mean_lifetime_5.000000", 7), ("fleeting_share_5.000000", 0), ("order_flow_imbalance_level0_15.000000", 10),
            ("time_since_ask_move", 0), ("staleness", 1))
        .Flagged(EventFlags.FromSnapshot).Add(20, 3, Side.Buy, 99, 1)
        .Tick(3).Then((BidAdded(0), 0), ("bid_queue_age", 0), ("time_since_bid_move", 3600), ("staleness", 1));

    /// <summary>A bucket of 1 s is 0.0625 s long.</summary>
    private static FeatureExample BidFlow() => new FeatureExample("order flow of the bid side")
        .Add(0, 1, Side.Buy, 100, 10).Then((Flow(0), 10))
        .Add(0.1m, 2, Side.Buy, 100, 5).Then((Flow(0), 15))
        .Cancel(0.2m, 1, 3).Then((Flow(0), 12))

        // A better level: all of it, and the second is what the first was.
        .Add(0.3m, 3, Side.Buy, 101, 7).Then((Flow(0), 19), (Flow(1), 12), (Flow(2), 0))
        .Delete(0.4m, 3).Then((Flow(0), 12), (Flow(1), 0))
        .Execute(0.5m, 1, 7).Then((Flow(0), 5))
        .Delete(0.6m, 2).Then((Flow(0), 0), (Flow(1), 0))
        .Tick(1.062_499_999m).Then((Flow(0), -10))
        .Tick(1.125m).Then((Flow(0), -15), (Flow(1), 0), ("order_flow_imbalance_level0_15.000000", 0));

    private static FeatureExample AskFlow() => new FeatureExample("order flow of the ask side")
        .Add(0, 4, Side.Sell, 103, 4).Then((Flow(0), -4))
        .Add(0.1m, 5, Side.Sell, 102, 6).Then((Flow(0), -10), (Flow(1), -4))
        .Execute(0.2m, 5, 2).Then((Flow(0), -8))
        .Delete(0.3m, 5).Then((Flow(0), -4), (Flow(1), 0))
        .Replace(0.4m, 4, 6, 104, 9).Then((Flow(0), 0), (Flow(1), 0))
        .Replace(0.5m, 6, 7, 102, 3).Then((Flow(0), -3))
        .Modify(0.6m, 7, 102, 8).Then((Flow(0), -8))
        .Delete(0.7m, 7).Then((Flow(0), 0));

    private static FeatureExample CancelPressure() => new FeatureExample("cancelled against cancelled and traded")
        .Add(0, 1, Side.Sell, 101, 10)
        .Add(0.01m, 2, Side.Sell, 102, 10)
        .Add(0.02m, 3, Side.Sell, 103, 10)
        .Add(0.03m, 4, Side.Sell, 104, 10).Then((Pressure("ask", 1), double.NaN))
        .Add(0.04m, 5, Side.Buy, 99, 10)
        .Cancel(0.1m, 4, 5).Then((Pressure("ask", 1), double.NaN))
        .Cancel(0.15m, 3, 6).Then((Pressure("ask", 1), 1), (Pressure("bid", 1), double.NaN))
        .Execute(0.2m, 1, 4).Then((Pressure("ask", 1), 0.6), (Pressure("bid", 1), double.NaN))

        // The mid-price is 100: a trade above it was bought, one below it sold.
        .Trade(0.25m, 100.5m, 10).Then((Pressure("ask", 1), 0.3))
        .Trade(0.26m, 99.5m, 3).Then((Pressure("ask", 1), 0.3), (Pressure("bid", 1), 0))
        .Cancel(0.27m, 5, 9).Then((Pressure("bid", 1), 0.75))
        .Flagged(EventFlags.NonPrintable).Execute(0.3m, 1, 1).Then((Pressure("ask", 1), 0.3))
        .Tick(1.249_999_999m).Then((Pressure("ask", 1), 0), (Pressure("bid", 1), 0.75), (Pressure("ask", 15), 0.3))
        .Tick(1.3125m).Then((Pressure("ask", 1), double.NaN), (Pressure("bid", 1), double.NaN), (Pressure("bid", 15), 0.75));

    private static FeatureExample Reversal() => new FeatureExample("an earlier time counts as the latest so far, but for an order's age")
        .Tick(10)
        .Add(8, 1, Side.Sell, 101, 10).Then((AskAdded(0), 10), ("ask_queue_age", 2), ("time_since_ask_move", 0))
        .Delete(9.5m, 1).Then((AskRemoved(0), 10), ("mean_lifetime_5.000000", 2))

        // Both happened at 10, whose bucket leaves at 15.
        .Tick(14.999_999_999m).Then((AskAdded(0), 10), (AskRemoved(0), 10))
        .Tick(15).Then((AskAdded(0), 0), (AskRemoved(0), 0));

    private static FeatureExample Ahead() => new FeatureExample("what comes after a row ahead of the clock enters buckets at the row's time") { Sampling = "grid-1000" }
        .Add(0.5m, 1, Side.Sell, 101, 10)

        // A gap of the venue makes the rows up to it.
        .On(MarketEvent.AllInstruments).Event(3.2m, new MarketEvent { Kind = EventKind.Gap, Quantity = 1 }).ThenAt(3, (AskAdded(0), 10), ("time_since_ask_move", 2.5))
        .On(0).Add(1.5m, 2, Side.Sell, 100, 5)
        .Execute(1.6m, 2, 2)

        // From 0.625 on at 5, from 2.1875 on at 7, from 3.125 on at 8.
        .Status(8.4m)
        .ThenAt(4, (AskAdded(0), 15), ("time_since_ask_move", 2.5), ("time_since_trade", 2.4), ("buy_count_5.000000", 1))
        .ThenAt(7, (AskAdded(0), 5), ("time_since_ask_move", 5.5), ("ask_queue_age", 5.5), ("buy_count_5.000000", 0), ("event_rate_5.000000", 0.4))
        .ThenAt(8, (AskAdded(0), 0), ("event_rate_5.000000", 0));

    private static string AskAdded(int level) => $"ask_added_liquidity_level{level}_5.000000";

    private static string AskRemoved(int level) => $"ask_removed_liquidity_level{level}_5.000000";

    private static string BidAdded(int level) => $"bid_added_liquidity_level{level}_5.000000";

    private static string BidRemoved(int level) => $"bid_removed_liquidity_level{level}_5.000000";

    private static string Flow(int level) => $"order_flow_imbalance_level{level}_1.000000";

    private static string Pressure(string side, int seconds) => $"{side}_cancel_ratio_{seconds}.000000";
}
