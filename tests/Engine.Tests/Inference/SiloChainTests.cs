using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Networks;

namespace Engine.Tests.Inference;

/// <summary>
/// Networks whose layers fit a register, of which few silos change at a time: what stays in registers from layer to layer, and the
/// fusion that is summed beside it, against every silo on one lane.
/// </summary>
public class SiloChainTests
{
    private const int Instruments = 3;

    [Test]
    public void Few_changed_silos_give_the_bits_of_the_full_computation([Range(1, 40)] int seed, [Values] bool isRaw)
    {
        var random = new SeededRandom((ulong)seed);
        SiloNetwork network = Network(random);
        int features = network.FeatureCount;
        float[] mean = [.. Enumerable.Range(0, features).Select(_ => (float)random.NextNormal())];
        float[] deviation = [.. Enumerable.Range(0, features).Select(_ => random.Chance(0.1) ? 0f : 0.5f + (float)random.NextDouble())];
        using var full = new NativeSiloPredictor(network, Kernel.Scalar, incremental: false);
        var limits = new EngineLimits { Instruments = Instruments, SiloInstruments = Instruments };
        (NativeSiloPredictor Predictor, Normaliser Normaliser)[] kept =
            [.. KernelChoice.Supported.Select(k => (new NativeSiloPredictor(network, k, limits: limits), new Normaliser(mean, deviation)))];
        float[][] rows = [.. Enumerable.Range(0, Instruments).Select(_ => TestModels.RandomRow(random, features, special: true))];
        var reference = new Normaliser(mean, deviation);
        var normalised = new float[features];
        for (int i = 0; i < 150; i++)
        {
            int instrument = random.Next(Instruments);
            float[] row = rows[instrument];
            for (int change = random.Next(5); change > 0; change--)
            {
                row[random.Next(features)] = TestModels.RandomRow(random, 1, special: true)[0];
            }

            int missing = isRaw ? reference.Apply(row, normalised) : 0;
            uint expected = BitConverter.SingleToUInt32Bits(full.Predict(isRaw ? normalised : row));
            foreach ((NativeSiloPredictor predictor, Normaliser normaliser) in kept)
            {
                int counted = 0;
                float got = isRaw ? predictor.PredictRaw(instrument, row, normaliser, [], out counted) : predictor.Predict(instrument, row);
                Assert.That((BitConverter.SingleToUInt32Bits(got), counted), Is.EqualTo((expected, missing)), $"seed {seed}, {predictor.Kernel}, row {i}");
            }
        }

        foreach ((NativeSiloPredictor predictor, Normaliser normaliser) in kept)
        {
            Assert.That(predictor.SilosComputed, Is.LessThan(150L * network.Silos.Count), $"seed {seed}, {predictor.Kernel}: nothing was kept");
            Assert.That(normaliser.Missing.ToArray(), Is.EqualTo(reference.Missing.ToArray()), $"seed {seed}, {predictor.Kernel}");
            predictor.Dispose();
        }
    }

    [Test]
    public void Raw_and_normalised_rows_of_one_instrument_do_not_answer_for_each_other()
    {
        var random = new SeededRandom(1);
        SiloNetwork network = TestModels.SmallNetwork(random);
        var normaliser = new Normaliser([.. Enumerable.Repeat(0.5f, 25)], [.. Enumerable.Repeat(2f, 25)]);
        float[] row = TestModels.RandomRow(random, 25, special: false);
        var normalised = new float[25];
        normaliser.Apply(row, normalised);
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using var full = new NativeSiloPredictor(network, kernel, incremental: false);
            using var kept = new NativeSiloPredictor(network, kernel);
            for (int i = 0; i < 3; i++)
            {
                Assert.That(kept.PredictRaw(0, row, normaliser, [], out _), Is.EqualTo(full.Predict(normalised)), $"{kernel}, raw");
                Assert.That(kept.Predict(0, row), Is.EqualTo(full.Predict(row)), $"{kernel}, as it is");
            }
        }
    }

    // 1 to 70 silos (a word of bits has 64), most of them alike behind their first layer, and none of them wider than the register
    // that the kernel at hand may have.
    private static SiloNetwork Network(SeededRandom random)
    {
        int widest = random.Chance(0.5) ? 8 : 16;
        int features = random.Next(20, 150);
        int count = random.Chance(0.1) ? 70 : random.Next(1, 15);
        bool alike = random.Chance(0.7);
        int hidden = random.Next(1, widest + 1), embedding = random.Next(1, 4);
        var silos = new List<Silo>();
        for (int s = 0; s < count; s++)
        {
            int inputs = random.Next(1, 13);
            int[] indices = random.Chance(0.8)
                ? [.. Enumerable.Range(random.Next(features - inputs), inputs)]
                : [.. Enumerable.Range(0, inputs).Select(_ => random.Next(features))];
            int depth = alike ? 3 : random.Next(1, 4);
            var layers = new List<DenseLayer>();
            for (int l = 0; l < depth; l++)
            {
                int from = l == 0 ? inputs : layers[^1].Outputs;
                int to = l == depth - 1 ? embedding : alike ? hidden : random.Next(1, widest + 1);
                layers.Add(TestModels.Dense(random, from, to, l == depth - 1 ? Activation.Identity : Activation.Relu));
            }

            silos.Add(new Silo($"family{s}", indices, layers));
        }

        int direct = random.Chance(0.2) ? 0 : random.Next(1, 21);
        int width = silos.Sum(s => s.Outputs) + direct;
        Activation output = TestModels.AllActivations[random.Next(TestModels.AllActivations.Length)];
        DenseLayer[] fusion = random.Chance(0.2)
            ? [TestModels.Dense(random, width, 1, output)]
            : [TestModels.Dense(random, width, widest, Activation.Relu), TestModels.Dense(random, widest, 1, output)];
        return new SiloNetwork(features, silos, [.. Enumerable.Range(features - direct, direct)], fusion);
    }
}
