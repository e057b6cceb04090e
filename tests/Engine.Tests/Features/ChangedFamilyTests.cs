using Engine.Core.Events;
using Engine.Features;
using Engine.TestKit;
using Engine.TestKit.Books;

namespace Engine.Tests.Features;

/// <summary>What a row says of its families: a family called unchanged has the bits of the instrument's row before.</summary>
public sealed class ChangedFamilyTests
{
    private static readonly FlowOptions s_flow = new()
    {
        Orders = 160, Ticks = 20, LevelInstruments = 2, Upheaval = 0.002, Snapshots = 0.003, References = 0.02, Touches = 0.08, Edits = 0.08, Sweeps = 0.001,
        Far = 0.02, Silences = 0.001, Bursts = 0.003, Starts = 0.0005, Reversals = 0.01, ReversalNanos = 2_000_000_000,
    };

    [Test, Combinatorial]
    public void Unchanged_families_have_the_bits_of_the_row_before(
        [Values("default", "bitmex", "small", "snapshot")] string contract,
        [Values("every-event", "every-7", "grid-250")] string sampling)
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            using Pipeline<RowCollector> pipeline = Pipelines.Collecting(contract, sampling);
            int[] families = Families(contract);
            var last = new Dictionary<int, float[]>();
            var flow = new RandomFlow(seed, s_flow);
            long kept = 0;
            for (int i = 0; i < 6_000; i++)
            {
                MarketEvent e = flow.Next();
                pipeline.Rows.Rows.Clear();
                pipeline.OnEvent(ref e);
                foreach (CollectedRow row in pipeline.Rows.Rows)
                {
                    int instrument = row.Stamp.Instrument;
                    kept += Kept(row, last.GetValueOrDefault(instrument), families, $"{contract}, seed {seed}, event {i}, instrument {instrument}");
                    last[instrument] = row.Values;
                }
            }

            Assert.That(kept, Is.GreaterThan(100), $"seed {seed}: some families must have been called unchanged");
        }
    }

    /// <summary>Checks one row; how many families it calls unchanged.</summary>
    private static long Kept(CollectedRow row, float[]? before, int[] families, string where)
    {
        long kept = 0;
        for (int c = 0; c < families.Length; c++)
        {
            if ((row.Stamp.Unchanged >> families[c] & 1) == 0)
            {
                continue;
            }

            kept += c == 0 || families[c] != families[c - 1] ? 1 : 0;
            if (before is null || BitConverter.SingleToInt32Bits(before[c]) != BitConverter.SingleToInt32Bits(row.Values[c]))
            {
                Assert.Fail($"{where}: column {c} of family {families[c]} is {row.Values[c]}, was {before?[c]}");
            }
        }

        return kept;
    }

    /// <summary>The number of the family of each column.</summary>
    private static int[] Families(string contract)
    {
        using var set = FeatureSet.Create(contract, Sampling.EveryEvent, Pipelines.Limits);
        string[] names = [.. set.Contract.Families];
        return [.. set.Contract.Features.ToArray().Select(f => Array.IndexOf(names, f.Family))];
    }
}
