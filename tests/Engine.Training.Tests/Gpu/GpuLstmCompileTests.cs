using System.Globalization;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;
using Engine.Training.Devices.Cuda;
using Engine.Training.Networks;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Gpu;

/// <summary>What NVIDIA's compiler, which needs no device, makes of the LSTM's kernels.</summary>
[Category("Gpu")]
public class GpuLstmCompileTests
{
    // A compiler's release may move a register or two; what is held there throughout is a hundred and more.
    private const int FewBytes = 64;

    private static readonly DeviceInfo s_device = new()
    {
        Api = DeviceApi.Cuda,
        Index = 0,
        Name = "an sm_90",
        Platform = "",
        Driver = "",
        GlobalBytes = 80L << 30,
        LocalBytes = 227 << 10,
        MaxGroupSize = 1_024,
        ComputeUnits = 132,
        HasFloat64 = true,
        HasTf32 = true,
        Architecture = "sm_90",
    };

    [TestCase(64, 10, false)]
    [TestCase(64, 10, true)]
    public void Gpu_matrices_stay_in_registers(int units, int inputs, bool isFast)
    {
        var tiling = new LstmTiling(GpuLstmCase.Network(true, 0, units, inputs, 50), 1_024, s_device, isFast, isWide: false);
        Assert.That((tiling.IsWide, tiling.Sequences), Is.EqualTo((false, 8)));
        Assert.That(Math.Max(tiling.ForwardBytes, tiling.BackwardBytes), Is.LessThanOrEqualTo(48 << 10));
        CudaImage image = GpuDevices.Nvrtc(Source(tiling), "sm_90");
        foreach (string kernel in new[] { "lstm_forward", "lstm_backward" })
        {
            KernelRegisters takes = image.Kernels[kernel];
            TestContext.Out.WriteLine($"{kernel} {units} units, fast {isFast}: {takes}");
            Assert.That((long)takes.Registers * tiling.Items, Is.LessThanOrEqualTo(65_536), kernel);
            Assert.That(takes.SpillLoadBytes + takes.SpillStoreBytes, Is.LessThanOrEqualTo(FewBytes), kernel);
        }
    }

    [Test]
    public void Gpu_matrices_too_large_for_registers_are_read_from_memory()
    {
        var tiling = new LstmTiling(GpuLstmCase.Network(true, 0, 1_024, 10, 50), 1_024, s_device, isFast: false, isWide: false);
        Assert.That((tiling.IsWide, tiling.Sequences, tiling.Slots), Is.EqualTo((true, 4, 3)));
        Assert.That(GpuDevices.Nvrtc(Source(tiling), "sm_90").Kernels.Keys, Does.Contain("lstm_outer").And.Contain("lstm_turn"));
    }

    private static KernelSource Source(LstmTiling tiling) => new(
        "lstm", [.. tiling.Files.Select(f => (f, GpuContext.Text(f)))],
        [.. tiling.Constants.Append(("TILE", 8)).Select(c => (c.Item1, c.Item2.ToString(CultureInfo.InvariantCulture)))]);
}
