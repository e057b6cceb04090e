using Engine.Core.Numerics;
using Engine.TestKit;
using Engine.Training.Evaluation;

namespace Engine.Training.Tests.Evaluation;

/// <summary>Verdicts where a few outliers make all of the labels' deviation: what they happen to meet decides nothing.</summary>
public sealed class DiagnosisTests
{
    private const long Second = 1_000_000_000;
    private const int Rows = 4_000, Outliers = 8;
    private const double DeviationOfLabels = 100, DeviationOfTold = 1.2;

    [Test]
    public void A_model_that_shrank_is_named_wherever_the_outliers_fall()
    {
        const double Shrunk = 12;
        foreach (ulong seed in Seeds.Take(20))
        {
            (double[] told, float[] labels) = Draw(new SeededRandom(seed));
            Diagnosis diagnosis = Judge([.. told.Select(t => (float)(t / Shrunk))], labels, seed);
            Assert.That(diagnosis.Verdict, Is.EqualTo(Verdict.CollapsedToMean), $"seed {seed}: {diagnosis}");
            Assert.That(diagnosis.Shrinkage, Is.EqualTo(1 / Shrunk).Within(0.015), $"seed {seed}: that of the labels without outliers");
        }
    }

    [Test]
    public void A_model_of_full_size_is_a_signal_where_it_tells_and_never_a_collapse_where_it_does_not()
    {
        int without = 0;
        foreach (ulong seed in Seeds.Take(20))
        {
            var random = new SeededRandom(seed);
            (double[] told, float[] labels) = Draw(random);
            Diagnosis good = Judge([.. told.Select(t => (float)t)], labels, seed);
            Assert.That(good.Verdict, Is.EqualTo(Verdict.Signal), $"seed {seed}: {good}");
            Diagnosis blind = Judge([.. told.Select(_ => (float)(DeviationOfTold * random.NextNormal()))], labels, seed);
            Assert.That(blind.Verdict, Is.Not.EqualTo(Verdict.CollapsedToMean), $"seed {seed}: {blind}");
            Assert.That(DeviationOfTold / DeviationOfLabels, Is.LessThan(Diagnosis.LeastSpread), "the labels' own deviation would call it one");
            without += blind.Verdict == Verdict.NoSignal ? 1 : 0;
        }

        Assert.That(without, Is.Positive);
    }

    [Test]
    public void Labels_that_are_all_the_same_between_the_cuts_are_taken_as_they_are()
    {
        var random = new SeededRandom(4);
        float[] labels = [.. Enumerable.Range(0, Rows).Select(_ => random.Chance(0.005) ? 1f : 0f)];
        Assert.Multiple(() =>
        {
            Diagnosis good = Judge([.. labels.Select(y => (0.5f * y) + (0.01f * (float)random.NextNormal()))], labels, 1);
            Assert.That((good.Verdict, good.Shrinkage), Is.EqualTo((Verdict.Signal, good.Shrinkage)), $"{good}");
            Assert.That(good.Spread, Is.InRange(0.5, 0.6));
            Assert.That(Judge([.. labels.Select(y => 0.01f * y)], labels, 1).Verdict, Is.EqualTo(Verdict.CollapsedToMean));
        });
    }

    private static Diagnosis Judge(float[] predictions, float[] labels, ulong seed)
    {
        long[] times = [.. predictions.Select((_, i) => i * Second)];
        var scored = new Scored(predictions, labels, times, times, new int[predictions.Length]);
        return Diagnosis.Of(scored, Scores.Of(scored, 0, isClassification: false), 0.05, seed);
    }

    /// <summary>What a feature tells, and labels of that and noise, of which a few are enormous.</summary>
    private static (double[] Told, float[] Labels) Draw(SeededRandom random)
    {
        double[] told = [.. Enumerable.Range(0, Rows).Select(_ => DeviationOfTold * random.NextNormal())];
        float[] labels = [.. told.Select(t => (float)(t + random.NextNormal()))];
        float enormous = (float)(DeviationOfLabels * Math.Sqrt((double)Rows / Outliers));
        for (int i = 0; i < Outliers; i++)
        {
            labels[random.Next(Rows)] = random.Chance(0.5) ? enormous : -enormous;
        }

        return (told, labels);
    }
}
