using Engine.Core.Numerics;
using Engine.TestKit;
using Engine.Training.Backends;
using Engine.Training.Datasets;
using Engine.Training.Runs;
using Engine.Training.Splits;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Runs;

/// <summary>Windows of training rows hold nothing of what a round leaves out.</summary>
public class WindowReachTests
{
    private const long Second = InMemoryRows.Second;
    private const int Horizon = 10;

    [Test]
    public void Of_folds_no_window_that_is_fitted_on_holds_a_row_that_is_left_out_and_no_other_is_dropped([ValueSource(nameof(SomeSeeds))] ulong seed)
    {
        var random = new SeededRandom(seed);
        TrainingData data = InMemoryRows.Make(seed, days: 2, rowsPerDay: 300, horizonSeconds: Horizon);
        int window = random.Next(2, 30), embargo = random.Next(3) * 7, dropped = 0, holding = 0;
        SplitPlan plan = SplitPlanner.KFold(data, random.Next(2, 6), [SplitRange.Of("day-1")]) with { EmbargoNanos = embargo * Second };
        using TrainingRows ticks = Ticks(data);
        foreach (SplitPart part in SplitMaker.Apply(plan, data).Select(r => r.Part))
        {
            int[] apart = WindowReach.Apart(plan, data, part, ticks, window);
            int[] outside = [.. part.Valid, .. part.Test];
            int[][] windows = [.. part.Train.Select(row => Window(data, row, window))];
            int[] expected = [.. part.Train.Where((_, i) => windows[i].Length < window || !outside.Any(o => Meet(data, windows[i], o, plan.EmbargoNanos)))];
            Assert.That(apart, Is.EqualTo(expected), $"seed {seed}, {part.Id}");
            Assert.That(apart.Where(r => Window(data, r, window).Length == window).SelectMany(r => Window(data, r, window)).Intersect(outside), Is.Empty, $"seed {seed}, {part.Id}");
            holding += windows.Count(w => w.Intersect(outside).Any());
            dropped += part.Train.Length - apart.Length;
        }

        Assert.That(dropped, Is.GreaterThan(0), $"seed {seed}: something was behind a fold");
        Assert.That(holding > 0, Is.EqualTo(window - 1 > Horizon + embargo), $"seed {seed}: of windows longer than labels and embargo, a tick a second, some did hold them");
    }

    [Test]
    public void A_row_alone_reaches_nowhere_and_a_split_that_does_not_purge_asks_for_nothing()
    {
        TrainingData data = InMemoryRows.Make(1, days: 1);
        SplitPlan plan = SplitPlanner.KFold(data, 3, []);
        using TrainingRows ticks = Ticks(data);
        SplitPart part = SplitMaker.Apply(plan, data)[0].Part;
        Assert.That(WindowReach.Apart(plan, data, part, ticks, 1), Is.SameAs(part.Train));
        Assert.That(WindowReach.Apart(plan with { Purges = false }, data, part, ticks, 20), Is.SameAs(part.Train));
        Assert.That(WindowReach.Apart(plan, data, part, ticks, 20), Has.Length.LessThan(part.Train.Length));
    }

    private static IEnumerable<ulong> SomeSeeds() => Seeds.Take(8);

    private static TrainingRows Ticks(TrainingData data) => TrainingRows.Of(
        data.Features.Span, data.Columns, data.Labels, [.. Enumerable.Range(0, data.Rows).Select(r => (data.Days[r] * data.Symbols.Count) + data.Instruments[r])]);

    // The rows of a day and instrument up to one, the last so many of them.
    private static int[] Window(TrainingData data, int row, int window) =>
        [.. Enumerable.Range(0, row + 1).Where(r => data.Days[r] == data.Days[row] && data.Instruments[r] == data.Instruments[row]).TakeLast(window)];

    private static bool Meet(TrainingData data, int[] window, int other, long embargo) =>
        data.Times[window[0]] <= data.Ends[other] + embargo && data.Ends[window[^1]] >= data.Times[other];
}
