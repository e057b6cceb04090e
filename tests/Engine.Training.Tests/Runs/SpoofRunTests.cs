using Engine.Training.Evaluation;
using Engine.Training.Reports;
using Engine.Training.Runs;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Runs;

/// <summary>The runs of Runs/Examples on shorter days: only what reads the past tells a spoofer from an honest wall.</summary>
public class SpoofRunTests
{
    private const double LeastWithThePast = 0.90, MostWithoutIt = 0.60;

    private SimulatedDays _days = null!;
    private string[] _captures = [];

    [OneTimeSetUp]
    public void Make()
    {
        _days = new SimulatedDays();
        _captures = [.. Enumerable.Range(5, 4).Select(day => _days.PathOf($"2026-01-{day:00}.pcap"))];
        foreach ((int i, string capture) in _captures.Index())
        {
            SmallRuns.Good("sim", "--spoof", "30", "--seed", $"{i + 5}", "--date", Path.GetFileName(capture)[..10], "--messages", "100000", "--out", capture);
        }
    }

    [OneTimeTearDown]
    public void Remove() => _days.Dispose();

    [Test]
    public void A_window_of_ticks_tells_spoofers_and_no_snapshot_does()
    {
        RunReport report = Run("spoof.json", "set", "split.json", "snapshot");
        foreach (ModelReport model in report.Models)
        {
            Scores test = model.Parts.Single(p => p.Name == "test").Scores;
            TestContext.Out.WriteLine(FormattableString.Invariant($"{model.Name}: {test.Rows} rows, AUC {test.Auc:F4}"));
            Assert.That(test.Rows, Is.GreaterThan(600), "every decision has fifty ticks before it");
            Assert.That(test.Auc, model.Kind == "lstm" ? Is.GreaterThanOrEqualTo(LeastWithThePast) : Is.LessThanOrEqualTo(MostWithoutIt), model.Name);
        }

        Assert.That(report.Models.Select(m => m.Kind), Is.EqualTo(new[] { "zero", "mean", "last_value", "linear", "logistic", "mlp", "trees", "silo", "lstm" }));
    }

    [Test]
    public void Features_with_windows_need_no_ticks()
    {
        ModelReport silo = Run("spoof-default.json", "set-default", "split-default.json", "default").Models.Single(m => m.Kind == "silo");
        Assert.That(silo.Parts.Single(p => p.Name == "test").Scores.Auc, Is.GreaterThan(MostWithoutIt), "it has cancellations among its columns");
    }

    private RunReport Run(string example, string set, string split, string contract)
    {
        string dataset = _days.PathOf(set), lists = _days.PathOf(split), config = _days.PathOf(example);
        SmallRuns.Good(["dataset", .. _captures, "-o", dataset, "--contract", contract]);
        string error = SmallRuns.Good(["label", dataset, "--value", "class=spoof", "--name", "spoof", "--from", .. _captures.Select(c => Path.ChangeExtension(c, ".truth.csv"))]);
        Assert.That(error, Does.Match(@"given     ([\d,]+) labels, \1 met a row"));
        SmallRuns.Good("split", dataset, "-o", lists, "--label", "spoof", "--train", "2026-01-05..2026-01-06", "--valid", "2026-01-07", "--test", "2026-01-08");
        string text = File.ReadAllText(SampleDay.FindFile("gpu", "Engine.Training", "Runs", "Examples", example));
        File.WriteAllText(config, text.Replace($"\"{set}\"", $"\"{dataset}\"", StringComparison.Ordinal).Replace($"\"{split}\"", $"\"{lists}\"", StringComparison.Ordinal));
        SmallRuns.Good("train", config, "-o", _days.PathOf("run-" + set), "--threads", "2");
        return RunReports.Make(new RunFolder(_days.PathOf("run-" + set)));
    }
}
