using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.TestKit.Inference;

namespace Engine.Tests.Inference;

public class SiloKernelTests
{
    private static IEnumerable<Kernel> Vector => KernelChoice.Supported.Where(k => k != Kernel.Scalar);

    [Test]
    public void Every_kernel_gives_the_same_bits([Range(1, 40)] int seed, [Values] bool special)
    {
        var random = new SeededRandom((ulong)seed);
        SiloNetwork network = TestModels.RandomNetwork(random);
        using var scalar = new NativeSiloPredictor(network, Kernel.Scalar, incremental: false);
        float[][] rows = Enumerable.Range(0, 20).Select(_ => TestModels.RandomRow(random, network.FeatureCount, special)).ToArray();
        uint[] expected = rows.Select(r => BitConverter.SingleToUInt32Bits(scalar.Predict(r))).ToArray();
        foreach (Kernel kernel in Vector)
        {
            using var predictor = new NativeSiloPredictor(network, kernel, incremental: false);
            uint[] got = rows.Select(r => BitConverter.SingleToUInt32Bits(predictor.Predict(r))).ToArray();
            Assert.That(got, Is.EqualTo(expected), $"seed {seed}, {kernel}");
        }
    }

    [Test]
    public void Keeping_embeddings_gives_the_same_bits_for_less_work([Range(1, 20)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        SiloNetwork network = TestModels.RandomNetwork(random);
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using var all = new NativeSiloPredictor(network, kernel, incremental: false);
            using var kept = new NativeSiloPredictor(network, kernel);
            float[] row = TestModels.RandomRow(random, network.FeatureCount, special: true);
            for (int i = 0; i < 50; i++)
            {
                row[random.Next(row.Length)] = TestModels.RandomRow(random, 1, special: true)[0];
                Assert.That(
                    BitConverter.SingleToUInt32Bits(kept.Predict(row)),
                    Is.EqualTo(BitConverter.SingleToUInt32Bits(all.Predict(row))),
                    $"seed {seed}, {kernel}, row {i}");
            }

            Assert.That(kept.SilosComputed, Is.LessThanOrEqualTo(all.SilosComputed));
        }
    }

    [Test]
    public void One_changed_feature_recomputes_one_silo()
    {
        SiloNetwork network = TestModels.SmallNetwork(new SeededRandom(1));
        using var predictor = new NativeSiloPredictor(network, KernelChoice.Best);
        var row = new float[network.FeatureCount];
        predictor.Predict(row);
        Assert.That(predictor.SilosComputed, Is.EqualTo(2));
        row[3] = 1;
        predictor.Predict(row);
        Assert.That(predictor.SilosComputed, Is.EqualTo(3));
        row[22] = 1;
        predictor.Predict(row);
        Assert.That(predictor.SilosComputed, Is.EqualTo(3));
        row[19] = -0f;
        predictor.Predict(row);
        Assert.That(predictor.SilosComputed, Is.EqualTo(4), "a change of bits is a change");
    }

    [Test]
    public void Follows_the_float64_reference([Range(1, 40)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        SiloNetwork network = TestModels.RandomNetwork(random);
        using var predictor = new NativeSiloPredictor(network, KernelChoice.Best);
        for (int i = 0; i < 20; i++)
        {
            float[] row = TestModels.RandomRow(random, network.FeatureCount, special: false);
            double expected = SiloReference.Output(network, row);
            Assert.That(predictor.Predict(row), Is.EqualTo(expected).Within(1e-5 * Math.Max(1, Math.Abs(expected))), $"seed {seed}, row {i}");
        }
    }

    [Test]
    public void Follows_ONNX_Runtime([Range(1, 40)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        SiloNetwork network = TestModels.RandomNetwork(random);
        byte[] file = ArtefactWriter.Write(network, TestModels.Describe(network, random));
        using var comparing = new ComparingPredictor(
            new NativeSiloPredictor(network, KernelChoice.Best), new OrtPredictor(file, network.FeatureCount));
        for (int i = 0; i < 50; i++)
        {
            comparing.Predict(TestModels.RandomRow(random, network.FeatureCount, special: false));
        }

        Assert.That(comparing.LargestRatio, Is.LessThanOrEqualTo(1), $"seed {seed}: {comparing.WorstValue} against {comparing.WorstReference}");
        Assert.That(comparing.Count, Is.EqualTo(50));
    }

    [Test]
    public void NaN_goes_through_with_one_pattern_and_zero_is_positive()
    {
        var identity = new DenseLayer([1f], [0f], Activation.Identity);
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            foreach (Activation activation in TestModels.AllActivations)
            {
                var network = new SiloNetwork(1, [], [0], [new DenseLayer([1f], [-0f], activation), identity]);
                using var predictor = new NativeSiloPredictor(network, kernel);
                foreach (uint bits in new[] { 0x7FC00000u, 0xFFC00001u, 0x7F812345u, 0xFF800001u })
                {
                    float got = predictor.Predict([BitConverter.UInt32BitsToSingle(bits)]);
                    Assert.That(BitConverter.SingleToUInt32Bits(got), Is.EqualTo(BitConverter.SingleToUInt32Bits(float.NaN)), $"{kernel} {activation} {bits:x}");
                }

                if (activation != Activation.Sigmoid)
                {
                    Assert.That(BitConverter.SingleToUInt32Bits(predictor.Predict([-0f])), Is.Zero, $"{kernel} {activation}");
                }
            }
        }
    }

    [Test]
    public void A_short_row_and_a_disposed_predictor_are_refused()
    {
        using var predictor = new NativeSiloPredictor(TestModels.SmallNetwork(new SeededRandom(1)), Kernel.Scalar);
        Assert.That(() => predictor.Predict(new float[24]), Throws.ArgumentException);
        predictor.Dispose();
        Assert.That(() => predictor.Predict(new float[25]), Throws.TypeOf<ObjectDisposedException>());
    }
}
