using Engine.Core.Numerics;
using Engine.TestKit;
using Engine.Training.Evaluation;

namespace Engine.Training.Tests.Evaluation;

/// <summary>Scores against their definitions, and verdicts on series whose truth is known.</summary>
public sealed class EvaluationTests
{
    private const long Second = 1_000_000_000;

    [Test]
    public void Scores_are_those_of_their_definitions()
    {
        foreach (ulong seed in Seeds.Take(10))
        {
            var random = new SeededRandom(seed);
            float[] predictions = [.. Enumerable.Range(0, 200).Select(_ => random.Next(20) / 10f)];
            float[] labels = [.. predictions.Select(p => (random.Next(20) - 10 + (5 * p)) / 7)];
            Scores scores = Scores.Of(Plain(predictions, labels), 0.25, isClassification: false);
            double mse = predictions.Zip(labels, (p, y) => Math.Pow((double)p - y, 2)).Average();
            double baseline = labels.Average(y => Math.Pow(y - 0.25, 2));
            double wins = 0, pairs = 0;
            for (int i = 0; i < 200; i++)
            {
                for (int j = 0; j < 200; j++)
                {
                    if (labels[i] > 0 && labels[j] <= 0)
                    {
                        pairs++;
                        wins += predictions[i] > predictions[j] ? 1 : predictions[i] == predictions[j] ? 0.5 : 0;
                    }
                }
            }

            Assert.Multiple(() =>
            {
                Assert.That(scores.MeanSquaredError, Is.EqualTo(mse).Within(1e-9), $"seed {seed}");
                Assert.That(scores.MeanAbsoluteError, Is.EqualTo(predictions.Zip(labels, (p, y) => Math.Abs((double)p - y)).Average()).Within(1e-9));
                Assert.That(scores.R2, Is.EqualTo(1 - (mse / baseline)).Within(1e-9));
                Assert.That(scores.Auc, Is.EqualTo(wins / pairs).Within(1e-9), $"seed {seed}");
                Assert.That(scores.InformationCoefficient, Is.EqualTo(Correlation(MeanRanks(predictions), MeanRanks(labels))).Within(1e-9));
                Assert.That(scores.LogLoss, Is.NaN);
            });
        }
    }

    [Test]
    public void A_classification_has_a_cross_entropy_and_one_class_no_area()
    {
        Scores scores = Scores.Of(Plain([0.8f, 0.4f, 0f], [1, 0, 1]), 0.5, isClassification: true);
        Scores single = Scores.Of(Plain([0.8f, 0.4f], [1, 1]), 0.5, isClassification: true);
        Assert.Multiple(() =>
        {
            Assert.That(scores.LogLoss, Is.EqualTo(-(Math.Log(0.8) + Math.Log(0.6) + Math.Log(1e-7)) / 3).Within(1e-6));
            Assert.That(scores.Auc, Is.EqualTo(0.5));
            Assert.That(single.Auc, Is.NaN);
        });
    }

    /// <summary>Nulls of every kind that misled a test before: series that wander, a few short days, instruments that move together and tell their
    /// rows at other times.</summary>
    [TestCase(1, 1, 1_000, 20, 1.0)]
    [TestCase(2, 6, 200, 20, 1.0)]
    [TestCase(3, 1, 400, 10, 0.5)]
    public void Predictions_that_know_nothing_pass_no_more_often_than_the_level(int instruments, int days, int rows, int horizon, double kept)
    {
        const int Nulls = 150;
        int found = 0, naive = 0;
        for (int i = 0; i < Nulls; i++)
        {
            ulong seed = (ulong)(i + 1) * 7_919;
            Scored scored = Known(new SeededRandom(seed), 0, instruments, days, rows, horizon, kept);
            ShiftTest test = ShiftTest.Of(scored, 199, seed);
            found += test.PValue < 0.05 ? 1 : 0;
            naive += Math.Abs(test.InformationCoefficient) > 1.96 / Math.Sqrt(scored.Rows) ? 1 : 0;
        }

        // 7.5 are expected of 150 at 5 %, and 18 or more come once in a thousand.
        Assert.Multiple(() =>
        {
            Assert.That(found, Is.LessThan(18));
            Assert.That(naive, Is.GreaterThan(Nulls / 3), "the series are such that rows taken for independent mislead");
        });
    }

    [Test]
    public void One_day_of_a_few_labels_cannot_show_a_small_p_value()
    {
        Scored scored = Known(new SeededRandom(3), 0.9, 5, 1, 400, 60, 1);
        ShiftTest test = ShiftTest.Of(scored, 0.007, 1);
        Assert.Multiple(() =>
        {
            Assert.That(test.LeastPValue, Is.GreaterThan(0.007), $"{test}");
            Assert.That(test.PValue, Is.GreaterThanOrEqualTo(test.LeastPValue));
            Assert.That(test.CanConclude(0.007), Is.False);
        });
    }

    [Test]
    public void A_model_that_is_reliably_wrong_is_no_signal_and_labels_that_do_not_vary_tell_nothing()
    {
        Scored scored = Known(new SeededRandom(8), 0.6, 2, 4, 600, 10, 1);
        Assert.Multiple(() =>
        {
            Assert.That(Judge(scored, [.. scored.Predictions.Select(p => -p)], scored.Labels).Verdict, Is.EqualTo(Verdict.Inverted));
            Assert.That(Judge(scored, scored.Predictions, new float[scored.Rows]).Verdict, Is.EqualTo(Verdict.NothingToTell));
            Assert.That(Judge(scored, scored.Predictions, scored.Labels).Verdict, Is.EqualTo(Verdict.Signal));
        });
    }

    [Test]
    public void A_signal_is_found_in_series_that_wander()
    {
        foreach (ulong seed in Seeds.Take(10))
        {
            Scored scored = Wandering(new SeededRandom(seed), 0.6, 4_000, 4);
            Diagnosis diagnosis = Diagnosis.Of(scored, Scores.Of(scored, 0, isClassification: false), 0.05, seed);
            Assert.That(diagnosis.Verdict, Is.EqualTo(Verdict.Signal), $"seed {seed}: {diagnosis.Describe()}");
        }
    }

    // A model that looks at the last move tells a part of the next one, and a little later much more of it, when half of it is history.
    [Test]
    public void A_signal_is_found_where_later_predictions_know_the_label_better()
    {
        const int Rows = 6_000, Horizon = 20;
        foreach (ulong seed in Seeds.Take(6))
        {
            Scored scored = Following(new SeededRandom(seed), Rows, Horizon);
            double actual = Correlation([.. scored.Predictions.Select(p => (double)p)], [.. scored.Labels.Select(y => (double)y)]);
            double later = Correlation([.. scored.Predictions.Skip(Horizon).Select(p => (double)p)], [.. scored.Labels.SkipLast(Horizon).Select(y => (double)y)]);
            Assert.That(later, Is.GreaterThan(1.5 * actual), $"seed {seed}: the series are such that a turn by a few rows scores higher");
            ShiftTest test = ShiftTest.Of(scored, 0.005, seed);
            Assert.That(test.PValue, Is.EqualTo(test.LeastPValue).And.LessThan(0.01), $"seed {seed}: {test}");
        }
    }

    [Test]
    public void The_mean_with_a_little_noise_is_a_collapse_and_one_value_a_constant()
    {
        var random = new SeededRandom(5);
        Scored loud = Wandering(random, 0, 4_000, 4);

        // Heavy tails: a few labels are enormous, and the loss is theirs.
        float[] labels = [.. loud.Labels.Select(y => y * y * y * y * y)];
        float mean = labels.Average();
        float size = (float)Math.Sqrt(labels.Average(y => (double)(y - mean) * (y - mean)));
        float[] nearly = [.. labels.Select(_ => mean + (0.001f * size * (float)random.NextNormal()))];
        Assert.Multiple(() =>
        {
            Assert.That(Judge(loud, nearly, labels).Verdict, Is.EqualTo(Verdict.CollapsedToMean));
            Assert.That(Judge(loud, [.. labels.Select(_ => mean)], labels).Verdict, Is.EqualTo(Verdict.Constant));
            Assert.That(Judge(loud, [.. labels.Select(y => mean + (0.001f * y))], labels).Verdict, Is.EqualTo(Verdict.CollapsedToMean), "it ranks, and says nothing of size");
            Assert.That(Judge(loud, [.. labels.Select(y => 0.5f * y)], labels).Verdict, Is.EqualTo(Verdict.Signal));
            Assert.That(Judge(loud, [.. labels.Select(_ => size * (float)random.NextNormal())], labels).Verdict, Is.EqualTo(Verdict.NoSignal));
        });
    }

    [TestCase(1e4f)]
    [TestCase(-1e4f)]
    public void A_few_enormous_labels_make_no_collapse_of_a_model_whose_size_is_right(float enormous)
    {
        Scored honest = Wandering(new SeededRandom(9), 0.6, 4_000, 4);
        float[] labels = [.. honest.Labels];
        int most = Array.IndexOf(honest.Predictions, honest.Predictions.Max());
        labels[most] = enormous * Math.Abs(labels[most]);
        Diagnosis diagnosis = Judge(honest, honest.Predictions, labels);
        Assert.That(diagnosis.Verdict, Is.EqualTo(Verdict.Signal), diagnosis.Describe());
        Assert.That(Judge(honest, [.. honest.Predictions.Select(p => 0.02f * p)], labels).Verdict, Is.EqualTo(Verdict.CollapsedToMean), "a shrunken one is found all the same");
    }

    [Test]
    public void Few_spans_are_too_short_to_conclude()
    {
        Scored scored = Wandering(new SeededRandom(1), 0.9, 4_000, 1, horizon: 400);
        Diagnosis diagnosis = Diagnosis.Of(scored, Scores.Of(scored, 0, isClassification: false), 0.05, 1);
        Assert.That(diagnosis.Verdict, Is.EqualTo(Verdict.TooShort), diagnosis.Describe());
    }

    [Test]
    public void Quantiles_hold_every_row_once_and_keep_equal_predictions_together()
    {
        foreach (ulong seed in Seeds.Take(10))
        {
            var random = new SeededRandom(seed);
            float[] predictions = [.. Enumerable.Range(0, 137).Select(_ => (float)random.Next(12))];
            IReadOnlyList<QuantileBin> table = QuantileTable.Of(Plain(predictions, predictions), 10);
            Assert.Multiple(() =>
            {
                Assert.That(table.Sum(bin => bin.Rows), Is.EqualTo(137), $"seed {seed}");
                Assert.That(table, Has.Count.LessThanOrEqualTo(10));
                Assert.That(table.Zip(table.Skip(1)).All(pair => pair.First.High < pair.Second.Low), Is.True);
                Assert.That(table.All(bin => Math.Abs(bin.MeanLabel - bin.MeanPrediction) < 1e-9), Is.True);
            });
        }
    }

    [Test]
    public void Thresholds_count_what_lies_beyond_them()
    {
        Scored scored = Plain([-2, -1, 0, 0.5f, 3], [1, -1, 1, 1, 2]);
        Assert.That(ThresholdCounts.Of(scored, 0, [0, 1, 5]), Is.EqualTo((ThresholdCount[])
        [
            new(0, 4, 3, (-1 + 1 + 1 + 2) / 4.0),
            new(1, 3, 2, (-1 + 1 + 2) / 3.0),
            new(5, 0, 0, double.NaN),
        ]));
    }

    [Test]
    public void Only_the_family_that_a_model_reads_is_important()
    {
        var random = new SeededRandom(9);
        float[] features = [.. Enumerable.Range(0, 600).Select(_ => (float)random.NextNormal())];
        float[] labels = [.. Enumerable.Range(0, 200).Select(row => features[row * 3] + features[(row * 3) + 1])];
        IReadOnlyList<FamilyImportance> importance = PermutationImportance.Of(
            features,
            3,
            [("read", [0, 1]), ("unread", [2])],
            rows => labels.Select((y, row) => Math.Pow(rows[row * 3] + rows[(row * 3) + 1] - y, 2)).Average(),
            3);
        Assert.Multiple(() =>
        {
            Assert.That(importance[0].Increase, Is.GreaterThan(2));
            Assert.That(importance[1].Increase, Is.Zero);
        });
    }

    [Test]
    public void A_series_that_runs_backwards_is_refused() => Assert.That(
        () => new Scored([0, 0], [0, 0], [2, 1], [2, 2], [0, 0]), Throws.ArgumentException.With.Message.Contains("Row 1"));

    [Test]
    public void What_is_not_a_number_is_refused_with_its_row() => Assert.That(
        () => Plain([0, float.NaN], [1, 1]), Throws.ArgumentException.With.Message.Contains("Row 1"));

    private static Diagnosis Judge(Scored like, float[] predictions, float[] labels)
    {
        var scored = new Scored(predictions, labels, like.Times, like.Ends, like.Groups);
        return Diagnosis.Of(scored, Scores.Of(scored, labels.Average(), isClassification: false), 0.05, 3);
    }

    /// <summary>Labels that are sums over the next seconds of white noise, a row a second, and predictions that linger: of the label itself to
    /// a part, else of noise of their own.</summary>
    private static Scored Wandering(SeededRandom random, double part, int rows, int groups, int horizon = 20)
    {
        var (predictions, labels, times, ends, series) = (new float[rows], new float[rows], new long[rows], new long[rows], new int[rows]);
        int each = rows / groups;
        for (int group = 0; group < groups; group++)
        {
            double[] noise = [.. Enumerable.Range(0, each + horizon).Select(_ => random.NextNormal())];
            double[] own = [.. Enumerable.Range(0, each + horizon).Select(_ => random.NextNormal())];
            for (int i = 0; i < each; i++)
            {
                int row = (group * each) + i;
                labels[row] = (float)noise.Skip(i).Take(horizon).Sum();
                predictions[row] = (float)((part * labels[row]) + ((1 - part) * own.Skip(i).Take(horizon).Sum()));
                times[row] = i * Second;
                ends[row] = (i + horizon) * Second;
                series[row] = group;
            }
        }

        return new Scored(predictions, labels, times, ends, series);
    }

    /// <summary>Labels that are sums over the next seconds, of a drift that predictions see and of noise; predictions see the last seconds' sum as well.</summary>
    private static Scored Following(SeededRandom random, int rows, int horizon)
    {
        int whole = rows + (2 * horizon);
        double[] drift = new double[whole], moves = new double[whole];
        for (int i = 1; i < whole; i++)
        {
            drift[i] = (0.9 * drift[i - 1]) + (0.5 * random.NextNormal());
            moves[i] = drift[i - 1] + random.NextNormal();
        }

        long[] times = [.. Enumerable.Range(0, rows).Select(i => i * Second)];
        float[] predictions = [.. Enumerable.Range(horizon, rows).Select(i => (float)((2 * drift[i]) + moves.AsSpan(i - horizon + 1, horizon).ToArray().Sum()))];
        float[] labels = [.. Enumerable.Range(horizon, rows).Select(i => (float)moves.AsSpan(i + 1, horizon).ToArray().Sum())];
        return new Scored(predictions, labels, times, [.. times.Select(t => t + (horizon * Second))], new int[rows]);
    }

    /// <summary>Days of several instruments whose labels are mostly the market's move over the next seconds, told at other seconds by each, and predictions of
    /// another market's.</summary>
    private static Scored Known(SeededRandom random, double part, int instruments, int days, int rows, int horizon, double kept)
    {
        var (predictions, labels, times, ends, groups) = (new List<float>(), new List<float>(), new List<long>(), new List<long>(), new List<int>());
        for (int day = 0; day < days; day++)
        {
            double[] market = [.. Enumerable.Range(0, rows + horizon).Select(_ => random.NextNormal())];
            double[] other = [.. Enumerable.Range(0, rows + horizon).Select(_ => random.NextNormal())];
            for (int instrument = 0; instrument < instruments; instrument++)
            {
                for (int i = 0; i < rows; i++)
                {
                    if (!random.Chance(kept))
                    {
                        continue;
                    }

                    double move = market.Skip(i).Take(horizon).Sum() + (0.3 * random.NextNormal());
                    labels.Add((float)move);
                    predictions.Add((float)((part * move) + ((1 - part) * other.Skip(i).Take(horizon).Sum())));
                    times.Add(((day * 86_400L) + i) * Second);
                    ends.Add(((day * 86_400L) + i + horizon) * Second);
                    groups.Add((day * instruments) + instrument);
                }
            }
        }

        return new Scored([.. predictions], [.. labels], [.. times], [.. ends], [.. groups]);
    }

    private static Scored Plain(float[] predictions, float[] labels)
    {
        long[] times = [.. predictions.Select((_, i) => i * Second)];
        return new Scored(predictions, labels, times, times, new int[predictions.Length]);
    }

    private static double[] MeanRanks(float[] values) =>
        [.. values.Select(v => values.Count(other => other < v) + ((1 + values.Count(other => other == v)) / 2.0))];

    private static double Correlation(double[] a, double[] b)
    {
        (double meanA, double meanB) = (a.Average(), b.Average());
        return a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum()
            / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
    }
}
