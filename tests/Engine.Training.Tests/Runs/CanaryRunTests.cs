using System.Globalization;
using Engine.Training.Splits;

namespace Engine.Training.Tests.Runs;

/// <summary>`lab canary`: each planted leak is found, passes unseen where nobody looks, and makes scores that nobody has honestly.</summary>
public class CanaryRunTests
{
    private const double LeastGain = 0.05;

    private SmallRuns _small = null!;
    private Dictionary<(string Leak, string Model), string[]> _lines = null!;
    private string _error = "";

    [OneTimeSetUp]
    public void Make()
    {
        _small = new SmallRuns();
        string config = _small.Config("config", """
            "importance_rows": 0,
            "models": [
              {"name": "mlp", "kind": "mlp", "hidden": [8], "epochs": 8, "batch_size": 64, "learning_rate": {"rate": 0.01} },
              {"name": "trees", "kind": "trees", "rounds": 60, "depth": 6, "patience": 60}
            ]
            """);
        (int exit, string output, _error) = SmallRuns.Run([
            "canary", config, "-o", _small.PathOf("canary"), "--threads", "2", .. _small.Captures.SelectMany(c => new[] { "--capture", c }),
        ]);
        Assert.That(exit, Is.Zero, _error);
        string[] rows = output.TrimEnd().Split('\n');
        Assert.That(rows[0], Is.EqualTo("leak,found_as,unseen_when_off,model,honest_ic,leaky_ic,honest_auc,leaky_auc"));
        _lines = rows.Skip(1).Select(row => row.Split(',')).ToDictionary(cells => (cells[0], cells[3]));
    }

    [OneTimeTearDown]
    public void Remove() => _small.Dispose();

    [TestCase("shifted_label", LeakKind.WrongLabel)]
    [TestCase("future_feature", LeakKind.FutureWindow)]
    [TestCase("all_statistics", LeakKind.LeakedStatistics)]
    [TestCase("shuffled_split", LeakKind.ShuffledTime, LeakKind.SpanOverlap)]
    public void It_is_found_by_name_and_passes_unseen_where_nobody_looks(string leak, LeakKind kind, params LeakKind[] others)
    {
        string said = $"{leak}: found: ";
        string[] found = [.. _error.Split('\n').Where(line => line.StartsWith(said, StringComparison.Ordinal)).Select(line => line[said.Length..].Split(':')[0])];
        Assert.That(found.Distinct(), Is.EquivalentTo(others.Prepend(kind).Select(Leak.NameOf)), "by these names and no other");
        Assert.That(_error, Does.Not.Contain("SEEN with its checks off"));
        foreach (string model in new[] { "linear", "mlp", "trees" })
        {
            Assert.That(_lines[(leak, model)][1..3], Is.EqualTo(new[] { Leak.NameOf(kind), "yes" }));
        }
    }

    // Statistics of all rows need not help: nothing is said of them but that they are found. A shuffled split helps what can remember its neighbours.
    [TestCase("shifted_label", "linear")]
    [TestCase("shifted_label", "mlp")]
    [TestCase("shifted_label", "trees")]
    [TestCase("future_feature", "linear")]
    [TestCase("future_feature", "mlp")]
    [TestCase("future_feature", "trees")]
    [TestCase("shuffled_split", "mlp")]
    [TestCase("shuffled_split", "trees")]
    public void It_makes_scores_that_nobody_has_honestly(string leak, string model)
    {
        double[] scores = [.. _lines[(leak, model)][4..].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))];
        Assert.That(scores, Has.Length.EqualTo(4).And.All.InRange(-1.0, 1.0));
        Assert.That(scores[1], Is.GreaterThan(scores[0] + LeastGain), "information coefficient");
    }

    [Test]
    public void The_report_of_a_leaky_run_says_so()
    {
        string report = File.ReadAllText(Path.Combine(_small.PathOf("canary"), "shifted_label", "run", "run.json"));
        Assert.That(report, Does.Contain("leak check switched off: wrong_label"));
        (int exit, string _, string error) = SmallRuns.Run(["canary", _small.PathOf("config.json"), "-o", _small.PathOf("canary"), .. _small.Captures.SelectMany(c => new[] { "--capture", c })]);
        Assert.That((exit, error), Is.EqualTo((2, error)));
        Assert.That(error, Does.Contain("is not empty; name another folder"));
        (exit, _, error) = SmallRuns.Run("canary", _small.PathOf("config.json"), "-o", _small.PathOf("other"), "--capture", _small.Captures[0]);
        Assert.That((exit, error), Is.EqualTo((2, error)));
        Assert.That(error, Does.Contain("--capture: none is of day 2026-01-06"));
    }
}
