using Engine.Training.Backends.Cpu;
using Engine.Training.Devices;
using Engine.Training.Runs;

namespace Engine.Training.Tests.Runs;

/// <summary>Runs whose networks are trained side by side: the same bytes as one after another.</summary>
public class GroupRunTests
{
    // Four of one shape, one of them hopeless and one balanced by another normaliser; one of another batch size; one of windows.
    private const string Models = """
        "importance_rows": 0,
        "models": [
          {"name": "a", "kind": "mlp", "hidden": [5], "epochs": 5, "patience": 2, "batch_size": 64, "learning_rate": {"rate": 0.02}},
          {"name": "wild", "kind": "mlp", "hidden": [5], "epochs": 3, "batch_size": 64, "learning_rate": {"rate": 1e25}},
          {"name": "wide", "kind": "mlp", "hidden": [5], "epochs": 2, "batch_size": 128},
          {"name": "b", "kind": "mlp", "hidden": [5], "epochs": 5, "patience": 2, "batch_size": 64, "seed": 9, "learning_rate": {"rate": 0.02}},
          {"name": "ranks", "kind": "mlp", "hidden": [5], "epochs": 3, "batch_size": 64, "normaliser": "rank_gauss", "scale_label": false},
          {"name": "lstm", "kind": "lstm", "steps": 4, "units": 5, "hidden": [], "epochs": 2, "batch_size": 64}
        ],
        "ensembles": [{"name": "all", "members": ["a", "b", "lstm"]}]
        """;

    private SmallRuns _small = null!;
    private RunFolder _alone = null!;
    private string _config = "";

    [OneTimeSetUp]
    public void Make()
    {
        _small = new SmallRuns(messages: 2_000);
        _small.Split("folds", "--k-fold", "3", "--test", "2026-01-07", "--embargo", "200ms");
        _config = _small.Config("group", Models, "folds");
        _alone = _small.Train(_config, "alone");
    }

    [OneTimeTearDown]
    public void Remove() => _small.Dispose();

    // 64: all at once; 4: a model's rounds and one of the next; 2: even a model's rounds are cut.
    [TestCase(64, 5)]
    [TestCase(4, 1)]
    [TestCase(2, 1_000)]
    public void A_run_in_groups_is_the_run_one_after_another(int groupSize, int burstSteps)
    {
        using var backend = new CpuBackend(2, groupSize: groupSize, burstSteps: burstSteps);
        var told = new SmallRuns.Listener();
        RunFolder together = _small.TrainOn(backend, _config, $"group-{groupSize}", observer: told);
        AssertSame(together, _alone);
        string[] groups = [.. told.Lines.Where(l => l.Contains("side by side", StringComparison.Ordinal))];
        Assert.That(groups, Is.Not.Empty);
        if (groupSize == 64)
        {
            // Linear, the networks of one shape in all folds, those of them that came to something in the extra round, and the two others.
            Assert.That(groups, Has.Some.EqualTo(
                "12 networks side by side: a in fold-0 fold-1 fold-2, wild in fold-0 fold-1 fold-2, b in fold-0 fold-1 fold-2, ranks in fold-0 fold-1 fold-2")
                .And.Some.EqualTo("3 networks side by side: a in all, b in all, ranks in all"));
        }

        Assert.That(File.ReadAllText(together.Record), Does.Contain("wild is left out: no epoch was whole in fold-0"));
    }

    [Test]
    public void A_run_that_was_stopped_in_a_group_goes_on_one_after_another_and_says_what_has_trained_it()
    {
        using var stop = new CancellationTokenSource();
        using (var backend = new CpuBackend(2, groupSize: 64, burstSteps: 2))
        {
            var listener = new SmallRuns.Listener(p =>
            {
                if (p is { Model: "b", Round: "fold-1", Epoch: 1 })
                {
                    stop.Cancel();
                }
            });
            Assert.That(() => _small.TrainOn(backend, _config, "stopped", observer: listener, cancellation: stop.Token), Throws.InstanceOf<OperationCanceledException>());
        }

        var rest = new SmallRuns.Listener();
        RunFolder resumed = _small.Train(_config, "stopped", resumes: true, observer: rest, threads: 1);
        AssertSame(resumed, _alone, isRecord: false);
        Assert.That(resumed.ReadBackends(), Has.Count.EqualTo(2));
        Assert.That(File.ReadAllText(resumed.Record), Does.Match("cpu-[a-z0-9]+ (×|\\\\u00D7)2, then cpu-[a-z0-9]+ (×|\\\\u00D7)1"));
        var whole = new SmallRuns.Listener();
        _ = _small.Train(_config, "whole", observer: whole);
        Assert.That(rest.Steps, Is.LessThan(whole.Steps), "what was done is not done again");
    }

    // Groups of more than three are given up when they are made, those of two and three in the midst of the training.
    [Test]
    public void A_run_whose_groups_a_device_gives_up_is_the_run_one_after_another()
    {
        using var backend = new SmallDevice(new CpuBackend(2, groupSize: 64, burstSteps: 3), most: 1, mostBegun: 3);
        var told = new SmallRuns.Listener();
        RunFolder halved = _small.TrainOn(backend, _config, "halved", observer: told);
        AssertSame(halved, _alone);
        Assert.That(told.Lines, Has.Some.EqualTo("12 networks side by side were given up, half of them are tried: 12 networks do not fit"));
        Assert.That(told.Lines, Has.Some.EqualTo("3 networks side by side were given up, half of them are tried: a command failed"));
    }

    [Test]
    public void A_network_that_a_device_cannot_train_alone_is_named_with_its_round()
    {
        using var backend = new SmallDevice(new CpuBackend(2, groupSize: 64), most: 0, mostBegun: 0);
        RunException e = Assert.Throws<RunException>(() => _small.TrainOn(backend, _config, "none"))!;
        Assert.That((e.Message, e.IsData), Is.EqualTo(("model linear, fold-0: 1 networks do not fit", false)));
    }

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(7)]
    public void Halves_come_to_every_job_in_order(int most)
    {
        int[] jobs = [.. Enumerable.Range(0, 7)];
        var refused = new List<int>();
        int[] results = NetworkFits.InHalves<int, int>(
            jobs, some => some.Count > most ? throw new DeviceException("full") : [.. some.Select(j => 10 * j)], (count, _) => refused.Add(count));
        Assert.That(results, Is.EqualTo(jobs.Select(j => 10 * j)));
        Assert.That(refused, Is.EqualTo(most switch { 1 => new[] { 7, 4, 2, 2, 3, 2 }, 4 => [7], _ => [] }));
        Assert.Throws<DeviceException>(() => NetworkFits.InHalves<int, int>(jobs, _ => throw new DeviceException("broken"), (_, _) => { }));
    }

    private static void AssertSame(RunFolder a, RunFolder b, bool isRecord = true)
    {
        if (isRecord)
        {
            Assert.That(File.ReadAllText(a.Record), Is.EqualTo(File.ReadAllText(b.Record)));
        }

        foreach (string name in new[] { "linear", "a", "wide", "b", "ranks", "lstm", "all" })
        {
            Assert.That(File.ReadAllBytes(a.Model(name)).AsSpan().SequenceEqual(File.ReadAllBytes(b.Model(name))), name);
            Assert.That(PredictionTable.Read(a.Predictions(name)).Predictions, Is.EqualTo(PredictionTable.Read(b.Predictions(name)).Predictions), name);
        }
    }
}
