using System.Runtime.Intrinsics;
using Engine.Core.Numerics;
using Engine.Inference;
using Engine.Inference.Kernels;
using Engine.Inference.Networks;

namespace Engine.Tests.Inference;

public class ActivationTests
{
    private const int Random = 200_000;

    [TestCase(Activation.Sigmoid, 2e-7)]
    [TestCase(Activation.Tanh, 2e-7)]
    public void Is_accurate_everywhere(Activation activation, double tolerance)
    {
        double worst = 0;
        foreach (float x in Points())
        {
            double expected = activation == Activation.Sigmoid ? 1 / (1 + Math.Exp(-(double)x)) : Math.Tanh(x);
            double got = Activations<LanesScalar, float>.Apply(activation, x);
            worst = float.IsNaN(x) ? worst : Math.Max(worst, Math.Abs(got - expected));
        }

        Assert.That(worst, Is.LessThan(tolerance));
    }

    [Test]
    public void Tanh_keeps_its_relative_accuracy_near_zero()
    {
        for (double x = 1e-30; x < 10; x *= 1.01)
        {
            double expected = Math.Tanh((float)x);
            Assert.That(Activations<LanesScalar, float>.Tanh((float)x), Is.EqualTo(expected).Within(4e-7 * expected), $"x = {x}");
            Assert.That(Activations<LanesScalar, float>.Tanh(-(float)x), Is.EqualTo(-expected).Within(4e-7 * expected), $"x = {-x}");
        }
    }

    [Test]
    public void Exp_is_within_two_units_in_the_last_place()
    {
        var random = new SeededRandom(7);
        for (int i = 0; i < Random; i++)
        {
            float x = (float)(-87 + (175 * random.NextDouble()));
            double expected = Math.Exp(x);
            Assert.That(Activations<LanesScalar, float>.Exp(x), Is.EqualTo(expected).Within(2.4e-7 * expected), $"x = {x}");
        }
    }

    [Test]
    public unsafe void Lanes_agree_with_the_scalar()
    {
        if (!KernelChoice.IsSupported(Kernel.Avx2))
        {
            return;
        }

        var x = new float[16];
        var y = new float[16];
        float[] points = Points().ToArray();
        foreach (Activation activation in TestModels.AllActivations)
        {
            for (int at = 0; at + 16 <= points.Length; at += 16)
            {
                points.AsSpan(at, 16).CopyTo(x);
                string[] expected = x.Select(v => Bits(Activations<LanesScalar, float>.Apply(activation, v))).ToArray();

                // SAFETY: both arrays have 16 floats and are pinned.
                fixed (float* from = x, to = y)
                {
                    LanesAvx2.Store(to, Activations<LanesAvx2, Vector256<float>>.Apply(activation, LanesAvx2.Load(from)));
                    LanesAvx2.Store(to + 8, Activations<LanesAvx2, Vector256<float>>.Apply(activation, LanesAvx2.Load(from + 8)));
                    Assert.That(y.Select(Bits), Is.EqualTo(expected), activation.ToString());
                    if (KernelChoice.IsSupported(Kernel.Avx512))
                    {
                        LanesAvx512.Store(to, Activations<LanesAvx512, Vector512<float>>.Apply(activation, LanesAvx512.Load(from)));
                        Assert.That(y.Select(Bits), Is.EqualTo(expected), activation.ToString());
                    }
                }
            }
        }
    }

    // Payloads of NaN are not promised inside a layer: the output has one pattern.
    private static string Bits(float value) => float.IsNaN(value) ? "NaN" : BitConverter.SingleToUInt32Bits(value).ToString("x8");

    private static IEnumerable<float> Points()
    {
        foreach (float special in new[]
        {
            0f, -0f, float.NaN, BitConverter.UInt32BitsToSingle(0x7F800001), BitConverter.UInt32BitsToSingle(0xFFC00003),
            float.Epsilon, -float.Epsilon, 1e-41f, 0.625f, MathF.BitDecrement(0.625f), 87f, -87f, 88f, 89f, float.MaxValue, float.MinValue,
        })
        {
            yield return special;
        }

        var random = new SeededRandom(3);
        for (int i = 0; i < 20_000; i++)
        {
            yield return (float)(random.NextNormal() * 4);
            yield return (float)((random.NextDouble() - 0.5) * 250);
        }
    }
}
