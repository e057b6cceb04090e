using Engine.Core.Events;
using Engine.Features;
using Engine.Signals;
using Engine.TestKit;
using Engine.TestKit.Books;
using Engine.TestKit.Features;

namespace Engine.Tests.Features;

/// <summary>Every row and every column of the contracts against the definitions, on random flows.</summary>
public sealed class FeatureOracleTests
{
    private static readonly FlowOptions s_sparse = new() { Instruments = 4, Orders = 40, Ticks = 30, Upheaval = 0.004, MeanStepNanos = 60_000_000 };
    private static readonly FlowOptions s_busy = new() { Outside = 16, Reversals = 0.01 };

    [Test, Combinatorial]
    public void Rows_agree(
        [Values("default", "snapshot")] string contract,
        [Values("every-event", "every-7", "grid-250")] string sampling,
        [Values] bool sparse)
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            long rows = Agree(seed, contract, sampling, 5_000, sparse ? s_sparse : s_busy);
            Assert.That(rows, Is.GreaterThan(400), $"seed {seed}");
        }
    }

    [Test, Combinatorial]
    public void Rows_of_feeds_with_snapshots_agree([Values("every-event", "grid-250")] string sampling)
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            long rows = Agree(seed, "default", sampling, 5_000, s_sparse with { Snapshots = 0.02, OddVenue = Venue.BitMex });
            Assert.That(rows, Is.GreaterThan(400), $"seed {seed}");
        }
    }

    private static long Agree(ulong seed, string contract, string sampling, int count, FlowOptions options)
    {
        using Pipeline<RowCollector> pipeline = Pipelines.Collecting(contract, sampling);
        using var set = FeatureSet.Create(contract, Pipelines.Rule(sampling), Pipelines.Limits);
        var naive = new NaiveRun(Pipelines.Limits, Pipelines.Rule(sampling));
        var flow = new RandomFlow(seed, options);
        long made = 0;
        for (int i = 0; i < count; i++)
        {
            MarketEvent e = flow.Next();
            IReadOnlyList<NaiveRow> expected = naive.OnEvent(e);
            pipeline.Rows.Rows.Clear();
            pipeline.OnEvent(ref e);
            made += expected.Count;
            if (FirstDifference(set.Contract, pipeline.Rows.Rows, expected) is string difference)
            {
                Assert.Fail($"seed {seed}, event {i}, {e.Kind} on {e.Instrument}: {difference}");
            }
        }

        Assert.That(pipeline.RowsMade, Is.EqualTo(made), $"seed {seed}");
        Assert.That(pipeline.Features.TimeReversals, Is.EqualTo(naive.Features.TimeReversals).And.Positive, $"seed {seed}");
        Assert.That(pipeline.Features.UnclassifiedTrades, Is.EqualTo(naive.Features.UnclassifiedTrades).And.Positive, $"seed {seed}");
        Assert.That(pipeline.Features.EvictedTrades, Is.Zero, $"seed {seed}");
        return made;
    }

    private static string? FirstDifference(FeatureContract contract, List<CollectedRow> rows, IReadOnlyList<NaiveRow> expected)
    {
        if (rows.Count != expected.Count)
        {
            return $"{rows.Count} rows, expected {expected.Count}";
        }

        for (int r = 0; r < rows.Count; r++)
        {
            NaiveRow naive = expected[r];
            if (rows[r].Stamp != new RowStamp(naive.Instrument, naive.Time, naive.Event, naive.Trust))
            {
                return $"{rows[r].Stamp}, expected instrument {naive.Instrument} at {naive.Time}, event {naive.Event}, {naive.Trust}";
            }

            for (int c = 0; c < contract.Count; c++)
            {
                double want = naive.Columns[contract.Features[c].Name];
                float got = rows[r].Values[c];
                if (!Close(got, want))
                {
                    return $"{contract.Features[c].Name} of {naive.Instrument} at {naive.Time} is {got:R}, expected {want:R}";
                }
            }
        }

        return null;
    }

    private static bool Close(float got, double want) => double.IsNaN(want)
        ? BitConverter.SingleToInt32Bits(got) == BitConverter.SingleToInt32Bits(float.NaN)
        : Math.Abs(got - want) <= 1e-9 + (1e-6 * Math.Abs(want)) && BitConverter.SingleToUInt32Bits(got) != 0x8000_0000;
}
