using Engine.TestKit;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Tests.Backends;

namespace Engine.Training.Tests.Gpu;

[TestFixture(DeviceApi.OpenCl)]
[TestFixture(DeviceApi.Cuda)]
internal sealed class GpuSiloGradientTests(DeviceApi api) : GpuFixture(api)
{
    private static readonly string[] s_networks = ["linear", "perceptron", "silos", "silos alone", "silos, dropout"];

    private static readonly LossSpec[] s_losses =
    [
        new(), new() { Kind = LossKind.Huber, Delta = 0.7f }, new() { Kind = LossKind.BinaryCrossEntropy, PositiveWeight = 2.5f, NegativeWeight = 0.75f },
    ];

    [Test]
    public void Gpu_gradients_are_those_of_the_cpu([ValueSource(nameof(s_networks))] string name, [Values] LossKind loss)
    {
        ulong seed = Seeds.Take(1).Single();
        foreach (int count in new[] { 1, 7, 8, 150 })
        {
            AssertLikeTheCpu(name, loss, count, seed, null);
        }
    }

    [TestCase("silos, dropout", 16, false)]
    [TestCase("silos, dropout", 2, true)]
    public void Gpu_gradients_are_those_of_the_cpu_whatever_the_tile(string name, int tileRows, bool isGlobal) =>
        AssertLikeTheCpu(name, LossKind.BinaryCrossEntropy, 70, Seeds.Take(1).Single(), new GpuOptions { TileRows = tileRows, HasGlobalTiles = isGlobal });

    [Test]
    public void Gpu_tiles_are_added_up_where_they_are_more_than_slots() => AssertLikeTheCpu("linear", LossKind.Huber, 1_100, Seeds.Take(1).Single(), null);

    [TestCase("perceptron", LossKind.Huber)]
    [TestCase("silos", LossKind.MeanSquared)]
    [TestCase("silos, dropout", LossKind.BinaryCrossEntropy)]
    public void Gpu_gradients_are_the_slopes_of_the_loss(string name, LossKind loss)
    {
        const int Count = 21;
        ulong seed = Seeds.Take(1).Single();
        NetworkSpec spec = TestNetworks.Of(name);
        var options = new StepOptions { Loss = s_losses[(int)loss], BatchSize = Count, Seed = seed };
        using var twin = new NaiveTwin(spec, options, Count + 40, seed);
        using GpuGroup group = Group(spec, options, twin);
        int[] rows = twin.Usable[..Count];
        var got = new float[twin.Parameters.Length];
        group.GradientOf(0, rows, got);
        twin.AssertSlopes(rows, got, 6, seed);
    }

    private void AssertLikeTheCpu(string name, LossKind loss, int count, ulong seed, GpuOptions? use)
    {
        NetworkSpec spec = name == "silos alone" ? TestNetworks.Silos() with { Direct = [] } : TestNetworks.Of(name);
        var options = new StepOptions { Loss = s_losses[(int)loss], BatchSize = Math.Max(count, 20), Seed = seed };
        using var twin = new NaiveTwin(spec, options, count + 10, seed);
        using var cpu = new CpuBackend(1);
        using CpuSession session = twin.Session(cpu);
        using GpuGroup group = Group(spec, options, twin, use);
        int[] rows = twin.Usable[..count];

        // The step's number is a part of dropout's stream.
        session.Restore(twin.State with { Step = 3 });
        group.Restore(0, twin.State with { Step = 3 });
        var expected = new float[twin.Parameters.Length];
        var got = new float[twin.Parameters.Length];
        double expectedLoss = session.GradientOf(rows, expected);
        double gotLoss = group.GradientOf(0, rows, got);
        string where = $"{name}, {loss}, {count} rows, seed {seed}";
        Assert.That(gotLoss, Is.EqualTo(expectedLoss).Within(2e-6 * Math.Max(1, Math.Abs(expectedLoss))), where);
        double scale = expected.Max(Math.Abs);
        int worst = Enumerable.Range(0, got.Length).MaxBy(i => Math.Abs(got[i] - expected[i]));
        Assert.That(got[worst], Is.EqualTo(expected[worst]).Within(1e-5 * scale), $"{where}: parameter {worst}");
        Assert.That(scale, Is.GreaterThan(0));
    }
}
