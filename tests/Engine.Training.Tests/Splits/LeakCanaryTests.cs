using Engine.Core.Numerics;
using Engine.TestKit;
using Engine.Training.Datasets;
using Engine.Training.Splits;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Splits;

/// <summary>Each leak planted on purpose is found by its name, and by no other; a clean set passes; and with the check switched off the same leak does.</summary>
public class LeakCanaryTests
{
    private const long Second = InMemoryRows.Second;

    private static readonly Canary[] s_canaries =
    [
        new("spans that meet", LeakKind.SpanOverlap, (data, part) => Input(data, SplitMaker.Apply(Plan(data) with { Purges = false }, data)[0].Part)),
        new("a row in two lists", LeakKind.SpanOverlap, (data, part) => Input(data, part with { Train = [.. part.Train.Append(part.Valid[5]).Order()] })),
        new("statistics of all rows", LeakKind.LeakedStatistics,
            (data, part) => Input(data, part) with { Statistics = PartStatistics.FitOn(data, [.. Enumerable.Range(0, data.Rows)]) }),
        new("statistics of another round", LeakKind.LeakedStatistics, (data, part) => Input(data, part) with { Statistics = PartStatistics.FitOn(data, part.Train.AsSpan(1)) }),
        new("ranks of all rows", LeakKind.LeakedStatistics, (data, part) => Input(data, part) with
        {
            Statistics = PartStatistics.Fit(data, part) with { Ranks = RankFit.Fit(data, [.. Enumerable.Range(0, data.Rows)]) },
        }),
        new("a shuffled split", LeakKind.ShuffledTime, (data, part) => Input(data, Shuffled(data, part))),
        new("a test before training ends", LeakKind.ShuffledTime, (data, part) => Input(data, part with { Train = part.Test, Test = part.Train })),
        new("rows out of order", LeakKind.ShuffledTime, (data, part) =>
        {
            (data.Times[4], data.Times[9]) = (data.Times[9], data.Times[4]);
            (data.Ends[4], data.Ends[9]) = (data.Ends[9], data.Ends[4]);
            return Input(data, part);
        }),
        new("the label as a column", LeakKind.LabelAsFeature, (data, part) => Planted(data, part, row => data.Labels[row])),
        new("the label in other units, with noise", LeakKind.LabelAsFeature, (data, part) => Planted(data, part, row => 7 - (1e4f * data.Labels[row]) + (row % 3 * 0.01f))),
        new("a rising curve of the label", LeakKind.LabelAsFeature, (data, part) => Planted(data, part, row => MathF.Exp(3e4f * data.Labels[row]))),
        new("the future return behind a direction", LeakKind.LabelAsFeature, (data, part) =>
        {
            TrainingData classes = InMemoryRows.Make(11, isClass: true);
            TrainingData returns = InMemoryRows.Make(11);
            return Planted(classes, SplitMaker.Apply(Plan(classes), classes)[0].Part, row => returns.Labels[row]);
        }),
        new("rows of another contract", LeakKind.ContractMismatch, (data, part) => Input(data, part) with { Contract = InMemoryRows.Contract("another") }),
    ];

    [Test]
    public void It_is_found_by_name([ValueSource(nameof(s_canaries))] Canary canary, [ValueSource(nameof(SomeSeeds))] ulong seed)
    {
        IReadOnlyList<Leak> found = LeakChecks.Run(canary.Make(seed));
        Assert.That(found.Select(l => l.Kind), Does.Contain(canary.Kind));
        Leak leak = found.First(l => l.Kind == canary.Kind);
        Assert.That(leak.ToString(), Does.StartWith(Leak.NameOf(canary.Kind) + ": "));
        Assert.That((leak.What, leak.Where, leak.ToDo), Is.Not.EqualTo(("", "", "")));
    }

    [Test]
    public void It_passes_where_the_check_is_switched_off([ValueSource(nameof(s_canaries))] Canary canary, [ValueSource(nameof(SomeSeeds))] ulong seed)
    {
        LeakCheckInput input = canary.Make(seed);
        LeakKind[] others = [.. LeakChecks.Run(input).Select(l => l.Kind).Where(k => k != canary.Kind)];
        Assert.That(LeakChecks.Run(input, [canary.Kind, .. others]), Is.Empty);
        Assert.That(LeakChecks.Run(input, others).Select(l => l.Kind), Is.EqualTo(new[] { canary.Kind }), "and only then");
    }

    [Test]
    public void A_clean_set_passes([ValueSource(nameof(SomeSeeds))] ulong seed, [Values] bool isClass)
    {
        TrainingData data = InMemoryRows.Make(seed, isClass: isClass);
        foreach (SplitRows rows in SplitMaker.Apply(Plan(data), data).Concat(SplitMaker.Apply(SplitPlanner.KFold(data, 5, [SplitRange.Of("day-3")]), data)))
        {
            Assert.That(
                LeakChecks.Run(Input(data, rows.Part) with { Statistics = PartStatistics.Fit(data, rows.Part, withRanks: true), Contract = InMemoryRows.Contract() }).Select(l => l.ToString()), Is.Empty);
        }
    }

    [Test]
    public void A_feature_that_merely_tells_much_passes()
    {
        TrainingData data = InMemoryRows.Make(2);
        SplitPart part = SplitMaker.Apply(Plan(data), data)[0].Part;
        var random = new SeededRandom(5);
        LeakCheckInput input = Planted(data, part, row => (float)((1e4 * data.Labels[row]) + (0.5 * random.NextNormal())));
        Assert.That(LeakChecks.Run(input), Is.Empty, "a correlation of nine tenths is no proof");
    }

    private static IEnumerable<ulong> SomeSeeds() => Seeds.Take(3);

    private static LeakCheckInput Input(TrainingData data, SplitPart part) => new() { Data = data, Part = part };

    /// <summary>Train and valid next to each other within a day, and the last day to test on.</summary>
    private static SplitPlan Plan(TrainingData data) => new()
    {
        Kind = SplitKind.Explicit,
        Rounds =
        [
            new SplitRound(
                "split", [SplitRange.Of("day-0"), SplitRange.Of("day-1"), SplitRange.Of(0, data.Times[950])], [SplitRange.Of(data.Times[950], data.Times[1_200])],
                [SplitRange.Of("day-3")]),
        ],
    };

    private static LeakCheckInput Planted(TrainingData data, SplitPart part, Func<int, float> value)
    {
        float[] features = InMemoryRows.Features(data);
        for (int row = 0; row < data.Rows; row++)
        {
            features[(row * InMemoryRows.Columns) + 1] = value(row);
        }

        return Input(data, part);
    }

    /// <summary>The same numbers of rows, drawn from all of them as a library's random split does.</summary>
    private static SplitPart Shuffled(TrainingData data, SplitPart part)
    {
        var random = new SeededRandom(9);
        int[] rows = [.. part.Train, .. part.Valid];
        for (int i = rows.Length - 1; i > 0; i--)
        {
            int other = random.Next(i + 1);
            (rows[i], rows[other]) = (rows[other], rows[i]);
        }

        return part with { Train = [.. rows[..part.Train.Length].Order()], Valid = [.. rows[part.Train.Length..].Order()] };
    }

    /// <summary>A leak planted on purpose.</summary>
    public sealed record Canary(string Name, LeakKind Kind, Func<TrainingData, SplitPart, LeakCheckInput> Plant)
    {
        /// <summary>Plants it in seeded rows.</summary>
        public LeakCheckInput Make(ulong seed)
        {
            TrainingData data = InMemoryRows.Make(seed);
            return Plant(data, SplitMaker.Apply(LeakCanaryTests.Plan(data), data)[0].Part);
        }

        /// <inheritdoc/>
        public override string ToString() => Name;
    }
}
