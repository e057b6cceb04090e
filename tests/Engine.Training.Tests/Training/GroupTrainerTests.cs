using Engine.Core.Numerics;
using Engine.Core.Time;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Networks;
using Engine.Training.Optimisation;
using Engine.Training.Tests.Backends;
using Engine.Training.Training;

namespace Engine.Training.Tests.Training;

/// <summary>Trainings in lockstep: each as it would be alone.</summary>
public class GroupTrainerTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("group").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Each_member_comes_to_what_it_would_have_come_to_alone(
        [Values("silos, dropout", "lstm 20, norm, dropout")] string name, [Values(1, 3, 1_000)] int burstSteps)
    {
        using var members = new Members(TestNetworks.Of(name), null);
        using var one = new CpuBackend(1);
        using var several = new CpuBackend(1, burstSteps: burstSteps);
        TrainingOutcome[] alone = [.. members.All.Select(t => t.Run(one))];
        var seen = new List<(int Member, int Epoch, int Step)>();
        using ITrainingGroup group = GroupTrainer.CreateGroup(several, members.All);
        TrainingOutcome[] together = GroupTrainer.Run(group, members.All, (m, p) => seen.Add((m, p.Epoch, p.Step)));
        Same(together, alone);
        Assert.That(alone.Select(o => o.Reason), Has.Some.EqualTo(StopReason.EarlyStop).And.Some.EqualTo(StopReason.Diverged).And.Some.EqualTo(StopReason.Finished));
        Assert.That(alone.Select(o => o.History.Count).Distinct().Count(), Is.GreaterThan(2), "they end at different epochs");
        foreach (int member in Enumerable.Range(0, alone.Length).Where(m => alone[m].Reason != StopReason.Diverged))
        {
            int steps = (int)(alone[member].History[^1].Steps / alone[member].History.Count);
            Assert.That(seen.Where(s => s.Member == member).Select(s => (s.Epoch * steps) + s.Step - 1), Is.EqualTo(Enumerable.Range(0, (int)alone[member].History[^1].Steps)));
        }
    }

    [Test]
    public void A_group_that_was_stopped_goes_on_together_or_alone([Values(1, 3)] int burstSteps)
    {
        NetworkSpec network = TestNetworks.Of("silos, dropout");
        using var whole = new Members(network, null);
        using var kept = new Members(network, _folder);
        using var backend = new CpuBackend(1, burstSteps: burstSteps);
        TrainingOutcome[] expected = Run(backend, whole);
        using var stop = new CancellationTokenSource();
        TrainingOutcome[] part = Run(backend, kept, (m, p) => StopAt(m == 0 && p.Epoch == 2 && p.Step == 2, stop), stop.Token);
        Assert.That(part.Select(o => o.Reason), Is.EqualTo(expected.Select(o => o.Reason == StopReason.Diverged ? StopReason.Diverged : StopReason.Cancelled)));
        Assert.That(part[0].History, Has.Count.EqualTo(2), "the epoch at hand is not kept");

        // One goes on by itself; then all, to the same end.
        TrainingOutcome second = kept.All[1].Run(backend);
        Assert.That(second.Best.SameBits(expected[1].Best));
        int steps = 0;
        Same(Run(backend, kept, (_, _) => steps++), expected);
        Assert.That(steps, Is.GreaterThan(0));
        int again = 0;
        Same(Run(backend, kept, (_, p) => again++), expected);
        Assert.That(again, Is.LessThan(steps), "what is over is not done again");
    }

    [Test]
    public void What_is_no_group_is_refused()
    {
        using var members = new Members(SiloSpec.Linear(5), null);
        using var backend = new CpuBackend(1);
        using TrainingRows rows = Signal(5, 100, 1);
        int[] train = [.. Enumerable.Range(0, 80)];
        Trainer Of(NetworkSpec network, TrainerOptions options) => new(network, rows, train, [], options with { Patience = 0 }, new WallClock());
        TrainerOptions file = Members.Options with { CheckpointPath = Path.Combine(_folder, "a.ckpt") };
        Assert.That(() => GroupTrainer.CreateGroup(backend, [Of(SiloSpec.Linear(5), file), Of(SiloSpec.Linear(5), file)]), Throws.ArgumentException.With.Message.Contains("the same checkpoint"));
        Assert.That(() => GroupTrainer.CreateGroup(backend, [Of(SiloSpec.Linear(5), Members.Options), Of(SiloSpec.Mlp(5, [3]), Members.Options)]), Throws.ArgumentException.With.Message.Contains("one network"));
        Assert.That(() => GroupTrainer.CreateGroup(backend, []), Throws.ArgumentException);
        using ITrainingGroup group = GroupTrainer.CreateGroup(backend, members.All);
        Assert.That(() => GroupTrainer.Run(group, [members.All[0]]), Throws.ArgumentException.With.Message.Contains("for a group of"));
    }

    private static void StopAt(bool here, CancellationTokenSource stop)
    {
        if (here)
        {
            stop.Cancel();
        }
    }

    private static TrainingOutcome[] Run(CpuBackend backend, Members members, Action<int, TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        using ITrainingGroup group = GroupTrainer.CreateGroup(backend, members.All);
        return GroupTrainer.Run(group, members.All, progress, cancellation);
    }

    private static void Same(TrainingOutcome[] got, TrainingOutcome[] expected)
    {
        foreach ((int i, TrainingOutcome outcome) in got.Index())
        {
            Assert.That((outcome.Reason, outcome.BestEpoch, outcome.TrainRows, outcome.ValidRows), Is.EqualTo((expected[i].Reason, expected[i].BestEpoch, expected[i].TrainRows, expected[i].ValidRows)), $"member {i}");
            Assert.That(outcome.History, Is.EqualTo(expected[i].History), $"member {i}");
            Assert.That(outcome.Best.SameBits(expected[i].Best), $"member {i}");
        }
    }

    private static TrainingRows Signal(int columns, int rows, ulong seed)
    {
        var random = new SeededRandom(seed);
        float[] features = [.. Enumerable.Range(0, rows * columns).Select(_ => (float)random.NextNormal())];
        return TrainingRows.Of(features, columns, [.. Enumerable.Range(0, rows).Select(r => features[r * columns] + (float)(0.3 * random.NextNormal()))]);
    }

    /// <summary>Trainings of one network that differ in all that members may differ in.</summary>
    private sealed class Members : IDisposable
    {
        private readonly TrainingRows[] _rows;

        public Members(NetworkSpec network, string? folder)
        {
            _rows = [Signal(network.FeatureCount, 300, 3), Signal(network.FeatureCount, 170, 4)];
            Trainer Of(int rows, int train, int valid, Func<TrainerOptions, TrainerOptions> change, string name) => new(
                network, _rows[rows], [.. Enumerable.Range(0, train)], [.. Enumerable.Range(train, valid)],
                change(Options) with { CheckpointPath = folder is null ? null : Path.Combine(folder, name + ".ckpt") }, new WallClock());
            All =
            [
                Of(0, 200, 100, o => o with { Epochs = 6, Patience = 0 }, "plain"),
                Of(0, 200, 100, o => o with { Step = o.Step with { Seed = 2, Optimiser = new OptimiserSpec { ClipNorm = 0.5 } } }, "seed"),
                Of(1, 120, 50, o => o with { Rate = new LearningRate { Rate = 0.05 }, Patience = 2 }, "rate"),
                Of(1, 33, 40, o => o with { Rate = new LearningRate { Rate = 1e20 } }, "diverges"),
                Of(1, 95, 0, o => o with { Epochs = 9, Patience = 0, Rate = new LearningRate { Rate = 0.01, Schedule = RateSchedule.Cosine, WarmUpSteps = 5 } }, "extra"),
            ];
        }

        public static TrainerOptions Options => new() { Epochs = 40, Patience = 3, Step = new StepOptions { BatchSize = 32 }, Rate = new LearningRate { Rate = 0.01 } };

        public Trainer[] All { get; }

        public void Dispose() => Array.ForEach(_rows, r => r.Dispose());
    }
}
