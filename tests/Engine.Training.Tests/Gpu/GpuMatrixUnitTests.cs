using Engine.TestKit;
using Engine.Training.Backends;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;
using Engine.Training.Networks;
using Engine.Training.Tests.Backends;

namespace Engine.Training.Tests.Gpu;

/// <summary>Matrix units, which only CUDA devices have here, against the plain loops that stand for them elsewhere.</summary>
internal sealed class GpuMatrixUnitTests() : GpuFixture(DeviceApi.Cuda)
{
    [Test]
    public void Gpu_matrix_units_do_what_the_loops_in_their_place_do([Values(5, 64)] int units, [Values(3, 45)] int count)
    {
        if (!Device.Info.HasTf32)
        {
            Assert.Ignore($"{Device.Info.Name} has no matrix units for tf32");
        }

        ulong seed = Seeds.Take(1).Single();
        LstmSpec spec = GpuLstmCase.Network(true, 0.25f, units);
        StepOptions options = GpuLstmCase.Options(seed);
        using var twin = new NaiveTwin(spec, options, (2 * spec.Steps) + count + 60, seed);
        int[] rows = twin.Usable[..count];
        using GpuGroup byUnits = Group(spec, options, twin, new GpuOptions { IsFast = true });
        using GpuGroup byLoops = Group(spec, options, twin, new GpuOptions { IsFast = true, IsFastEmulated = true });
        var got = new float[twin.Parameters.Length];
        var expected = new float[twin.Parameters.Length];
        double loss = byUnits.GradientOf(0, rows, got), wanted = byLoops.GradientOf(0, rows, expected);
        Assert.That(loss, Is.EqualTo(wanted).Within(2e-4 * Math.Max(1, Math.Abs(wanted))), $"seed {seed}");

        // Sums are in another order, and an operand near the middle of two tf32 numbers may go to the other one.
        double norm = Math.Sqrt(expected.Sum(g => (double)g * g));
        Assert.That(got.Zip(expected).Max(p => Math.Abs((double)p.First - p.Second)) / norm, Is.LessThan(1e-3), $"seed {seed}");
        Assert.That(norm, Is.GreaterThan(0));
    }
}
