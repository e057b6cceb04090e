using Engine.Inference;
using Engine.TestKit.Training;
using Engine.Training.Kernels;

namespace Engine.Training.Tests.Kernels;

public unsafe class PhiloxTests
{
    // The known answers that come with the paper's own code.
    [TestCase(new uint[] { 0, 0, 0, 0 }, 0ul, new[] { 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u })]
    [TestCase(new[] { uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue }, ulong.MaxValue, new[] { 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu })]
    [TestCase(new[] { 0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u }, 0x299f31d0a4093822ul, new[] { 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u })]
    public void Words_are_the_known_ones(uint[] counter, ulong key, uint[] words)
    {
        uint a = counter[0], b = counter[1], c = counter[2], d = counter[3];
        Philox<WordsScalar, uint>.Draw(key, ref a, ref b, ref c, ref d);
        Assert.That(new[] { a, b, c, d }, Is.EqualTo(words));
        Assert.That(NaiveDropout.Philox(counter, [(uint)key, (uint)(key >> 32)]), Is.EqualTo(words));
    }

    [Test]
    public void Factors_are_the_stream_s_on_every_kernel()
    {
        const int Units = 21;
        var stream = new DropoutStream(0x1234_5678_9ABC_DEF0, 77, 3, DropoutStream.ThresholdOf(0.3f));
        var factors = new float[24 * Tile.Rows];
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            Array.Clear(factors);
            fixed (float* p = factors)
            {
                stream.Fill(kernel, 160, Units, p);
            }

            for (int unit = 0; unit < Units; unit++)
            {
                for (int row = 0; row < Tile.Rows; row++)
                {
                    Assert.That(factors[(unit * Tile.Rows) + row], Is.EqualTo((float)NaiveDropout.Factor(0.3f, stream.Seed, 77, 3, unit, 160 + row)), $"{kernel}, unit {unit}, row {row}");
                }
            }
        }
    }

    [TestCase(0.05f)]
    [TestCase(0.5f)]
    [TestCase(0.9f)]
    public void As_many_are_dropped_as_the_rate_says_and_no_two_streams_agree(float rate)
    {
        const int Units = 64, Tiles = 256;
        double[] dropped = new double[4];
        var all = new List<float[]>();
        for (int s = 0; s < dropped.Length; s++)
        {
            var stream = new DropoutStream(s == 1 ? 6ul : 5, s == 2 ? 1u : 0, s == 3 ? 2u : 1, DropoutStream.ThresholdOf(rate));
            var factors = new float[Tiles * Units * Tile.Rows];
            fixed (float* p = factors)
            {
                for (int t = 0; t < Tiles; t++)
                {
                    stream.Fill(KernelChoice.Best, (uint)(t * Tile.Rows), Units, p + (t * Units * Tile.Rows));
                }
            }

            all.Add(factors);
            Assert.That(factors.Distinct(), Is.EquivalentTo(new[] { 0f, stream.Scale }));
            dropped[s] = factors.Count(f => f == 0) / (double)factors.Length;

            // Six standard deviations of a share of n draws.
            Assert.That(dropped[s], Is.EqualTo(rate).Within(6 * Math.Sqrt(rate * (1 - rate) / factors.Length)));
            Assert.That(factors.Average(), Is.EqualTo(1).Within(6 * Math.Sqrt(rate / (1 - rate) / factors.Length) + 1e-4));
        }

        for (int s = 1; s < all.Count; s++)
        {
            double both = all[0].Zip(all[s]).Count(p => p.First == 0 && p.Second == 0) / (double)all[0].Length;
            Assert.That(both, Is.EqualTo(rate * rate).Within(6 * Math.Sqrt(rate * rate * (1 - (rate * rate)) / all[0].Length)));
        }
    }

    [Test]
    public void Sums_over_lanes_are_the_same_on_every_kernel()
    {
        var random = new Engine.Core.Numerics.SeededRandom(1);
        var slots = new float[256];
        foreach (ref float value in slots.AsSpan())
        {
            value = (float)random.NextNormal();
        }

        var narrow = new float[16];
        var wide = new float[16];
        fixed (float* s = slots, n = narrow, w = wide)
        {
            LaneSums.Sixteen(s, n, isWide: false);
            LaneSums.Sixteen(s, w, isWide: KernelChoice.IsSupported(Kernel.Avx512));
        }

        Assert.That(wide, Is.EqualTo(narrow));
        for (int i = 0; i < 16; i++)
        {
            Assert.That(narrow[i], Is.EqualTo(slots.Skip(i * 16).Take(16).Sum(v => (double)v)).Within(1e-5));
        }
    }
}
