using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.TestKit;
using Engine.TestKit.Books;
using Engine.TestKit.Features;

namespace Engine.Tests.Features;

/// <summary>Every row and every column of the contracts against the definitions, on random flows.</summary>
public sealed class FeatureOracleTests
{
    private static readonly FlowOptions s_sparse = new() { Instruments = 4, Orders = 40, Ticks = 30, Upheaval = 0.004, MeanStepNanos = 60_000_000 };
    private static readonly FlowOptions s_busy = new() { Outside = 16, Reversals = 0.01 };

    /// <summary>All that a flow can do.</summary>
    private static readonly FlowOptions s_varied = new()
    {
        Orders = 160, Ticks = 20, LevelInstruments = 2, Upheaval = 0.002, Snapshots = 0.003, References = 0.02, Touches = 0.08, Edits = 0.08, Sweeps = 0.001,
        Far = 0.02, Silences = 0.001, Bursts = 0.003, Starts = 0.0005, Reversals = 0.01, ReversalNanos = 2_000_000_000,
    };

    private static readonly string[] s_sums =
        ["ask_added_liquidity", "ask_removed_liquidity", "bid_added_liquidity", "bid_removed_liquidity", "order_flow_imbalance", "activity", "volatility"];

    [Test, Combinatorial]
    public void Rows_agree(
        [Values("default", "snapshot")] string contract,
        [Values("every-event", "every-7", "grid-250")] string sampling,
        [Values] bool sparse)
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            AssertRows(seed, contract, sampling, 5_000, sparse ? s_sparse : s_busy);
        }
    }

    [Test, Combinatorial]
    public void Rows_of_feeds_with_snapshots_agree([Values("every-event", "grid-250")] string sampling)
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            AssertRows(seed, "default", sampling, 5_000, s_sparse with { Snapshots = 0.02, OddVenue = Venue.BitMex });
        }
    }

    [Test, Combinatorial]
    public void Rows_of_varied_flows_agree([Values("every-event", "grid-500")] string sampling, [Values] bool crowded)
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            AssertRows(seed, "default", sampling, 5_000, crowded ? s_varied with { Instruments = 3, LevelInstruments = 1, Orders = 60, Ticks = 8 } : s_varied);
        }
    }

    [Test, Combinatorial]
    public void Rows_agree_where_some_events_have_no_time_of_the_exchange([Values("every-event", "grid-250")] string sampling)
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            AssertRows(seed, "default", sampling, 4_000, s_sparse with { Upheaval = 0.01, References = 0.05, Snapshots = 0.01, Untimed = 0.5, OddVenue = Venue.BitMex });
        }
    }

    /// <summary>A column that is always nothing would agree with anything: on the flows of these tests each has at least three values besides zero.</summary>
    [Test]
    public void Every_column_tells_something_in_some_flow()
    {
        const int Few = 3;
        var told = NaiveContract.Default.ToDictionary(f => f.Name, _ => new HashSet<double>());
        foreach (FlowOptions options in (FlowOptions[])[s_varied, s_busy])
        {
            var naive = new NaiveRun(Pipelines.Limits, Sampling.EveryEvent);
            var flow = new RandomFlow(Seeds.Take(1).First(), options);
            for (int i = 0; i < 5_000; i++)
            {
                foreach (NaiveRow row in naive.OnEvent(flow.Next()))
                {
                    foreach ((string name, double value) in row.Columns.Where(c => !double.IsNaN(c.Value) && c.Value != 0 && told[c.Key].Count < Few))
                    {
                        told[name].Add(value);
                    }
                }
            }
        }

        Assert.That(told.Where(t => t.Value.Count < Few && t.Key != "trust").Select(t => t.Key), Is.Empty);
        Assert.That(told["trust"], Is.EquivalentTo((double[])[1, 2]), "with good, which is 0, there are no more");
    }

    /// <summary>What the buckets cost: a sum is off by no more than what happened within the window's oldest bucket's length.</summary>
    [Test]
    public void A_sum_over_buckets_is_as_near_to_the_exact_one_as_is_said()
    {
        long apart = 0;
        foreach (ulong seed in Seeds.Take(2))
        {
            using var both = new FeatureAgreement("default", "every-event", Pipelines.Limits);
            FeatureSpec[] sums = [.. NaiveContract.Default.Where(f => f.WindowNanos > 0 && s_sums.Contains(f.Family))];
            var flow = new RandomFlow(seed, s_varied);
            for (int i = 0; i < 1_500; i++)
            {
                MarketEvent e = flow.Next();
                long rows = both.Rows;
                Assert.That(both.OnEvent(e), Is.Null, $"seed {seed}, event {i}");
                foreach (FeatureSpec column in both.Rows > rows ? sums : [])
                {
                    (double sum, double ideal, double bound) = both.Naive.Features.Bounds(e.Instrument, column);
                    int index = both.Contract.IndexOf(column.Name);
                    sum = index >= 0 ? Sum(column, both.LastRow[index]) : sum;
                    Assert.That(Math.Abs(sum - ideal), Is.LessThanOrEqualTo(bound + (1e-5 * Math.Abs(sum))), $"seed {seed}, event {i}, {column.Name}");
                    apart += bound > 0 && Math.Abs(sum - ideal) > 0.5 ? 1 : 0;
                }
            }
        }

        Assert.That(apart, Is.GreaterThan(100), "some sums must have differed");
    }

    /// <summary>What a column sums, from its value.</summary>
    private static double Sum(FeatureSpec column, float value) => column.Family switch
    {
        "activity" => value * (column.WindowNanos / 1e9),
        "volatility" => Math.Pow(value * 1e4, 2),
        _ => value,
    };

    private static void AssertRows(ulong seed, string contract, string sampling, int count, FlowOptions options)
    {
        using FeatureAgreement both = Run(seed, contract, sampling, count, options);
        Assert.That(both.Rows, Is.GreaterThan(400), $"seed {seed}");
        Assert.That(both.Pipeline.Features.TimeReversals, Is.EqualTo(both.Naive.Features.TimeReversals).And.Positive, $"seed {seed}");
        Assert.That(both.Pipeline.Features.UnclassifiedTrades, Is.EqualTo(both.Naive.Features.UnclassifiedTrades).And.Positive, $"seed {seed}");
    }

    private static FeatureAgreement Run(ulong seed, string contract, string sampling, int count, FlowOptions options)
    {
        var both = new FeatureAgreement(contract, sampling, Pipelines.Limits);
        var flow = new RandomFlow(seed, options);
        for (int i = 0; i < count; i++)
        {
            MarketEvent e = flow.Next();
            if (both.OnEvent(e) is string difference)
            {
                Assert.Fail($"seed {seed}, event {i}, {e.Kind} on {e.Instrument}: {difference}");
            }
        }

        Assert.That(both.Pipeline.RowsMade, Is.EqualTo(both.Rows), $"seed {seed}");
        Assert.That(both.Pipeline.Features.EvictedTrades, Is.Zero, $"seed {seed}");
        return both;
    }
}
