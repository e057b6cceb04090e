using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;
using Engine.Inference.Trees;
using Engine.TestKit.Inference;

namespace Engine.Tests.Inference.Trees;

public class TreeKernelTests
{
    [Test]
    public void Every_kernel_gives_the_same_bits_and_follows_oracle_and_ONNX_Runtime([Range(1, 40)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        int trees = seed % 8 == 0 ? 700 : random.Next(1, 60);
        NaiveForest forest = NaiveForest.Random(
            random, random.Next(1, 40), trees, random.Next(1, 13), NaiveForest.NativeModes, seed % 3 == 0 ? 0.4 : 0.25, random.Next(1, 80));
        AssertAgree(forest, random, rows: 150, $"seed {seed}");
    }

    [Test]
    public void Complete_trees_of_every_depth_agree([Range(1, 9)] int depth)
    {
        var random = new SeededRandom((ulong)depth);
        AssertAgree(NaiveForest.Random(random, 20, 20, depth, NaiveForest.NativeModes, stopping: 0), random, rows: 100, $"depth {depth}");
    }

    [Test]
    public void A_tree_of_one_leaf_and_a_chain_agree()
    {
        var random = new SeededRandom(3);
        var leaf = new NaiveForest { FeatureCount = 2, Trees = [[new ForestNode("LEAF", 0, 0, false, 0, 0, 2.5f)]] };
        AssertAgree(leaf, random, 10, "a leaf");
        const int Depth = 300;
        ForestNode[] chain = [.. Enumerable.Range(0, Depth).SelectMany(i => new[]
        {
            new ForestNode("BRANCH_LEQ", 0, i, i % 2 == 0, (2 * i) + 1, (2 * i) + 2, 0),
            new ForestNode("LEAF", 0, 0, false, 0, 0, i),
        }), new ForestNode("LEAF", 0, 0, false, 0, 0, -1)];
        var forest = new NaiveForest { FeatureCount = 1, Trees = [chain] };
        TreeEnsemble ensemble = ForestModels.Recognised(ForestModels.Graph(forest), 1);
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using var predictor = new NativeTreePredictor(ensemble, kernel);
            foreach (float x in new[] { -5f, 0, 17, 17.5f, 298.5f, 299, 299.5f, float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                Assert.That(predictor.Predict([x]), Is.EqualTo(forest.Evaluate([x])), $"{kernel}, {x}");
            }
        }
    }

    [Test]
    public void More_columns_than_a_group_holds_and_more_thresholds_than_a_column_agree()
    {
        var random = new SeededRandom(4);
        NaiveForest wide = NaiveForest.Random(random, 400, 60, 7, NaiveForest.NativeModes, 0.1);
        Assert.That(Groups(wide), Is.GreaterThan(2), "groups are cut inside batches");
        AssertAgree(wide, random, 100, "400 features");
        NaiveForest fine = NaiveForest.Random(random, 2, 40, 8, ["BRANCH_LEQ"], 0.1, thresholds: 2_000);
        Assert.That(fine.Trees.SelectMany(t => t).Where(n => n.Feature == 0).Select(n => n.Threshold).Distinct().Count(), Is.GreaterThan(600));
        AssertAgree(fine, random, 200, "2,000 thresholds");
    }

    [Test]
    public void Rows_with_and_without_NaN_in_turn_leave_nothing_behind()
    {
        var random = new SeededRandom(5);
        NaiveForest forest = NaiveForest.Random(random, 12, 30, 7, NaiveForest.NativeModes);
        TreeEnsemble ensemble = ForestModels.Recognised(ForestModels.Graph(forest), 12);
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using var predictor = new NativeTreePredictor(ensemble, kernel);
            for (int i = 0; i < 300; i++)
            {
                float[] row = forest.Row(random, i % 2 == 0 ? 0 : 0.5);
                Assert.That(predictor.Predict(row), Is.EqualTo(forest.Evaluate(row)).Within(1e-4), $"{kernel}, row {i}");
            }
        }
    }

    [Test]
    public void A_tree_that_asks_about_too_much_is_refused_by_name()
    {
        var random = new SeededRandom(6);
        NaiveForest forest = NaiveForest.Random(random, 2_000, 1, 11, ["BRANCH_LEQ"], stopping: 0);
        TreeEnsemble ensemble = ForestModels.Recognised(ForestModels.Graph(forest), 2_000);
        Assert.That(() => new NativeTreePredictor(ensemble, Kernel.Scalar), Throws.ArgumentException.With.Message.Contains("Tree 0").And.Message.Contains("256"));
        ModelArtefact artefact = ModelArtefact.Parse(ForestModels.File(forest, random));
        Assert.That(() => PredictorFactory.Create(artefact, InferenceMode.Native, Kernel.Scalar),
            Throws.TypeOf<ArtefactException>().With.Message.Contains("Tree 0").And.Message.Contains("--inference ort"));
        using Predictor ort = PredictorFactory.Create(artefact, InferenceMode.Ort, Kernel.Scalar);
        Assert.That(ort.FeatureCount, Is.EqualTo(2_000));
    }

    [Test]
    public void Predicting_allocates_nothing([Values] bool missing)
    {
        var random = new SeededRandom(7);
        NaiveForest forest = NaiveForest.Random(random, 30, 50, 8, NaiveForest.NativeModes);
        TreeEnsemble ensemble = ForestModels.Recognised(ForestModels.Graph(forest), 30);
        float[][] rows = Enumerable.Range(0, 8).Select(_ => forest.Row(random, missing ? 0.3 : 0)).ToArray();
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using var predictor = new NativeTreePredictor(ensemble, kernel);
            float sum = predictor.Predict(rows[0]) + predictor.Predict(rows[1]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1_000; i++)
            {
                sum += predictor.Predict(rows[i % rows.Length]);
            }

            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero, $"{kernel} {sum}");
        }
    }

    [Test]
    public void A_short_row_and_a_disposed_predictor_are_refused()
    {
        NaiveForest forest = NaiveForest.Random(new SeededRandom(8), 9, 3, 3, ["BRANCH_LEQ"]);
        using var predictor = new NativeTreePredictor(ForestModels.Recognised(ForestModels.Graph(forest), 9), KernelChoice.Best);
        Assert.That(() => predictor.Predict(new float[8]), Throws.ArgumentException);
        predictor.Dispose();
        Assert.That(() => predictor.Predict(new float[9]), Throws.TypeOf<ObjectDisposedException>());
    }

    private static int Groups(NaiveForest forest)
    {
        using var memory = new PackedMemory();
        return TreeLayout.Pack(ForestModels.Recognised(ForestModels.Graph(forest), forest.FeatureCount), 0, memory).Groups.Length;
    }

    private static void AssertAgree(NaiveForest forest, SeededRandom random, int rows, string what)
    {
        TreeEnsemble ensemble = ForestModels.Recognised(ForestModels.Graph(forest), forest.FeatureCount);
        using var scalar = new NativeTreePredictor(ensemble, Kernel.Scalar);
        NativeTreePredictor[] others = [.. KernelChoice.Supported.Where(k => k != Kernel.Scalar).Select(k => new NativeTreePredictor(ensemble, k))];
        using var ort = new OrtPredictor(ForestModels.File(forest, random), forest.FeatureCount);
        for (int i = 0; i < rows; i++)
        {
            float[] row = forest.Row(random, i % 3 == 0 ? 0 : 0.05);
            float value = scalar.Predict(row);
            double expected = forest.Evaluate(row);
            Assert.That(value, Is.EqualTo(expected).Within(1e-5 * Math.Max(1, Math.Abs(expected))), $"{what}, row {i}: the oracle");
            Assert.That(Predictor.DifferenceRatio(value, ort.Predict(row)), Is.LessThanOrEqualTo(1), $"{what}, row {i}: ONNX Runtime");
            foreach (NativeTreePredictor other in others)
            {
                Assert.That(BitConverter.SingleToUInt32Bits(other.Predict(row)), Is.EqualTo(BitConverter.SingleToUInt32Bits(value)), $"{what}, row {i}: {other.Kernel}");
            }
        }

        Array.ForEach(others, o => o.Dispose());
    }
}
