using Engine.Features.Families;

namespace Engine.Features;

/// <summary>Every family there is, in the order of the default contract.</summary>
internal static class FamilyCatalogue
{
    private static readonly long[] s_traded = Millis(100, 500, 1_500, 5_000, 15_000, 60_000);

    /// <summary>The families.</summary>
    public static IReadOnlyList<FamilyKind> All { get; } =
    [
        Levels("ask_distance", "10⁴ · (price − mid) / mid by level", (c, _) => new LevelDistance(ask: true, c.Levels)),
        Levels("bid_distance", "10⁴ · (mid − price) / mid by level", (c, _) => new LevelDistance(ask: false, c.Levels)),
        Levels("ask_volume", "quantity by level, 0 where there is none", (c, _) => new LevelVolume(ask: true, c.Levels)),
        Levels("bid_volume", "quantity by level, 0 where there is none", (c, _) => new LevelVolume(ask: false, c.Levels)),
        Now("imbalance", "(B − A) / (B + A) over 1, 3, 5, 10 levels; micro-price offset; spread", () => new Imbalance()),
        Now("shape", "quantity of ten levels / distance of the deepest", () => new Shape()),
        Traded("buy_volume", "quantity bought by aggressors", buy: true, count: false),
        Traded("sell_volume", "quantity sold by aggressors", buy: false, count: false),
        Traded("buy_count", "trades bought by aggressors", buy: true, count: true),
        Traded("sell_count", "trades sold by aggressors", buy: false, count: true),
        Liquidity("ask_added_liquidity", "quantity added by level", ask: true, added: true),
        Liquidity("ask_removed_liquidity", "quantity removed without a trade by level", ask: true, added: false),
        Liquidity("bid_added_liquidity", "quantity added by level", ask: false, added: true),
        Liquidity("bid_removed_liquidity", "quantity removed without a trade by level", ask: false, added: false),
        new("order_flow_imbalance", "Σ bid flow − ask flow by level (Cont, Kukanov, Stoikov)", 5, FamilyWindows.Bucketed, Millis(1_000, 15_000),
            (c, _) => new OrderFlowImbalance(c.Levels, c.WindowNanos)),
        Bucketed("return", "10⁴ · (mid − mid then) / mid then", s_traded, c => new MidReturn(c.WindowNanos)),
        Bucketed("volatility", "√ Σ (return of a mid-price change)²", Millis(5_000, 15_000, 60_000), c => new Volatility(c.WindowNanos)),
        Bucketed("activity", "changes and trades a second; seconds since trade, ask move, bid move", Millis(500, 5_000, 60_000), c => new Activity(c.WindowNanos)),
        Now("queue", "at the touch: age of the oldest order, orders, its share, mean size; ask, bid", () => new TouchQueues()),
        Bucketed("cancel_pressure", "removed / (removed + traded) within three levels; ask, bid", Millis(1_000, 15_000), c => new CancelPressure(c.WindowNanos)),
        Bucketed("lifetime", "of orders that left: mean age of the removed, share ≤ 100 ms, share filled", Millis(5_000, 60_000), c => new OrderLifetime(c.WindowNanos)),
        Now("reference", "10⁴ · (mid − index) / index; mark price; funding rate and time", () => new ReferencePrices()),
        Now("health", "staleness, age of the last gap, trust", () => new Health()),
    ];

    /// <summary>A family by name, or null.</summary>
    public static FamilyKind? Find(string name) => All.FirstOrDefault(k => string.Equals(k.Name, name, StringComparison.Ordinal));

    private static FamilyKind Levels(string name, string formula, Func<FamilyChoice, TradeWindows?, FeatureFamily> make) =>
        new(name, formula, TopLevels.Depth, FamilyWindows.None, [], make);

    private static FamilyKind Now(string name, string formula, Func<FeatureFamily> make) => new(name, formula, 0, FamilyWindows.None, [], (_, _) => make());

    private static FamilyKind Traded(string name, string formula, bool buy, bool count) =>
        new(name, formula, 0, FamilyWindows.Exact, s_traded, (c, trades) => new TradedVolume(trades!, c.WindowNanos, buy, count));

    private static FamilyKind Liquidity(string name, string formula, bool ask, bool added) =>
        new(name, formula, 5, FamilyWindows.Bucketed, Millis(5_000), (c, _) => new LiquidityFlow(ask, added, c.Levels, c.WindowNanos));

    private static FamilyKind Bucketed(string name, string formula, long[] windows, Func<FamilyChoice, FeatureFamily> make) =>
        new(name, formula, 0, FamilyWindows.Bucketed, windows, (c, _) => make(c));

    private static long[] Millis(params long[] millis) => [.. millis.Select(m => m * 1_000_000)];
}
