using Engine.Inference;
using Engine.TestKit;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Losses;
using Engine.Training.Networks;

namespace Engine.Training.Tests.Backends;

public class CpuGradientTests
{
    private static readonly LossSpec[] s_losses =
    [
        new(), new() { Kind = LossKind.Huber, Delta = 0.7f }, new() { Kind = LossKind.BinaryCrossEntropy, PositiveWeight = 2.5f, NegativeWeight = 0.75f },
    ];

    private static IEnumerable<TestCaseData> Cases()
    {
        foreach (string name in new[] { "linear", "perceptron", "silos", "silos, dropout", "lstm 5", "lstm 16, one step", "lstm 20, norm", "lstm 20, norm, dropout" })
        {
            foreach (LossKind loss in Enum.GetValues<LossKind>())
            {
                yield return new TestCaseData(name, loss);
            }
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Gradients_are_those_of_the_float64_network(string name, LossKind loss)
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            // The large batch, of several chunks, once.
            foreach (int count in seed == Seeds.Take(1).Single() ? new[] { 2, 17, 150 } : [3, 16])
            {
                var options = new StepOptions { Loss = s_losses[(int)loss], BatchSize = count, Seed = seed };
                using var twin = new NaiveTwin(TestNetworks.Of(name), options, count + 40, seed);
                int[] rows = twin.Usable[..count];
                (double expected, double[] gradient) = twin.Trainer.Gradient(twin.Batch(rows, 0), twin.LabelsOf(rows));
                double scale = gradient.Max(Math.Abs);
                foreach (Kernel kernel in KernelChoice.Supported)
                {
                    using var backend = new CpuBackend(1, kernel);
                    using CpuSession session = twin.Session(backend);
                    var got = new float[twin.Parameters.Length];
                    double mean = session.GradientOf(rows, got);
                    Assert.That(mean, Is.EqualTo(expected).Within(1e-5 * Math.Max(1, Math.Abs(expected))), $"{name}, seed {seed}, {count} rows, {kernel}");
                    int worst = Enumerable.Range(0, got.Length).MaxBy(i => Math.Abs(got[i] - gradient[i]));
                    Assert.That(got[worst], Is.EqualTo(gradient[worst]).Within(2e-5 * scale), $"{name}, seed {seed}, {count} rows, {kernel}: parameter {worst}");
                }
            }
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Gradients_are_the_slopes_of_the_loss(string name, LossKind loss)
    {
        const int Count = 20;
        ulong seed = Seeds.Take(1).Single();
        var options = new StepOptions { Loss = s_losses[(int)loss], BatchSize = Count, Seed = seed };
        using var twin = new NaiveTwin(TestNetworks.Of(name), options, Count + 40, seed);
        using var backend = new CpuBackend(1);
        using CpuSession session = twin.Session(backend);
        int[] rows = twin.Usable[..Count];
        var got = new float[twin.Parameters.Length];
        session.GradientOf(rows, got);
        twin.AssertSlopes(rows, got, 6, seed);
    }

    [Test]
    public void A_wrong_gradient_would_be_seen()
    {
        var options = new StepOptions { BatchSize = 20 };
        using var twin = new NaiveTwin(TestNetworks.Of("silos"), options, 60, 1);
        using var backend = new CpuBackend(1);
        using CpuSession session = twin.Session(backend);
        int[] rows = twin.Usable[..20];
        var got = new float[twin.Parameters.Length];
        session.GradientOf(rows, got);
        twin.Parameters[3] += 0.1;
        (_, double[] other) = twin.Trainer.Gradient(twin.Batch(rows, 0), twin.LabelsOf(rows));
        double scale = other.Max(Math.Abs);
        Assert.That(got.Zip(other).Max(p => Math.Abs(p.First - p.Second)), Is.GreaterThan(2e-4 * scale));
    }
}
