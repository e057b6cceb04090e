using System.Text.Json;
using Engine.Features;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Training.Reports;
using Engine.Training.Runs;
using Engine.Training.Splits;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Runs;

/// <summary>`lab train`, `report` and `evaluate` from captures to a page, on small simulated days.</summary>
public class RunTests
{
    private SmallRuns _small = null!;
    private RunFolder _run = null!;

    [OneTimeSetUp]
    public void Make()
    {
        _small = new SmallRuns();
        _run = new RunFolder(_small.PathOf("run"));
        string error = SmallRuns.Good("train", _small.Config("config", SmallRuns.Models + ", \"seed\": 3"), "-o", _run.Path, "--threads", "2");
        Assert.That(error, Does.Contain("no leak found").And.Contain("lstm: done"));
    }

    [OneTimeTearDown]
    public void Remove() => _small.Dispose();

    [TestCase("zero")]
    [TestCase("mean")]
    [TestCase("linear")]
    [TestCase("mlp")]
    [TestCase("silo")]
    [TestCase("lstm")]
    [TestCase("trees")]
    [TestCase("both")]
    public void The_engine_predicts_for_the_test_capture_what_the_trainer_did(string name)
    {
        PredictionTable table = PredictionTable.Read(_run.Predictions(name));
        ModelArtefact artefact = ModelArtefact.Load(_run.Model(name));
        Dictionary<(string, long), float> said = EngineReplay.Of(artefact, _small.Captures[2], Path.Combine(_small.Dataset, "2026-01-07.h5"));
        int[] rows = table.RowsOf("test");
        Assert.That(rows, Has.Length.GreaterThan(200));
        double most = rows.Max(i => Math.Abs(table.Predictions[i])), worst = 0;
        Assert.That(rows.Select(i => table.Predictions[i]).Distinct().Count(), name is "zero" or "mean" ? Is.EqualTo(1) : Is.GreaterThan(20));
        foreach (int i in rows)
        {
            float engine = said[(table.SymbolNames[table.Instruments[i]], table.Times[i])];
            Assert.That(Predictor.DifferenceRatio(engine, table.Predictions[i]), Is.LessThanOrEqualTo(1), $"row {i}");
            worst = Math.Max(worst, Math.Abs((double)engine - table.Predictions[i]));
        }

        // The label is of basis points, far below what an absolute 1e-5 could see.
        Assert.That(worst, Is.LessThanOrEqualTo(1e-5 * most));
        Assert.That(artefact.Description.TrainingSplit, Has.Some.Contains("split of split ").And.Some.EqualTo("2026-01-05"));
        Assert.That((artefact.Description.Label, artefact.Description.HorizonNanos), Is.EqualTo((SmallRuns.Label, 500_000_000L)));
    }

    [Test]
    public void The_report_holds_the_ladder_first_and_every_part()
    {
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(_run.ReportJson));
        JsonElement[] models = [.. report.RootElement.GetProperty("models").EnumerateArray()];
        Assert.That(models.Select(m => m.GetProperty("name").GetString()), Is.EqualTo(new[] { "zero", "mean", "last_value", "linear", "mlp", "silo", "lstm", "trees", "both" }));
        JsonElement silo = models[5];
        Assert.Multiple(() =>
        {
            Assert.That(silo.GetProperty("parts").EnumerateArray().Select(p => p.GetProperty("name").GetString()), Is.EqualTo(new[] { "train", "valid", "test" }));
            Assert.That(silo.GetProperty("history").GetArrayLength(), Is.EqualTo(4));
            Assert.That(silo.GetProperty("quantiles").GetArrayLength(), Is.EqualTo(10));
            Assert.That(silo.GetProperty("thresholds").GetArrayLength(), Is.GreaterThan(3));
            Assert.That(silo.GetProperty("importance").GetArrayLength(), Is.EqualTo(Contract().Families.Count()));
            Assert.That(silo.GetProperty("regimes").EnumerateArray().Select(r => r.GetProperty("name").GetString()),
                Has.Some.StartsWith("instrument ").And.Some.StartsWith("hour ").And.Some.EqualTo("volatility high"));
            Assert.That(models[0].GetProperty("diagnosis").GetProperty("verdict").GetString(), Is.EqualTo("constant"));
            Assert.That(models[0].GetProperty("importance").GetArrayLength(), Is.Zero);
            Assert.That(models[6].GetProperty("parts")[2].GetProperty("rows").GetInt32(), Is.GreaterThan(200));
            foreach (string name in new[] { "contract", "split", "configuration", "days", "tool" })
            {
                Assert.That(report.RootElement.GetProperty("origin").GetProperty(name).GetString(), Is.Not.Empty, name);
            }
        });
        Assert.That(File.ReadAllText(_run.ReportPage), Does.Contain("\"name\": \"silo\""));
    }

    [Test]
    public void The_report_can_be_made_again_and_without_the_chart_library_only_as_json()
    {
        byte[] json = File.ReadAllBytes(_run.ReportJson);
        File.Delete(_run.ReportJson);
        (int exit, string output, string error) = SmallRuns.Run("report", _run.Path);
        Assert.That(exit, Is.Zero, error);
        Assert.That(output, Does.Match(@"model +verdict +rows +IC +p +AUC +R2").And.Match(@"zero +constant"));
        Assert.That(output.TrimEnd().Split('\n'), Has.Length.EqualTo(10));
        Assert.That(File.ReadAllBytes(_run.ReportJson), Is.EqualTo(json));
        RunReport report = RunReports.Make(_run);
        File.Delete(_run.ReportJson);
        Assert.That(RunReports.Write(_run, report, null), Is.False);
        Assert.That((File.Exists(_run.ReportPage), File.ReadAllBytes(_run.ReportJson).Length), Is.EqualTo((false, json.Length)));
        Assert.That(RunReports.Write(_run, report, ReportPage.FindChart()), Is.True);
    }

    [Test]
    public void Evaluating_the_files_gives_the_reports_scores()
    {
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(_run.ReportJson));
        string written = _small.PathOf("scores.json");
        (int exit, string output, string error) = SmallRuns.Run(
            "evaluate", _run.Model("silo"), _run.Model("lstm"), _run.Model("both"), "--dataset", _small.Dataset, "--label", SmallRuns.Label,
            "--split", _small.PathOf("split.split.json"), "-o", written, "--level", "0.2", "--json");
        Assert.That(exit, Is.Zero, error);
        Assert.That(error, Is.Empty);
        using JsonDocument scores = JsonDocument.Parse(File.ReadAllBytes(written));
        using JsonDocument line = JsonDocument.Parse(output);
        foreach (JsonElement model in scores.RootElement.GetProperty("models").EnumerateArray())
        {
            JsonElement there = report.RootElement.GetProperty("models").EnumerateArray().Single(m => m.GetProperty("name").GetString() == model.GetProperty("name").GetString());
            JsonElement here = model.GetProperty("parts")[0], test = there.GetProperty("parts")[2];
            Assert.That(here.GetProperty("rows").GetInt32(), Is.EqualTo(test.GetProperty("rows").GetInt32()));
            Assert.That(here.GetProperty("r2").GetDouble(), Is.EqualTo(test.GetProperty("r2").GetDouble()).Within(1e-4));
            Assert.That(here.GetProperty("information_coefficient").GetDouble(), Is.EqualTo(test.GetProperty("information_coefficient").GetDouble()).Within(1e-3));
        }

        Assert.That(line.RootElement.GetProperty("models").GetArrayLength(), Is.EqualTo(3));
        string other = _small.Split("other", "--train", "2026-01-05", "--valid", "2026-01-07");
        (exit, output, error) = SmallRuns.Run("evaluate", _run.Model("silo"), "--dataset", _small.Dataset, "--label", SmallRuns.Label, "--split", other, "--part", "valid");
        Assert.That((exit, output), Is.EqualTo((0, output)), error);
        Assert.That(output, Does.Contain("silo"));
        Assert.That(error, Does.Contain("was not trained on this split"));
    }

    [Test]
    public void The_resolved_configuration_repeats_the_run_to_the_byte_on_any_number_of_threads()
    {
        RunFolder again = _small.Train(_run.Configuration, "again", threads: 1);
        AssertSame(again, _run);
    }

    [TestCase("silo", "split", 1, 2)]
    [TestCase("lstm", "split", 2, 1)]
    [TestCase("trees", "split", 5, 1)]
    public void A_run_that_was_stopped_goes_on_to_the_same_bytes(string model, string round, int epoch, int step)
    {
        string name = $"stopped-{model}";
        using var stop = new CancellationTokenSource();
        var listener = new SmallRuns.Listener(p => StopAt(p.Model == model && p.Round == round && p.Epoch == epoch && p.Step == step, stop));
        Assert.That(() => _small.Train(_run.Configuration, name, observer: listener, cancellation: stop.Token), Throws.InstanceOf<OperationCanceledException>());
        (int exit, string _, string error) = SmallRuns.Run("report", _small.PathOf(name));
        Assert.That((exit, error), Is.EqualTo((2, error)));
        Assert.That(error, Does.Contain("this run is not done").And.Contain("--resume"));
        var rest = new SmallRuns.Listener();
        RunFolder resumed = _small.Train(_run.Configuration, name, resumes: true, observer: rest);
        AssertSame(resumed, _run);
        var whole = new SmallRuns.Listener();
        _ = _small.Train(_run.Configuration, name + "-whole", observer: whole);
        Assert.That(rest.Steps, Is.LessThan(whole.Steps), "what was done is not done again");
    }

    [Test]
    public void K_folds_give_predictions_for_every_row_outside_the_test_by_models_that_did_not_see_it()
    {
        _small.Split("folds", "--k-fold", "3", "--test", "2026-01-07", "--embargo", "200ms");
        RunFolder run = _small.Train(_small.Config("folds", SmallRuns.Models.Replace("\"members\"", "\"fusion\": \"logistic\", \"members\"", StringComparison.Ordinal) + ", \"class_above\": 0", "folds"), "folds");
        PredictionTable table = PredictionTable.Read(run.Predictions("silo"));
        Assert.That(table.RoundNames, Is.EqualTo(new[] { "fold-0", "fold-1", "fold-2", "all" }));
        int[] valid = table.RowsOf("valid");
        Assert.That(valid.Select(i => (table.Instruments[i], table.Times[i])).Distinct().Count(), Is.EqualTo(valid.Length));
        Assert.That(valid.GroupBy(i => table.RoundNumbers[i]).Select(g => g.Count()), Has.Exactly(3).GreaterThan(100));
        Assert.That(table.RowsOf("train").Concat(table.RowsOf("test")).Select(i => table.RoundNumbers[i]), Has.All.EqualTo(3));
        Assert.That(table.RowsOf("train"), Has.Length.GreaterThanOrEqualTo(valid.Length), "the kept model is fitted on all folds");
        Assert.That(table.Predictions, Has.All.InRange(0f, 1f));
        Assert.That(table.Labels.Distinct().Order(), Is.EqualTo(new[] { 0f, 1f }));
        RunReport report = RunReports.Make(run);
        Assert.That(report.Models.Single(m => m.Name == "silo").Regimes.Select(r => r.Name), Has.Some.EqualTo("fold fold-1"));
        Assert.That(report.Models.Single(m => m.Name == "trees").IsClassification);
        ModelArtefact ensemble = ModelArtefact.Load(run.Model("both"));
        Assert.That((ensemble.IsProbability, ensemble.Members.Count, ensemble.Description.Label), Is.EqualTo((true, 3, SmallRuns.Label + ">0")));
        Assert.That(ensemble.Description.TrainingSplit, Has.Some.StartsWith("all of split "));
        RunRecord record = RunRecord.Read(run);
        Assert.That(record.Models.Where(m => m.Name != "lstm").SelectMany(m => m.Rounds).Select(r => r.Reaching), Has.All.Zero, "only a window reaches");
        int[] reaching = [.. record.Models.Single(m => m.Name == "lstm").Rounds.Select(r => r.Reaching)];

        // A window of six ticks begins five before its row: so many of each of the two instruments lie behind a fold that is not the last.
        Assert.That(reaching, Is.EqualTo(new[] { 10, 10, 0, 0 }));
        Assert.That(report.Warnings, Has.Some.Contains("lstm reads a window: 20 training rows, of all rounds, are not fitted on"));
    }

    [Test]
    public void A_leak_is_refused_by_name_before_anything_is_trained_unless_a_key_says_otherwise()
    {
        _small.Split("leaky", "--walk-forward", "2", "--no-purge");
        const string Tiny = "\"models\": [{\"name\": \"linear\", \"kind\": \"linear\", \"epochs\": 1}]";
        (int exit, string _, string error) = SmallRuns.Run("train", _small.Config("leaky", Tiny, "leaky"), "-o", _small.PathOf("leaky"));
        Assert.That((exit, error), Is.EqualTo((1, error)));
        Assert.That(error, Does.StartWith("lab train: nothing was trained, there is a leak: span_overlap: walk-0").And.Contain("purge the split"));
        Assert.That(Directory.EnumerateFiles(Path.Combine(_small.PathOf("leaky"), "models")), Is.Empty);
        error = SmallRuns.Good("train", _small.Config("unchecked", Tiny + ", \"unchecked\": [\"span_overlap\"]", "leaky"), "-o", _small.PathOf("unchecked"));
        Assert.That(error, Does.Contain("warning: leak check switched off: span_overlap").And.Contain("warning: there is no test"));
    }

    [TestCase("train {dir}/none.json -o {dir}/x", "none.json: cannot be read")]
    [TestCase("train {config} -o {run}", "holds a run; pass --resume")]
    [TestCase("train {other} -o {run} --resume", "was begun with another configuration")]
    [TestCase("train {config} -o {set}", "holds something else than a run")]
    [TestCase("train {config} -o {dir}/x --backend nonsense", "--backend 'nonsense' is unknown; use auto, cpu, opencl, cuda")]
    [TestCase("train {config} -o {dir}/x --backend OpenCl", "--backend 'OpenCl' is unknown; did you mean 'opencl'? use auto")]
    [TestCase("train {config} -o {dir}/x --backend opencl --threads 2", "--threads goes with the backend cpu; leave it out with opencl")]
    [TestCase("train {config} -o {dir}/x --device 0", "device 0 of which API?")]
    [TestCase("train {config} -o {dir}/x --fast", "the CPU has no matrix units for tf32")]
    [TestCase("train {config} -o {dir}/x --threads -2", "--threads -2: 0 to")]
    [TestCase("train {config} -o {dir}/x -f --resume", "choose one")]
    [TestCase("train {badkey} -o {dir}/x", "modles is not known; did you mean models?")]
    [TestCase("train {family} -o {dir}/x", "has no family 'nothing'; it has ")]
    [TestCase("report {set}", "holds no run")]
    [TestCase("evaluate {run}/models/silo.onnx --dataset {set} --label return_500ms --split {split} --part all", "--part 'all' is unknown; use train, valid, test")]
    [TestCase("evaluate {run}/models/silo.onnx --dataset {set} --label return_500ms --split {split} --class-above 0", "no probability; leave out --class-above")]
    [TestCase("evaluate {run}/config.json --dataset {set} --label return_500ms --split {split}", "config.json", 1)]
    public void What_makes_no_sense_is_refused_in_one_line(string line, string expected, int code = 2)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal)
        {
            ["{dir}"] = _small.PathOf(""), ["{run}"] = _run.Path, ["{set}"] = _small.Dataset, ["{split}"] = _small.PathOf("split.split.json"),
            ["{config}"] = _small.PathOf("config.json"), ["{other}"] = _small.Config("otherconfig", SmallRuns.Models), ["{badkey}"] = _small.Config("badkey", "\"modles\": []"),
            ["{family}"] = _small.Config("family", "\"models\": [{\"name\": \"s\", \"kind\": \"silo\", \"families\": [\"nothing\"]}]"),
        };
        string[] args = [.. line.Split(' ').Select(a => names.Aggregate(a, (text, name) => text.Replace(name.Key, name.Value, StringComparison.Ordinal)))];
        (int exit, string output, string error) = SmallRuns.Run(args);
        string x = _small.PathOf("x");
        if (Directory.Exists(x))
        {
            Directory.Delete(x, recursive: true);
        }

        Assert.That(exit, Is.EqualTo(code), error);
        Assert.That(error.TrimEnd().Split('\n'), Has.Length.EqualTo(1), error);
        Assert.That(error, Does.StartWith($"lab {args[0]}: ").And.Contain(expected));
        Assert.That(output, Is.Empty);
    }

    private static void StopAt(bool here, CancellationTokenSource stop)
    {
        if (here)
        {
            stop.Cancel();
        }
    }

    private static void AssertSame(RunFolder a, RunFolder b)
    {
        foreach (string name in new[] { "zero", "mean", "linear", "mlp", "silo", "lstm", "trees", "both" })
        {
            Assert.That(File.ReadAllBytes(a.Model(name)).AsSpan().SequenceEqual(File.ReadAllBytes(b.Model(name))), name);
            Assert.That(PredictionTable.Read(a.Predictions(name)).Predictions, Is.EqualTo(PredictionTable.Read(b.Predictions(name)).Predictions), name);
        }
    }

    private FeatureContract Contract() => ModelArtefact.Load(_run.Model("zero")).Contract;
}
