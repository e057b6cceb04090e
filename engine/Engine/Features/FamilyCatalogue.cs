using Engine.Features.Families;

namespace Engine.Features;

/// <summary>Every family there is, in the order of the default contract.</summary>
internal static class FamilyCatalogue
{
    private const string PriceImpact = "Cont, Kukanov and Stoikov, The Price Impact of Order Book Events (2014)";
    private const string Book = "the book as the venue tells it";

    private static readonly long[] s_traded = Millis(100, 500, 1_500, 5_000, 15_000, 60_000);

    /// <summary>The families.</summary>
    public static IReadOnlyList<FamilyKind> All { get; } =
    [
        Levels("ask_distance", "10⁴ · (price − mid) / mid by level", PriceImpact, (c, _) => new LevelDistance(ask: true, c.Levels)),
        Levels("bid_distance", "10⁴ · (mid − price) / mid by level", PriceImpact, (c, _) => new LevelDistance(ask: false, c.Levels)),
        Levels("ask_volume", "quantity by level, 0 where there is none", Book, (c, _) => new LevelVolume(ask: true, c.Levels)),
        Levels("bid_volume", "quantity by level, 0 where there is none", Book, (c, _) => new LevelVolume(ask: false, c.Levels)),
        Now("imbalance", "(B − A) / (B + A) over 1, 3, 5, 10 levels; micro-price offset; spread",
            "Gatheral and Oomen, Zero-intelligence realized variance estimation (2010)", () => new Imbalance()),
        Now("shape", "quantity of ten levels / distance of the deepest; ask, bid",
            "Næs and Skjeltorp, Order book characteristics and the volume-volatility relation (2006)", () => new Shape()),
        Traded("buy_volume", "quantity bought by aggressors", buy: true, count: false),
        Traded("sell_volume", "quantity sold by aggressors", buy: false, count: false),
        Traded("buy_count", "trades bought by aggressors", buy: true, count: true),
        Traded("sell_count", "trades sold by aggressors", buy: false, count: true),
        Liquidity("ask_added_liquidity", "quantity added by level", ask: true, added: true),
        Liquidity("ask_removed_liquidity", "quantity removed without a trade by level", ask: true, added: false),
        Liquidity("bid_added_liquidity", "quantity added by level", ask: false, added: true),
        Liquidity("bid_removed_liquidity", "quantity removed without a trade by level", ask: false, added: false),
        new("order_flow_imbalance", "Σ bid flow − ask flow by level", PriceImpact + "; Xu, Gould and Howison, Multi-Level Order-Flow Imbalance (2019)",
            5, FamilyWindows.Bucketed, Millis(1_000, 15_000), (c, _) => new OrderFlowImbalance(c.Levels, c.WindowNanos)),
        Bucketed("return", "10⁴ · (mid − mid then) / mid then",
            "Dacorogna et al., An Introduction to High-Frequency Finance (2001)", s_traded, c => new MidReturn(c.WindowNanos)),
        Bucketed("volatility", "√ Σ (return of a mid-price change)²",
            "Andersen, Bollerslev, Diebold and Labys, Modeling and Forecasting Realized Volatility (2003)",
            Millis(5_000, 15_000, 60_000), c => new Volatility(c.WindowNanos)),
        Bucketed("activity", "changes and trades a second; seconds since trade, ask move, bid move",
            "Engle and Russell, Autoregressive Conditional Duration (1998)", Millis(500, 5_000, 60_000), c => new Activity(c.WindowNanos)),
        Now("queue", "at the touch: age of the oldest order, orders, its share, mean size; ask, bid",
            "Moallemi and Yuan, A Model for Queue Position Valuation in a Limit Order Book (2016)", () => new TouchQueues()),
        Bucketed("cancel_pressure", "removed / (removed + traded) within three levels; ask, bid",
            "Lee, Eom and Park, Microstructure-based manipulation (2013)", Millis(1_000, 15_000), c => new CancelPressure(c.WindowNanos)),
        Bucketed("lifetime", "of orders that left: mean age of the removed, share ≤ 100 ms, share filled",
            "Hasbrouck and Saar, Technology and liquidity provision (2009)", Millis(5_000, 60_000), c => new OrderLifetime(c.WindowNanos)),
        Now("reference", "10⁴ · (mid − index) / index; same of mark price; funding rate and time",
            "BitMEX, Perpetual Contracts Guide", () => new ReferencePrices()),
        Now("health", "staleness, age of the last gap, trust", "what the engine knows of its feed", () => new Health()),
    ];

    /// <summary>A family by name, or null.</summary>
    public static FamilyKind? Find(string name) => All.FirstOrDefault(k => string.Equals(k.Name, name, StringComparison.Ordinal));

    private static FamilyKind Levels(string name, string formula, string source, Func<FamilyChoice, TradeWindows?, FeatureFamily> make) =>
        new(name, formula, source, TopLevels.Depth, FamilyWindows.None, [], make);

    private static FamilyKind Now(string name, string formula, string source, Func<FeatureFamily> make) =>
        new(name, formula, source, 0, FamilyWindows.None, [], (_, _) => make());

    private static FamilyKind Traded(string name, string formula, bool buy, bool count) =>
        new(name, formula, "trades that the venue prints", 0, FamilyWindows.Exact, s_traded, (c, trades) => new TradedVolume(trades!, c.WindowNanos, buy, count));

    private static FamilyKind Liquidity(string name, string formula, bool ask, bool added) =>
        new(name, formula, "Cont, Stoikov and Talreja, A stochastic model for order book dynamics (2010)",
            5, FamilyWindows.Bucketed, Millis(5_000), (c, _) => new LiquidityFlow(ask, added, c.Levels, c.WindowNanos));

    private static FamilyKind Bucketed(string name, string formula, string source, long[] windows, Func<FamilyChoice, FeatureFamily> make) =>
        new(name, formula, source, 0, FamilyWindows.Bucketed, windows, (c, _) => make(c));

    private static long[] Millis(params long[] millis) => [.. millis.Select(m => m * 1_000_000)];
}
