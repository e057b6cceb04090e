using Engine.Core.Numerics;
using Engine.TestKit;
using Engine.Training.Datasets;
using Engine.Training.Splits;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Splits;

public class SplitMakerTests
{
    private const long Second = InMemoryRows.Second;

    [Test]
    public void Rows_are_those_of_a_plain_statement_of_the_rules([ValueSource(nameof(SomeSeeds))] ulong seed)
    {
        var random = new SeededRandom(seed);
        TrainingData data = InMemoryRows.Make(seed, days: 3, rowsPerDay: 160);
        for (int row = 0; row < data.Rows; row++)
        {
            data.Ends[row] = data.Times[row] + random.Next(12) * Second;
        }

        for (int run = 0; run < 20; run++)
        {
            SplitPlan plan = RandomPlan(random, data);
            SplitRows actual = SplitMaker.Apply(plan, data)[0];
            (int[] train, int[] valid, int[] test) = Naive(plan, data);
            Assert.That(actual.Part.Test, Is.EqualTo(test), $"seed {seed} run {run}");
            Assert.That(actual.Part.Valid, Is.EqualTo(valid), $"seed {seed} run {run}");
            Assert.That(actual.Part.Train, Is.EqualTo(train), $"seed {seed} run {run}");
            int labelled = data.Labels.Index().Count(l => !float.IsNaN(l.Item) && In(plan.Rounds[0], data, l.Index) > 0);
            Assert.That(actual.Purged + actual.Embargoed + train.Length + valid.Length + test.Length, Is.EqualTo(labelled), "no row is lost silently");
        }
    }

    [TestCase(3, 0)]
    [TestCase(7, 30)]
    public void K_folds_leave_out_every_row_once_and_train_on_nothing_that_meets_them(int blocks, int embargoSeconds)
    {
        TrainingData data = InMemoryRows.Make(3);
        SplitRange[] test = [SplitRange.Of("day-3")];
        SplitPlan plan = SplitPlanner.KFold(data, blocks, test) with { EmbargoNanos = embargoSeconds * Second };
        IReadOnlyList<SplitRows> rounds = SplitMaker.Apply(plan, data);
        Assert.That(rounds, Has.Count.EqualTo(blocks));
        int[] outside = [.. Enumerable.Range(0, data.Rows).Where(r => data.Days[r] < 3 && !float.IsNaN(data.Labels[r]))];
        Assert.That(rounds.SelectMany(r => r.Part.Valid).Order(), Is.EqualTo(outside));
        foreach (SplitPart part in rounds.Select(r => r.Part))
        {
            Assert.That(part.Valid, Has.Length.EqualTo(outside.Length / blocks).Within(2), "blocks of equal size");
            Assert.That(part.Train.Any(t => part.Valid.Any(v => Meet(data, t, v, embargoSeconds * Second))), Is.False);
            Assert.That(part.Train, Has.Length.GreaterThan(outside.Length * (blocks - 1) / blocks - 2 * (4 * 10 + 2 * embargoSeconds)));
            Assert.That(LeakChecks.Run(new LeakCheckInput { Data = data, Part = part, Statistics = PartStatistics.Fit(data, part) }), Is.Empty);
        }
    }

    [Test]
    public void K_folds_keep_train_out_of_the_windows_that_look_back_into_what_is_left_out()
    {
        const int Window = 25;
        TrainingData data = InMemoryRows.Make(3, windowSeconds: Window);
        SplitPlan plan = SplitPlanner.KFold(data, 5, [SplitRange.Of("day-3")]);
        Assert.That(plan.EmbargoNanos, Is.EqualTo(Window * Second));
        int near = 0;
        foreach ((SplitPart part, SplitPart bare) in SplitMaker.Apply(plan, data).Zip(SplitMaker.Apply(plan with { EmbargoNanos = 0 }, data), (a, b) => (a.Part, b.Part)))
        {
            bool LooksBack(int train) => part.Valid.Any(v => data.Times[train] >= data.Times[v] && data.Times[train] - (Window * Second) <= data.Ends[v]);
            Assert.That(part.Train.Any(LooksBack), Is.False);
            near += bare.Train.Count(LooksBack);
        }

        Assert.That(near, Is.GreaterThan(100), "without an embargo many do");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Walking_forward_trains_on_the_past_only(bool isRolling)
    {
        TrainingData data = InMemoryRows.Make(4);
        IReadOnlyList<SplitRows> rounds = SplitMaker.Apply(SplitPlanner.WalkForward(data, 4, isRolling, []), data);
        Assert.That(rounds, Has.Count.EqualTo(4));
        foreach ((SplitRows before, SplitRows after) in rounds.Zip(rounds.Skip(1)))
        {
            Assert.That(after.Part.Train.Length, isRolling ? Is.EqualTo(before.Part.Train.Length).Within(45) : Is.GreaterThan(before.Part.Train.Length));
        }

        foreach (SplitPart part in rounds.Select(r => r.Part))
        {
            Assert.That(part.Train.Max(r => data.Ends[r]), Is.LessThan(part.Valid.Min(r => data.Times[r])));
            Assert.That(LeakChecks.Run(new LeakCheckInput { Data = data, Part = part }), Is.Empty);
        }
    }

    [Test]
    public void Too_few_rows_or_times_make_no_blocks()
    {
        TrainingData data = InMemoryRows.Make(5, days: 1, rowsPerDay: 30, horizonSeconds: 1);
        Assert.That(() => SplitPlanner.KFold(data, 1, []), Throws.TypeOf<DatasetException>());
        Assert.That(() => SplitPlanner.KFold(data, 29, []), Throws.TypeOf<DatasetException>(), "28 labelled rows");
        Assert.That(() => SplitPlanner.KFold(data, 20, []), Throws.TypeOf<DatasetException>(), "of 14 times");
        Assert.That(SplitPlanner.KFold(data, 7, []).Rounds, Has.Count.EqualTo(7));
    }

    [TestCase("2026-01-05", 1767571200000000000L)]
    [TestCase("2026-01-05T14:30", 1767623400000000000L)]
    [TestCase("2026-01-05T14:30:01Z", 1767623401000000000L)]
    [TestCase("2026-01-05T14:30:01.25", 1767623401250000000L)]
    [TestCase("2026-01-05T14:30:01.000000001", 1767623401000000001L)]
    public void Reads_times(string text, long nanos)
    {
        Assert.That(SplitRange.TryParseTime(text, out long parsed));
        Assert.That(parsed, Is.EqualTo(nanos));
        Assert.That(SplitRange.TryParseTime(SplitRange.Text(nanos), out long again) && again == nanos, SplitRange.Text(nanos));
    }

    [TestCase("")]
    [TestCase("yesterday")]
    [TestCase("2026-13-01")]
    [TestCase("2026-01-05T14:30:01.")]
    [TestCase("2026-01-05T14:30:01.0000000001")]
    [TestCase("0001-01-01")]
    [TestCase("9999-01-01")]
    public void Refuses_what_is_no_time(string text) => Assert.That(SplitRange.TryParseTime(text, out _), Is.False);

    private static IEnumerable<ulong> SomeSeeds() => Seeds.Take(5);

    private static SplitPlan RandomPlan(SeededRandom random, TrainingData data)
    {
        SplitRange Any()
        {
            long from = data.Times[random.Next(data.Rows)];
            return random.Chance(0.3) ? SplitRange.Of(data.DayIds[random.Next(3)]) : SplitRange.Of(from, from + random.Next(1, 60) * Second);
        }

        SplitRange[] Some() => [.. Enumerable.Range(0, random.Next(4)).Select(_ => Any())];
        return new SplitPlan
        {
            Kind = SplitKind.Explicit, Purges = random.Chance(0.7), EmbargoNanos = random.Chance(0.5) ? random.Next(20) * Second : 0,
            Rounds = [new SplitRound("x", [SplitRange.Of("day-0"), SplitRange.Of("day-1"), .. Some()], Some(), Some())],
        };
    }

    private static int In(SplitRound round, TrainingData data, int row)
    {
        bool Has(IReadOnlyList<SplitRange> ranges) => ranges.Any(r => r.Day == data.DayIds[data.Days[row]] || (r.Day is null && data.Times[row] >= r.From && data.Times[row] < r.To));
        return Has(round.Test) ? 3 : Has(round.Valid) ? 2 : Has(round.Train) ? 1 : 0;
    }

    private static bool Meet(TrainingData data, int row, int other, long embargo) =>
        data.Times[row] <= data.Ends[other] + embargo && data.Ends[row] >= data.Times[other];

    private static (int[] Train, int[] Valid, int[] Test) Naive(SplitPlan plan, TrainingData data)
    {
        int[] Of(int list) => [.. Enumerable.Range(0, data.Rows).Where(r => !float.IsNaN(data.Labels[r]) && In(plan.Rounds[0], data, r) == list)];
        int[] Without(int[] rows, int[] others) => [.. rows.Where(r => !others.Any(o => plan.Purges && Meet(data, r, o, plan.EmbargoNanos)))];
        int[] test = Of(3);
        int[] valid = Without(Of(2), test);
        int[] train = Without(Of(1), [.. test, .. valid]);
        return (train, valid, test);
    }
}
