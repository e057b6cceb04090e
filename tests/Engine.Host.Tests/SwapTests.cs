using System.Globalization;
using System.Text.Json;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>Models that take the place of others in a replay, at exchange times; and the proof of it.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class SwapTests(EngineBinary engine) : EngineTests(engine)
{
    private const int Window = 6;

    private static readonly Lazy<string> s_next = new(() => LabRun.SeedModel("--seed", "5"));
    private static readonly Lazy<string> s_small = new(() => LabRun.SeedModel("--seed", "6", "--contract", "small"));
    private static readonly Lazy<string> s_lstm = new(() => LabRun.SeedModel("--kind", "lstm", "--units", "8", "--window", $"{Window}", "--features", "4"));

    [Test]
    public void Predictions_are_the_first_models_before_the_time_and_the_nexts_from_it_on()
    {
        Row[] first = Rows(SampleRuns.Small(Binary));
        Row[] second = Rows(SampleRuns.OfModel(Binary, s_next.Value, SampleRuns.SmallCapture));
        long time = first[first.Length / 2].Time;
        ReplayRun run = SampleRuns.Of(Binary, SampleRuns.SmallCapture, "--swap", $"{time}={s_next.Value}");
        Row[] rows = Rows(run);
        long from = run.Json.GetProperty("models")[1].GetProperty("from_event").GetInt64();
        Assert.That(rows, Has.Length.EqualTo(first.Length));
        for (int i = 0; i < rows.Length; i++)
        {
            Row expected = first[i].Event < from ? first[i] : second[i] with { Model = 1 };
            Assert.That(rows[i], Is.EqualTo(expected), $"row {i}");
        }

        // Of a capture whose times do not run backwards the first event at the time is the first row's at it, or one without a row.
        Assert.That(rows.Where(r => r.Model == 0).Max(r => r.Time), Is.LessThan(time));
        Assert.That(rows.Where(r => r.Model == 1).Min(r => r.Time), Is.EqualTo(time));
        JsonElement next = run.Json.GetProperty("models")[1];
        Assert.That((next.GetProperty("swapped_in").GetBoolean(), next.GetProperty("replaced").GetInt32(), next.GetProperty("from_time_ns").GetInt64()), Is.EqualTo((true, 0, time)));
        Assert.That(run.Number("allocated_bytes_hot"), Is.Zero);
        Assert.That(run.Number("gc_collections"), Is.Zero);
        Assert.That(run.Run.Error, Does.Contain($"for model 0 from event {from.ToString("N0", CultureInfo.InvariantCulture)} on"));
    }

    [Test]
    public void A_log_with_swaps_is_proven_and_another_model_is_not()
    {
        Row[] first = Rows(SampleRuns.Small(Binary));
        string[] options =
        [
            "--model", s_small.Value, "--swap", $"{first[2_000].Time}@1={s_small.Value}", "--swap", $"{first[1_000].Time}={s_lstm.Value}", "--swap", $"{first[3_000].Time}={Repository.SampleModel}",
        ];
        ReplayRun run = SampleRuns.Of(Binary, SampleRuns.SmallCapture, options);
        Assert.That(SampleRuns.Of(Binary, SampleRuns.SmallCapture, [.. options, "--topology", "split"]).Log, Is.EqualTo(run.Log));
        Assert.That(Refusal([.. options, "--swap", $"{first[4_000].Time}@1={s_next.Value}"]), Does.Contain("cannot take the place of").And.Contain("feature "));

        string[] proof = ["--model", Repository.SampleModel, "--model", s_small.Value, "--model", s_lstm.Value, "--model", s_small.Value, "--model", Repository.SampleModel];
        EngineRun verified = Binary.Run(["verify", run.LogPath, SampleRuns.SmallCapture, .. proof]);
        Assert.That(verified.ExitCode, Is.Zero, verified.ToString);
        AssertFault(Binary.Run(["verify", run.LogPath, SampleRuns.SmallCapture, .. proof[..^2]]), 1, "made from 5 model file(s), 4 given");
        AssertFault(Binary.Run(["verify", run.LogPath, SampleRuns.SmallCapture, .. proof[..^1], s_next.Value]), 1, s_next.Value, "model 4, which took the place of model 2");

        EngineRun inspected = Binary.Run("inspect", run.LogPath, "--json");
        JsonElement[] told = [.. SampleRuns.Summary(inspected).GetProperty("swaps").EnumerateArray()];
        Assert.That(told.Select(s => (s.GetProperty("model").GetInt32(), s.GetProperty("replaced").GetInt32(), s.GetProperty("place").GetInt32())),
            Is.EqualTo(new[] { (2, 0, 0), (3, 1, 1), (4, 2, 0) }), "numbered in the order in which they took a place");
    }

    [Test]
    public void A_window_fills_from_the_swap_on()
    {
        Row[] first = Rows(SampleRuns.Small(Binary));
        ReplayRun run = SampleRuns.Of(Binary, SampleRuns.SmallCapture, "--swap", $"{first[3_000].Time}={s_lstm.Value}");
        Row[] rows = [.. Rows(run).Where(r => r.Model == 1)];
        foreach (IGrouping<string, Row> instrument in rows.GroupBy(r => r.Symbol))
        {
            Assert.That(instrument.Select(r => r.Value.Length == 0), Is.EqualTo(instrument.Select((_, i) => i < Window - 1)), instrument.Key);
        }

        ReplayRun lstm = SampleRuns.OfModel(Binary, s_lstm.Value, SampleRuns.SmallCapture);
        Assert.That(run.Number("model_bytes_kept"), Is.EqualTo(lstm.Number("model_bytes_kept")), "what the first model kept is freed");
        Row[] alone = Rows(lstm);
        Dictionary<(string, long), string> values = alone.ToDictionary(r => (r.Symbol, r.Event), r => r.Value);
        Assert.That(rows.Where(r => r.Value.Length > 0).All(r => r.Value == values[(r.Symbol, r.Event)]), "a full window holds the same ticks");
        Assert.That(run.Json.GetProperty("models")[1].GetProperty("warming_up").GetInt64(), Is.EqualTo(3 * (Window - 1)));
    }

    [Test]
    public void What_cannot_be_swapped_is_named_before_anything_runs()
    {
        string damaged = Repository.Write(".onnx", ModelEdits.WithWeight(Repository.SampleModel, ModelEdits.WeightTensors(Repository.SampleModel).First(), w => w * 1.01f));
        Assert.That(Refusal("--swap", $"5={damaged}"), Does.Contain(damaged).And.Contain("golden vector"));
        Assert.That(Refusal("--swap", $"5={s_small.Value}"), Does.Contain(s_small.Value).And.Contain("feature 3: "));
        Assert.That(Refusal("--swap", $"5@1={s_next.Value}"), Does.Contain("take the place of model 1, but the run has 1"));
        foreach (string odd in (string[])["x=y.onnx", "5", "5=", "-5=y.onnx", "5@=y.onnx", "5@1@2=y.onnx", "=y.onnx"])
        {
            Assert.That(Refusal("--swap", odd), Does.Contain($"--swap {odd}: write TIME=FILE"), odd);
        }
    }

    [Test]
    public void A_swap_that_no_event_reaches_is_told()
    {
        ReplayRun run = SampleRuns.Of(Binary, SampleRuns.SmallCapture, "--swap", $"9000000000000000000={s_next.Value}");
        Assert.That(run.Run.Error, Does.Contain("never took its place"));
        Assert.That(run.Json.GetProperty("models")[1].GetProperty("swapped_in").GetBoolean(), Is.False);
        Assert.That(run.Log, Is.EqualTo(SampleRuns.Small(Binary).Log));
    }

    private string Refusal(params string[] options)
    {
        EngineRun run = Binary.Run(["replay", SampleRuns.SmallCapture, "--model", Repository.SampleModel, .. options]);
        AssertRefused(run);
        return run.Error;
    }

    private Row[] Rows(ReplayRun run)
    {
        CsvTable table = CsvTable.Of(Binary.Run("inspect", run.LogPath, "--format", "csv"));
        string[] times = [.. table.Column("time_ns")], events = [.. table.Column("event")], symbols = [.. table.Column("symbol")];
        string[] models = [.. table.Column("model")], values = [.. table.Column("prediction")];
        return [.. times.Select((t, i) => new Row(Number(t), Number(events[i]), symbols[i], (int)Number(models[i]), values[i]))];
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private sealed record Row(long Time, long Event, string Symbol, int Model, string Value);
}
