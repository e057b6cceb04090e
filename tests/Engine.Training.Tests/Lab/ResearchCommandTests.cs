using System.Text.Json;
using Engine.Features;
using Engine.Lab;
using Engine.Training.Datasets;
using Engine.Training.Export;
using Engine.Training.Splits;
using Engine.Training.Tests.Support;

namespace Engine.Training.Tests.Lab;

/// <summary>`lab dataset`, `label`, `split` and `check`, one after the other.</summary>
public class ResearchCommandTests
{
    private SimulatedDays _days = null!;
    private string[] _captures = [];
    private string _folder = "";

    [OneTimeSetUp]
    public void Make()
    {
        _days = new SimulatedDays();
        _folder = _days.PathOf("set");
        _captures = [.. Enumerable.Range(5, 3).Select(day => _days.PathOf($"2026-01-{day:00}.pcap.gz"))];
        foreach ((int i, string capture) in _captures.Index())
        {
            Good("sim", "--seed", $"{i + 1}", "--date", Path.GetFileName(capture)[..10], "--messages", "3000", "--instruments", "2", "--out", capture);
        }

        Good(["dataset", .. _captures, "-o", _folder, "--contract", "small", "--sampling", "grid-100"]);
        Good("label", _folder, "--label", "return", "--horizon", "1s");
        Good("split", _folder, "-o", _days.PathOf("whole.json"), "--label", "return_1s", "--train", "2026-01-05", "--valid", "2026-01-06");
    }

    [OneTimeTearDown]
    public void Remove() => _days.Dispose();

    [Test]
    public void From_captures_to_a_checked_split()
    {
        using JsonDocument again = Json(["dataset", .. _captures, "-o", _folder, "--contract", "small", "--sampling", "grid-100", "--json"]);
        Assert.That((again.RootElement.GetProperty("days").GetInt32(), again.RootElement.GetProperty("kept").GetInt32()), Is.EqualTo((3, 3)));
        using JsonDocument label = Json(["label", _folder, "--label", "triple_barrier", "--horizon", "2s", "--up", "2bps", "--down", "0.03%", "--name", "exits", "--json"]);
        JsonElement definition = label.RootElement.GetProperty("definition");
        Assert.That((definition.GetProperty("up").GetDouble(), definition.GetProperty("down").GetDouble()), Is.EqualTo((0.0002, 0.0003)));
        Assert.That(label.RootElement.GetProperty("distribution").GetProperty("labelled").GetInt64(), Is.GreaterThan(100));

        string split = _days.PathOf("split.json");
        using JsonDocument made = Json(["split", _folder, "-o", split, "--label", "return_1s", "--train", "2026-01-05", "--valid", "2026-01-06", "--test", "2026-01-07", "--json"]);
        Assert.That(made.RootElement.GetProperty("rounds")[0].GetProperty("train").GetInt32(), Is.GreaterThan(50));
        using JsonDocument check = Json(["check", _folder, "--split", split, "--capture", _captures[0], "--capture", _captures[1], "--capture", _captures[2], "--json"]);
        Assert.That(check.RootElement.GetProperty("leaks").GetArrayLength(), Is.Zero);
        Assert.That(check.RootElement.GetProperty("days_made_again").GetInt32(), Is.EqualTo(3));
        Assert.That(check.RootElement.GetProperty("rows_made_again").GetInt64(), Is.EqualTo(check.RootElement.GetProperty("rows").GetInt64()).And.GreaterThan(100));
        Assert.That(Unchecked(check), Is.EqualTo(new[] { "leaked_statistics" }));
        using JsonDocument bare = Json(["check", _folder, "--split", split, "--json"]);
        Assert.That(Unchecked(bare), Is.EqualTo(new[] { "future_window", "leaked_statistics" }));
        Assert.That(bare.RootElement.GetProperty("rows_made_again").GetInt64(), Is.Zero);
        Assert.That(Good("check", _folder, "--split", split), Does.Contain("not looked for: contract_mismatch with a model"));
        Assert.That(Good("check", _folder, "--split", split, "--capture", _captures[1], "--rows", "7"), Does.Contain("; 7 of ").And.Contain("rows made again, of 1 of 3 days"));

        SplitFile read = SplitFile.Read(split);
        Assert.That(read.Parts(TrainingDataLoader.Load(_folder, read.Label, [.. read.Days.Select(d => d.Id)])).Single().Test, Is.Not.Empty);
    }

    [Test]
    public void A_leak_is_exit_1_and_its_name_unless_nobody_looks()
    {
        string split = _days.PathOf("leaky.json");
        Good("split", _folder, "-o", split, "--label", "return_1s", "--k-fold", "3", "--test", "2026-01-07", "--no-purge");
        (int exit, string _, string error) = Run("check", _folder, "--split", split);
        Assert.That((exit, error), Is.EqualTo((1, error)));
        Assert.That(error, Does.Contain("leak: span_overlap: fold-").And.Contain("purge the split"));
        Assert.That(Good("check", _folder, "--split", split, "--unchecked", "span_overlap"), Does.Contain("not looked for: span_overlap").And.Contain("0 leaks"));
        Good("split", _folder, "-o", split, "--label", "return_1s", "--k-fold", "3", "--test", "2026-01-07", "--embargo", "500ms", "-f");
        Assert.That(Good("check", _folder, "--split", split), Does.Contain("0 leaks"));

        // The longest window of the contract small, unless one is named, and none where nothing is purged.
        string[] folds = ["split", _folder, "-o", split, "--label", "return_1s", "--k-fold", "3", "--test", "2026-01-07", "-f"];
        Assert.That(Good(folds), Does.Match(@"split [0-9a-f]{64}, embargo \d+(s|ms)"));
        Assert.That(SplitFile.Read(split).Plan.EmbargoNanos, Is.EqualTo(TrainingDataLoader.Load(_folder, "return_1s").Contract.Features.ToArray().Max(f => f.WindowNanos)).And.GreaterThan(0));
        Assert.That(Good([.. folds, "--embargo", "0"]), Does.Not.Contain(", embargo "));
        Assert.That(Good([.. folds, "--no-purge"]), Does.Match("split [0-9a-f]{64}\n"));
    }

    [Test]
    public void A_model_is_held_against_the_training_rows_of_its_round()
    {
        string path = _days.PathOf("folds.json");
        Good("split", _folder, "-o", path, "--label", "return_1s", "--k-fold", "3", "--embargo", "1s");
        SplitFile split = SplitFile.Read(path);
        TrainingData data = TrainingDataLoader.Load(_folder, split.Label, [.. split.Days.Select(d => d.Id)]);
        IReadOnlyList<SplitPart> parts = split.Parts(data);
        string Model(string name, PartStatistics statistics, FeatureContract contract, params string[] trainedOn)
        {
            string file = _days.PathOf(name);
            File.WriteAllBytes(file, SiloExport.Seeded(contract, [], 1, statistics.Mean, statistics.Deviation, trainedOn, withOnnxRuntime: false));
            return file;
        }

        PartStatistics own = PartStatistics.Fit(data, parts[1]);
        string named = Model("named.onnx", own, data.Contract, split.IdOf(parts[1]), "2026-01-05");
        using JsonDocument clean = Json(["check", _folder, "--split", path, "--model", named, "--json"]);
        Assert.That((clean.RootElement.GetProperty("leaks").GetArrayLength(), clean.RootElement.GetProperty("model_checked").GetBoolean()), Is.EqualTo((0, true)));
        Assert.That(Unchecked(clean), Is.EqualTo(new[] { "future_window" }));

        // Statistics of all rows know the rows of valid too.
        string leaky = Model("leaky.onnx", PartStatistics.FitOn(data, [.. Enumerable.Range(0, data.Rows)]), data.Contract, split.IdOf(parts[1]));
        (int exit, string _, string error) = Run("check", _folder, "--split", path, "--model", leaky);
        Assert.That(exit, Is.EqualTo(1), error);
        Assert.That(error, Does.Contain("leak: leaked_statistics: ").And.Contain("leaky.onnx: fold-1: feature"));
        Assert.That(Good("check", _folder, "--split", path, "--model", leaky, "--unchecked", "leaked_statistics"), Does.Contain("0 leaks"));

        // A file that names no round: the one that is said, or none.
        string unnamed = Model("unnamed.onnx", own, data.Contract);
        Assert.That(Run("check", _folder, "--split", path, "--model", unnamed).Error, Does.Contain("name it with --round: fold-0, fold-1, fold-2"));
        Assert.That(Good("check", _folder, "--split", path, "--model", unnamed, "--round", "fold-1"), Does.Contain("0 leaks"));
        Assert.That(Run("check", _folder, "--split", path, "--model", unnamed, "--round", "fold-2").Error, Does.Contain("leak: leaked_statistics: "));

        var reversed = new FeatureContract("other", Enumerable.Range(1, data.Columns).Select(i => data.Contract.Features[data.Columns - i]), data.Contract.Sampling);
        string other = Model("other.onnx", own, reversed, split.IdOf(parts[1]));
        (exit, _, error) = Run("check", _folder, "--split", path, "--model", other);
        Assert.That(exit, Is.EqualTo(1), error);
        Assert.That(error, Does.Contain("leak: contract_mismatch: ").And.Contain("not looked for: leaked_statistics (the model has no normaliser for such rows)"));
    }

    [TestCase("split {set} -o x.json --label return_1s", "choose one: --train and --valid")]
    [TestCase("split {set} -o x.json --label return_1s --k-fold 3 --walk-forward 2", "choose one")]
    [TestCase("split {set} -o x.json --label return_1s --train 2026-01-05", "--train and --valid go together")]
    [TestCase("split {set} -o x.json --label return_1s --train 2026-01-05 --valid 2026-01-09", "is no day of the data set; it has 2026-01-05, 2026-01-06, 2026-01-07")]
    [TestCase("split {set} -o x.json --label return_1s --train 2026-01-06..2026-01-05 --valid 2026-01-07", "is no stretch")]
    [TestCase("split {set} -o x.json --label return_1s --k-fold 3 --embargo 5", "--embargo '5' is no time")]
    [TestCase("split {set} -o x.json --label return_1s --k-fold 3 --embargo 5s --no-purge", "--embargo goes with purging")]
    [TestCase("split {set} -o x.json --label return_1s --k-fold 3 --rolling", "--rolling is for --walk-forward")]
    [TestCase("split {set} -o x.json --label return_9s --k-fold 3", "has no label return_9s (it has: ")]
    [TestCase("split {set} -o x.json --label return_1s --k-fold 1", "--k-fold 1: 2 to 100")]
    [TestCase("label {set} --label loud --horizon 1s", "--label 'loud' is unknown; use return, max_up")]
    [TestCase("label {set} --label return --horizon soon", "--horizon 'soon'")]
    [TestCase("label {set} --label direction --horizon 1s --dead-zone wide", "--dead-zone 'wide' is no size")]
    [TestCase("label {set} --label triple_barrier --horizon 1s", "a triple barrier needs")]
    [TestCase("label {set} --label max_up --horizon 1s --name return_1s", "has a label return_1s already")]
    [TestCase("label {set} --label return --horizon 1s --name a/b", "--name 'a/b'")]
    [TestCase("label nowhere --label return --horizon 1s", "holds no dataset.json")]
    [TestCase("dataset none.pcap -o {set}2", "none.pcap")]
    [TestCase("dataset {day} --quick -o {set}2", "unknown option '--quick'")]
    [TestCase("dataset {day} {day} -o {set}2", "two days would both be 2026-01-05")]
    [TestCase("dataset {day} -o {set} --contract snapshot", "made otherwise")]
    [TestCase("dataset {day} -o {set}2 --sampling never", "--sampling 'never'")]
    [TestCase("dataset {day} -o {set}2 --venue nyse", "--venue 'nyse' is unknown")]
    [TestCase("dataset {day} -o {set}2 --deflate 10", "--deflate 10: 0 to 9")]
    [TestCase("dataset {day} -o {set}2 --gap-wait -1", "--gap-wait -1")]
    [TestCase("check {set} --split {set}/dataset.json", "is no split", 1)]
    [TestCase("check {set} --split none.json", "none.json")]
    [TestCase("check {set} --split {split} --model none.onnx", "none.onnx")]
    [TestCase("check {set} --split {split} --round fold-1", "--round goes with --model")]
    [TestCase("split {set} -o x.json --label return_1s --k-fold 101", "--k-fold 101: 2 to 100")]
    [TestCase("split {set} -o x.json --label return_1s --walk-forward 101", "--walk-forward 101: 1 to 100")]
    [TestCase("split {set} -o x.json --label return_1s --walk-forward 0", "--walk-forward 0: 1 to 100")]
    public void What_makes_no_sense_is_refused_in_one_line(string line, string expected, int code = 2)
    {
        string[] args = [.. line.Split(' ').Select(a => a.Replace("{set}", _folder, StringComparison.Ordinal).Replace("{day}", _captures[0], StringComparison.Ordinal)
            .Replace("{split}", _days.PathOf("whole.json"), StringComparison.Ordinal))];
        (int exit, string output, string error) = Run(args);
        Assert.That(exit, Is.EqualTo(code), error);
        Assert.That(error.TrimEnd().Split('\n'), Has.Length.EqualTo(1), error);
        Assert.That(error, Does.StartWith($"lab {args[0]}: ").And.Contain(expected));
        Assert.That(output, Is.Empty);
        Assert.That(File.Exists("x.json"), Is.False);
    }

    [Test]
    [Category("RealData")]
    public void A_real_session_comes_through()
    {
        string capture = RealSamples.Find("bitmex/BITMEX.ws.17.0_202104");
        string folder = _days.PathOf("real");
        using JsonDocument set = Json(["dataset", capture, "-o", folder, "--contract", "bitmex", "--json"]);
        Assert.That(set.RootElement.GetProperty("rows").GetInt64(), Is.GreaterThan(1_000));
        using JsonDocument label = Json(["label", folder, "--label", "return", "--horizon", "2s", "--json"]);
        JsonElement distribution = label.RootElement.GetProperty("distribution");
        Assert.That(distribution.GetProperty("labelled").GetInt64(), Is.GreaterThan(1_000));
        Assert.That(distribution.GetProperty("missing").GetProperty("end_of_data").GetInt64(), Is.GreaterThan(0), "it ends within the horizon of its last rows");
        Assert.That(distribution.GetProperty("max").GetDouble(), Is.GreaterThan(0).And.LessThan(0.05));
        string split = _days.PathOf("real.json");
        Good("split", folder, "-o", split, "--label", "return_2s", "--walk-forward", "2", "--embargo", "1s");
        Assert.That(Good("check", folder, "--split", split, "--capture", capture), Does.Contain("0 leaks").And.Contain("rows made again, of all days"));
    }

    private static IEnumerable<string?> Unchecked(JsonDocument check) => check.RootElement.GetProperty("unchecked").EnumerateArray().Select(k => k.GetString());

    private static string Good(params string[] args)
    {
        (int exit, string _, string error) = Run(args);
        Assert.That(exit, Is.Zero, error);
        return error;
    }

    private static JsonDocument Json(string[] args)
    {
        (int exit, string output, string error) = Run(args);
        Assert.That(exit, Is.Zero, error);
        return JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
    }

    private static (int Exit, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exit = LabCommandLine.Run(args, output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
