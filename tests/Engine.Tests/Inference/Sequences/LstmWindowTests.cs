using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Networks;
using Engine.Inference.Sequences;
using Engine.TestKit;
using Engine.TestKit.Inference;

namespace Engine.Tests.Inference.Sequences;

/// <summary>Running windows against windows from scratch, bit for bit, however the background work falls.</summary>
public class LstmWindowTests
{
    // T, features of the row, features of a tick, units of each layer. Multiples of no, of one and of several register widths.
    private static readonly (int Steps, int Row, int Features, int[] Units)[] s_shapes =
    [
        (1, 5, 5, [3]), (2, 7, 3, [16]), (3, 4, 4, [17]), (5, 12, 4, [7]), (7, 9, 9, [31]), (8, 12, 1, [1]), (13, 20, 10, [33, 5]),
        (6, 6, 6, [8, 16]), (9, 10, 10, [64]), (4, 3, 2, [5, 9, 3]), (20, 8, 8, [24, 24]),
    ];

    [Test]
    public void Every_tick_has_the_bits_of_its_window_from_scratch([ValueSource(nameof(Kernels))] Kernel kernel, [Range(0, 10)] int shape)
    {
        (int steps, int width, int features, int[] units) = s_shapes[shape];
        foreach (ulong seed in Seeds.Take(2))
        {
            var random = new SeededRandom(seed);
            LstmNetwork network = TestLstms.Random(random, width, features, steps, units, initial: random.Chance(0.5));
            using var predictor = new NativeLstmPredictor(network, kernel, TestLstms.Limits);
            float[][] rows = TestLstms.Rows(random, 150, width);
            for (int i = 0; i < rows.Length; i++)
            {
                // At first the background is always done; then it is done in part, or not at all, at random.
                float got = predictor.Predict(rows[i]);
                for (int pieces = i < 50 ? int.MaxValue : random.Next(0, 12); pieces > 0 && predictor.Background(); pieces--)
                {
                }

                Check(network, rows, i, got, $"seed {seed}, {kernel}, shape {shape}, tick {i}");
            }

            Assert.That(predictor.WarmingUp, Is.EqualTo(steps - 1));
        }
    }

    [Test]
    public void Thousands_of_ticks_of_all_kernels_have_the_same_bits()
    {
        var random = new SeededRandom(Seeds.Take(1).First());
        LstmNetwork network = TestLstms.Random(random, 16, 10, 50, [64]);
        NativeLstmPredictor[] predictors = [.. KernelChoice.Supported.Select(k => new NativeLstmPredictor(network, k, TestLstms.Limits))];
        float[][] rows = TestLstms.Rows(random, 2_000, 16);
        for (int i = 0; i < rows.Length; i++)
        {
            uint[] bits = [.. predictors.Select(p => BitConverter.SingleToUInt32Bits(p.Predict(rows[i])))];
            Assert.That(bits.Distinct().Count(), Is.EqualTo(1), $"seed {random.Seed}, tick {i}");
            foreach (NativeLstmPredictor predictor in predictors)
            {
                // Each in its own rhythm.
                for (int pieces = random.Next(0, 15); pieces > 0 && predictor.Background(); pieces--)
                {
                }
            }

            if (i % 100 == 99)
            {
                Assert.That(bits[0], Is.EqualTo(TestLstms.NaiveBits(network, rows[(i - 49)..(i + 1)])), $"seed {random.Seed}, tick {i}");
            }
        }

        Array.ForEach(predictors, p => p.Dispose());
    }

    [Test]
    public void A_burst_longer_than_the_window_stays_exact_and_is_counted()
    {
        var random = new SeededRandom(Seeds.Take(1).First());
        LstmNetwork network = TestLstms.Random(random, 6, 6, 10, [20]);
        using var predictor = new NativeLstmPredictor(network, KernelChoice.Best, TestLstms.Limits);
        float[][] rows = TestLstms.Rows(random, 300, 6);
        long late = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            Check(network, rows, i, predictor.Predict(rows[i]), $"seed {random.Seed}, tick {i}");

            // Quiet up to 100, a burst of 60, one piece a tick up to 200, quiet again.
            late += i >= 9 && i is > 100 and <= 160 ? 1 : 0;
            if (i is < 100 or >= 200)
            {
                predictor.CompleteBackground();
                Assert.That(predictor.Background(), Is.False);
            }
            else if (i >= 160)
            {
                predictor.Background();
            }
        }

        Assert.That(predictor.LateBackground, Is.EqualTo(late), "only what was not made ready is late");
    }

    [Test]
    public void Instruments_do_not_see_one_another()
    {
        var random = new SeededRandom(Seeds.Take(1).First());
        LstmNetwork network = TestLstms.Random(random, 5, 5, 6, [9]);
        using var predictor = new NativeLstmPredictor(network, KernelChoice.Best, TestLstms.Limits);
        int[] instruments = [3, 60, 0, 17];
        List<float[]>[] seen = [.. instruments.Select(_ => new List<float[]>())];
        for (int i = 0; i < 600; i++)
        {
            int which = random.Next(instruments.Length);
            seen[which].Add(TestModels.RandomRow(random, 5, special: false));
            float got = predictor.Predict(instruments[which], seen[which][^1]);
            Check(network, seen[which], seen[which].Count - 1, got, $"seed {random.Seed}, tick {i}");
            for (int pieces = random.Next(0, 6); pieces > 0; pieces--)
            {
                predictor.Background();
            }
        }

        Assert.That((predictor.Instruments, predictor.WarmingUp), Is.EqualTo((4, 4L * 5)));
    }

    [Test]
    public void An_instrument_without_a_state_gets_NaN_and_is_counted()
    {
        var random = new SeededRandom(3);
        LstmNetwork network = TestLstms.Random(random, 3, 3, 1, [4]);
        using var predictor = new NativeLstmPredictor(network, KernelChoice.Best, new EngineLimits { Instruments = 10, SequenceInstruments = 2 });
        float[] row = [1f, 2f, 3f];
        Assert.That(predictor.InstrumentLimit, Is.EqualTo(2));
        Assert.That(new[] { 7, 2, 7 }.All(i => float.IsFinite(predictor.Predict(i, row))));
        Assert.That(new[] { 3, -1, 10, int.MaxValue }.All(i => float.IsNaN(predictor.Predict(i, row))));
        Assert.That(predictor.WithoutState, Is.EqualTo(4));
    }

    [Test]
    public void A_reset_forgets_everything([Values] SequenceMode mode)
    {
        var random = new SeededRandom(5);
        LstmNetwork network = TestLstms.Small(random, mode);
        using var predictor = new NativeLstmPredictor(network, KernelChoice.Best, TestLstms.Limits);
        float[][] rows = TestLstms.Rows(random, 40, 12);
        uint[] Run(int instrument) => [.. rows.Select(r =>
        {
            uint bits = BitConverter.SingleToUInt32Bits(predictor.Predict(instrument, r));
            predictor.Background();
            return bits;
        })];
        uint[] first = Run(4);
        predictor.Predict(9, rows[0]);
        predictor.Reset();
        Assert.That((predictor.WarmingUp, predictor.LateBackground, predictor.Instruments), Is.EqualTo((0L, 0L, 0)));
        Assert.That(Run(11), Is.EqualTo(first));
    }

    [Test]
    public void A_carried_state_has_the_bits_of_the_whole_stream([ValueSource(nameof(Kernels))] Kernel kernel)
    {
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            LstmNetwork network = TestLstms.Random(random, 9, 5, 4, seed % 2 == 0 ? [12] : [20, 6], SequenceMode.Streaming, initial: true);
            using var predictor = new NativeLstmPredictor(network, kernel, TestLstms.Limits);
            float[][] rows = TestLstms.Rows(random, 60, 9);
            long late = 0;
            for (int i = 0; i < rows.Length; i++)
            {
                float got = predictor.Predict(rows[i]);
                Assert.That(
                    BitConverter.SingleToUInt32Bits(got),
                    Is.EqualTo(i < 3 ? BitConverter.SingleToUInt32Bits(float.NaN) : TestLstms.NaiveBits(network, rows[..(i + 1)])), $"seed {seed}, tick {i}");
                if (random.Chance(0.5))
                {
                    predictor.CompleteBackground();
                }
                else
                {
                    late += i + 1 is >= 3 and < 60 ? 1 : 0;
                }
            }

            Assert.That(predictor.LateBackground, Is.EqualTo(late), $"seed {seed}");
        }
    }

    [Test]
    public void Agrees_with_float64()
    {
        double worst = 0, worstUlps = 0;
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            LstmNetwork network = TestLstms.Random(random, 16, 10, 50, seed % 2 == 0 ? [64] : [33, 20]);
            using var predictor = new NativeLstmPredictor(network, KernelChoice.Best, TestLstms.Limits);
            float[][] rows = TestLstms.Rows(random, 120, 16);
            for (int i = 0; i < rows.Length; i++)
            {
                double got = predictor.Predict(rows[i]);
                predictor.CompleteBackground();
                if (i >= 49)
                {
                    double expected = LstmReference.Output(network, rows[(i - 49)..(i + 1)]);
                    double error = Math.Abs(got - expected);
                    worst = Math.Max(worst, error);
                    worstUlps = Math.Max(worstUlps, error / (MathF.BitIncrement(Math.Abs((float)expected)) - (double)Math.Abs((float)expected)));
                    Assert.That(error, Is.LessThanOrEqualTo(1e-5 * Math.Max(1, Math.Abs(expected))), $"seed {seed}, tick {i}");
                }
            }
        }

        TestContext.Out.WriteLine($"largest absolute error {worst:E2}, {worstUlps:F1} units in the last place of the output");
    }

    [Test]
    public void Any_NaN_gives_NaN_while_it_is_in_the_window([ValueSource(nameof(Kernels))] Kernel kernel, [Values(0x7FC00000u, 0xFFC001FFu, 0x7F800001u, 0x7FFFFFFFu)] uint pattern)
    {
        var random = new SeededRandom(9);
        LstmNetwork network = TestLstms.Random(random, 9, 9, 4, [20, 40]);
        using var predictor = new NativeLstmPredictor(network, kernel, TestLstms.Limits);
        float[][] rows = TestLstms.Rows(random, 20, 9);
        rows[10][random.Next(9)] = BitConverter.UInt32BitsToSingle(pattern);
        for (int i = 0; i < rows.Length; i++)
        {
            float got = predictor.Predict(rows[i]);
            predictor.CompleteBackground();
            Assert.That(BitConverter.SingleToUInt32Bits(got) == BitConverter.SingleToUInt32Bits(float.NaN), Is.EqualTo(i < 3 || i is >= 10 and < 14), $"tick {i}: {got}");
        }
    }

    [Test]
    public void Refuses_a_short_row_and_a_use_after_its_end()
    {
        var predictor = new NativeLstmPredictor(TestLstms.Small(new SeededRandom(1)), Kernel.Scalar, TestLstms.Limits);
        Assert.That(() => predictor.Predict(new float[11]), Throws.ArgumentException);
        predictor.Dispose();
        Assert.That(() => predictor.Predict(new float[12]), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Predicting_and_the_background_allocate_nothing([Values] SequenceMode mode)
    {
        var random = new SeededRandom(6);
        using var predictor = new NativeLstmPredictor(TestLstms.Small(random, mode), KernelChoice.Best, TestLstms.Limits);
        float[][] rows = TestLstms.Rows(random, 8, 12);
        Assert.That(Allocated(predictor, rows, _ => { }), Is.Zero);
        Assert.That(Allocated(predictor, rows, i => GC.KeepAlive(new byte[i + 1])), Is.GreaterThan(0), "the measurement sees an allocation");
    }

    private static long Allocated(NativeLstmPredictor predictor, float[][] rows, Action<int> also)
    {
        long before = 0;
        for (int i = 0; i < 1_000; i++)
        {
            before = i == 200 ? GC.GetAllocatedBytesForCurrentThread() : before;
            predictor.Predict(i % 5, rows[i % rows.Length]);
            also(i);
            if (i % 3 == 0)
            {
                predictor.CompleteBackground();
            }
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Check(LstmNetwork network, IReadOnlyList<float[]> rows, int tick, float got, string what)
    {
        uint expected = tick < network.Steps - 1
            ? BitConverter.SingleToUInt32Bits(float.NaN)
            : TestLstms.NaiveBits(network, rows.Skip(tick - network.Steps + 1).Take(network.Steps));
        Assert.That(BitConverter.SingleToUInt32Bits(got), Is.EqualTo(expected), what);
    }

    private static IEnumerable<Kernel> Kernels() => KernelChoice.Supported;
}
