using System.Text.Json;
using Engine.Core.Threads;
using Engine.Host.Tests.Support;
using Engine.Inference.Artefacts;
using Engine.Inference.Networks;
using Engine.Training.Export;
using Engine.Training.Networks;

namespace Engine.Host.Tests;

/// <summary>A model of windows through the whole program.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class LstmReplayTests(EngineBinary engine) : EngineTests(engine)
{
    private const int Steps = 8;

    private static readonly Lazy<string> s_windows = new(() => Write(SequenceMode.Windows));
    private static readonly Lazy<string> s_streaming = new(() => Write(SequenceMode.Streaming));

    [Test]
    public void Both_ways_agree_and_what_has_no_window_yet_is_NaN_and_counted()
    {
        ReplayRun run = SampleRuns.OfModel(Binary, s_windows.Value, SampleRuns.SmallCapture, "--inference", "both");
        JsonElement comparison = run.Json.GetProperty("comparison").EnumerateArray().Single();
        long rows = run.Number("predictions");
        string[] values = [.. CsvTable.Of(Binary.Run("inspect", run.LogPath, "--format", "csv")).Column("prediction")];
        Assert.Multiple(() =>
        {
            Assert.That(comparison.GetProperty("within_tolerance").GetBoolean());
            Assert.That(comparison.GetProperty("rows").GetInt64(), Is.EqualTo(rows).And.GreaterThan(5_000));
            Assert.That(run.Number("predictions_warming_up"), Is.EqualTo(3 * (Steps - 1)), "three instruments");
            Assert.That(run.Number("predictions_not_finite"), Is.EqualTo(3 * (Steps - 1)));
            Assert.That(values.Count(v => v.Length == 0 || v == "NaN"), Is.EqualTo(3 * (Steps - 1)));
            Assert.That(run.Number("predictions_without_state"), Is.Zero);
            Assert.That(run.Number("late_background"), Is.LessThan(rows), "only rows of one packet and one instrument are late");
            Assert.That(values.Distinct().Count(), Is.GreaterThan(rows / 4), "the predictions move");
            Assert.That(run.Run.Error, Does.Contain("3 instruments of at most 1,024").And.Contain("within 1e-5"));
        });
    }

    [Test]
    public void Rows_give_the_same_predictions_and_none_is_late()
    {
        string rows = Repository.NewPath(".h5");
        EngineRun written = Binary.Run("features", SampleRuns.SmallCapture, "-o", rows);
        Assert.That(written.ExitCode, Is.Zero, written.ToString);
        ReplayRun replay = SampleRuns.OfModel(Binary, s_windows.Value, rows);
        Assert.That(replay.Text("prediction_digest"), Is.EqualTo(SampleRuns.OfModel(Binary, s_windows.Value, SampleRuns.SmallCapture).Text("prediction_digest")));
        Assert.That(replay.Number("late_background"), Is.Zero, "done after each row");
    }

    [Test]
    public void Kernels_and_topologies_give_the_same_bytes_and_allocate_nothing()
    {
        foreach (string model in (string[])[s_windows.Value, s_streaming.Value])
        {
            ReplayRun[] runs =
            [
                SampleRuns.OfModel(Binary, model, SampleRuns.SmallCapture),
                SampleRuns.OfModel(Binary, model, SampleRuns.SmallCapture, "--topology", "split"),
                Scalar(model),
            ];
            Assert.That(runs.Select(r => r.Text("prediction_digest")).Distinct().Count(), Is.EqualTo(1));
            Assert.That(runs.Select(r => r.Number("allocated_bytes_hot")), Is.All.Zero);
            Assert.That(runs[1].Number("late_background"), Is.Zero, "done after each row");
            Assert.That(runs[2].Text("kernel"), Is.EqualTo("scalar"));
        }
    }

    [Test]
    public void A_thread_for_the_background_gives_the_same_bytes([Values("fused", "split")] string topology)
    {
        int cpu = CpuPlacement.Available()[^1];
        foreach (string model in (string[])[s_windows.Value, s_streaming.Value])
        {
            ReplayRun inline = SampleRuns.OfModel(Binary, model, SampleRuns.SmallCapture, "--topology", topology);
            ReplayRun moved = SampleRuns.OfModel(Binary, model, SampleRuns.SmallCapture, "--topology", topology, "--background-pin", $"{cpu}");
            Assert.That(moved.Log, Is.EqualTo(inline.Log), "the whole log");
            Assert.That(moved.Number("allocated_bytes_hot"), Is.Zero);
            Assert.That(moved.Number("late_background"), Is.InRange(0, moved.Number("predictions")));
            Assert.That(moved.Run.Error, Does.Contain($"background pinned to cpu {cpu}"));
            Assert.That(inline.Run.Error, Does.Not.Contain("background pinned"));
        }
    }

    [Test]
    public void A_thread_for_the_background_is_refused_where_it_makes_no_sense()
    {
        string cpu = $"{CpuPlacement.Available()[^1]}";
        AssertRefused(Binary.Run("replay", SampleRuns.SmallCapture, "--model", s_windows.Value, "--background-pin", "1023"), "--background-pin 1023", "may use CPUs");
        AssertRefused(Binary.Run("replay", SampleRuns.SmallCapture, "--model", s_windows.Value, "--topology", "fused", "--pin", cpu, "--background-pin", cpu), $"--background-pin {cpu}", "a hot thread is pinned there");
        AssertRefused(Binary.Run("replay", SampleRuns.SmallCapture, "--model", Repository.SampleModel, "--background-pin", cpu), $"--background-pin {cpu}", "no model of this run");
        AssertRefused(Binary.Run("replay", SampleRuns.SmallCapture, "--model", s_windows.Value, "--inference", "ort", "--background-pin", cpu), $"--background-pin {cpu}", "no model of this run");
    }

    [Test]
    public void A_carried_state_is_refused_where_it_cannot_run()
    {
        EngineRun run = Binary.Run("replay", SampleRuns.SmallCapture, "--model", s_streaming.Value, "--inference", "ort");
        AssertRefused(run, s_streaming.Value, "carries its state", "--inference native");
    }

    [Test]
    public void Inspect_says_what_it_is()
    {
        EngineRun run = Binary.Run("inspect", s_windows.Value, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Output, Does.Contain("lstm, windows of 8 ticks × 10 features, 16 + 16 units"));
        JsonElement json = SampleRuns.Summary(run);
        Assert.That((json.GetProperty("native").GetBoolean(), json.GetProperty("window_ticks").GetInt32()), Is.EqualTo((true, Steps)));
    }

    private ReplayRun Scalar(string model)
    {
        string folder = Repository.NewPath("");
        EngineRun run = Binary.RunWith(
            new Dictionary<string, string> { ["ENGINE_KERNEL"] = "scalar" }, "replay", SampleRuns.SmallCapture, "--model", model, "--out", folder, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        return new ReplayRun(run, SampleRuns.Summary(run), folder);
    }

    // The sample model's contract and statistics.
    private static string Write(SequenceMode mode)
    {
        ModelArtefact sample = ModelArtefact.Load(Repository.SampleModel);
        byte[] bytes = LstmExport.Seeded(
            sample.Contract, new LstmShape { Steps = Steps, Units = 16, Layers = 2, Mode = mode }, 5,
            sample.Description.Mean.ToArray(), sample.Description.Deviation.ToArray());
        return Repository.Write(".onnx", bytes);
    }
}
