using System.Globalization;
using Engine.Core.Numerics;
using Engine.Inference.Networks;
using Engine.Training.Backends;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices.Cuda;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Tests.Backends;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Gpu;

/// <summary>Every kernel as the real NVRTC compiles it for an H200, launched with the sizes that it would be launched with there.</summary>
[Category("Gpu")]
public class GpuMachineCodeTests
{
    private static readonly DenseSpec s_hidden = new(32, Activation.Relu);

    /// <summary>Networks, with batches and members: those that are measured, and odd ones.</summary>
    private static IEnumerable<TestCaseData> Cases()
    {
        var silos = new SiloSpec
        {
            FeatureCount = 120,
            Direct = [],
            Silos = [.. Enumerable.Range(0, 12).Select(s => new SiloBranch($"silo{s}", [.. Enumerable.Range(s * 10, 10)], [s_hidden, s_hidden, new DenseSpec(8)]))],
            Fusion = [s_hidden, new DenseSpec(1)],
        };
        var lstm = new LstmSpec { FeatureCount = 10, Features = [.. Enumerable.Range(0, 10)] };
        foreach (int batch in (int[])[256, 16_384])
        {
            yield return Case("silos", silos, batch, 1);
            yield return Case("lstm", lstm, batch, 1);
            yield return Case("lstm", lstm, batch, 1, isFast: true);
        }

        yield return Case("silos", silos, 1_024, 64);
        yield return Case("lstm", lstm, 1_024, 64);
        yield return Case("odd silos", TestNetworks.Silos(0.4f), 90, 3);
        yield return Case("odd lstm", lstm with { Features = [0, 4, 7], Steps = 7, Units = 5, Dropout = 0.2f }, 33, 2);
        yield return Case("odd lstm", lstm with { Features = [0, 4, 7], Steps = 7, Units = 5, Dropout = 0.2f }, 33, 2, isFast: true);
        yield return Case("wide lstm", lstm with { Units = 128 }, 512, 4);
    }

    private static TestCaseData Case(string name, NetworkSpec spec, int batch, int members, bool isFast = false) =>
        new TestCaseData(spec, batch, members, isFast).SetArgDisplayNames(name, $"batch {batch}", $"{members} models", isFast ? "tf32" : "float32");

    [TestCaseSource(nameof(Cases))]
    public void Gpu_kernels_fit_an_h200(NetworkSpec spec, int batch, int members, bool isFast)
    {
        GpuDevices.NeedsNvrtc();
        using var device = new NvrtcDevice();
        using var backend = new GpuBackend(device, new GpuOptions { IsFast = isFast });
        using TrainingRows rows = Rows(spec, batch);
        var options = new StepOptions { BatchSize = batch, Loss = new LossSpec { Kind = LossKind.MeanSquared } };
        using ITrainingGroup group = backend.CreateGroup(spec, [.. Enumerable.Range(0, members).Select(m => new GroupMember(rows, options with { Seed = (ulong)m + 1 }))]);
        int[] whole = [.. Enumerable.Range(spec.Window - 1, batch)];
        _ = group.Run([.. Enumerable.Range(0, members).Select(m => new MemberSteps(m, whole, new[] { batch }, new[] { 0.01 }))]);
        group.Predict(0, whole, new float[batch]);
        Dictionary<string, KernelRegisters> kernels = device.Images.SelectMany(i => i.Kernels).DistinctBy(k => k.Key).ToDictionary();
        foreach ((string name, (int items, int local)) in device.Launched)
        {
            KernelRegisters takes = kernels[name];
            TestContext.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-24} {takes.Registers,4} registers, stack {takes.StackBytes,5}, spilled {takes.SpillStoreBytes,5}, groups of {items,4}, local {local,7}"));
        }

        Assert.That(device.Launched, Has.Count.GreaterThan(3));
        Assert.That(device.Images.Select(i => i.Log), Is.All.Empty, "warnings");
        Assert.That(device.Launched.Keys.Where(name => kernels[name].SpillStoreBytes > 0), Is.Empty, "kernels that spill registers");
    }

    private static TrainingRows Rows(NetworkSpec spec, int batch)
    {
        var random = new SeededRandom(3);
        int count = batch + spec.Window;
        float[] features = [.. Enumerable.Range(0, count * spec.FeatureCount).Select(_ => (float)random.NextNormal())];
        return TrainingRows.Of(features, spec.FeatureCount, [.. Enumerable.Range(0, count).Select(i => i % 2f)]);
    }
}
