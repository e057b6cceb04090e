using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.TestKit;
using Engine.Training.Datasets;
using Engine.Training.Evaluation;
using Engine.Training.Export;
using Engine.Training.Losses;
using Engine.Training.Trees;
using TreeNodeList = System.Collections.Generic.List<Engine.Inference.Networks.TreeNode[]>;

namespace Engine.Training.Tests.Trees;

public class XgboostTrainerTests
{
    private const int Columns = 6;

    [Test]
    public void Trees_learn_and_the_engine_predicts_what_the_library_does([Values] LossKind loss, [Values] InferenceMode mode)
    {
        ulong seed = Seeds.Take(1).Single();
        TrainingData data = Data(loss, 1_500, seed);
        int[] train = [.. Enumerable.Range(0, 1_000)], valid = [.. Enumerable.Range(1_000, 500)];
        var spec = new BoostingSpec { Rounds = 25, Depth = 3, Rate = 0.3, Patience = 0, MinChildWeight = 1, Loss = new LossSpec { Kind = loss } };
        BoostingOutcome outcome = XgboostTrainer.Train(data, train, valid, spec);
        Assert.That(outcome.History, Has.Count.EqualTo(25));
        Assert.That(outcome.History[outcome.BestRound].ValidLoss, Is.LessThan(0.85 * outcome.History[0].ValidLoss));
        Assert.That(outcome.Ensemble.Trees, Has.Count.EqualTo(outcome.BestRound + 1));
        byte[] bytes = TreeExport.ToBytes(outcome.Ensemble, data.Contract, "return", 1, ["days"], ArtefactDescription.Trained, "");
        using Predictor predictor = PredictorFactory.Create(ModelArtefact.Parse(bytes, "trees.onnx", data.Contract), mode, KernelChoice.Best);

        // The library's own predictions by as many trees: boosted again to the best round.
        float[] expected = Library(data, train, valid, spec with { Rounds = outcome.BestRound + 1 });
        float[] got = [.. valid.Select(row => predictor.Predict(data.Row(row)))];
        for (int i = 0; i < got.Length; i++)
        {
            Assert.That(Predictor.DifferenceRatio(got[i], expected[i]), Is.LessThanOrEqualTo(1), $"row {i}, seed {seed}: {got[i]}, XGBoost's {expected[i]}");
        }

        Assert.That(got.Distinct().Count(), Is.GreaterThan(50));
    }

    [Test]
    public void Boosting_ends_early_and_gives_the_same_trees_again()
    {
        TrainingData data = Data(LossKind.MeanSquared, 600, 3);
        int[] train = [.. Enumerable.Range(0, 300)], valid = [.. Enumerable.Range(300, 300)];
        var spec = new BoostingSpec { Rounds = 400, Depth = 6, Rate = 0.5, Patience = 5, MinChildWeight = 1 };
        var told = new List<BoostingRound>();
        BoostingOutcome outcome = XgboostTrainer.Train(data, train, valid, spec, told.Add);
        Assert.That(outcome.History, Has.Count.EqualTo(outcome.BestRound + 6));
        Assert.That(outcome.History, Has.Count.LessThan(400));
        Assert.That(told, Is.EqualTo(outcome.History));
        BoostingOutcome again = XgboostTrainer.Train(data, train, valid, spec);
        Assert.That(again.Ensemble.Trees.Select(t => t.Nodes.ToArray()), Is.EqualTo(outcome.Ensemble.Trees.Select(t => t.Nodes.ToArray())));
    }

    [TestCase(1, 0)]
    [TestCase(26, 25)]
    [TestCase(60, 50)]
    public void What_was_stopped_goes_on_to_the_same_trees(int stopAfter, int goesOnFrom)
    {
        TrainingData data = Data(LossKind.MeanSquared, 600, 3);
        int[] train = [.. Enumerable.Range(0, 400)], valid = [.. Enumerable.Range(400, 200)];
        var spec = new BoostingSpec { Rounds = 70, Depth = 3, Patience = 0, MinChildWeight = 1, RowShare = 0.5, FeatureShare = 0.5 };
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"trees-{Guid.NewGuid():n}.ckpt");
        try
        {
            BoostingOutcome whole = XgboostTrainer.Train(data, train, valid, spec);
            using (var stop = new CancellationTokenSource())
            {
                XgboostTrainer.Train(data, train, valid, spec, r => StopAt(r.Round == stopAfter - 1, stop), path, stop.Token);
            }

            Assert.That(File.Exists(path), Is.EqualTo(goesOnFrom > 0));
            var told = new List<BoostingRound>();
            BoostingOutcome resumed = XgboostTrainer.Train(data, train, valid, spec, told.Add, path);
            Assert.That(told[0].Round, Is.EqualTo(goesOnFrom));
            Assert.That(resumed.History, Is.EqualTo(whole.History));
            Assert.That(Nodes(resumed), Is.EqualTo(Nodes(whole)));
            told.Clear();
            Assert.That(Nodes(XgboostTrainer.Train(data, train, valid, spec, told.Add, path)), Is.EqualTo(Nodes(whole)));
            Assert.That(told, Is.Empty, "what is done is not done again");
            Assert.That(() => XgboostTrainer.Train(data, train, valid, spec with { Lambda = 2 }, null, path), Throws.TypeOf<InvalidDataException>().With.Message.Contains("other options"));
            byte[] bytes = File.ReadAllBytes(path);
            bytes[100] ^= 1;
            File.WriteAllBytes(path, bytes);
            Assert.That(() => XgboostTrainer.Train(data, train, valid, spec, null, path), Throws.TypeOf<InvalidDataException>().With.Message.Contains("damaged"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    // What the library itself says of all trees, those of every stretch among them.
    [Test]
    public void Trees_of_several_stretches_say_together_what_the_library_does([Values] LossKind loss)
    {
        TrainingData data = Data(loss, 600, 4);
        int[] train = [.. Enumerable.Range(0, 400)], valid = [.. Enumerable.Range(400, 200)];
        var spec = new BoostingSpec { Rounds = 60, Depth = 3, Patience = 0, MinChildWeight = 1, Loss = new LossSpec { Kind = loss } };
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"trees-{Guid.NewGuid():n}.ckpt");
        try
        {
            BoostingOutcome outcome = XgboostTrainer.Train(data, train, [], spec, null, path);
            byte[] file = File.ReadAllBytes(path);
            int header = 8 + 32 + 4 + (outcome.History.Count * 16) + 4;
            using var rows = new XgboostMatrix(data, valid, spec.Loss);
            using var booster = new XgboostBooster(rows);
            booster.Load(file.AsSpan(header, file.Length - header - 32));
            float[] expected = booster.Predict(rows);
            using var predictor = new NativeTreePredictor(outcome.Ensemble, Kernel.Scalar);
            Assert.That(outcome.Ensemble.Trees, Has.Count.EqualTo(60));
            for (int i = 0; i < valid.Length; i++)
            {
                Assert.That(Predictor.DifferenceRatio(predictor.Predict(data.Row(valid[i])), expected[i]), Is.LessThanOrEqualTo(1), $"row {i}");
            }

            Assert.That(outcome.History.Zip(outcome.History.Skip(1), (a, b) => b.TrainLoss - a.TrainLoss).Max(), Is.LessThan(0.05), "no step back where one stretch follows another");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void Rare_rows_that_are_balanced_give_many_trees()
    {
        ulong seed = Seeds.Take(1).Single();
        TrainingData data = Data(LossKind.MeanSquared, 6_000, seed);
        for (int row = 0; row < data.Rows; row++)
        {
            data.Labels[row] = data.Labels[row] > 2.4f ? 1 : 0;
        }

        int[] train = [.. Enumerable.Range(0, 4_000)], valid = [.. Enumerable.Range(4_000, 2_000)];
        LossSpec loss = LossSpec.Balanced([.. train.Select(row => data.Labels[row])]);
        Assert.That(loss.PositiveWeight, Is.GreaterThan(20 * loss.NegativeWeight), $"seed {seed}");
        Assert.That(XgboostTrainer.Base(data, train, loss), Is.EqualTo(0.5).Within(1e-4), "both classes weigh alike");

        var spec = new BoostingSpec { Rounds = 60, Depth = 3, Patience = 10, MinChildWeight = 1, Loss = loss };
        BoostingOutcome outcome = XgboostTrainer.Train(data, train, valid, spec);
        Assert.That(outcome.BestRound, Is.GreaterThan(15), $"seed {seed}");
        Assert.That(outcome.History[0].ValidLoss, Is.LessThan(Math.Log(2)), $"seed {seed}: lower than that of the start, both weighted");
        byte[] bytes = TreeExport.ToBytes(outcome.Ensemble, data.Contract, "rare", 1, ["days"], ArtefactDescription.Trained, "");
        using Predictor predictor = PredictorFactory.Create(ModelArtefact.Parse(bytes, "trees.onnx", data.Contract), InferenceMode.Native, KernelChoice.Best);
        double area = Scores.AreaUnderRoc([.. valid.Select(row => (double)predictor.Predict(data.Row(row)))], [.. valid.Select(row => (double)data.Labels[row])], 0.5);
        Assert.That(area, Is.GreaterThan(0.9), $"seed {seed}");
    }

    [TestCase(0f, 0f, 0.5f)]
    [TestCase(1f, 1f, 3f)]
    [TestCase(0.5f, 1.5f / 1.75f, 1.75f)]
    public void A_class_weight_is_a_label_and_a_weight_of_its_row(float label, float expected, float weight) => Assert.That(
        XgboostTrainer.Weighted(label, new LossSpec { Kind = LossKind.BinaryCrossEntropy, PositiveWeight = 3, NegativeWeight = 0.5f }), Is.EqualTo((expected, weight)));

    [Test]
    public void What_cannot_be_trained_is_refused()
    {
        TrainingData data = Data(LossKind.MeanSquared, 20, 1);
        data.Labels[4] = float.NaN;
        Assert.That(() => XgboostTrainer.Train(data, [], [1], new BoostingSpec()), Throws.ArgumentException);
        Assert.That(() => XgboostTrainer.Train(data, [1], [], new BoostingSpec()), Throws.ArgumentException);
        Assert.That(() => XgboostTrainer.Train(data, [1, 4], [2], new BoostingSpec()), Throws.ArgumentException.With.Message.Contains("row 4"));
        Assert.That(() => XgboostTrainer.Train(data, [1], [2], new BoostingSpec { Depth = 0 }), Throws.ArgumentException);
        Assert.That(() => XgboostModel.Read("{}"u8.ToArray(), 1, 1), Throws.TypeOf<XgboostException>());
        Assert.That(() => XgboostModel.Read("no"u8.ToArray(), 1, 1), Throws.TypeOf<XgboostException>());
    }

    private static TreeNodeList Nodes(BoostingOutcome outcome) => [.. outcome.Ensemble.Trees.Select(t => t.Nodes.ToArray())];

    private static void StopAt(bool here, CancellationTokenSource stop)
    {
        if (here)
        {
            stop.Cancel();
        }
    }

    private static float[] Library(TrainingData data, int[] train, int[] valid, BoostingSpec spec)
    {
        using var trainRows = new XgboostMatrix(data, train, spec.Loss);
        using var validRows = new XgboostMatrix(data, valid, spec.Loss);
        using var booster = new XgboostBooster(trainRows, validRows);
        foreach ((string name, string value) in XgboostTrainer.Parameters(spec, XgboostTrainer.Base(data, train, spec.Loss)))
        {
            booster.Set(name, value);
        }

        for (int round = 0; round < spec.Rounds; round++)
        {
            booster.Update(round, trainRows);
        }

        return booster.Predict(validRows);
    }

    private static TrainingData Data(LossKind loss, int rows, ulong seed)
    {
        var random = new SeededRandom(seed);
        float[] features = [.. Enumerable.Range(0, rows * Columns).Select(_ => random.Chance(0.05) ? float.NaN : (float)random.NextNormal())];
        float[] labels = [.. Enumerable.Range(0, rows).Select(r =>
            (features[r * Columns] > 0.3f ? 1f : -1f) + (float.IsNaN(features[(r * Columns) + 1]) ? 1.5f : 0) + (float)(0.3 * random.NextNormal()))];
        return new TrainingData
        {
            Contract = new FeatureContract("test", Enumerable.Range(0, Columns).Select(i => new FeatureSpec($"f{i}", "family", 0, "none")), "every-event"),
            Features = features,
            Label = "return",
            Labels = loss == LossKind.BinaryCrossEntropy ? [.. labels.Select(l => l > 0.2f ? 1f : 0f)] : labels,
            Times = [.. Enumerable.Range(0, rows).Select(r => (long)r)],
            Ends = [.. Enumerable.Range(0, rows).Select(r => (long)r + 1)],
            Instruments = new int[rows],
            Symbols = ["A"],
            Days = new int[rows],
            DayIds = ["2026-01-05"],
        };
    }
}
