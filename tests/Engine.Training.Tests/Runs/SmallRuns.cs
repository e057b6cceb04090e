using System.Text;
using Engine.Core.Time;
using Engine.Lab;
using Engine.Training.Backends;
using Engine.Training.Backends.Cpu;
using Engine.Training.Runs;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Runs;

/// <summary>Three short simulated days with a label and splits, and runs of tiny networks over them.</summary>
internal sealed class SmallRuns : IDisposable
{
    public const string Label = "return_500ms";

    /// <summary>One of each kind, with an ensemble.</summary>
    public const string Models = """
        "models": [
          {"name": "mlp", "kind": "mlp", "hidden": [6], "epochs": 4, "batch_size": 64, "learning_rate": {"rate": 0.01}},
          {"name": "silo", "kind": "silo", "hidden": [4], "fusion": [4], "dropout": 0.1, "epochs": 4, "batch_size": 64, "learning_rate": {"rate": 0.01}},
          {"name": "lstm", "kind": "lstm", "steps": 6, "units": 5, "hidden": [4], "dropout": 0.1, "epochs": 4, "batch_size": 64, "learning_rate": {"rate": 0.01}},
          {"name": "trees", "kind": "trees", "rounds": 12, "depth": 3}
        ],
        "ensembles": [{"name": "both", "members": ["silo", "lstm", "trees"]}]
        """;

    private readonly SimulatedDays _days = new();

    public SmallRuns(string symbols = "2", int messages = 3_000)
    {
        Dataset = _days.PathOf("set");
        Captures = [.. Enumerable.Range(5, 3).Select(day => _days.PathOf($"2026-01-{day:00}.pcap.gz"))];
        foreach ((int i, string capture) in Captures.Index())
        {
            Good("sim", "--seed", $"{i + 1}", "--date", Path.GetFileName(capture)[..10], "--messages", $"{messages}", "--instruments", symbols, "--rate", "200", "--signal", "3", "--out", capture);
        }

        string contract = PathOf("tiny.json");
        File.WriteAllText(contract, """
            {
              "name": "tiny", "sampling": "grid-100",
              "families": [
                { "family": "ask_volume", "levels": 2 }, { "family": "bid_volume", "levels": 2 }, "imbalance",
                { "family": "return", "windows_ms": [1000] }, { "family": "volatility", "windows_ms": [1000] }, { "family": "activity", "windows_ms": [1000] }
              ]
            }
            """);
        Good(["dataset", .. Captures, "-o", Dataset, "--contract", contract]);
        Good("label", Dataset, "--label", "return", "--horizon", "500ms");
        Split("split", "--train", "2026-01-05", "--valid", "2026-01-06", "--test", "2026-01-07");
    }

    /// <summary>The data set.</summary>
    public string Dataset { get; }

    /// <summary>Its captures.</summary>
    public string[] Captures { get; }

    /// <summary>A path in the folder.</summary>
    public string PathOf(string name) => _days.PathOf(name);

    /// <summary>Makes a split.</summary>
    public string Split(string name, params string[] how)
    {
        string path = PathOf(name + ".split.json");
        Good(["split", Dataset, "-o", path, "--label", Label, .. how]);
        return path;
    }

    /// <summary>Writes a configuration.</summary>
    public string Config(string name, string rest, string split = "split")
    {
        string path = PathOf(name + ".json");
        File.WriteAllText(path, $$"""
            { // of a test
              "dataset": "{{Dataset}}", "label": "{{Label}}", "split": "{{PathOf(split + ".split.json")}}", {{rest}}
            }
            """, Encoding.UTF8);
        return path;
    }

    /// <summary>Runs a configuration in this process, without the command.</summary>
    public RunFolder Train(string config, string folder, bool resumes = false, IRunObserver? observer = null, int threads = 2, CancellationToken cancellation = default)
    {
        using var backend = new CpuBackend(threads);
        return TrainOn(backend, config, folder, resumes, observer, cancellation);
    }

    /// <summary>The same on any backend.</summary>
    public RunFolder TrainOn(ITrainingBackend backend, string config, string folder, bool resumes = false, IRunObserver? observer = null, CancellationToken cancellation = default)
    {
        RunPlan plan = RunPlanReader.Read(config);
        var run = new RunFolder(PathOf(folder));
        run.Prepare(plan, resumes, overwrites: false);
        RunTrainer.Run(plan, run, backend, observer ?? new Listener(), new WallClock(), "test", cancellation);
        return run;
    }

    /// <summary>A command that must end well; what it said on standard error.</summary>
    public static string Good(params string[] args)
    {
        (int exit, string _, string error) = Run(args);
        Assert.That(exit, Is.Zero, error);
        return error;
    }

    /// <summary>A command.</summary>
    public static (int Exit, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exit = LabCommandLine.Run(args, output, error);
        return (exit, output.ToString(), error.ToString());
    }

    public void Dispose() => _days.Dispose();

    /// <summary>Counts steps, and may act on one.</summary>
    internal sealed class Listener(Action<RunProgress>? at = null) : IRunObserver
    {
        public int Steps { get; private set; }

        public List<string> Lines { get; } = [];

        public void At(in RunProgress progress)
        {
            Steps++;
            at?.Invoke(progress);
        }

        public void Say(string line) => Lines.Add(line);
    }
}
