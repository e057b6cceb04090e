using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Core.Numerics;
using Engine.Training.Datasets;

namespace Engine.Training.Tests.Runs;

/// <summary>
/// Labels whose noise has a heavy tail: a feature tells their middle, and a few enormous ones make the squared error. Two networks are trained on the same
/// rows by one configuration but for the loss. Where the squared error falls with such labels is luck of the few: mostly the mean, on one of these seeds the
/// wrong way round.
/// </summary>
public class HeavyTailTests
{
    private const string Told = "ask_volume_level1";
    private const double Signal = 0.8, MostDeviations = 3;
    private const long Span = 100_000_000;

    private SmallRuns _small = null!;
    private TrainingData _data = null!;

    [OneTimeSetUp]
    public void Make()
    {
        _small = new SmallRuns(messages: 12_000);
        _data = TrainingDataLoader.Load(_small.Dataset, SmallRuns.Label);
    }

    [OneTimeTearDown]
    public void Remove() => _small.Dispose();

    [TestCase(1ul, "collapsed_to_mean")]
    [TestCase(2ul, "inverted")]
    [TestCase(3ul, "collapsed_to_mean")]
    [TestCase(4ul, "collapsed_to_mean")]
    public void The_model_that_collapsed_to_the_mean_is_named_and_the_one_that_did_not_is_not(ulong seed, string ofSquares)
    {
        string name = FormattableString.Invariant($"heavy_{seed}"), split = _small.PathOf(name + ".split.json"), config = _small.PathOf(name + ".json");
        WriteLabels(_small.PathOf(name + ".csv"), new SeededRandom(seed));
        SmallRuns.Good("label", _small.Dataset, "--from", _small.PathOf(name + ".csv"), "--name", name);
        SmallRuns.Good("split", _small.Dataset, "-o", split, "--label", name, "--train", "2026-01-05", "--valid", "2026-01-06", "--test", "2026-01-07");
        const string Shape = """
            "kind": "mlp", "hidden": [8], "epochs": 60, "patience": 0, "batch_size": 128, "learning_rate": {"rate": 0.001}, "optimiser": {"weight_decay": 4}, "scale_label": false
            """;
        File.WriteAllText(config, $$"""
            { "dataset": "{{_small.Dataset}}", "label": "{{name}}", "split": "{{split}}", "importance_rows": 0,
              "models": [ {"name": "squares", {{Shape}}, "loss": {"kind": "mean_squared"} }, {"name": "huber", {{Shape}}, "loss": {"kind": "huber", "delta": 1} } ] }
            """);
        string error = SmallRuns.Good("train", config, "-o", _small.PathOf("run-" + name), "--threads", "2");
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_small.PathOf("run-" + name), "report.json")));
        JsonElement Diagnosis(string model) =>
            report.RootElement.GetProperty("models").EnumerateArray().Single(m => m.GetProperty("name").GetString() == model).GetProperty("diagnosis");
        TestContext.Out.WriteLine($"{Diagnosis("squares")} {Diagnosis("huber")}");
        bool isCollapsed = ofSquares == "collapsed_to_mean";
        Assert.That(Diagnosis("squares").GetProperty("verdict").GetString(), Is.EqualTo(ofSquares));
        Assert.That(Diagnosis("squares").GetProperty("text").GetString()!.StartsWith("collapsed to the mean: ", StringComparison.Ordinal), Is.EqualTo(isCollapsed));
        Assert.That(Diagnosis("huber").GetProperty("verdict").GetString(), Is.EqualTo("signal"));
        Assert.That(error, Does.Match($"squares +{ofSquares}").And.Match("huber +signal").And.Not.Contain("warning: huber"));
        Assert.That(error.Contains("warning: squares collapsed to the mean: ", StringComparison.Ordinal), Is.EqualTo(isCollapsed));
    }

    /// <summary>What the feature tells, in its deviations, and Student's t of one degree of freedom, which has no mean and no variance.</summary>
    private void WriteLabels(string path, SeededRandom random)
    {
        int column = _data.Contract.IndexOf(Told);
        double[] values = [.. Enumerable.Range(0, _data.Rows).Select(row => (double)_data.Row(row)[column]).Select(v => double.IsFinite(v) ? v : 0)];
        double mean = values.Average(), deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        var csv = new StringBuilder("time_ns,symbol,value,end_ns\n");
        for (int row = 0; row < _data.Rows; row++)
        {
            double told = Signal * Math.Clamp((values[row] - mean) / deviation, -MostDeviations, MostDeviations);
            double label = told + (random.NextNormal() / random.NextNormal());
            csv.Append(CultureInfo.InvariantCulture, $"{_data.Times[row]},{_data.Symbols[_data.Instruments[row]]},{(float)label:R},{_data.Times[row] + Span}\n");
        }

        File.WriteAllText(path, csv.ToString());
    }
}
