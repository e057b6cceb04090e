using Engine.Core.Events;
using Engine.Features;
using Engine.Signals;
using Engine.TestKit;
using Engine.TestKit.Books;
using Engine.TestKit.Memory;
using Engine.Tests.Features;

namespace Engine.Tests.Signals;

/// <summary>Several lanes of rows over one set of books: each is what it is alone, in the stated order.</summary>
public sealed class PipelineLaneTests
{
    private static readonly (string Contract, string Sampling)[] s_lanes =
    [
        ("default", "every-event"), ("small", "every-7"), ("default", "grid-50"), ("default", "every-3"), ("small", "grid-20"), ("default", "grid-20"), ("snapshot", "every-event"),
    ];

    private static readonly FlowOptions s_flow = new() { Upheaval = 0.01, Snapshots = 0.005, Reversals = 0.05, ReversalNanos = 200_000_000, Mischief = 0.02 };

    [Test]
    public void A_lanes_rows_are_those_it_makes_alone()
    {
        foreach (ulong seed in Seeds.Take(3))
        {
            List<CollectedRow>[] together = Collect(s_lanes, RandomFlow.Create(seed, 4_000, s_flow));
            for (int i = 0; i < s_lanes.Length; i++)
            {
                List<CollectedRow> alone = Collect([s_lanes[i]], RandomFlow.Create(seed, 4_000, s_flow))[0];
                Assert.That(together[i].Select(r => r.Stamp), Is.EqualTo(alone.Select(r => r.Stamp)), $"seed {seed}, lane {i}");
                Assert.That(alone, Has.Count.GreaterThan(200), $"seed {seed}, lane {i}");
                for (int row = 0; row < alone.Count; row++)
                {
                    Assert.That(together[i][row].Values.AsSpan().SequenceEqual(alone[row].Values), Is.True, $"seed {seed}, lane {i}, row {row}");
                }
            }
        }
    }

    [Test]
    public void Rows_of_one_event_come_by_the_grid_first_and_then_lane_by_lane()
    {
        ulong seed = Seeds.Take(1).First();
        var order = new List<(int Lane, RowStamp Stamp)>();
        MarketEvent[] events = RandomFlow.Create(seed, 3_000, new FlowOptions { Instruments = 1, Reversals = 0 });
        Drive(s_lanes, i => new Marker(i, order), events);
        int mixed = 0;
        foreach (IGrouping<long, (int Lane, RowStamp Stamp)> one in order.GroupBy(o => o.Stamp.Event))
        {
            (int Lane, RowStamp Stamp)[] rows = [.. one];
            bool IsGrid((int Lane, RowStamp Stamp) r) => s_lanes[r.Lane].Sampling.StartsWith("grid", StringComparison.Ordinal);
            Assert.That(rows, Is.EqualTo(rows.OrderBy(r => IsGrid(r) ? 0 : 1).ThenBy(r => r.Lane).ThenBy(r => r.Stamp.Time)), $"seed {seed}, event {one.Key}");
            mixed += rows.Any(IsGrid) && rows.Count(r => !IsGrid(r)) > 1 ? 1 : 0;
        }

        Assert.That(mixed, Is.GreaterThan(100), $"seed {seed}: events with rows of both kinds");
        Assert.That(order.Zip(order.Skip(1)).All(p => p.First.Stamp.Event <= p.Second.Stamp.Event), Is.True, $"seed {seed}");
    }

    [Test]
    public void Features_at_grid_times_are_not_shared()
    {
        var grid = FeatureSet.Create("small", Pipelines.Rule("grid-20"), Pipelines.Limits);
        using var pipeline = new Pipeline<RowCollector>(Pipelines.Limits, grid, new RowCollector([]), new StageTimer { Enabled = false });
        Assert.That(() => pipeline.Add(grid, Sampling.EveryEvent, new RowCollector([])), Throws.ArgumentException.With.Message.Contains("grid-20"));
    }

    [Test]
    public void Lanes_allocate_nothing()
    {
        ulong seed = Seeds.Take(1).First();
        var total = new long[s_lanes.Length];
        using Pipeline<Summer> pipeline = Create(s_lanes, i => new Summer(i, total));
        var handler = new Handler(pipeline);
        Assert.That(AllocationHarness.Measure(RandomFlow.Create(seed, 20_000), 5_000, ref handler), Is.Zero, $"seed {seed}");
        Assert.That(total, Is.All.Not.Zero, $"seed {seed}");
    }

    private static List<CollectedRow>[] Collect((string Contract, string Sampling)[] lanes, MarketEvent[] events)
    {
        List<CollectedRow>[] rows = [.. lanes.Select(_ => new List<CollectedRow>())];
        Drive(lanes, i => new RowCollector(rows[i]), events);
        return rows;
    }

    private static void Drive<TRows>((string Contract, string Sampling)[] lanes, Func<int, TRows> rows, MarketEvent[] events)
        where TRows : struct, IRowHandler
    {
        using Pipeline<TRows> pipeline = Create(lanes, rows);
        pipeline.OnPacket(events);
    }

    // As the host does it: one set for lanes of a contract's columns, but for grids.
    private static Pipeline<TRows> Create<TRows>((string Contract, string Sampling)[] lanes, Func<int, TRows> rows)
        where TRows : struct, IRowHandler
    {
        var sets = new Dictionary<string, FeatureSet>();
        FeatureSet Set(int i)
        {
            string key = lanes[i].Sampling.StartsWith("grid", StringComparison.Ordinal) ? $"{lanes[i]}" : lanes[i].Contract;
            return sets.TryGetValue(key, out FeatureSet? set) ? set : sets[key] = FeatureSet.Create(lanes[i].Contract, Pipelines.Rule(lanes[i].Sampling), Pipelines.Limits);
        }

        var pipeline = new Pipeline<TRows>(Pipelines.Limits, Set(0), rows(0), new StageTimer { Enabled = false });
        for (int i = 1; i < lanes.Length; i++)
        {
            pipeline.Add(Set(i), Pipelines.Rule(lanes[i].Sampling), rows(i));
        }

        return pipeline;
    }

    private readonly struct Marker(int lane, List<(int Lane, RowStamp Stamp)> order) : IRowHandler
    {
        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row) => order.Add((lane, stamp));
    }

    private readonly struct Summer(int lane, long[] total) : IRowHandler
    {
        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row) => total[lane] += (long)RowDigest.Of(row);
    }

    private readonly struct Handler(Pipeline<Summer> pipeline) : IEventHandler
    {
        public void OnEvent(ref MarketEvent e) => pipeline.OnEvent(ref e);
    }
}
