using System.Globalization;
using Engine.Features;

namespace Engine.TestKit.Features;

/// <summary>The default contract, written down from its table: names, families, windows and units, in order.</summary>
public static class NaiveContract
{
    private static readonly double[] s_six = [0.1, 0.5, 1.5, 5, 15, 60];

    /// <summary>Every column of the contract `default`.</summary>
    public static IReadOnlyList<FeatureSpec> Default { get; } =
    [
        .. Levels("ask_distance", 10, "bps"), .. Levels("bid_distance", 10, "bps"),
        .. Levels("ask_volume", 10, "shares"), .. Levels("bid_volume", 10, "shares"),
        .. Plain("imbalance", "ratio", "imbalance_depth1", "imbalance_depth3", "imbalance_depth5", "imbalance_depth10"),
        .. Plain("imbalance", "bps", "micro_price_offset", "spread"),
        .. Plain("shape", "shares/bps", "ask_slope", "bid_slope"),
        .. Windows("buy_volume", "buy_volume", "shares", s_six), .. Windows("sell_volume", "sell_volume", "shares", s_six),
        .. Windows("buy_count", "buy_count", "trades", s_six), .. Windows("sell_count", "sell_count", "trades", s_six),
        .. LevelsOf("ask_added_liquidity", 5), .. LevelsOf("ask_removed_liquidity", 5),
        .. LevelsOf("bid_added_liquidity", 5), .. LevelsOf("bid_removed_liquidity", 5),
        .. LevelsOf("order_flow_imbalance", 1, 15),
        .. Windows("return", "return", "bps", s_six),
        .. Windows("volatility", "volatility", "bps", [5, 15, 60]),
        .. Windows("event_rate", "activity", "1/s", [0.5, 5, 60]),
        .. Plain("activity", "seconds", "time_since_trade", "time_since_ask_move", "time_since_bid_move"),
        .. Queue("ask"), .. Queue("bid"),
        .. Windows("ask_cancel_ratio", "cancel_pressure", "ratio", [1, 15]), .. Windows("bid_cancel_ratio", "cancel_pressure", "ratio", [1, 15]),
        .. Windows("mean_lifetime", "lifetime", "seconds", [5, 60]),
        .. Windows("fleeting_share", "lifetime", "ratio", [5, 60]), .. Windows("fill_share", "lifetime", "ratio", [5, 60]),
        .. Plain("reference", "bps", "index_difference", "mark_difference", "funding_rate"), .. Plain("reference", "seconds", "time_to_funding"),
        .. Plain("health", "seconds", "staleness", "gap_age"), .. Plain("health", "level", "trust"),
    ];

    /// <summary>A column with a window, e.g. `buy_volume_1.500000`.</summary>
    /// <param name="name">What stands before the window.</param>
    /// <param name="family">The family.</param>
    /// <param name="seconds">The window.</param>
    /// <param name="unit">The unit.</param>
    public static FeatureSpec Window(string name, string family, double seconds, string unit) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{name}_{seconds:F6}"), family, (long)Math.Round(seconds * 1e9), unit);

    private static IEnumerable<FeatureSpec> Plain(string family, string unit, params string[] names) =>
        names.Select(name => new FeatureSpec(name, family, 0, unit));

    private static IEnumerable<FeatureSpec> Levels(string family, int count, string unit) =>
        Enumerable.Range(0, count).Select(level => new FeatureSpec($"{family}_level{level}", family, 0, unit));

    private static IEnumerable<FeatureSpec> Windows(string name, string family, string unit, double[] seconds) =>
        seconds.Select(w => Window(name, family, w, unit));

    private static IEnumerable<FeatureSpec> LevelsOf(string family, params double[] seconds) =>
        seconds.SelectMany(w => Enumerable.Range(0, 5).Select(level => Window($"{family}_level{level}", family, w, "shares")));

    private static IEnumerable<FeatureSpec> Queue(string side) =>
    [
        new($"{side}_queue_age", "queue", 0, "seconds"), new($"{side}_queue_orders", "queue", 0, "orders"),
        new($"{side}_queue_front", "queue", 0, "ratio"), new($"{side}_queue_mean_size", "queue", 0, "shares"),
    ];
}
