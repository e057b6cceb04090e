using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>An ensemble through the whole program, and `lab seed-model --kind ensemble`.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class EnsembleReplayTests(EngineBinary engine) : EngineTests(engine)
{
    private const int Window = 6;

    private static readonly Lazy<string> s_trees = new(() => LabRun.SeedModel("--kind", "trees"));
    private static readonly Lazy<string> s_lstm = new(() => LabRun.SeedModel("--kind", "lstm", "--units", "8", "--window", $"{Window}", "--features", "4"));
    private static readonly Lazy<string> s_logistic = new(() => Fuse("--fusion", "logistic", "--label", "direction", "--weights", "1,-0.5,0.25", "--bias", "0.125"));

    private static readonly ConcurrentDictionary<string, Lazy<ReplayRun>> s_runs = new();

    private ReplayRun Native => s_runs.GetOrAdd($"{Binary}", _ => new Lazy<ReplayRun>(() => SampleRuns.OfModel(Binary, s_logistic.Value, SampleRuns.SmallCapture))).Value;

    [Test]
    public void What_the_members_say_is_logged_and_is_what_they_say_alone()
    {
        ReplayRun run = SampleRuns.OfModel(Binary, s_logistic.Value, SampleRuns.SmallCapture, "--inference", "both");
        string[] members = [Repository.SampleModel, s_lstm.Value, s_trees.Value];
        CsvTable table = CsvTable.Of(Binary.Run("inspect", run.LogPath, "--format", "csv"));
        float[][] said = [.. members.Select((_, m) => Floats(table.Column($"member_{m}")))];
        for (int m = 0; m < members.Length; m++)
        {
            ReplayRun alone = SampleRuns.OfModel(Binary, members[m], SampleRuns.SmallCapture);
            Assert.That(said[m], Is.EqualTo(Floats(CsvTable.Of(Binary.Run("inspect", alone.LogPath, "--format", "csv")).Column("prediction"))), members[m]);
        }

        float[] predictions = Floats(table.Column("prediction"));
        for (int i = 0; i < predictions.Length; i++)
        {
            double sum = 0.125 + said[0][i] - (0.5 * said[1][i]) + (0.25 * said[2][i]);
            Assert.That(predictions[i], double.IsNaN(sum) ? Is.NaN : Is.EqualTo(1 / (1 + Math.Exp(-sum))).Within(1e-5), $"row {i}");
        }

        JsonElement sequence = run.Json.GetProperty("models")[0].GetProperty("sequences").EnumerateArray().Single();
        Assert.That((sequence.GetProperty("member").GetInt32(), sequence.GetProperty("window_ticks").GetInt32(), sequence.GetProperty("warming_up").GetInt64()), Is.EqualTo((1, Window, 3 * (Window - 1))));
        Assert.That(run.Run.Error, Does.Match(@"sequences +member 1: 3 instruments"));
        Assert.That(predictions.Count(float.IsNaN), Is.EqualTo(3 * (Window - 1)).And.EqualTo(run.Number("predictions_warming_up")), "three instruments");
        JsonElement comparison = run.Json.GetProperty("comparison").EnumerateArray().Single();
        Assert.That(comparison.GetProperty("within_tolerance").GetBoolean());
        Assert.That(run.Number("allocated_bytes_hot"), Is.Zero);
    }

    [Test]
    public void Kernels_and_topologies_write_the_same_log_and_it_is_proven()
    {
        ReplayRun run = Native;
        Assert.That(SampleRuns.OfModel(Binary, s_logistic.Value, SampleRuns.SmallCapture, "--topology", "split").Log, Is.EqualTo(run.Log));
        var scalar = new Dictionary<string, string> { ["ENGINE_KERNEL"] = "scalar" };
        EngineRun verify = Binary.RunWith(scalar, "verify", run.LogPath, SampleRuns.SmallCapture, "--model", s_logistic.Value);
        Assert.That(verify.ExitCode, Is.Zero, verify.ToString);
        Assert.That(verify.Output, Does.Contain("kernel scalar"));
    }

    [Test]
    public void What_a_member_said_cannot_be_changed_unnoticed()
    {
        ReplayRun run = Native;
        byte[] log = run.Log;
        var layout = new LogBytes(log);
        int at = Enumerable.Range(0, 400).Select(layout.Offset).First(o => log[o] == 6);
        log[at + 9] ^= 1;
        EngineRun verify = Binary.Run("verify", Repository.Write(".engplog", log), SampleRuns.SmallCapture, "--model", s_logistic.Value);
        AssertFault(verify, 1, "checksum");
    }

    [Test]
    public void ONNX_Runtime_runs_the_whole_and_its_log_is_proven()
    {
        ReplayRun run = SampleRuns.OfModel(Binary, s_logistic.Value, SampleRuns.SmallCapture, "--inference", "ort");
        EngineRun verify = Binary.Run("verify", run.LogPath, SampleRuns.SmallCapture, "--model", s_logistic.Value);
        Assert.That(verify.ExitCode, Is.Zero, verify.ToString);
        Assert.That(run.Number("allocated_bytes_hot"), Is.Zero);
    }

    [Test]
    public void Inspect_says_what_it_is_made_of()
    {
        EngineRun run = Binary.Run("inspect", s_logistic.Value, "--json");
        Assert.That(run.Output, Does.Contain("logistic ensemble of 3, bias 0.125").And.Contain("member 1       " + Path.GetFileName(s_lstm.Value) + ", weight -0.5"));
        JsonElement ensemble = SampleRuns.Summary(run).GetProperty("ensemble");
        Assert.That(ensemble.GetProperty("fusion").GetString(), Is.EqualTo("logistic"));
        Assert.That(ensemble.GetProperty("members").EnumerateArray().Select(m => m.GetProperty("weight").GetSingle()), Is.EqualTo(new[] { 1f, -0.5f, 0.25f }));
    }

    [Test]
    public void The_log_is_exported_with_what_the_members_said()
    {
        ReplayRun run = SampleRuns.OfModel(Binary, s_logistic.Value, SampleRuns.SmallCapture, "--model", Repository.SampleModel);
        string path = Repository.NewPath(".h5");
        EngineRun export = Binary.Run("inspect", run.LogPath, "-o", path);
        Assert.That(export.ExitCode, Is.Zero, export.ToString);
        foreach (string dataset in (string[])["/member_0", "/member_2", "/prediction"])
        {
            EngineRun column = Binary.Run("inspect", path, "--dataset", dataset, "--format", "csv", "-n", "200000");
            Assert.That(CsvTable.Of(column).Rows, Has.Length.EqualTo((int)run.Number("predictions")), column.ToString);
        }

        CsvTable table = CsvTable.Of(Binary.Run("inspect", run.LogPath, "--format", "csv"));
        string[] models = [.. table.Column("model")], first = [.. table.Column("member_0")];
        Assert.That(models.Zip(first).All(r => r.First == "0" ? r.Second.Length > 0 : r.Second.Length == 0), "only an ensemble has members");
    }

    [TestCase("--kind ensemble --fusion best", "--fusion 'best' is unknown")]
    [TestCase("--kind ensemble --weights 1", "--weights has 1 numbers for 2 members")]
    [TestCase("--kind ensemble --weights 1,x", "--weights: 'x' is not a number")]
    [TestCase("--kind ensemble --seed 4", "--seed is for --kind silo, lstm and trees")]
    [TestCase("--kind ensemble --window 4", "--window is for --kind lstm")]
    [TestCase("--fusion weighted", "--fusion is for --kind ensemble")]
    [TestCase("--kind ensemble", "of which there is no weighted mean")]
    public void What_lab_cannot_fuse_is_named(string options, string words)
    {
        string[] label = options == "--kind ensemble" ? ["--label", "x"] : [];
        (int exit, string error) = LabRun.Run(["seed-model", Repository.SampleModel, s_lstm.Value, "-o", Repository.NewPath(".onnx"), .. options.Split(' '), .. label]);
        Assert.That((exit, error), Is.EqualTo((2, error)));
        Assert.That(error, Does.Contain(words));
    }

    private static string Fuse(params string[] options)
    {
        string path = Repository.NewPath(".onnx");
        (int exit, string error) = LabRun.Run(["seed-model", Repository.SampleModel, s_lstm.Value, s_trees.Value, "-o", path, "--kind", "ensemble", .. options]);
        Assert.That(exit, Is.Zero, error);
        return path;
    }

    private static float[] Floats(IEnumerable<string> texts) =>
        [.. texts.Select(t => t.Length == 0 ? float.NaN : float.Parse(t, CultureInfo.InvariantCulture))];
}
