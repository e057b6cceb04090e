using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Networks;
using Engine.TestKit.Inference;

namespace Engine.Tests.Inference.Dense;

/// <summary>Random chains of stages: the same bits on every instruction set, and near a float64 reference.</summary>
public class DenseKernelTests
{
    [Test]
    public void Every_kernel_gives_the_same_bits([Range(1, 40)] int seed, [Values] bool special)
    {
        var random = new SeededRandom((ulong)seed);
        DenseNetwork network = RandomNetwork(random);
        using var scalar = new NativeDensePredictor(network, Kernel.Scalar);
        float[][] rows = [.. Enumerable.Range(0, 20).Select(_ => TestModels.RandomRow(random, network.FeatureCount, special))];
        uint[] expected = [.. rows.Select(r => BitConverter.SingleToUInt32Bits(scalar.Predict(r)))];
        foreach (Kernel kernel in KernelChoice.Supported.Where(k => k != Kernel.Scalar))
        {
            using var predictor = new NativeDensePredictor(network, kernel);
            Assert.That(rows.Select(r => BitConverter.SingleToUInt32Bits(predictor.Predict(r))), Is.EqualTo(expected), $"seed {seed}, {kernel}");
        }
    }

    [Test]
    public void Follows_the_float64_reference([Range(1, 40)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        DenseNetwork network = RandomNetwork(random);
        using var predictor = new NativeDensePredictor(network, KernelChoice.Best);
        for (int i = 0; i < 20; i++)
        {
            float[] row = TestModels.RandomRow(random, network.FeatureCount, special: false);
            double expected = DenseReference.Output(network, row);
            Assert.That(predictor.Predict(row), Is.EqualTo(expected).Within(2e-5 * Math.Max(1, Math.Abs(expected))), $"seed {seed}, row {i}");
        }
    }

    [Test]
    public void A_chain_without_silos_gives_the_bits_of_the_silo_kernel([Range(1, 10)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        DenseLayer[] layers =
        [
            TestModels.Dense(random, 30, 1 + random.Next(70), Activation.Relu),
        ];
        layers = [.. layers, TestModels.Dense(random, layers[0].Outputs, 9, Activation.Tanh), TestModels.Dense(random, 9, 1, Activation.Sigmoid)];
        var dense = new DenseNetwork(30, [.. layers.Select(l => new DenseStage.Product(l))]);
        var silo = new SiloNetwork(30, [], [.. Enumerable.Range(0, 30)], layers);
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using var one = new NativeDensePredictor(dense, kernel);
            using var other = new NativeSiloPredictor(silo, kernel);
            for (int i = 0; i < 20; i++)
            {
                float[] row = TestModels.RandomRow(random, 30, special: true);
                Assert.That(BitConverter.SingleToUInt32Bits(one.Predict(row)), Is.EqualTo(BitConverter.SingleToUInt32Bits(other.Predict(row))), $"seed {seed}, {kernel}");
            }
        }
    }

    [Test]
    public void Predicting_allocates_nothing()
    {
        var random = new SeededRandom(3);
        DenseNetwork network = RandomNetwork(random);
        using var predictor = new NativeDensePredictor(network, KernelChoice.Best);
        float[] row = TestModels.RandomRow(random, network.FeatureCount, special: false);
        float sum = predictor.Predict(row);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            sum += predictor.Predict(row);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero, $"{sum}");
    }

    [Test]
    public void Widths_that_do_not_follow_and_short_rows_are_refused()
    {
        var layer = new DenseStage.Product(new DenseLayer([1f, 1f], [0f], Activation.Identity));
        Assert.That(() => new DenseNetwork(3, [layer]), Throws.ArgumentException.With.Message.Contains("takes 2 values but 3 come in"));
        Assert.That(() => new DenseNetwork(2, []), Throws.ArgumentException.With.Message.Contains("0 stages"));
        Assert.That(() => new DenseNetwork(2, [new DenseStage.Softmax()]), Throws.ArgumentException.With.Message.Contains("ends in 2 outputs"));
        Assert.That(() => new DenseNetwork(2, [new DenseStage.Pick([2])]), Throws.ArgumentException.With.Message.Contains("indices up to 2"));
        Assert.That(() => new DenseNetwork(2, [new DenseStage.LayerNorm(new float[3], new float[3], 0), layer]), Throws.ArgumentException);
        using var predictor = new NativeDensePredictor(new DenseNetwork(2, [layer]), Kernel.Scalar);
        Assert.That(() => predictor.Predict(new float[1]), Throws.ArgumentException);
        predictor.Dispose();
        Assert.That(() => predictor.Predict(new float[2]), Throws.TypeOf<ObjectDisposedException>());
    }

    private static DenseNetwork RandomNetwork(SeededRandom random)
    {
        int features = 1 + random.Next(50);
        int width = features;
        var stages = new List<DenseStage>();
        for (int i = random.Next(7); i >= 0; i--)
        {
            int outputs = 1 + random.Next(70);
            stages.Add(random.Next(7) switch
            {
                0 => new DenseStage.Activate(TestModels.AllActivations[random.Next(4)]),
                1 => new DenseStage.LeakyRelu((float)random.NextDouble()),

                // Two values or one are as far from their mean as they please.
                2 when width > 4 => new DenseStage.LayerNorm(TestModels.RandomRow(random, width, false), TestModels.RandomRow(random, width, false), 1e-3f),
                3 => new DenseStage.Softmax(),
                4 => new DenseStage.Pick([.. Enumerable.Range(0, outputs).Select(_ => random.Next(width))]),
                _ => new DenseStage.Product(TestModels.Dense(random, width, outputs, TestModels.AllActivations[random.Next(4)])),
            });
            width = stages[^1] is DenseStage.Pick or DenseStage.Product ? outputs : width;
        }

        stages.Add(new DenseStage.Product(TestModels.Dense(random, width, 1, Activation.Identity)));
        return new DenseNetwork(features, stages);
    }
}
