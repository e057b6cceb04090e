using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.TestKit;

namespace Engine.Tests.Features;

/// <summary>The sampling rules as text, and the sampler against counting by hand.</summary>
public sealed class SamplingTests
{
    private static readonly EngineLimits s_limits = new() { Instruments = 8 };

    [TestCase("every-event", SamplingKind.EveryEvent, 1, 0)]
    [TestCase("every-1", SamplingKind.EveryN, 1, 0)]
    [TestCase("every-25", SamplingKind.EveryN, 25, 0)]
    [TestCase("every-1000000", SamplingKind.EveryN, 1_000_000, 0)]
    [TestCase("grid-1", SamplingKind.Grid, 1, 1_000_000)]
    [TestCase("grid-3600000", SamplingKind.Grid, 1, 3_600_000_000_000)]
    public void A_rule_reads_and_prints(string text, SamplingKind kind, int n, long step)
    {
        Assert.That(Sampling.TryParse(text, out Sampling sampling), Is.True);
        Assert.That(sampling, Is.EqualTo(new Sampling(kind, n, step)));
        Assert.That(sampling.ToString(), Is.EqualTo(text));
    }

    [TestCase("")]
    [TestCase("every")]
    [TestCase("every-")]
    [TestCase("every-0")]
    [TestCase("every-01")]
    [TestCase("every--1")]
    [TestCase("every-1 ")]
    [TestCase("every-+1")]
    [TestCase("every-1000001")]
    [TestCase("every-99999999999999999999")]
    [TestCase("Every-event")]
    [TestCase("every-event ")]
    [TestCase("every-1.5")]
    [TestCase("every-٣")]
    [TestCase("grid")]
    [TestCase("grid-")]
    [TestCase("grid-0")]
    [TestCase("grid-050")]
    [TestCase("grid-3600001")]
    [TestCase("grid-1,000")]
    [TestCase("grid-1e3")]
    [TestCase("grid-event")]
    public void Anything_else_is_refused(string text) => Assert.That(Sampling.TryParse(text, out _), Is.False);

    [Test]
    public void Every_n_counts_by_instrument()
    {
        using var sampler = new RowSampler(Pipelines.Rule("every-3"), s_limits);
        Assert.That(sampler.IsGrid, Is.False);
        bool[] first = [.. Enumerable.Range(0, 7).Select(_ => sampler.IsDue(0))];
        bool[] second = [.. Enumerable.Range(0, 4).Select(_ => sampler.IsDue(7))];
        Assert.That(first, Is.EqualTo((bool[])[false, false, true, false, false, true, false]));
        Assert.That(second, Is.EqualTo((bool[])[false, false, true, false]));
    }

    [Test]
    public void Every_event_is_always_due()
    {
        using var sampler = new RowSampler(Sampling.EveryEvent, s_limits);
        Assert.That(Enumerable.Range(0, 10).Select(_ => sampler.IsDue(1)), Is.All.True);
    }

    [Test]
    public void A_grid_begins_after_the_first_event_and_fills_empty_cells()
    {
        using var sampler = new RowSampler(Pipelines.Rule("grid-10"), s_limits);
        const long Step = 10_000_000;
        Assert.Multiple(() =>
        {
            Assert.That(sampler.IsGrid, Is.True);
            Assert.That(Cells(sampler, 0, 5 * Step), Is.Empty, "nothing lies before the first event, which is on a cell");
            Assert.That(Cells(sampler, 0, (6 * Step) - 1), Is.Empty);
            Assert.That(Cells(sampler, 0, 6 * Step), Is.EqualTo((long[])[6 * Step]), "an event on the cell is not before it");
            Assert.That(Cells(sampler, 0, 6 * Step), Is.Empty);
            Assert.That(Cells(sampler, 1, (7 * Step) + 1), Is.Empty, "another instrument begins for itself");
            Assert.That(Cells(sampler, 0, (9 * Step) + 3), Is.EqualTo((long[])[7 * Step, 8 * Step, 9 * Step]));
            Assert.That(Cells(sampler, 0, 2 * Step), Is.Empty, "time never runs backwards");
            Assert.That(Cells(sampler, 1, 8 * Step), Is.EqualTo((long[])[8 * Step]));
        });
    }

    [TestCase(long.MaxValue)]
    [TestCase(-1L)]
    [TestCase(long.MinValue)]
    public void A_time_that_can_be_none_passes_no_cell(long time)
    {
        using var sampler = new RowSampler(Pipelines.Rule("grid-10"), s_limits);
        const long Step = 10_000_000;
        Assert.That(Cells(sampler, 0, time), Is.Empty);
        Assert.That(Cells(sampler, 0, 5 * Step), Is.Empty, "the first event whose time is one");
        Assert.That(Cells(sampler, 0, time), Is.Empty);
        Assert.That(Cells(sampler, 0, 6 * Step), Is.EqualTo((long[])[6 * Step]));
        Assert.That(sampler.SkippedCells, Is.Zero);
    }

    [Test]
    public void A_random_grid_agrees_with_walking_every_nanosecond()
    {
        foreach (ulong seed in Seeds.Take(5))
        {
            var random = new SeededRandom(seed);
            using var sampler = new RowSampler(new Sampling(SamplingKind.Grid, 1, 7), s_limits);
            long time = 1_000 + random.Next(100);
            Assert.That(Cells(sampler, 3, time), Is.Empty);
            long latest = time;
            for (int i = 0; i < 2_000; i++)
            {
                time += random.Next(-3, 20);
                var expected = new List<long>();
                for (long t = latest + 1; t <= time; t++)
                {
                    if (t % 7 == 0)
                    {
                        expected.Add(t);
                    }
                }

                latest = Math.Max(latest, time);
                Assert.That(Cells(sampler, 3, time), Is.EqualTo(expected), $"seed {seed}, event {i} at {time}");
            }
        }
    }

    private static List<long> Cells(RowSampler sampler, int instrument, long time)
    {
        var cells = new List<long>();
        while (sampler.TryNextCell(instrument, time, out long cell))
        {
            cells.Add(cell);
        }

        return cells;
    }
}
