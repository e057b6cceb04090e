using Engine.Core.Events;

namespace Engine.Tests.Features.Examples;

/// <summary>Reference values and health.</summary>
internal static class StateExamples
{
    private const long RateUnit = 100_000;

    public static IEnumerable<FeatureExample> All() => [References(), Forgotten(), Health()];

    private static FeatureExample References() => new FeatureExample("the mid-price against what it follows") { Venue = Venue.BitMex }
        .SetLevel(0, Side.Buy, 99, 5).Then(State(double.NaN, double.NaN, double.NaN, double.NaN))
        .Refer(1, EventKind.IndexPrice, FeatureExample.Units(99.5m))
        .Tick(2).Then(State(double.NaN, double.NaN, double.NaN, double.NaN)).Then(("staleness", 1), ("event_rate_5.000000", 0.4))
        .SetLevel(3, Side.Sell, 101, 5).Then(State(1e4 * 0.5 / 99.5, double.NaN, double.NaN, double.NaN))
        .Refer(4, EventKind.MarkPrice, FeatureExample.Units(100.5m))
        .Tick(5).Then(State(1e4 * 0.5 / 99.5, -1e4 * 0.5 / 100.5, double.NaN, double.NaN))

        // A rate of 0.0001, due at 100 s.
        .Refer(6, EventKind.Funding, RateUnit, FeatureExample.At(100))
        .Tick(7.5m).Then(State(1e4 * 0.5 / 99.5, -1e4 * 0.5 / 100.5, 1, 92.5))
        .Refer(8, EventKind.Funding, -3 * RateUnit, FeatureExample.At(20))
        .Tick(20.5m).Then(State(1e4 * 0.5 / 99.5, -1e4 * 0.5 / 100.5, -3, 0))
        .SetLevel(21, Side.Sell, 101, 0).Then(State(double.NaN, double.NaN, -3, 0))
        .SetLevel(22, Side.Sell, 102, 7).Then(State(1e4 / 99.5, 0, -3, 0));

    private static FeatureExample Forgotten() => new FeatureExample("reference values are state: snapshots tell them, and absent ones are not known") { Venue = Venue.BitMex }
        .Flagged(EventFlags.FromSnapshot).Refer(0, EventKind.IndexPrice, FeatureExample.Units(80))
        .Flagged(EventFlags.FromSnapshot).Refer(0, EventKind.MarkPrice, FeatureExample.Units(125))
        .Flagged(EventFlags.FromSnapshot).Refer(0, EventKind.Funding, 2 * RateUnit, FeatureExample.At(60))
        .Flagged(EventFlags.FromSnapshot).SetLevel(0, Side.Buy, 99, 5)
        .Flagged(EventFlags.FromSnapshot).SetLevel(0, Side.Sell, 101, 5)
        .Tick(10).Then(State(2500, -2000, 2, 50)).Then(("staleness", 0))
        .Refer(11, EventKind.IndexPrice, 0)
        .Refer(12, EventKind.MarkPrice, MarketEvent.Absent)
        .Refer(13, EventKind.Funding, MarketEvent.Absent, FeatureExample.At(60))
        .Tick(14).Then(State(double.NaN, double.NaN, double.NaN, 46)).Then(("staleness", 1))
        .Refer(15, EventKind.Funding, 0)
        .Refer(16, EventKind.MarkPrice, -FeatureExample.Units(5))
        .Refer(17, EventKind.IndexPrice, FeatureExample.Units(100))
        .Tick(18).Then(State(0, double.NaN, 0, double.NaN))
        .Event(19, new MarketEvent { Kind = EventKind.Clear })
        .SetLevel(20, Side.Buy, 99, 5)
        .SetLevel(21, Side.Sell, 111, 5).Then(State(500, double.NaN, 0, double.NaN))

        // Another instrument knows nothing of it.
        .On(1).SetLevel(21, Side.Buy, 99, 5)
        .SetLevel(21, Side.Sell, 111, 5).Then(State(double.NaN, double.NaN, double.NaN, double.NaN));

    private static FeatureExample Health() => new FeatureExample("staleness, gaps, trust")
        .Add(0, 1, Side.Buy, 99, 5).Then(("staleness", 0), ("gap_age", 3600), ("trust", 1))
        .Status(3)
        .Tick(4).Then(("staleness", 1))
        .Event(5, new MarketEvent { Kind = EventKind.Gap, Quantity = 2 })
        .Tick(7).Then(("staleness", 2), ("gap_age", 2), ("trust", 2))
        .On(1).Add(8, 2, Side.Buy, 99, 5).Then(("gap_age", 3600), ("trust", 1))
        .On(0).Tick(5000).Then(("staleness", 4993), ("gap_age", 3600));

    private static (string, double)[] State(double index, double mark, double rate, double time) =>
        [("index_difference", index), ("mark_difference", mark), ("funding_rate", rate), ("time_to_funding", time)];
}
