using Engine.Core.Numerics;
using Engine.Features;
using Engine.TestKit;

namespace Engine.Tests.Features;

/// <summary>The z-score against one-feature arithmetic, bit for bit, and what it refuses and counts.</summary>
public sealed class NormaliserTests
{
    private static readonly float[] s_odd = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, 0f, float.MaxValue, float.Epsilon, -float.MaxValue];

    [Test]
    public void Every_length_agrees_with_one_feature_at_a_time()
    {
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            for (int length = 1; length <= 40; length++)
            {
                float[] mean = [.. Enumerable.Range(0, length).Select(_ => (float)random.NextNormal() * 10)];
                float[] deviation = [.. Enumerable.Range(0, length).Select(_ => random.Chance(0.1) ? 0f : (float)random.NextDouble() + 0.01f)];
                float clip = length % 3 == 0 ? float.PositiveInfinity : 0.5f * (length % 7) + 0.1f;
                var normaliser = new Normaliser(mean, deviation, clip: clip);
                long[] missing = new long[length];
                for (int row = 0; row < 20; row++)
                {
                    float[] x = [.. Enumerable.Range(0, length).Select(i => random.Chance(0.2) ? s_odd[random.Next(s_odd.Length)] : mean[i] + (float)random.NextNormal())];
                    float[] y = new float[length + 1];
                    y[length] = 42;
                    int bad = normaliser.Apply(x, y);
                    int expectedBad = 0;
                    for (int i = 0; i < length; i++)
                    {
                        float want = Naive(x[i], mean[i], deviation[i], clip, out bool isMissing);
                        expectedBad += isMissing ? 1 : 0;
                        missing[i] += isMissing ? 1 : 0;
                        Assert.That(BitConverter.SingleToInt32Bits(y[i]), Is.EqualTo(BitConverter.SingleToInt32Bits(want)), $"seed {seed}, length {length}, feature {i} = {x[i]:R}");
                    }

                    Assert.That(bad, Is.EqualTo(expectedBad), $"seed {seed}, length {length}");
                    Assert.That(y[length], Is.EqualTo(42f), "nothing beyond the row is written");
                }

                Assert.That(normaliser.Missing.ToArray(), Is.EqualTo(missing), $"seed {seed}, length {length}");
            }
        }
    }

    [Test]
    public void A_constant_feature_gives_zero_and_missing_ones_count_still()
    {
        var normaliser = new Normaliser([3f, 3f, 3f], [0f, 0f, 0f]);
        float[] output = new float[3];
        Assert.That(normaliser.Apply([-5f, float.NaN, float.PositiveInfinity], output), Is.EqualTo(2));
        Assert.That(output.Select(BitConverter.SingleToInt32Bits), Is.All.Zero, "and none of them is −0");
        Assert.That(normaliser.Missing.ToArray(), Is.EqualTo((long[])[0, 1, 1]));
    }

    [TestCase(float.NaN, 1f)]
    [TestCase(float.PositiveInfinity, 1f)]
    [TestCase(0f, float.NaN)]
    [TestCase(0f, float.PositiveInfinity)]
    [TestCase(0f, -1f)]
    [TestCase(0f, float.Epsilon)]
    public void Bad_statistics_are_refused_by_number(float mean, float deviation) =>
        Assert.That(() => new Normaliser([0f, mean], [1f, deviation]), Throws.ArgumentException.With.Message.Contains("feature 1"));

    [Test]
    public void Lengths_must_agree()
    {
        Assert.That(() => new Normaliser([0f, 0f], [1f]), Throws.ArgumentException.With.Message.Contains("2 means but 1"));
        var normaliser = new Normaliser([0f, 0f], [1f, 1f]);
        Assert.That(() => normaliser.Apply([1f], new float[2]), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => normaliser.Apply([1f, 2f], new float[1]), Throws.InstanceOf<ArgumentException>());
    }

    [TestCase(0f)]
    [TestCase(-1f)]
    [TestCase(float.NaN)]
    public void A_clip_that_is_none_is_refused(float clip) =>
        Assert.That(() => new Normaliser([0f], [1f], clip: clip), Throws.ArgumentException.With.Message.Contains("clipped"));

    [Test]
    public void A_clip_bounds_what_is_far_and_nothing_else()
    {
        var normaliser = new Normaliser(new float[10], [.. Enumerable.Repeat(0.5f, 10)], clip: 3);
        var output = new float[10];
        Assert.That(normaliser.Apply([-100f, -1.5f, -1f, -0f, 0f, 1f, 1.5f, 1e30f, float.NaN, float.NegativeInfinity], output), Is.EqualTo(2));
        Assert.That(output, Is.EqualTo(new[] { -3f, -3f, -2f, 0f, 0f, 2f, 3f, 3f, 0f, 0f }));
    }

    private static float Naive(float x, float mean, float deviation, float clip, out bool missing)
    {
        float inverse = deviation == 0 ? 0 : 1 / deviation;
        float centred = x - mean;
        float y = centred * inverse;
        missing = !float.IsFinite(y);
        return missing || y == 0 ? 0f : y > clip ? clip : y < -clip ? -clip : y;
    }
}
