using Engine.Core.Diagnostics;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.TestKit;
using Engine.TestKit.Features;

namespace Engine.Tests.Features;

/// <summary>Rank-Gauss against a search one quantile at a time, its bounds and its order, and what it refuses and counts.</summary>
public sealed class RankTableTests
{
    [Test]
    public void Every_length_agrees_with_the_oracle_and_to_the_bit_with_one_feature_at_a_time()
    {
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            for (int length = 1; length <= 40; length++)
            {
                RankTable table = TestRanks.Draw(random, length);
                var normaliser = new Normaliser(table);
                var missing = new long[length];
                float[] x = new float[length], y = new float[length + 1];
                for (int row = 0; row < 30; row++)
                {
                    // Most features stay as they are, as from event to event.
                    for (int i = 0; i < length; i++)
                    {
                        x[i] = row == 0 || random.Chance(0.3) ? TestRanks.Near(random, table.Quantiles(i)) : x[i];
                    }

                    y[length] = 42;
                    int bad = normaliser.Apply(x, y);
                    for (int i = 0; i < length; i++)
                    {
                        missing[i] += float.IsFinite(x[i]) ? 0 : 1;
                        Assert.That(y[i], Is.EqualTo(NaiveRankGauss.Value(table.Quantiles(i), table.Values(i), x[i])).Within(2e-6), $"seed {seed}, length {length}, feature {i} = {x[i]:R}");
                        Assert.That(BitConverter.SingleToInt32Bits(y[i]), Is.EqualTo(BitConverter.SingleToInt32Bits(OneAtATime(table, i, x[i]))), $"seed {seed}, length {length}, feature {i} = {x[i]:R}");
                    }

                    Assert.That(bad, Is.EqualTo(x.Count(v => !float.IsFinite(v))), $"seed {seed}, length {length}");
                    Assert.That(y[length], Is.EqualTo(42f), "nothing beyond the row is written");
                }

                Assert.That(normaliser.Missing.ToArray(), Is.EqualTo(missing), $"seed {seed}, length {length}");
            }
        }
    }

    [Test]
    public void Values_are_bounded_and_never_descend_and_at_the_last_quantile_and_beyond_are_the_last()
    {
        foreach (ulong seed in Seeds.Take(20))
        {
            var random = new SeededRandom(seed);
            RankTable table = TestRanks.Draw(random, 1);
            var normaliser = new Normaliser(table);
            float[] x = [.. Enumerable.Range(0, 400).Select(_ => TestRanks.Near(random, table.Quantiles(0))).Concat(table.Quantiles(0).ToArray()).Where(float.IsFinite).Order()];
            float before = table.Values(0)[0];
            var y = new float[1];
            foreach (float value in x)
            {
                normaliser.Apply([value], y);
                Assert.That(y[0], Is.GreaterThanOrEqualTo(before).And.LessThanOrEqualTo(table.Values(0)[^1]), $"seed {seed}, {value:R}");
                before = y[0];
            }

            foreach (float far in new[] { table.Quantiles(0)[^1], float.MaxValue })
            {
                normaliser.Apply([far], y);
                Assert.That(y[0], Is.EqualTo(table.Values(0)[^1]), $"seed {seed}");
            }

            normaliser.Apply([-float.MaxValue], y);
            Assert.That(y[0], Is.EqualTo(table.Values(0)[0]), $"seed {seed}");
        }
    }

    [Test]
    public unsafe void Registers_of_either_width_count_as_one_quantile_after_the_other_does()
    {
        foreach (ulong seed in Seeds.Take(5))
        {
            var random = new SeededRandom(seed);
            ReadOnlySpan<float> quantiles = TestRanks.Draw(random, 1).Quantiles(0);
            float[] knots = [.. quantiles, .. Enumerable.Repeat(quantiles[^1], RankTable.MaxQuantiles - quantiles.Length)];
            fixed (float* at = knots)
            {
                for (int i = 0; i < 300; i++)
                {
                    float x = TestRanks.Near(random, quantiles);
                    int expected = knots.Count(k => k <= x);
                    Assert.That((RankTable.NotAbove512(at, x), RankTable.NotAbove256(at, x)), Is.EqualTo((expected, expected)), $"seed {seed}, {x:R}");
                }
            }
        }
    }

    [Test]
    public void A_constant_is_its_value_everywhere_and_missing_ones_are_0_and_counted_row_by_row()
    {
        var normaliser = new Normaliser(new RankTable([[3f], [3f], [3f]], [[0f], [0.5f], [-0f]]));
        float[] output = new float[3];
        Assert.That(normaliser.Apply([-5f, float.NaN, 4f], output), Is.EqualTo(1));
        Assert.That(output, Is.EqualTo(new[] { 0f, 0f, 0f }));
        Assert.That(normaliser.Apply([3f, float.NaN, float.NegativeInfinity], output), Is.EqualTo(2), "the same NaN again counts again");
        Assert.That(output.Select(BitConverter.SingleToInt32Bits), Is.All.Zero, "and none of them is −0");
        Assert.That(normaliser.Apply([3f, 1e30f, 3f], output), Is.Zero);
        Assert.That(output[1], Is.EqualTo(0.5f));
        Assert.That(normaliser.Missing.ToArray(), Is.EqualTo((long[])[0, 2, 1]));
    }

    [Test]
    public void Tiny_and_huge_steps_between_quantiles_stay_within_their_values()
    {
        const float Most = RankTable.MaxQuantile;
        foreach (float[] quantiles in new float[][] { [0, 3e-39f], [-Most, Most], [1, 1.0000001f], [-1e-38f, 0, 1e-38f, 1, Most] })
        {
            float[] values = [.. Enumerable.Range(0, quantiles.Length).Select(i => i - 1.3f)];
            var normaliser = new Normaliser(new RankTable([quantiles], [values]));
            var y = new float[1];
            for (int i = 0; i < quantiles.Length; i++)
            {
                normaliser.Apply([quantiles[i]], y);
                Assert.That(y[0], Is.EqualTo(values[i]).Within(1e-6), $"{quantiles[i]:R}");
                normaliser.Apply([MathF.BitIncrement(quantiles[i])], y);
                Assert.That(y[0], Is.InRange(values[i], values[Math.Min(i + 1, values.Length - 1)]));
            }
        }
    }

    [TestCase(new float[0], new float[0], "0 quantiles and 0 values")]
    [TestCase(new[] { 1f, 2f }, new[] { 0f }, "2 quantiles and 1 values")]
    [TestCase(new[] { 1f, 1f }, new[] { 0f, 1f }, "quantile 1 is 1 after 1")]
    [TestCase(new[] { 2f, 1f }, new[] { 0f, 1f }, "quantile 1 is 1 after 2")]
    [TestCase(new[] { 1f, 2f }, new[] { 0f, -1f }, "its value -1 after 0")]
    [TestCase(new[] { 0f, float.Epsilon }, new[] { 0f, 1f }, "quantile 1 is 1E-45 after 0, too close for the values 0 and 1")]
    [TestCase(new[] { -1e-39f, 1e-39f }, new[] { -1f, 1f }, "quantile 1 is 1E-39 after -1E-39, too close for the values -1 and 1")]
    [TestCase(new[] { 1f, float.NaN }, new[] { 0f, 1f }, "quantile 1 is NaN")]
    [TestCase(new[] { 1f, float.PositiveInfinity }, new[] { 0f, 1f }, "quantile 1 is Infinity")]
    [TestCase(new[] { 1f, float.MaxValue }, new[] { 0f, 1f }, "quantile 1 is 3.4028235E+38")]
    [TestCase(new[] { 1f, 2f }, new[] { 0f, float.NaN }, "with the value NaN")]
    [TestCase(new[] { 1f, 2f }, new[] { 0f, 10.5f }, "with the value 10.5")]
    public void A_table_that_is_none_is_refused_by_its_first_feature(float[] quantiles, float[] values, string expected) =>
        Assert.That(() => new RankTable([[0f], quantiles, quantiles], [[0f], values, values], i => $"f{i}"), Throws.ArgumentException.With.Message.Contains("feature 1 'f1'").And.Message.Contains(expected));

    [Test]
    public void Too_many_quantiles_and_tables_of_other_lengths_are_refused()
    {
        float[] many = [.. Enumerable.Range(0, RankTable.MaxQuantiles + 1).Select(i => (float)i)];
        Assert.That(() => new RankTable([many], [many]), Throws.ArgumentException.With.Message.Contains("feature 0: 33 quantiles"));
        Assert.That(() => new RankTable([[0f], [0f]], [[0f]]), Throws.ArgumentException.With.Message.Contains("2 features but values of 1"));
        var normaliser = new Normaliser(new RankTable([[0f], [0f]], [[0f], [0f]]));
        Assert.That(() => normaliser.Apply([1f], new float[2]), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => normaliser.Apply([1f, 2f], new float[1]), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public void Tables_are_compared_by_feature()
    {
        var table = new RankTable([[0f], [1f, 2f]], [[0f], [-1f, 1f]]);
        Assert.That(RankTable.FirstDifference(table, new RankTable([[0f], [1f, 2f]], [[0f], [-1f, 1f]])), Is.EqualTo(-1));
        Assert.That(RankTable.FirstDifference(table, new RankTable([[0f], [1f, 2f]], [[0f], [-1f, 1.5f]])), Is.EqualTo(1));
        Assert.That(RankTable.FirstDifference(table, new RankTable([[3f], [1f, 2f]], [[0f], [-1f, 1f]])), Is.Zero);
        Assert.That(RankTable.FirstDifference(table, new RankTable([[0f]], [[0f]])), Is.EqualTo(1));
    }

    [Test]
    public void Nothing_is_allocated_for_a_row()
    {
        var random = new SeededRandom(3);
        RankTable table = TestRanks.Draw(random, 60);
        var normaliser = new Normaliser(table);
        float[][] rows = [.. Enumerable.Range(0, 100).Select(_ => Enumerable.Range(0, 60).Select(i => TestRanks.Near(random, table.Quantiles(i))).ToArray())];
        var output = new float[60];
        Array.ForEach(rows, row => normaliser.Apply(row, output));
        var meter = AllocationMeter.Start();
        foreach (float[] row in rows)
        {
            normaliser.Apply(row, output);
        }

        Assert.That(meter.AllocatedBytes, Is.Zero);
        Assert.That(normaliser.Missing.ToArray().Sum(), Is.GreaterThan(0));
    }

    // The arithmetic as the table's own page says it, without a search by halves.
    private static float OneAtATime(RankTable table, int feature, float x)
    {
        (float[] quantiles, float[] values) = (table.Quantiles(feature).ToArray(), table.Values(feature).ToArray());
        if (!float.IsFinite(x))
        {
            return 0;
        }

        x = x < quantiles[0] ? quantiles[0] : x > quantiles[^1] ? quantiles[^1] : x;
        int at = Array.FindLastIndex(quantiles, q => q <= x);
        if (at == quantiles.Length - 1)
        {
            return values[at] + 0f;
        }

        float width = quantiles[at + 1] - quantiles[at], slope = (values[at + 1] - values[at]) / width;
        while (MathF.FusedMultiplyAdd(width, slope, values[at]) > values[at + 1])
        {
            slope = MathF.BitDecrement(slope);
        }

        return MathF.FusedMultiplyAdd(x - quantiles[at], slope, values[at]) + 0f;
    }
}
