using System.Runtime.InteropServices;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;
using Engine.Tests.Features;

namespace Engine.Tests.Inference;

/// <summary>What the silo kernel keeps of each instrument: the bits of the full computation, for less work, in bounded memory.</summary>
public class SiloMemoryTests
{
    private const int Instruments = 5;

    [Test]
    public void Interleaved_instruments_give_the_bits_of_the_full_computation([Range(1, 30)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        SiloNetwork network = seed % 3 == 0 ? WideNetwork(random) : TestModels.RandomNetwork(random);
        using var full = new NativeSiloPredictor(network, Kernel.Scalar, incremental: false);

        // One instrument more than has memory.
        var limits = new EngineLimits { Instruments = 8, SiloInstruments = Instruments - 1 };
        NativeSiloPredictor[] kept = [.. KernelChoice.Supported.Select(k => new NativeSiloPredictor(network, k, limits: limits))];
        float[][] rows = [.. Enumerable.Range(0, Instruments).Select(_ => TestModels.RandomRow(random, network.FeatureCount, special: true))];
        for (int i = 0; i < 200; i++)
        {
            int instrument = random.Next(Instruments);
            float[] row = rows[instrument];
            for (int change = random.Next(4); change > 0; change--)
            {
                row[random.Next(row.Length)] = TestModels.RandomRow(random, 1, special: true)[0];
            }

            uint expected = BitConverter.SingleToUInt32Bits(full.Predict(row));
            foreach (NativeSiloPredictor predictor in kept)
            {
                Assert.That(BitConverter.SingleToUInt32Bits(predictor.Predict(instrument, row)), Is.EqualTo(expected), $"seed {seed}, {predictor.Kernel}, row {i}");
            }
        }

        foreach (NativeSiloPredictor predictor in kept)
        {
            Assert.That(predictor.SilosComputed, network.Silos.Count == 0 ? Is.Zero : Is.LessThan(200L * network.Silos.Count));
            Assert.That(predictor.Unkept, Is.InRange(1, 199), "the instrument without memory, each time");
            predictor.Dispose();
        }
    }

    [Test]
    public void A_raw_row_gives_the_bits_and_the_counts_of_the_normaliser([Range(1, 30)] int seed, [Values("z-score", "clipped", "ranks")] string kind)
    {
        var random = new SeededRandom((ulong)seed);
        SiloNetwork network = seed % 3 == 0 ? WideNetwork(random) : TestModels.RandomNetwork(random);
        int features = network.FeatureCount;
        float[] mean = [.. Enumerable.Range(0, features).Select(_ => (float)random.NextNormal())];
        float[] deviation = [.. Enumerable.Range(0, features).Select(_ => random.Chance(0.1) ? 0f : 0.5f + (float)random.NextDouble())];
        RankTable ranks = TestRanks.Draw(random, features);
        Normaliser Make() => kind == "ranks" ? new Normaliser(ranks) : new Normaliser(mean, deviation, clip: kind == "clipped" ? 1.25f : float.PositiveInfinity);
        Normaliser expectedCounts = Make();
        using var full = new NativeSiloPredictor(network, Kernel.Scalar, incremental: false);
        (NativeSiloPredictor Predictor, Normaliser Normaliser)[] raw =
            [.. KernelChoice.Supported.Select(k => (new NativeSiloPredictor(network, k), Make()))];
        var normalised = new float[features];
        float[] row = TestModels.RandomRow(random, features, special: true);
        float[] scratch = kind == "ranks" ? new float[features] : [];
        for (int i = 0; i < 50; i++)
        {
            // Some rows share nothing with the one before, most nearly all.
            float[] drawn = TestModels.RandomRow(random, features, special: true);
            bool isNew = random.Chance(0.3);
            row = [.. row.Select((x, f) => isNew || random.Chance(0.1) ? (kind == "ranks" ? TestRanks.Near(random, ranks.Quantiles(f)) : drawn[f]) : x)];
            int expectedMissing = expectedCounts.Apply(row, normalised);
            uint expected = BitConverter.SingleToUInt32Bits(full.Predict(normalised));
            foreach ((NativeSiloPredictor predictor, Normaliser normaliser) in raw)
            {
                float got = predictor.PredictRaw(0, row, normaliser, scratch, out int missing);
                Assert.That((BitConverter.SingleToUInt32Bits(got), missing), Is.EqualTo((expected, expectedMissing)), $"seed {seed}, {predictor.Kernel}, row {i}");
            }
        }

        foreach ((NativeSiloPredictor predictor, Normaliser normaliser) in raw)
        {
            Assert.That(normaliser.Missing.ToArray(), Is.EqualTo(expectedCounts.Missing.ToArray()), $"seed {seed}, {predictor.Kernel}");
            predictor.Dispose();
        }
    }

    [Test]
    public void Another_normaliser_is_taken_up_and_one_that_normalises_nothing_passes_rows_on()
    {
        var random = new SeededRandom(1);
        SiloNetwork network = TestModels.SmallNetwork(random);
        float[] row = TestModels.RandomRow(random, 25, special: false);
        float[] zero = new float[25], one = [.. Enumerable.Repeat(1f, 25)], two = [.. Enumerable.Repeat(2f, 25)];
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using var predictor = new NativeSiloPredictor(network, kernel);
            foreach (Normaliser normaliser in new[] { new Normaliser(zero, one), new Normaliser(one, two), new Normaliser(zero, one, isRaw: true) })
            {
                var normalised = new float[25];
                normaliser.Apply(row, normalised);
                using var fresh = new NativeSiloPredictor(network, kernel);
                Assert.That(predictor.PredictRaw(0, row, normaliser, new float[25], out int missing), Is.EqualTo(fresh.Predict(normalised)), $"{kernel}");
                Assert.That(missing, Is.Zero);
            }

            Assert.That(() => predictor.PredictRaw(0, row, new Normaliser([0f], [1f]), [], out _), Throws.ArgumentException.With.Message.Contains("1 features"));
        }
    }

    [Test]
    public void A_row_without_a_change_computes_nothing_and_after_a_reset_everything()
    {
        SiloNetwork network = TestModels.SmallNetwork(new SeededRandom(2));
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using var predictor = new NativeSiloPredictor(network, kernel, limits: new EngineLimits { Instruments = 2, SiloInstruments = 2 });
            float[] row = [.. Enumerable.Range(0, 25).Select(i => i / 10f)];
            float first = predictor.Predict(0, row);
            Assert.That(predictor.Predict(0, row), Is.EqualTo(first));
            Assert.That(predictor.SilosComputed, Is.EqualTo(2), "only the first row");
            Assert.That(predictor.Predict(1, row), Is.EqualTo(first));
            Assert.That(predictor.SilosComputed, Is.EqualTo(4), "another instrument's row before says nothing");
            predictor.Forget();
            Assert.That(predictor.Predict(0, row), Is.EqualTo(first));
            Assert.That(predictor.SilosComputed, Is.EqualTo(6));
            Assert.That((predictor.InstrumentLimit, predictor.Unkept), Is.EqualTo((2, 0L)));
            Assert.That(predictor.BytesPerInstrument, Is.InRange(25 * sizeof(float), 1_024));
        }
    }

    [Test]
    public unsafe void Forgetting_where_nothing_is_known_touches_no_piece()
    {
        using var memory = new SiloMemory(16, 4);

        // SAFETY: the memory lives longer than the reference.
        ref SiloMemory.State state = ref memory.StateOf(memory.Of(2));
        memory.Keep(ref state);
        Assert.That(state.IsKnown, Is.EqualTo(1));
        memory.Forget();
        Assert.That(state.IsKnown, Is.Zero);
        state.IsKnown = 7;
        memory.Forget();
        Assert.That(state.IsKnown, Is.EqualTo(7), "what was written past the memory stays");
        memory.Keep(ref state);
        memory.Forget();
        Assert.That(state.IsKnown, Is.Zero);
    }

    [Test]
    public void A_feature_whose_deviation_was_zero_asks_for_no_silo()
    {
        // Three words of features, and some behind the last whole register of any kernel.
        const int Silos = 10, Width = 13, Features = Silos * Width;
        var random = new SeededRandom(1);
        Silo[] silos = [.. Enumerable.Range(0, Silos).Select(s => new Silo($"family{s}", [.. Enumerable.Range(s * Width, Width)], [TestModels.Dense(random, Width, 2, Activation.Relu)]))];
        var network = new SiloNetwork(Features, silos, [], [TestModels.Dense(random, 2 * Silos, 1, Activation.Identity)]);
        var normaliser = new Normaliser(new float[Features], [.. Enumerable.Range(0, Features).Select(f => f % 3 == 0 ? 0f : 2f)]);
        var normalised = new float[Features];
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            using var kept = new NativeSiloPredictor(network, kernel);
            using var full = new NativeSiloPredictor(network, Kernel.Scalar, incremental: false);
            float[] row = TestModels.RandomRow(random, Features, special: false);
            kept.PredictRaw(0, row, normaliser, [], out _);
            for (int f = 0; f < Features; f++)
            {
                long before = kept.SilosComputed;
                row[f] = f % 6 == 0 ? float.NaN : row[f] + 1;
                int expectedMissing = normaliser.Apply(row, normalised);
                float got = kept.PredictRaw(0, row, normaliser, [], out int missing);
                Assert.That((got, missing), Is.EqualTo((full.Predict(normalised), expectedMissing)), $"{kernel}, feature {f}");
                Assert.That(kept.SilosComputed - before, Is.EqualTo(f % 3 == 0 ? 0 : 1), $"{kernel}, feature {f}");
            }

            kept.Predict(0, normalised);
            long all = kept.SilosComputed;
            normalised[0] += 1;
            Assert.That(kept.Predict(0, normalised), Is.EqualTo(full.Predict(normalised)), $"{kernel}");
            Assert.That(kept.SilosComputed - all, Is.EqualTo(1), $"{kernel}: of a normalised row it counts");
        }
    }

    [Test]
    public void A_network_that_is_too_wide_for_the_memory_keeps_fewer_instruments()
    {
        int features = DenseLayer.MaxWidth;
        var layer = new DenseLayer(new float[features], [1f], Activation.Identity);
        var network = new SiloNetwork(features, [], [.. Enumerable.Range(0, features)], [layer]);
        using var predictor = new NativeSiloPredictor(network, KernelChoice.Best, limits: new EngineLimits { SiloInstruments = 50_000 });
        Assert.That(predictor.InstrumentLimit * predictor.BytesPerInstrument, Is.InRange(200L << 20, 256L << 20));
        Assert.That(predictor.Predict(65_535, new float[features]), Is.EqualTo(1f));
    }

    [Test]
    [Platform("Linux")]
    public unsafe void Every_page_is_there_before_the_first_row()
    {
        // Pieces of two huge pages each.
        using var memory = new SiloMemory(1 << 20, 8);
        long pages = memory.Instruments * memory.BytesPerInstrument / Environment.SystemPageSize;
        var present = new byte[pages];

        // SAFETY: the pieces lie one after the other; the first starts a page, being so many; a byte a page.
        fixed (byte* bytes = present)
        {
            Assert.That((long)memory.Of(0) % Environment.SystemPageSize, Is.Zero);
            Assert.That(InCore(memory.Of(0), (nuint)(pages * Environment.SystemPageSize), bytes), Is.Zero);
        }

        Assert.That(pages, Is.GreaterThan(8_000));
        Assert.That(present.Count(p => (p & 1) == 0), Is.Zero, "pages that a first row would have to wait for");
    }

    // SAFETY: the signature of 64-bit Linux.
    [DllImport("libc", EntryPoint = "mincore")]
    private static extern unsafe int InCore(void* start, nuint bytes, byte* pages);

    // Enough silos for two registers of them, of several widths and of equal units, and some others.
    private static SiloNetwork WideNetwork(SeededRandom random)
    {
        const int Features = 300;
        var silos = new List<Silo>();
        for (int s = 0; s < 21; s++)
        {
            int inputs = 1 + random.Next(12);
            int[] indices = random.Chance(0.8)
                ? [.. Enumerable.Range(random.Next(Features - inputs), inputs)]
                : [.. Enumerable.Range(0, inputs).Select(_ => random.Next(Features))];
            bool odd = s % 10 == 9;
            silos.Add(new Silo($"family{s}", indices, odd
                ? [TestModels.Dense(random, inputs, 3, Activation.Tanh)]
                : [TestModels.Dense(random, inputs, 8, Activation.Relu), TestModels.Dense(random, 8, 7, Activation.Sigmoid), TestModels.Dense(random, 7, 3, Activation.Identity)]));
        }

        int width = silos.Sum(s => s.Outputs) + 31;
        return new SiloNetwork(Features, silos, [.. Enumerable.Range(100, 31)], [TestModels.Dense(random, width, 10, Activation.Relu), TestModels.Dense(random, 10, 1, Activation.Identity)]);
    }
}
