using Engine.Core.Numerics;
using Engine.Inference.Networks;
using Engine.TestKit;
using Engine.Training.Runs;

namespace Engine.Training.Tests.Runs;

public class FusionFitTests
{
    private const int Rows = 400;

    [Test]
    public void Weighted_finds_what_no_set_of_members_does_better_without_a_negative_weight()
    {
        foreach (ulong seed in Seeds.Take(8))
        {
            (float[][] members, float[] labels) = Draw(seed, 4);
            Fusion fusion = FusionFit.Fit(FusionKind.Weighted, members, labels);
            double loss = Loss(members, labels, [.. fusion.Weights.ToArray().Select(w => (double)w)], fusion.Bias);
            Assert.That(fusion.Weights.ToArray(), Has.All.GreaterThanOrEqualTo(0f), $"seed {seed}");

            // The oracle: of all subsets, plain least squares; those with no negative weight, the best.
            double best = Enumerable.Range(0, 1 << members.Length).Select(set => Subset(members, labels, set)).Min();
            Assert.That(loss, Is.EqualTo(best).Within(1e-6 * best), $"seed {seed}");
            Assert.That(loss, Is.LessThan(Subset(members, labels, 0) * 0.9), $"seed {seed}: better than a constant");
        }
    }

    [Test]
    public void A_planted_mixture_is_found_at_the_size_of_returns()
    {
        (float[][] members, float[] _) = Draw(3, 3);
        float[][] small = [.. members.Select(m => m.Select(v => v * 1e-4f).ToArray())];
        float[] labels = [.. Enumerable.Range(0, Rows).Select(i => (0.25f * small[0][i]) + (1.5f * small[2][i]) + 3e-5f)];
        Fusion fusion = FusionFit.Fit(FusionKind.Weighted, small, labels);
        Assert.That(fusion.Weights[0], Is.EqualTo(0.25).Within(1e-3));
        Assert.That(fusion.Weights[1], Is.EqualTo(0).Within(1e-3));
        Assert.That(fusion.Weights[2], Is.EqualTo(1.5).Within(1e-3));
        Assert.That(fusion.Bias, Is.EqualTo(3e-5).Within(1e-8));
    }

    [Test]
    public void Members_that_say_the_same_or_nothing_do_no_harm()
    {
        (float[][] members, float[] labels) = Draw(5, 2);
        Fusion fusion = FusionFit.Fit(FusionKind.Weighted, [members[0], members[0], new float[Rows]], labels);
        double alone = Subset([members[0]], labels, 1);
        Assert.That(Loss([members[0], members[0], new float[Rows]], labels, [.. fusion.Weights.ToArray().Select(w => (double)w)], fusion.Bias), Is.EqualTo(alone).Within(1e-5 * alone));
    }

    [Test]
    public void Logistic_stands_where_its_loss_has_no_slope()
    {
        foreach (ulong seed in Seeds.Take(4))
        {
            (float[][] members, float[] values) = Draw(seed, 3);
            float[] labels = [.. values.Select(v => v > 0.3f ? 1f : 0f)];
            Fusion fusion = FusionFit.Fit(FusionKind.Logistic, members, labels);
            double[] weights = [.. fusion.Weights.ToArray().Select(w => (double)w)];
            double at = CrossEntropy(members, labels, weights, fusion.Bias);
            for (int i = 0; i <= weights.Length; i++)
            {
                foreach (double step in new[] { -0.01, 0.01 })
                {
                    double[] moved = [.. weights];
                    if (i < weights.Length)
                    {
                        moved[i] += step;
                    }

                    Assert.That(CrossEntropy(members, labels, moved, fusion.Bias + (i == weights.Length ? step : 0)), Is.GreaterThan(at), $"seed {seed}, weight {i}");
                }
            }
        }
    }

    [Test]
    public void Classes_that_can_be_told_apart_have_finite_weights_and_too_few_rows_are_refused()
    {
        float[] apart = [.. Enumerable.Range(0, 40).Select(i => i < 20 ? -1f : 1f)];
        Fusion fusion = FusionFit.Fit(FusionKind.Logistic, [apart, apart], [.. apart.Select(v => v > 0 ? 1f : 0f)]);
        Assert.That(fusion.Apply([1f, 1f]), Is.GreaterThan(0.9f));
        Assert.That(fusion.Apply([-1f, -1f]), Is.LessThan(0.1f));
        Assert.That(() => FusionFit.Fit(FusionKind.Weighted, [[1f, 2f], [2f, 1f]], [1f, 2f]), Throws.TypeOf<RunException>().With.Message.Contains("2 validation rows"));
    }

    private static (float[][] Members, float[] Labels) Draw(ulong seed, int count)
    {
        var random = new SeededRandom(seed);
        float[] labels = [.. Enumerable.Range(0, Rows).Select(_ => (float)random.NextNormal())];

        // Some lean to the label, some away from it, and they share noise.
        float[] shared = [.. Enumerable.Range(0, Rows).Select(_ => (float)random.NextNormal())];
        float[][] members = new float[count][];
        for (int m = 0; m < count; m++)
        {
            float lean = m == 0 ? 0.8f : (float)random.NextNormal() * 0.4f;
            members[m] = [.. Enumerable.Range(0, Rows).Select(i => (lean * labels[i]) + (0.5f * shared[i]) + (0.5f * (float)random.NextNormal()) + m)];
        }

        return (members, labels);
    }

    // Least squares with a constant over a subset, by Gauss on the normal equations; infinite where a weight is negative.
    private static double Subset(float[][] members, float[] labels, int set)
    {
        int[] own = [.. Enumerable.Range(0, members.Length).Where(m => (set & (1 << m)) != 0)];
        int n = own.Length + 1;
        var a = new double[n, n + 1];
        double X(int column, int row) => column == own.Length ? 1 : members[own[column]][row];
        for (int i = 0; i < n; i++)
        {
            for (int row = 0; row < labels.Length; row++)
            {
                for (int j = 0; j < n; j++)
                {
                    a[i, j] += X(i, row) * X(j, row);
                }

                a[i, n] += X(i, row) * labels[row];
            }
        }

        for (int i = 0; i < n; i++)
        {
            for (int other = 0; other < n; other++)
            {
                double factor = other == i ? 0 : a[other, i] / a[i, i];
                for (int j = i; j <= n; j++)
                {
                    a[other, j] -= factor * a[i, j];
                }
            }
        }

        double[] solved = [.. Enumerable.Range(0, n).Select(i => a[i, n] / a[i, i])];
        if (solved.SkipLast(1).Any(w => w < 0))
        {
            return double.PositiveInfinity;
        }

        var weights = new double[members.Length];
        for (int i = 0; i < own.Length; i++)
        {
            weights[own[i]] = solved[i];
        }

        return Loss(members, labels, weights, solved[^1]);
    }

    private static double Loss(float[][] members, float[] labels, double[] weights, double bias) =>
        labels.Select((y, row) => y - bias - weights.Select((w, m) => w * members[m][row]).Sum()).Average(off => off * off);

    private static double CrossEntropy(float[][] members, float[] labels, double[] weights, double bias)
    {
        double pull = 0.5e-4 * (weights.Sum(w => w * w) + (bias * bias));
        return pull + labels.Select((y, row) =>
        {
            double p = 1 / (1 + Math.Exp(-(bias + weights.Select((w, m) => w * members[m][row]).Sum())));
            return -Math.Log(y > 0.5f ? p : 1 - p);
        }).Average();
    }
}
