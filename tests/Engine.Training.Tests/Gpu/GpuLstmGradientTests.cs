using Engine.TestKit;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;
using Engine.Training.Networks;
using Engine.Training.Tests.Backends;

namespace Engine.Training.Tests.Gpu;

[TestFixture(DeviceApi.OpenCl)]
[TestFixture(DeviceApi.Cuda)]
internal sealed class GpuLstmGradientTests(DeviceApi api) : GpuFixture(api)
{
    private static readonly GpuOptions s_wide = new() { IsWide = true };
    private static readonly GpuOptions s_fast = new() { IsFast = true, IsFastEmulated = true };

    // The last batch's tiles are whole and not, with 4 sequences and with 8.
    [Test]
    public void Gpu_gradients_are_the_CPUs([Values(null, "no norm", "wide")] string? kind, [Values(1, 3, 12, 50)] int count)
    {
        bool hasNorm = kind != "no norm";
        count = Math.Max(count, hasNorm ? 2 : 1);
        ulong seed = Seeds.Take(1).Single() + (ulong)count;
        StepOptions options = GpuLstmCase.Options(seed, GpuLstmCase.Losses[count % 3]);
        double worst = Compare(GpuLstmCase.Network(hasNorm), options, kind == "wide" ? s_wide : null, count, seed, out double loss, out double expected);
        Assert.That(loss, Is.EqualTo(expected).Within(1e-5 * Math.Max(1, Math.Abs(expected))), $"seed {seed}");
        Assert.That(worst, Is.LessThan(1e-5), $"seed {seed}");
    }

    [TestCase(1, 1, 1)]
    [TestCase(64, 10, 50)]
    [TestCase(300, 2, 2, Description = "Too large for registers.")]
    public void Gpu_gradients_of_other_sizes_are_the_CPUs(int units, int inputs, int steps)
    {
        ulong seed = Seeds.Take(1).Single();
        double worst = Compare(
            GpuLstmCase.Network(true, 0, units, inputs, steps), GpuLstmCase.Options(seed), null, 11, seed, out double loss, out double expected);
        Assert.That(loss, Is.EqualTo(expected).Within(1e-5 * Math.Max(1, Math.Abs(expected))), $"seed {seed}");
        Assert.That(worst, Is.LessThan(2e-5), $"seed {seed}");
    }

    // More tiles than there are slots: a group sums several.
    [Test]
    public void Gpu_gradients_of_large_batches_are_the_CPUs([Values] bool isWide)
    {
        const int Count = 1_093;
        ulong seed = Seeds.Take(1).Single();
        StepOptions options = GpuLstmCase.Options(seed) with { BatchSize = 1_100 };
        double worst = Compare(GpuLstmCase.Network(true), options, isWide ? s_wide : null, Count, seed, out double loss, out double expected);
        Assert.That(loss, Is.EqualTo(expected).Within(1e-5 * Math.Max(1, Math.Abs(expected))), $"seed {seed}");
        Assert.That(worst, Is.LessThan(1e-5), $"seed {seed}");
    }

    [Test]
    public void Gpu_gradients_are_the_slopes_of_the_loss([Values] bool hasNorm)
    {
        const int Count = 20;
        ulong seed = Seeds.Take(1).Single();
        LstmSpec spec = GpuLstmCase.Network(hasNorm);
        using var twin = new NaiveTwin(spec, GpuLstmCase.Options(seed), Count + 60, seed);
        int[] rows = twin.Usable[..Count];
        using GpuGroup group = Backend().Group(spec, [new GroupMember(twin.Rows, GpuLstmCase.Options(seed))]);
        group.Restore(0, twin.State);
        var got = new float[twin.Parameters.Length];
        group.GradientOf(0, rows, got);
        twin.AssertSlopes(rows, got, 8, seed);
    }

    [Test]
    public void Gpu_fast_gradients_are_near_the_CPUs_and_not_equal([Values(5, 64)] int units)
    {
        ulong seed = Seeds.Take(1).Single();
        double worst = Compare(GpuLstmCase.Network(true, 0.25f, units), GpuLstmCase.Options(seed), s_fast, 45, seed, out double loss, out double expected);
        Assert.That(loss, Is.EqualTo(expected).Within(2e-3 * Math.Max(1, Math.Abs(expected))), $"seed {seed}");
        Assert.That(worst, Is.LessThan(5e-3), $"seed {seed}");
        Assert.That(worst, Is.GreaterThan(1e-5), "operands have ten bits");
    }

    [Test]
    public void Gpu_fast_mode_is_refused_where_there_are_no_matrix_units_or_no_room()
    {
        ulong seed = Seeds.Take(1).Single();
        using var twin = new NaiveTwin(GpuLstmCase.Network(true), GpuLstmCase.Options(seed), 20, seed);
        GroupMember[] members = [new GroupMember(twin.Rows, GpuLstmCase.Options(seed))];
        GpuBackend fast = Backend(new GpuOptions { IsFast = true });
        if (Device.Info.HasTf32)
        {
            using GpuGroup made = fast.Group(GpuLstmCase.Network(true), members);
            Assert.That(made.Count, Is.EqualTo(1));
        }
        else
        {
            Assert.That(() => fast.Group(GpuLstmCase.Network(true), members), Throws.InstanceOf<DeviceException>().With.Message.Contains("tf32"));
        }

        Assert.That(
            () => Backend(s_fast).Group(GpuLstmCase.Network(true, units: 300), members), Throws.ArgumentException.With.Message.Contains("300 units"));
    }

    // The largest difference of a parameter's gradient, as a share of the gradient's norm.
    private double Compare(LstmSpec spec, StepOptions options, GpuOptions? device, int count, ulong seed, out double loss, out double expected)
    {
        using var twin = new NaiveTwin(spec, options, (2 * spec.Steps) + count + 60, seed);
        int[] rows = [.. twin.Usable[..count].Reverse()];
        using var cpu = new CpuBackend(1);
        using CpuSession session = twin.Session(cpu);
        var wanted = new float[twin.Parameters.Length];
        expected = session.GradientOf(rows, wanted);
        using GpuGroup group = Backend(device).Group(spec, [new GroupMember(twin.Rows, options)]);
        group.Restore(0, twin.State);
        var got = new float[wanted.Length];
        loss = group.GradientOf(0, rows, got);
        double norm = Math.Sqrt(wanted.Sum(g => (double)g * g));
        return wanted.Zip(got).Max(p => float.IsFinite(p.Second) ? Math.Abs((double)p.First - p.Second) : double.PositiveInfinity) / norm;
    }
}
