using Engine.Training.Backends;
using Engine.Training.Backends.Gpu;
using Engine.Training.Devices;
using Engine.Training.Reports;
using Engine.Training.Runs;
using Engine.Training.Tests.Runs;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Lab;

/// <summary>`lab train` on devices: what the CPU comes to, within the tolerance that backends are held to. A kind of device that is not here is skipped.</summary>
public class GpuTrainTests
{
    private const double Tolerance = 1e-4;

    // Three of one shape, one of them hopeless, whose folds are one group; and one of windows.
    private const string Models = """
        "importance_rows": 0,
        "models": [
          {"name": "silo", "kind": "silo", "hidden": [4], "fusion": [4], "dropout": 0.1, "epochs": 4, "batch_size": 64, "learning_rate": {"rate": 0.01}},
          {"name": "wild", "kind": "silo", "hidden": [4], "fusion": [4], "dropout": 0.1, "epochs": 4, "batch_size": 64, "learning_rate": {"rate": 1e25}},
          {"name": "other", "kind": "silo", "hidden": [4], "fusion": [4], "dropout": 0.1, "epochs": 3, "batch_size": 64, "seed": 7, "learning_rate": {"rate": 0.003}},
          {"name": "lstm", "kind": "lstm", "steps": 6, "units": 5, "hidden": [4], "dropout": 0.1, "epochs": 3, "batch_size": 64, "learning_rate": {"rate": 0.01}}
        ],
        "ensembles": [{"name": "both", "members": ["silo", "lstm"]}]
        """;

    private SmallRuns _small = null!;
    private string _config = "";

    [OneTimeSetUp]
    public void Make()
    {
        _small = new SmallRuns(messages: 2_000);
        _small.Split("folds", "--k-fold", "3", "--test", "2026-01-07", "--embargo", "200ms");
        _config = _small.Config("gpu", Models, "folds");
    }

    [OneTimeTearDown]
    public void Remove() => _small.Dispose();

    [TestCase("opencl")]
    [TestCase("cuda")]
    [Category("Gpu")]
    public void Gpu_folds_side_by_side_come_to_the_losses_of_the_cpu(string api)
    {
        DeviceSurvey survey = GpuDevices.Survey(api == "cuda" ? DeviceApi.Cuda : DeviceApi.OpenCl);
        RunFolder cpu = _small.Train(_config, $"cpu-{api}"), device = new(_small.PathOf(api));
        string error = SmallRuns.Good("train", _config, "-o", device.Path, "--backend", api, "--device", "0");
        Assert.That(error, Does.Contain($"{api} {survey.Devices[0].Name} trains").And.Contain("9 networks side by side: silo in fold-0 fold-1 fold-2, wild in fold-0 fold-1 fold-2, other in fold-0 fold-1 fold-2")
            .And.Contain("3 networks side by side: lstm in fold-0 fold-1 fold-2"));
        Assert.That(error, Does.Contain("wild is left out: no epoch was whole in fold-0"), "and those beside it do not notice");
        RunRecord expected = RunRecord.Read(cpu), got = RunRecord.Read(device);
        Assert.That(got.Origin.Single(o => o.Name == "backend").Value, Does.StartWith($"{api} {survey.Devices[0].Name}"));
        Assert.That(got.Origin.Single(o => o.Name == "configuration"), Is.EqualTo(expected.Origin.Single(o => o.Name == "configuration")));
        Assert.That(got.Models.Select(m => m.Name), Is.EqualTo(expected.Models.Select(m => m.Name)));
        double worst = 0;
        foreach ((ModelRecord model, ModelRecord same) in got.Models.Zip(expected.Models))
        {
            foreach ((RoundRecord round, RoundRecord there) in model.Rounds.Zip(same.Rounds))
            {
                Assert.That((model.Name, round.Round, round.BestEpoch, round.History.Count), Is.EqualTo((same.Name, there.Round, there.BestEpoch, there.History.Count)));
                foreach ((EpochPoint epoch, EpochPoint point) in round.History.Zip(there.History))
                {
                    worst = Math.Max(worst, Math.Abs(epoch.TrainLoss - point.TrainLoss) / point.TrainLoss);
                    worst = double.IsNaN(point.ValidLoss) ? worst : Math.Max(worst, Math.Abs(epoch.ValidLoss - point.ValidLoss) / point.ValidLoss);
                }
            }
        }

        TestContext.Out.WriteLine($"{survey.Devices[0].Name}: losses differ by at most {worst:0.0e+0} of them");
        Assert.That(worst, Is.LessThanOrEqualTo(Tolerance));
        Assert.That(worst, Is.GreaterThan(0), "another machine's arithmetic was compared");
    }

    [Test]
    [Category("Gpu")]
    public void Gpu_a_run_goes_on_elsewhere_and_says_where_it_was_trained()
    {
        Device().Dispose();
        using var stop = new CancellationTokenSource();
        var listener = new SmallRuns.Listener(p =>
        {
            if (p is { Model: "other", Round: "fold-1", Epoch: 2 })
            {
                stop.Cancel();
            }
        });
        Assert.That(() => _small.Train(_config, "elsewhere", observer: listener, cancellation: stop.Token), Throws.InstanceOf<OperationCanceledException>());
        var folder = new RunFolder(_small.PathOf("elsewhere"));
        SmallRuns.Good("train", _config, "-o", folder.Path, "--backend", "opencl", "--device", "0", "--resume");
        Assert.That(RunRecord.Read(folder).Origin.Single(o => o.Name == "backend").Value, Does.Match("^cpu-[a-z0-9]+ ×2, then opencl "));
    }

    [Test]
    [Category("Gpu")]
    public void Gpu_a_run_that_was_stopped_on_a_device_goes_on_to_the_same_bytes()
    {
        using ITrainingBackend backend = Device();
        RunFolder whole = _small.TrainOn(backend, _config, "device-whole");
        using var stop = new CancellationTokenSource();
        var listener = new SmallRuns.Listener(p =>
        {
            if (p is { Model: "other", Round: "fold-2", Epoch: 1 })
            {
                stop.Cancel();
            }
        });
        Assert.That(() => _small.TrainOn(backend, _config, "device-stopped", observer: listener, cancellation: stop.Token), Throws.InstanceOf<OperationCanceledException>());
        using ITrainingBackend again = Device();
        RunFolder resumed = _small.TrainOn(again, _config, "device-stopped", resumes: true);
        Assert.That(File.ReadAllText(resumed.Record), Is.EqualTo(File.ReadAllText(whole.Record)));
        foreach (string name in new[] { "linear", "silo", "other", "lstm", "both" })
        {
            Assert.That(File.ReadAllBytes(resumed.Model(name)).AsSpan().SequenceEqual(File.ReadAllBytes(whole.Model(name))), name);
        }
    }

    [Test]
    [Category("Gpu")]
    public void Gpu_a_fast_run_says_so_and_comes_near()
    {
        string config = _small.Config("fast", """
            "importance_rows": 0,
            "models": [{"name": "lstm", "kind": "lstm", "steps": 6, "units": 16, "hidden": [], "epochs": 3, "batch_size": 64, "learning_rate": {"rate": 0.01}}]
            """);
        using ITrainingBackend backend = Device(new GpuOptions { IsFast = true, IsFastEmulated = true });
        RunRecord fast = RunRecord.Read(_small.TrainOn(backend, config, "fast")), cpu = RunRecord.Read(_small.Train(config, "exact"));
        Assert.That(fast.Origin.Single(o => o.Name == "backend").Value, Does.EndWith(", fast (LSTMs in tf32)"));
        double here = fast.Models[^1].Rounds[0].History[^1].TrainLoss, there = cpu.Models[^1].Rounds[0].History[^1].TrainLoss;
        Assert.That(Math.Abs(here - there) / there, Is.InRange(1e-8, 1e-2), $"{here} and {there}");
        TestContext.Out.WriteLine($"tf32 changes the last training loss by {Math.Abs(here - there) / there:0.0e+0} of it");
    }

    [Test]
    [Category("Gpu")]
    public void Gpu_a_network_too_large_for_fast_training_is_refused_before_any_is_trained()
    {
        string config = _small.Config("large", """
            "importance_rows": 0,
            "models": [
              {"name": "silo", "kind": "silo", "hidden": [4], "fusion": [4], "epochs": 1, "batch_size": 64},
              {"name": "lstm", "kind": "lstm", "steps": 2, "units": 300, "hidden": [], "epochs": 1, "batch_size": 64}
            ]
            """);
        using ITrainingBackend backend = Device(new GpuOptions { IsFast = true, IsFastEmulated = true });
        RunException e = Assert.Throws<RunException>(() => _small.TrainOn(backend, config, "large"))!;
        Assert.That(e.Message, Does.StartWith("model lstm: Fast mode keeps").And.Contain("300 units"));
        var folder = new RunFolder(_small.PathOf("large"));
        Assert.That((e.IsData, File.Exists(folder.Model("silo")), File.Exists(folder.Model("linear")), folder.ReadBackends().Count), Is.EqualTo((false, false, false, 0)));
    }

    [Test]
    public void A_kind_of_device_that_is_not_here_is_exit_2_and_the_next_step()
    {
        DeviceSurvey survey = DeviceList.Cuda();
        string[] line = survey.Missing.Length > 0 ? ["--backend", "cuda"] : ["--backend", "cuda", "--device", $"{survey.Devices.Count}"];
        (int exit, string output, string error) = SmallRuns.Run(["train", _config, "-o", _small.PathOf("nothing"), .. line]);
        Assert.That((exit, output), Is.EqualTo((2, "")), error);
        Assert.That(error.TrimEnd().Split('\n'), Has.Length.EqualTo(1), error);
        Assert.That(error, survey.Missing.Length > 0 ? Does.StartWith("lab train: no cuda device").And.Contain(survey.Missing) : Does.StartWith("lab train: cuda has no device"));
        Assert.That(Directory.Exists(_small.PathOf("nothing")), Is.False, "nothing was begun");
    }

    [Test]
    [Category("Gpu")]
    public void Gpu_or_not_auto_trains_somewhere()
    {
        string tiny = _small.Config("auto", "\"importance_rows\": 0, \"models\": [{\"name\": \"linear\", \"kind\": \"linear\", \"epochs\": 1}]");
        if (DeviceList.Cuda() is { Devices.Count: > 0 })
        {
            GpuDevices.NeedsNvrtc();
        }

        string error = SmallRuns.Good("train", tiny, "-o", _small.PathOf("auto"), "--backend", "auto");
        bool hasDevice = DeviceList.Cuda().Devices.Count > 0 || DeviceList.OpenCl().Devices.Any(d => !d.IsCpu);
        Assert.That(error, hasDevice ? Does.Match("(cuda|opencl) .* trains") : Does.Match("no leak found; cpu-.* trains"));
    }

    private static GpuBackend Device(GpuOptions? options = null) => GpuBackend.Open(GpuDevices.Survey(DeviceApi.OpenCl).Devices[0], options);
}
