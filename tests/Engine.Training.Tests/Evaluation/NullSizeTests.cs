using System.Globalization;
using Engine.Training.Baselines;
using Engine.Training.Datasets;
using Engine.Training.Evaluation;
using Engine.Training.Tests.Lab;
using Engine.Training.Tests.Runs;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Evaluation;

/// <summary>On simulated days without a drift, p-values are those of chance: as many below a level as the level says. Each day has one p-value an instrument.</summary>
public class NullSizeTests
{
    private const int Days = 20;
    private const int Instruments = 15;
    private const int PValues = Days * Instruments;
    private const int Turns = 399;

    /// <summary>How many of 300 p-values may lie at or below a level: fewer than the first, and more than the second, come less than once in a thousand (binomial).</summary>
    private static readonly (double Level, int Fewest, int Most)[] s_bounds = [(0.05, 5, 28), (0.2, 40, 82), (0.5, 123, 177)];

    private SimulatedDays _folder = null!;

    [OneTimeSetUp]
    public void Make() => _folder = new SimulatedDays();

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [TestCase("return")]
    [TestCase("move")]
    public void P_values_of_days_without_a_drift_are_spread_evenly_and_with_one_they_are_small(string label)
    {
        TrainingData none = Load("none", "0", 501, Days, label), some = Load("some", "1", 901, 2, label);
        foreach ((string name, Func<TrainingData, float[]> predict) in ((string, Func<TrainingData, float[]>)[])[("last value", LastValue), ("lean and flow", LeanAndFlow)])
        {
            (double P, double Naive)[] values = Values(none, predict(none));
            Assert.That(values, Has.Length.EqualTo(PValues));
            foreach ((double level, int fewest, int most) in s_bounds)
            {
                int below = values.Count(v => v.P <= level);
                TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{label}, {name}, seeds 501 to {500 + Days}: {below} of {PValues} p-values at or below {level}; {fewest} to {most} are chance"));
                Assert.That(below, Is.InRange(fewest, most), $"{label}, {name}, {level}");
            }

            if (name == "lean and flow")
            {
                Assert.That(values.Count(v => v.Naive <= 0.05), Is.GreaterThan(s_bounds[0].Most), "rows taken to be independent mislead on these very days");
                Assert.That(Values(some, predict(some)).Count(v => v.P <= 0.05), Is.GreaterThan(2 * Instruments * 9 / 10), "with a drift it is seen");
            }
        }
    }

    private static float[] LastValue(TrainingData data) => Baseline.Predict(BaselineKind.LastValue, data, [], [.. Enumerable.Range(0, data.Rows)]);

    // What the drift follows where there is one, by hand: nothing is fitted.
    private static float[] LeanAndFlow(TrainingData data)
    {
        int lean = Column(data, "imbalance_"), bought = Column(data, "buy_count_2"), sold = Column(data, "sell_count_2");
        return [.. Enumerable.Range(0, data.Rows).Select(r => data.Row(r)[lean] + (0.2f * (data.Row(r)[bought] - data.Row(r)[sold])))];
    }

    private static int Column(TrainingData data, string begins) => data.Contract.Features.ToArray().Index().First(f => f.Item.Name.StartsWith(begins, StringComparison.Ordinal)).Index;

    /// <summary>The p-value of each instrument and day, and that of a test which takes rows for independent.</summary>
    private static (double P, double Naive)[] Values(TrainingData data, float[] predictions) =>
    [
        .. Enumerable.Range(0, data.Rows).Where(r => float.IsFinite(data.Labels[r]) && float.IsFinite(predictions[r]))
            .GroupBy(r => (data.Days[r], data.Instruments[r])).Select((own, i) =>
            {
                int[] rows = [.. own];
                var scored = new Scored(
                    [.. rows.Select(r => predictions[r])], [.. rows.Select(r => data.Labels[r])], [.. rows.Select(r => data.Times[r])], [.. rows.Select(r => data.Ends[r])], new int[rows.Length]);
                ShiftTest test = ShiftTest.Of(scored, Turns, (ulong)i + 1);
                return (test.PValue, Math.Abs(test.InformationCoefficient) * Math.Sqrt(rows.Length) > 1.96 ? 0.05 : 1);
            }),
    ];

    private TrainingData Load(string name, string alpha, int seed, int days, string label)
    {
        string set = _folder.PathOf(name);
        if (!Directory.Exists(set))
        {
            string[] captures = [.. Enumerable.Range(0, days).Select(i => _folder.PathOf(new DateOnly(2026, 1, 5).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + ".pcap"))];
            foreach ((int i, string capture) in captures.Index())
            {
                SmallRuns.Good(
                    "sim", "--alpha", alpha, "--seed", $"{seed + i}", "--date", Path.GetFileNameWithoutExtension(capture), "--messages", "120000", "--instruments", $"{Instruments}", "--out", capture, "-f");
            }

            SmallRuns.Good(["dataset", .. captures, "-o", set, "--contract", StudyTests.Config("alpha.contract")]);
            Array.ForEach(captures, File.Delete);
        }

        SmallRuns.Good("label", set, "--label", label, "--horizon", "1s");
        return TrainingDataLoader.Load(set, label + "_1s");
    }
}
