using Engine.Core.Numerics;
using Engine.Core.Time;
using Engine.Inference.Networks;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Losses;
using Engine.Training.Networks;
using Engine.Training.Optimisation;
using Engine.Training.Tests.Backends;
using Engine.Training.Training;

namespace Engine.Training.Tests.Training;

public class TrainerTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("trainer").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Going_on_from_a_checkpoint_gives_the_same_bits([Values("silos, dropout", "lstm 20, norm, dropout")] string name)
    {
        using TrainingRows rows = Signal(TestNetworks.Of(name).FeatureCount, 400);
        TrainerOptions options = Options() with { Patience = 0 };
        TrainingOutcome whole = Train(TestNetworks.Of(name), rows, options);
        string file = Path.Combine(_folder, "run.ckpt");

        // Stopped in the midst of the third epoch: what that epoch had done is done again.
        using var stop = new CancellationTokenSource();
        TrainingOutcome part = Train(TestNetworks.Of(name), rows, options with { CheckpointPath = file }, p => Stop(p.Epoch == 2 && p.Step == 3, stop), stop.Token);
        Assert.That((part.Reason, part.History.Count), Is.EqualTo((StopReason.Cancelled, 2)));
        TrainingOutcome rest = Train(TestNetworks.Of(name), rows, options with { CheckpointPath = file });
        Assert.That(rest.Best.SameBits(whole.Best));
        Assert.That(rest.History, Is.EqualTo(whole.History));
        Assert.That((rest.Reason, rest.BestEpoch), Is.EqualTo((StopReason.Finished, whole.BestEpoch)));
        Assert.That(whole.Best.SameBits(Train(TestNetworks.Of(name), rows, options with { Step = options.Step with { Seed = 2 } }).Best), Is.False);
    }

    [Test]
    public void A_checkpoint_of_another_training_or_a_damaged_one_is_refused()
    {
        using TrainingRows rows = Signal(5, 200);
        string file = Path.Combine(_folder, "run.ckpt");
        TrainerOptions options = Options() with { CheckpointPath = file, Epochs = 1 };
        Train(SiloSpec.Linear(5), rows, options);
        Assert.That(() => Train(SiloSpec.Mlp(5, [3]), rows, options), Throws.TypeOf<InvalidDataException>().With.Message.Contains("another network"));
        Assert.That(() => Train(SiloSpec.Linear(5), rows, options with { Step = options.Step with { BatchSize = 31 } }), Throws.TypeOf<InvalidDataException>());
        byte[] bytes = File.ReadAllBytes(file);
        foreach (int at in new[] { 3, 60, bytes.Length / 2, bytes.Length - 1 })
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= 1;
            File.WriteAllBytes(file, damaged);
            Assert.That(() => Train(SiloSpec.Linear(5), rows, options), Throws.TypeOf<InvalidDataException>(), $"byte {at}");
        }

        File.WriteAllBytes(file, bytes[..(bytes.Length / 3)]);
        Assert.That(() => Train(SiloSpec.Linear(5), rows, options), Throws.TypeOf<InvalidDataException>());
        File.WriteAllBytes(file, bytes);
        Assert.That(Train(SiloSpec.Linear(5), rows, options).History, Has.Count.EqualTo(1));
    }

    [Test]
    public void Training_ends_early_and_keeps_the_best_state()
    {
        // Labels of noise: the training rows are learnt by heart, and the validation loss rises.
        var random = new SeededRandom(4);
        float[] features = [.. Enumerable.Range(0, 100 * 8).Select(_ => (float)random.NextNormal())];
        float[] labels = [.. Enumerable.Range(0, 100).Select(_ => (float)random.NextNormal())];
        using TrainingRows rows = TrainingRows.Of(features, 8, labels);
        TrainerOptions options = Options() with { Epochs = 400, Patience = 6, Rate = new LearningRate { Rate = 0.01 } };
        TrainingOutcome outcome = Train(SiloSpec.Mlp(8, [32]), rows, options);
        Assert.That(outcome.Reason, Is.EqualTo(StopReason.EarlyStop));
        Assert.That(outcome.History, Has.Count.EqualTo(outcome.BestEpoch + 7));
        Assert.That(outcome.History[outcome.BestEpoch].ValidLoss, Is.EqualTo(outcome.History.Min(h => h.ValidLoss)));
        using var backend = new CpuBackend(1);
        using TrainingSession session = TrainingSession.Create(backend, SiloSpec.Mlp(8, [32]), rows, options.Step);
        session.Restore(outcome.Best);
        Assert.That(session.Evaluate([.. Enumerable.Range(75, 25)]), Is.EqualTo(outcome.History[outcome.BestEpoch].ValidLoss));
        Assert.That(outcome.History[^1].TrainLoss, Is.LessThan(outcome.History[0].TrainLoss));
    }

    [TestCase("linear")]
    [TestCase("logistic")]
    [TestCase("perceptron")]
    [TestCase("silos")]
    [TestCase("lstm")]
    public void A_small_set_is_learnt_by_heart(string name)
    {
        // What is to be learnt: a line; its sign; a product, which no line knows; the same in a silo; the tick two rows ago.
        var random = new SeededRandom(8);
        const int Count = 96;
        float[] x = [.. Enumerable.Range(0, Count * 4).Select(_ => (float)random.NextNormal())];
        float Line(int row) => row < 0 ? 0 : x[row * 4] - (0.5f * x[(row * 4) + 1]);
        float Product(int row) => x[row * 4] * x[(row * 4) + 1] > 0 ? 1 : 0;
        var logit = new LossSpec { Kind = LossKind.BinaryCrossEntropy };
        (NetworkSpec Network, Func<int, float> Label, LossSpec Loss, double Most) set = name switch
        {
            "linear" => (SiloSpec.Linear(4), Line, new LossSpec(), 1e-6),
            "logistic" => (SiloSpec.Linear(4), row => Line(row) > 0 ? 1 : 0, logit, 0.2),
            "perceptron" => (SiloSpec.Mlp(4, [24]), Product, logit, 0.05),
            "silos" => (new SiloSpec
            {
                FeatureCount = 4,
                Direct = [3],
                Silos = [new SiloBranch("a", [0, 1], [new DenseSpec(12, Activation.Relu), new DenseSpec(12, Activation.Relu), new DenseSpec(2)])],
                Fusion = [new DenseSpec(10, Activation.Relu), new DenseSpec(1)],
            }, Product, logit, 0.05),
            _ => (TestNetworks.Lstm(16, 4, hasNorm: true) with { Features = [0, 1] }, row => Line(row - 2) > 0 ? 1 : 0, logit, 0.05),
        };
        float[] labels = [.. Enumerable.Range(0, Count).Select(set.Label)];
        using TrainingRows rows = TrainingRows.Of(x, 4, labels);
        TrainerOptions options = Options() with { Epochs = 300, Patience = 0, Rate = new LearningRate { Rate = 0.02, Schedule = RateSchedule.Cosine, WarmUpSteps = 10 } };
        options = options with { Step = options.Step with { Loss = set.Loss, BatchSize = 32 } };
        var trainer = new Trainer(set.Network, rows, [.. Enumerable.Range(0, Count)], [], options, new WallClock());
        using var backend = new CpuBackend(1);
        TrainingOutcome outcome = trainer.Run(backend);
        using TrainingSession session = TrainingSession.Create(backend, set.Network, rows, options.Step);
        session.Restore(outcome.Best);
        Assert.That(session.Evaluate(rows.WithWindow([.. Enumerable.Range(0, Count)], set.Network.Window)), Is.LessThan(set.Most));
        Assert.That(outcome.TrainRowsWithoutWindow, Is.EqualTo(set.Network.Window - 1));
    }

    [Test]
    public void Progress_counts_steps_and_a_training_that_diverges_says_so()
    {
        using TrainingRows rows = Signal(5, 200);
        var seen = new List<TrainingProgress>();
        TrainerOptions options = Options() with { Epochs = 2, Patience = 0 };
        Train(SiloSpec.Linear(5), rows, options, seen.Add);
        int steps = BatchOrder.Count(150, options.Step.BatchSize);
        Assert.That(seen.Select(p => (p.Epoch, p.Step, p.Steps)), Is.EqualTo(Enumerable.Range(0, 2 * steps).Select(i => (i / steps, (i % steps) + 1, steps))));
        Assert.That(seen[^1].Left, Is.EqualTo(TimeSpan.Zero));
        Assert.That(seen.Skip(1).All(p => p.SamplesPerSecond > 0 && double.IsFinite(p.Loss)));
        using TrainingRows huge = TrainingRows.Of(Enumerable.Repeat(1e30f, 40).ToArray(), 1, new float[40]);
        var diverging = new Trainer(SiloSpec.Linear(1), huge, [.. Enumerable.Range(0, 40)], [], Options() with { Patience = 0 }, new WallClock());
        using var backend = new CpuBackend(1);
        Assert.That(diverging.Run(backend).Reason, Is.EqualTo(StopReason.Diverged));
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void A_validation_loss_that_is_not_finite_is_a_divergence_and_no_model(float feature)
    {
        float[] labels = [.. Enumerable.Range(0, 40).Select(i => i / 40f)];
        using TrainingRows rows = TrainingRows.Of([.. labels[..30], .. Enumerable.Repeat(feature, 10)], 1, labels);
        string file = Path.Combine(_folder, "run.ckpt");
        TrainingOutcome outcome = Train(SiloSpec.Linear(1), rows, Options() with { CheckpointPath = file });
        Assert.That((outcome.Reason, outcome.BestEpoch, outcome.IsTrained), Is.EqualTo((StopReason.Diverged, -1, false)));
        Assert.That(outcome.History, Is.Empty);
        Assert.That(File.Exists(file), Is.False, "nothing to go on from");
        using TrainingRows good = Signal(1, 40);
        Assert.That(Train(SiloSpec.Linear(1), good, Options()).IsTrained);
    }

    [Test]
    public void Batches_hold_every_row_once_and_differ_by_one_at_most()
    {
        foreach ((int rows, int size) in new[] { (1, 10), (10, 10), (11, 10), (1_025, 1_024), (999, 7) })
        {
            int[] order = BatchOrder.Shuffle([.. Enumerable.Range(100, rows)], 5, 3);
            int count = BatchOrder.Count(rows, size);
            int[][] batches = [.. Enumerable.Range(0, count).Select(b => BatchOrder.Batch(order, count, b).ToArray())];
            Assert.That(batches.SelectMany(b => b).Order(), Is.EqualTo(Enumerable.Range(100, rows)));
            Assert.That(batches.Max(b => b.Length) - batches.Min(b => b.Length), Is.LessThanOrEqualTo(1));
            Assert.That(batches.Max(b => b.Length), Is.LessThanOrEqualTo(size));
        }

        int[] some = [.. Enumerable.Range(0, 50)];
        int[] shuffled = BatchOrder.Shuffle(some, 5, 3);
        Assert.That(BatchOrder.Shuffle([.. some], 5, 3), Is.EqualTo(shuffled));
        Assert.That(BatchOrder.Shuffle(some, 5, 4), Is.Not.EqualTo(shuffled));
        Assert.That(BatchOrder.Shuffle(some, 6, 3), Is.Not.EqualTo(shuffled));
    }

    [Test]
    public void What_cannot_be_trained_is_refused()
    {
        using TrainingRows rows = Signal(5, 20);
        Assert.That(() => new Trainer(SiloSpec.Linear(5), rows, [], [1], Options(), new WallClock()), Throws.ArgumentException);
        Assert.That(() => new Trainer(SiloSpec.Linear(5), rows, [1], [], Options(), new WallClock()), Throws.ArgumentException);
        Assert.That(() => new Trainer(TestNetworks.Lstm(4, 3, hasNorm: true) with { FeatureCount = 5 }, rows, [2, 3, 4], [], Options() with { Patience = 0, Step = new StepOptions { BatchSize = 2 } }, new WallClock()),
            Throws.ArgumentException.With.Message.Contains("single row"));
        using var backend = new CpuBackend(1);
        Assert.That(() => TrainingSession.Create(backend, SiloSpec.Linear(4), rows, new StepOptions()), Throws.ArgumentException);
        Assert.That(() => TrainingSession.Create(backend, SiloSpec.Mlp(5, [3], dropout: 1), rows, new StepOptions()), Throws.ArgumentException);
        Assert.That(() => TrainingSession.Create(backend, SiloSpec.Linear(5) with { Direct = [5] }, rows, new StepOptions()), Throws.ArgumentException);
        Assert.That(() => TrainingSession.Create(backend, SiloSpec.Linear(5), rows, new StepOptions { BatchSize = 0 }), Throws.ArgumentException);
        Assert.That(() => TrainingSession.Create(backend, TestNetworks.Lstm(1_024, 4_096, hasNorm: true) with { FeatureCount = 5 }, rows, new StepOptions { BatchSize = 4_096 }),
            Throws.ArgumentException.With.Message.Contains("smaller batches"));
    }

    private static void Stop(bool now, CancellationTokenSource source)
    {
        if (now)
        {
            source.Cancel();
        }
    }

    private static TrainerOptions Options() => new()
    {
        Epochs = 5,
        Step = new StepOptions { BatchSize = 32, Optimiser = new OptimiserSpec { WeightDecay = 1e-4, ClipNorm = 5 } },
        Rate = new LearningRate { Rate = 0.01 },
    };

    private static TrainingOutcome Train(
        NetworkSpec network, TrainingRows rows, TrainerOptions options, Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        int train = rows.Rows * 3 / 4;
        var trainer = new Trainer(network, rows, [.. Enumerable.Range(0, train)], [.. Enumerable.Range(train, rows.Rows - train)], options, new WallClock());
        using var backend = new CpuBackend(1);
        return trainer.Run(backend, progress, cancellation);
    }

    private static TrainingRows Signal(int columns, int rows)
    {
        var random = new SeededRandom(3);
        float[] features = [.. Enumerable.Range(0, rows * columns).Select(_ => (float)random.NextNormal())];
        return TrainingRows.Of(features, columns, [.. Enumerable.Range(0, rows).Select(r => features[r * columns] + (float)(0.3 * random.NextNormal()))]);
    }
}
