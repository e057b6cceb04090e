using Engine.Core.Numerics;
using Engine.Features;
using Engine.TestKit;
using Engine.TestKit.Features;
using Engine.Training.Datasets;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Datasets;

public class RankFitTests
{
    private const int Rows = 3_000;

    [Test]
    public void Quantiles_stand_at_the_middle_of_their_ranks_by_the_oracle()
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            float[][] columns = Columns(new SeededRandom(seed));
            RankTable table = RankFit.Fit(Data(columns), [.. Enumerable.Range(0, Rows)]);
            for (int f = 0; f < columns.Length; f++)
            {
                float[] finite = [.. columns[f].Where(float.IsFinite)];
                ReadOnlySpan<float> quantiles = table.Quantiles(f), values = table.Values(f);
                Assert.That((quantiles[0], quantiles[^1]), Is.EqualTo((finite.Min(), finite.Max())), $"seed {seed}, feature {f}");
                for (int i = 0; i < quantiles.Length; i++)
                {
                    Assert.That(finite, Does.Contain(quantiles[i]));
                    Assert.That(NaiveRankGauss.Cumulative(values[i]), Is.EqualTo(NaiveRankGauss.MiddleRank(columns[f], quantiles[i])).Within(1e-7), $"seed {seed}, feature {f}, quantile {i}");
                }
            }

            Assert.That((table.Quantiles(0).Length, table.Quantiles(3).ToArray(), table.Values(3).ToArray()), Is.EqualTo((RankTable.MaxQuantiles, (float[])[7], (float[])[0])), "a constant is 0");
            Assert.That(table.Quantiles(2).ToArray(), Is.EqualTo(new float[] { 0, 1, 2 }), "few values, each with its middle");
        }
    }

    // Of columns without ties, however heavy their tails: between two quantiles a line stands for the curve.
    [TestCase(0)]
    [TestCase(1)]
    public void What_comes_out_is_a_Gaussian(int column)
    {
        float[][] columns = Columns(new SeededRandom(8));
        var normaliser = new Normaliser(RankFit.Fit(Data(columns), [.. Enumerable.Range(0, Rows)]));
        var output = new float[columns.Length];
        List<float> ranked = [];
        for (int row = 0; row < Rows; row++)
        {
            normaliser.Apply([.. columns.Select(c => c[row])], output);
            ranked.Add(output[column]);
        }

        float[] good = [.. ranked.Where((_, row) => float.IsFinite(columns[column][row]))];
        foreach (double z in new[] { -2.0, -1, -0.3, 0, 0.7, 1.5, 2.5 })
        {
            Assert.That(good.Count(y => y < z) / (double)good.Length, Is.EqualTo(NaiveRankGauss.Cumulative(z)).Within(0.02), $"below {z}");
        }

        Assert.That(good.Max(MathF.Abs), Is.LessThan(4));
    }

    [Test]
    public void Only_rows_that_are_given_count_and_none_at_all_is_a_constant_0()
    {
        float[][] columns = [[1, 2, 3, 4, 1_000], [float.NaN, float.PositiveInfinity, float.NaN, float.NaN, 5], [-0f, -float.MaxValue, float.MaxValue, 0, 9]];
        RankTable table = RankFit.Fit(Data(columns), [0, 1, 2, 3]);
        Assert.That(table.Quantiles(0).ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 4 }));
        Assert.That(table.Values(0).ToArray(), Is.EqualTo(new[] { -1.1503494f, -0.31863937f, 0.31863937f, 1.1503494f }).Within(1e-6f));
        Assert.That((table.Quantiles(1).ToArray(), table.Values(1).ToArray()), Is.EqualTo(((float[])[0], (float[])[0])));
        Assert.That(table.Quantiles(2).ToArray(), Is.EqualTo(new[] { -RankTable.MaxQuantile, 0, RankTable.MaxQuantile }));
        Assert.That(table.Values(2)[1], Is.Zero);
        Assert.That(RankFit.Fit(Data(columns), []).Quantiles(0).ToArray(), Is.EqualTo(new float[] { 0 }));
        Assert.That(RankTable.FirstDifference(table, RankFit.Fit(Data(columns), [3, 1, 0, 2])), Is.EqualTo(-1), "whatever their order");
    }

    [Test]
    public void Quantiles_too_close_for_a_slope_are_one_with_the_middle_of_their_ranks()
    {
        const float Tiny = float.Epsilon;
        RankTable table = RankFit.Fit(Data([[0, Tiny, 0, Tiny], [-1, 0, Tiny, 1], [0, Tiny, 2 * Tiny, 3 * Tiny], [-1, 0, 1e-30f, 1]]), [0, 1, 2, 3]);
        float[] places = [.. new[] { 1.0 / 8, 3.0 / 8, 1.0 / 2, 5.0 / 8, 7.0 / 8 }.Select(p => (float)NormalDistribution.Quantile((long)(8 * p), 8 - (long)(8 * p)))];
        Assert.That((table.Quantiles(0).ToArray(), table.Values(0).ToArray()), Is.EqualTo(((float[])[0], (float[])[0])), "two values that nothing tells apart");
        Assert.That((table.Quantiles(1).ToArray(), table.Values(1).ToArray()), Is.EqualTo(((float[])[-1, 0, 1], (float[])[places[0], places[2], places[4]])));
        Assert.That((table.Quantiles(2).ToArray(), table.Values(2).ToArray()), Is.EqualTo(((float[])[0], (float[])[0])), "one after the other");
        Assert.That((table.Quantiles(3).ToArray(), table.Values(3).ToArray()), Is.EqualTo(((float[])[-1, 0, 1e-30f, 1], (float[])[places[0], places[1], places[3], places[4]])));
    }

    [TestCase(1, 39, -1.959963984540054)]
    [TestCase(39, 1, 1.959963984540054)]
    [TestCase(1, 1_999_999, -4.891638475698931)]
    [TestCase(3, 3, 0)]
    public void The_inverse_is_that_of_the_tables(long below, long above, double expected) =>
        Assert.That(NormalDistribution.Quantile(below, above), Is.EqualTo(expected).Within(1e-9));

    [Test]
    public void The_distribution_is_the_sum_of_its_density()
    {
        for (double z = -6; z <= 6; z += 0.25)
        {
            Assert.That(NormalDistribution.Cumulative(z), Is.EqualTo(NaiveRankGauss.Cumulative(z)).Within(1e-12), $"{z}");
        }

        Assert.That((NormalDistribution.Cumulative(-50), NormalDistribution.Cumulative(50)), Is.EqualTo((0.0, 1.0)));
    }

    // A Gaussian with missing values, a heavy tail, few values, a constant, mostly one value.
    private static float[][] Columns(SeededRandom random) =>
    [
        [.. Enumerable.Range(0, Rows).Select(i => i % 50 == 3 ? float.NaN : i % 50 == 7 ? float.PositiveInfinity : (float)random.NextNormal())],
        [.. Enumerable.Range(0, Rows).Select(_ => (float)Math.Exp(4 * random.NextNormal()))],
        [.. Enumerable.Range(0, Rows).Select(_ => (float)random.Next(3))],
        [.. Enumerable.Repeat(7f, Rows)],
        [.. Enumerable.Range(0, Rows).Select(_ => random.Chance(0.99) ? 0f : (float)random.NextNormal())],
    ];

    private static TrainingData Data(float[][] columns)
    {
        int rows = columns[0].Length;
        return new TrainingData
        {
            Contract = new FeatureContract("test", columns.Select((_, i) => new FeatureSpec($"f{i}", "family", 0, "none")), "every-event"),
            Features = (float[])[.. Enumerable.Range(0, rows).SelectMany(r => columns.Select(c => c[r]))],
            Label = "return",
            Labels = new float[rows],
            Times = new long[rows],
            Ends = new long[rows],
            Instruments = new int[rows],
            Symbols = ["A"],
            Days = new int[rows],
            DayIds = ["2026-01-05"],
        };
    }
}
