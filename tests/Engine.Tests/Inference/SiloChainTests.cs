using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Networks;
using Engine.TestKit;

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
        float[][] means = [.. Enumerable.Range(0, 2).Select(_ => TestModels.RandomRow(random, features, special: false))];
        float[] deviation = [.. Enumerable.Range(0, features).Select(_ => random.Chance(0.1) ? 0f : 0.5f + (float)random.NextDouble())];
        Normaliser[] Two() => [.. means.Select(m => new Normaliser(m, deviation))];
        using var full = new NativeSiloPredictor(network, Kernel.Scalar, incremental: false);

        // One instrument more than has memory.
        var limits = new EngineLimits { Instruments = Instruments, SiloInstruments = Instruments - 1 };
        (Kernel Kernel, NativeSiloPredictor Predictor, Normaliser[] Normalisers)[] kept =
            [.. KernelChoice.Supported.Select(k => (k, new NativeSiloPredictor(network, k, limits: limits), Two()))];
        float[][] rows = [.. Enumerable.Range(0, Instruments).Select(_ => TestModels.RandomRow(random, features, special: true))];
        Normaliser[] references = Two();
        int current = 0;
        var normalised = new float[features];
        for (int i = 0; i < 150; i++)
        {
            int instrument = random.Next(Instruments);
            float[] row = rows[instrument];
            for (int change = random.Next(5); change > 0; change--)
            {
                row[random.Next(features)] = TestModels.RandomRow(random, 1, special: true)[0];
            }

            current = random.Chance(0.03) ? 1 - current : current;
            int missing = isRaw ? references[current].Apply(row, normalised) : 0;
            uint expected = BitConverter.SingleToUInt32Bits(full.Predict(isRaw ? normalised : row));
            foreach ((_, NativeSiloPredictor predictor, Normaliser[] normalisers) in kept)
            {
                if (i == 75)
                {
                    predictor.Forget();
                }

                int counted = 0;
                float got = isRaw ? predictor.PredictRaw(instrument, row, normalisers[current], [], out counted) : predictor.Predict(instrument, row);
                Assert.That((BitConverter.SingleToUInt32Bits(got), counted), Is.EqualTo((expected, missing)), $"seed {seed}, {predictor.Kernel}, row {i}");
            }
        }

        foreach ((Kernel kernel, NativeSiloPredictor predictor, Normaliser[] normalisers) in kept)
        {
            Assert.That(predictor.IsChained, Is.EqualTo(Widest(network) <= Lanes(kernel)), $"seed {seed}, {kernel}");
            Assert.That(predictor.SilosComputed, Is.LessThan(150L * network.Silos.Count), $"seed {seed}, {predictor.Kernel}: nothing was kept");
            Assert.That(
                normalisers.Select(n => n.Missing.ToArray()), Is.EqualTo(references.Select(n => n.Missing.ToArray())), $"seed {seed}, {predictor.Kernel}");
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

    [Test]
    public void A_network_of_one_unit_a_layer_gives_the_bits_of_plain_loops_on_every_kernel()
    {
        foreach (ulong seed in Seeds.Take(20))
        {
            var random = new SeededRandom(seed);
            SiloNetwork network = Network(random, 1, random.Chance(0.5) ? Activation.Identity : Activation.Relu);
            NativeSiloPredictor[] predictors = [.. KernelChoice.Supported.SelectMany(k => (bool[])[false, true], (k, kept) => new NativeSiloPredictor(network, k, kept))];
            float[] row = TestModels.RandomRow(random, network.FeatureCount, special: true);
            for (int i = 0; i < 50; i++)
            {
                row[random.Next(row.Length)] = TestModels.RandomRow(random, 1, special: true)[0];
                uint expected = BitConverter.SingleToUInt32Bits(PlainLoops(network, row));
                foreach (NativeSiloPredictor predictor in predictors)
                {
                    Assert.That(predictor.IsChained, predictor.Kernel);
                    Assert.That(BitConverter.SingleToUInt32Bits(predictor.Predict(0, row)), Is.EqualTo(expected), $"seed {seed}, {predictor.Kernel}, row {i}");
                }
            }

            Array.ForEach(predictors, p => p.Dispose());
        }
    }

    [Test]
    public void Layers_that_fit_a_register_are_chained_and_others_are_not()
    {
        var random = new SeededRandom(1);
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            bool IsChained(int width, Activation activation)
            {
                var silo = new Silo("family", [0, 1], [TestModels.Dense(random, 2, width, activation), TestModels.Dense(random, width, 1, Activation.Identity)]);
                using var predictor = new NativeSiloPredictor(new SiloNetwork(3, [silo], [2], [TestModels.Dense(random, 2, 1, Activation.Tanh)]), kernel);
                return predictor.IsChained;
            }

            Assert.That(IsChained(Lanes(kernel), Activation.Relu), Is.True, $"{kernel}");
            Assert.That(IsChained(Lanes(kernel) + 1, Activation.Relu), Is.False, $"{kernel}, one unit more");
            Assert.That(IsChained(1, Activation.Sigmoid), Is.False, $"{kernel}, a unit that leaves its register");
        }
    }

    private static int Lanes(Kernel kernel) => kernel switch { Kernel.Avx512 => 16, Kernel.Avx2 => 8, _ => 1 };

    private static int Widest(SiloNetwork network) => network.Silos.SelectMany(s => s.Layers).Concat(network.Fusion).Max(l => l.Outputs);

    private static float PlainLoops(SiloNetwork network, float[] row)
    {
        IEnumerable<float> embeddings = network.Silos.SelectMany(s => s.Layers.Aggregate(s.Features.Select(f => row[f]).ToArray(), Layer));
        float output = network.Fusion.Aggregate(network.Direct.Select(f => row[f]).Concat(embeddings).ToArray(), Layer)[0];
        return float.IsNaN(output) ? float.NaN : output + 0f;
    }

    private static float[] Layer(float[] inputs, DenseLayer layer)
    {
        float[] outputs = layer.Bias.ToArray();
        for (int o = 0; o < outputs.Length; o++)
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                outputs[o] = MathF.FusedMultiplyAdd(inputs[i], layer.Weights[(i * layer.Outputs) + o], outputs[o]);
            }

            outputs[o] = layer.Activation == Activation.Relu && outputs[o] < 0 ? 0 : outputs[o];
        }

        return outputs;
    }

    // 1 to 70 silos (a word of bits has 64), most of them alike behind their first layer, and none of them wider than the register
    // that the kernel at hand may have.
    private static SiloNetwork Network(SeededRandom random) =>
        Network(random, random.Next(5) switch { 0 => 1, 1 or 2 => 8, _ => 16 }, TestModels.AllActivations[random.Next(TestModels.AllActivations.Length)]);

    private static SiloNetwork Network(SeededRandom random, int widest, Activation output)
    {
        int features = random.Next(20, 150);
        int count = random.Chance(0.1) ? 70 : random.Next(1, 15);
        bool alike = random.Chance(0.7);
        int hidden = random.Next(1, widest + 1), embedding = random.Next(1, Math.Min(4, widest + 1));
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
        DenseLayer[] fusion = random.Chance(0.2)
            ? [TestModels.Dense(random, width, 1, output)]
            : [TestModels.Dense(random, width, widest, Activation.Relu), TestModels.Dense(random, widest, 1, output)];
        return new SiloNetwork(features, silos, [.. Enumerable.Range(features - direct, direct)], fusion);
    }
}
