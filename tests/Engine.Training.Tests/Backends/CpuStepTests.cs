using Engine.Core.Numerics;
using Engine.Inference;
using Engine.TestKit;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Optimisation;
using Engine.Training.Training;

namespace Engine.Training.Tests.Backends;

public class CpuStepTests
{
    [Test]
    public void An_epoch_is_that_of_the_float64_trainer(
        [Values("linear", "perceptron", "silos, dropout", "lstm 20, norm, dropout")] string name, [Values] bool isDecoupled)
    {
        const int Batch = 32;
        const double Rate = 2e-3;
        ulong seed = Seeds.Take(1).Single();
        var options = new StepOptions
        {
            Loss = new LossSpec { Kind = LossKind.BinaryCrossEntropy, PositiveWeight = 1.5f },
            Optimiser = new OptimiserSpec { WeightDecay = 0.05, IsDecoupled = isDecoupled, ClipNorm = 0.4 },
            BatchSize = Batch,
            Seed = seed,
        };
        using var twin = new NaiveTwin(TestNetworks.Of(name), options, 230, seed);
        using var backend = new CpuBackend(1);
        using CpuSession session = twin.Session(backend);
        int[] order = BatchOrder.Shuffle(twin.Usable, seed, 0);
        int batches = BatchOrder.Count(order.Length, Batch);
        bool wasBounded = false;
        for (int b = 0; b < batches; b++)
        {
            int[] rows = BatchOrder.Batch(order, batches, b).ToArray();
            StepResult step = session.Step(rows, Rate);
            wasBounded |= step.GradientNorm > options.Optimiser.ClipNorm;
            double expected = twin.Trainer.Step(twin.Batch(rows, b), twin.LabelsOf(rows), Rate);
            Assert.That(step.Loss, Is.EqualTo(expected).Within(1e-4 * Math.Max(1, expected)), $"batch {b}, seed {seed}");
        }

        TrainingState state = session.Save();
        Assert.That((state.Step, wasBounded), Is.EqualTo(((long)batches, true)));
        for (int i = 0; i < state.Parameters.Length; i++)
        {
            Assert.That(state.Parameters[i], Is.EqualTo(twin.Parameters[i]).Within(3e-4), $"parameter {i}, seed {seed}");
        }

        for (int i = 0; i < state.Statistics.Length; i++)
        {
            Assert.That(state.Statistics[i], Is.EqualTo(twin.Network.Statistics[i]).Within(1e-4), $"statistic {i}, seed {seed}");
        }

        var predictions = new float[order.Length];
        session.Predict(order, predictions);
        double loss = twin.Trainer.Loss(twin.Batch(order, 0, isTraining: false), twin.LabelsOf(order));
        Assert.That(session.Evaluate(order), Is.EqualTo(loss).Within(1e-3 * Math.Max(1, loss)));
        Assert.That(predictions.All(p => p is > 0 and < 1));
        Assert.That(predictions.Distinct().Count(), Is.GreaterThan(order.Length / 2));
    }

    [Test]
    public void Threads_and_kernels_give_the_same_bits([Values("perceptron", "silos, dropout", "lstm 20, norm, dropout")] string name)
    {
        var options = new StepOptions { Optimiser = new OptimiserSpec { WeightDecay = 0.01, ClipNorm = 1 }, BatchSize = 300, Seed = 7 };
        using var twin = new NaiveTwin(TestNetworks.Of(name), options, 700, 7);
        TrainingState? first = null;
        float[]? firstPredictions = null;
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            foreach (int threads in new[] { 1, Math.Min(2, Environment.ProcessorCount) })
            {
                using var backend = new CpuBackend(threads, kernel);
                using CpuSession session = twin.Session(backend);
                int[] rows = twin.Usable;
                foreach (int count in new[] { 300, 299, 129, 2 })
                {
                    Assert.That(session.Step(rows.AsSpan(0, count), 0.01).IsFinite);
                }

                var predictions = new float[rows.Length];
                session.Predict(rows, predictions);
                TrainingState state = session.Save();
                first ??= state;
                firstPredictions ??= predictions;
                Assert.That(state.SameBits(first), $"{backend.Name}");
                Assert.That(predictions, Is.EqualTo(firstPredictions), $"{backend.Name}");
            }
        }

        Assert.That(first!.SameBits(twin.State), Is.False);
    }

    [Test]
    public void A_state_goes_on_to_the_same_bits([Values("silos, dropout", "lstm 20, norm, dropout")] string name)
    {
        var options = new StepOptions { BatchSize = 64, Seed = 9 };
        using var twin = new NaiveTwin(TestNetworks.Of(name), options, 200, 9);
        using var backend = new CpuBackend(1);
        using CpuSession whole = twin.Session(backend);
        using CpuSession second = twin.Session(backend);
        int[] rows = twin.Usable[..64];
        whole.Step(rows, 0.01);
        second.Restore(whole.Save());
        Assert.That(second.Save().SameBits(whole.Save()));
        whole.Step(rows, 0.02);
        Assert.That(second.Save().SameBits(whole.Save()), Is.False);
        second.Step(rows, 0.02);
        Assert.That(second.Save().SameBits(whole.Save()));
    }

    [Test]
    public void What_is_not_finite_changes_nothing()
    {
        using var rows = TrainingRows.Of([1f, 2f, float.MaxValue, float.MaxValue], 1, [0f, 1f, 0f, float.NaN]);
        using var backend = new CpuBackend(1);
        using CpuSession session = backend.CreateSession(SiloSpec.Linear(1), rows, new StepOptions());
        TrainingState before = session.Save();
        Assert.That(session.Step([0, 2], 0.1).IsFinite, Is.False);
        Assert.That(session.Save().SameBits(before));
        Assert.That(session.Step([0, 1], 0.1).IsFinite);
        Assert.That(session.Save().SameBits(before), Is.False);
        Assert.That(() => session.Step([0, 3], 0.1), Throws.ArgumentException.With.Message.Contains("label of row 3"));
        Assert.That(() => session.Step([4], 0.1), Throws.ArgumentException);
        Assert.That(() => session.Step([], 0.1), Throws.ArgumentException);
    }

    [Test]
    public void What_is_not_finite_leaves_running_statistics()
    {
        // The hidden state is finite whatever the inputs are; a label is not.
        float[] features = [.. Enumerable.Range(0, 40).Select(i => i * 0.1f)];
        using var rows = TrainingRows.Of(features, 4, [0f, 1f, 2f, 1f, 0f, 1f, 2f, 1f, 1e38f, 3e38f]);
        using var backend = new CpuBackend(1);
        using CpuSession session = backend.CreateSession(TestNetworks.Lstm(5, 2, hasNorm: true), rows, new StepOptions());
        Assert.That(session.Step([1, 2, 3, 4], 0.1).IsFinite);
        TrainingState before = session.Save();
        var predictions = new float[3];
        session.Predict([5, 6, 7], predictions);
        Assert.That(session.Step([5, 6, 8, 9], 0.1).IsFinite, Is.False);
        Assert.That(session.Save().SameBits(before));
        var again = new float[3];
        session.Predict([5, 6, 7], again);
        Assert.That(again, Is.EqualTo(predictions));
    }

    [Test]
    public void A_row_without_its_window_is_refused()
    {
        using var rows = TrainingRows.Of(new float[40], 4, new float[10], [0, 0, 0, 0, 1, 1, 0, 0, 1, 1]);
        Assert.That(rows.WithWindow([0, 3, 4, 6, 8, 9], 4), Is.EqualTo(new[] { 3, 6, 9 }));
        using var backend = new CpuBackend(1);
        using CpuSession session = backend.CreateSession(TestNetworks.Lstm(5, 4, hasNorm: true), rows, new StepOptions());
        Assert.That(() => session.Step([3, 8], 0.1), Throws.ArgumentException.With.Message.Contains("Row 8"));
        Assert.That(() => session.Step([3], 0.1), Throws.InvalidOperationException);
    }

    [Test]
    public void A_worker_that_fails_is_heard()
    {
        if (Environment.ProcessorCount < 2)
        {
            Assert.Pass("One CPU: no second worker.");
        }

        using var team = new WorkerTeam(2);
        Assert.That(() => team.Run(new Failing(), 64), Throws.InvalidOperationException.With.InnerException.TypeOf<ArithmeticException>());
        var counting = new Counting(1_000);
        for (int round = 0; round < 50; round++)
        {
            team.Run(counting, 1_000);
        }

        Assert.That(counting.Done, Is.All.EqualTo(50));
    }

    private sealed class Failing : IChunkWork
    {
        public void Do(int chunk, int worker)
        {
            if (chunk == 40)
            {
                throw new ArithmeticException();
            }
        }
    }

    private sealed class Counting(int chunks) : IChunkWork
    {
        public int[] Done { get; } = new int[chunks];

        public void Do(int chunk, int worker) => Interlocked.Increment(ref Done[chunk]);
    }
}
