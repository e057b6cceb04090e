using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Training.Export;
using Engine.Training.Import;

namespace Engine.Training.Tests.Import;

public class LightGbmModelTests
{
    private const int Features = 8;

    [Test]
    public void Gives_what_LightGBM_gives([Range(1, 30)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        string objective = new[] { "regression", "", "huber", "binary sigmoid:1", "binary sigmoid:0.7", "quantile" }[seed % 6];
        LightGbmText text = LightGbmText.Random(random, Features, random.Next(1, 30), random.Next(2, 24), objective, average: seed % 6 < 2 && seed % 4 == 0);
        LightGbmModel model = LightGbmModel.Parse(text.Write());
        Assert.That(model.FeatureNames, Is.EqualTo(text.Names));
        using var predictor = new NativeTreePredictor(model.Ensemble, KernelChoice.Best);
        double[] thresholds = [.. text.Trees.SelectMany(t => t.Thresholds)];
        for (int i = 0; i < 300; i++)
        {
            float[] row = Row(random, thresholds);
            double expected = text.Predict(row);
            Assert.That(predictor.Predict(row), Is.EqualTo(expected).Within(1e-5 * Math.Max(1, Math.Abs(expected))), $"seed {seed}, row {i}: {string.Join(", ", row)}");
        }
    }

    [Test]
    public void Becomes_an_artefact_that_both_ways_run([Values("regression", "binary sigmoid:0.7")] string objective)
    {
        LightGbmModel model = LightGbmModel.Parse(LightGbmText.Random(new SeededRandom(3), Features, 20, 31, objective).Write());
        byte[] bytes = TreeExport.ToBytes(model.Ensemble, Contract(), "return", 1_000_000, ["2026-01-05"], ArtefactDescription.Trained, "a test");
        ModelArtefact artefact = ModelArtefact.Parse(bytes);
        Assert.That(artefact.Trees, Is.Not.Null, artefact.WhyNotNative);
        Assert.That(artefact.Description.Golden.Count, Is.EqualTo(64));
        Assert.That(artefact.Description.Golden.Row(1).ToArray(), Has.Some.NaN);
    }

    [Test]
    public void Names_the_first_feature_that_differs()
    {
        LightGbmModel model = LightGbmModel.Parse(LightGbmText.Random(new SeededRandom(4), Features, 2, 5).Write());
        Assert.That(model.FirstDifference(Contract()), Is.Null);
        Assert.That(model.FirstDifference(Contract("f0", "f1", "g2")), Is.EqualTo("feature 2 is 'g2' in the contract and 'f2' in the file"));
        Assert.That(model.FirstDifference(Contract([.. Enumerable.Range(0, 9).Select(i => $"f{i}")])), Is.EqualTo("feature 8 is 'f8' in the contract and nothing in the file"));
    }

    [TestCase("tree\n", "tre\n", "first line is not `tree`")]
    [TestCase("num_class=1", "num_class=3", "several classes")]
    [TestCase("objective=regression", "objective=poisson", "objective 'poisson'")]
    [TestCase("objective=regression", "objective=regression sqrt", "objective 'regression sqrt'")]
    [TestCase("is_linear=0", "is_linear=1", "linear leaves")]
    [TestCase("end of trees", "end", "the file ends before")]
    [TestCase("max_feature_idx=7", "max_feature_idx=9", "max_feature_idx=9")]
    [TestCase("leaf_value=", "leaf_value=x ", "'x' is no number")]
    [TestCase("leaf_value=", "leaf_value=1 ", "lists that do not fit")]
    [TestCase("tree_sizes=1 1", "tree_sizes=1", "announces 1")]
    [TestCase("num_leaves=", "num_leaves=3\nnum_leaves=", "occurs twice")]
    [TestCase("split_feature=", "split_feature=99 ", "lists that do not fit")]
    public void What_is_wrong_is_named(string from, string to, string word)
    {
        string text = LightGbmText.Random(new SeededRandom(5), Features, 2, 5).Write();
        int at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.That(() => LightGbmModel.Parse(text[..at] + to + text[(at + from.Length)..]), Throws.TypeOf<LightGbmException>().With.Message.Contains(word));
    }

    [Test]
    public void A_categorical_split_is_named_with_its_feature()
    {
        string text = LightGbmText.Random(new SeededRandom(6), Features, 1, 2).Write();
        int at = text.IndexOf("decision_type=", StringComparison.Ordinal) + "decision_type=".Length;
        Assert.That(() => LightGbmModel.Parse(text[..at] + "1" + text[text.IndexOf('\n', at)..]),
            Throws.TypeOf<LightGbmException>().With.Message.Contains("Tree=0, split 0: a categorical split of 'f"));
    }

    [Test]
    public void Damage_is_refused_or_read([Range(1, 10)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        string good = LightGbmText.Random(random, Features, 3, 6).Write();
        for (int i = 0; i < 300; i++)
        {
            char[] text = good.ToCharArray();
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                text[random.Next(text.Length)] = "0123456789-. =\nexTree"[random.Next(21)];
            }

            try
            {
                LightGbmModel.Parse(new string(text, 0, random.Chance(0.2) ? random.Next(text.Length) : text.Length));
            }
            catch (LightGbmException)
            {
                // Refused by name.
            }
        }
    }

    private static float[] Row(SeededRandom random, double[] thresholds)
    {
        var row = new float[Features];
        for (int i = 0; i < Features; i++)
        {
            float at = thresholds.Length == 0 ? 0 : (float)thresholds[random.Next(thresholds.Length)];
            row[i] = random.Next(12) switch
            {
                0 => float.NaN,
                1 => 0,
                2 => 1e-35f,
                3 => -1e-35f,
                4 => MathF.BitIncrement(1e-35f),
                5 => random.Chance(0.5) ? float.PositiveInfinity : float.NegativeInfinity,
                6 => at,
                7 => MathF.BitIncrement(at),
                8 => float.MinValue,
                _ => (float)random.NextNormal(),
            };
        }

        return row;
    }

    private static FeatureContract Contract(params string[] names)
    {
        string[] all = names.Length == 0 ? [.. Enumerable.Range(0, Features).Select(i => $"f{i}")] : names;
        return new FeatureContract("test", all.Select(n => new FeatureSpec(n, "family", 0, "none")), "every-event");
    }
}
