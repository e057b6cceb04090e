using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>Several models on one stream, each with its own contract and sampling.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class ManyModelTests(EngineBinary engine) : EngineTests(engine)
{
    // Two that share a lane, one of the same columns at other times, one by the grid, one of another contract.
    private static readonly Lazy<string[]> s_models = new(() =>
    [
        Repository.SampleModel,
        LabRun.SeedModel("--seed", "5"),
        LabRun.SeedModel("--seed", "6", "--sampling", "every-7"),
        LabRun.SeedModel("--seed", "7", "--sampling", "grid-250"),
        LabRun.SeedModel("--seed", "8", "--contract", "small", "--kind", "lstm", "--units", "8", "--window", "6", "--features", "4"),
    ]);

    private static readonly ConcurrentDictionary<string, Lazy<ReplayRun>> s_runs = new();

    private static string[] Models => s_models.Value;

    private ReplayRun All => s_runs.GetOrAdd($"{Binary}", _ => new Lazy<ReplayRun>(() => Replay(Models))).Value;

    [Test]
    public void Each_model_predicts_what_it_predicts_alone()
    {
        ReplayRun run = All;
        JsonElement[] models = [.. run.Json.GetProperty("models").EnumerateArray()];
        Assert.That(models, Has.Length.EqualTo(Models.Length));
        for (int i = 0; i < Models.Length; i++)
        {
            ReplayRun alone = SampleRuns.OfModel(Binary, Models[i], SampleRuns.SmallCapture);
            JsonElement model = models[i];
            Assert.Multiple(() =>
            {
                Assert.That(model.GetProperty("model").GetInt32(), Is.EqualTo(i));
                Assert.That(model.GetProperty("model_hash").GetString(), Is.EqualTo(alone.Text("model_hash")));
                Assert.That(model.GetProperty("contract_hash").GetString(), Is.EqualTo(alone.Text("contract_hash")));
                Assert.That(model.GetProperty("prediction_digest").GetString(), Is.EqualTo(alone.Text("prediction_digest")), $"model {i}");
                Assert.That(model.GetProperty("predictions").GetInt64(), Is.EqualTo(alone.Number("predictions")).And.GreaterThan(50));
                Assert.That(model.GetProperty("not_finite").GetInt64(), Is.EqualTo(alone.Number("predictions_not_finite")));
                Assert.That(model.GetProperty("missing_features").GetInt64(), Is.EqualTo(alone.Number("missing_features")));
                Assert.That(alone.Json.GetProperty("models")[0].GetProperty("prediction_digest").GetString(), Is.EqualTo(alone.Text("prediction_digest")), "a run of one model");
            });
            JsonElement latency = model.GetProperty("latency_ns");
            Assert.That(latency.GetProperty("inference").GetProperty("count").GetInt64(), Is.Positive.And.EqualTo(latency.GetProperty("wire_to_prediction").GetProperty("count").GetInt64()));
        }

        Assert.That(models.Sum(m => m.GetProperty("predictions").GetInt64()), Is.EqualTo(run.Number("predictions")));
        Assert.That(run.Json.GetProperty("missing_by_feature").EnumerateObject().Sum(f => f.Value.GetInt64()), Is.EqualTo(run.Number("missing_features")).And.Positive, "of every model, by its own names");
        Assert.That(run.Number("model_bytes_kept"), Is.Positive.And.LessThan(run.Number("model_bytes_limit")));
        Assert.That(run.Number("allocated_bytes_hot"), Is.Zero);
    }

    [Test]
    public void Topologies_and_kernels_write_the_same_log_and_it_is_proven()
    {
        byte[] log = All.Log;
        Assert.That(Replay(Models, "--topology", "split").Log, Is.EqualTo(log));
        EngineRun run = Verify(All.LogPath, Models);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Output, Does.Contain("verified: "));
    }

    [Test]
    public void Another_order_is_another_log()
    {
        ReplayRun run = All;
        string[] others = [Models[1], Models[0], .. Models[2..]];
        AssertFault(Verify(run.LogPath, others), 1, Models[1], "not the model the log was made from");
        AssertFault(Verify(run.LogPath, Models[..^1]), 1, "made from 5 model file(s), 4 given");
    }

    [Test]
    public void Predictions_of_one_event_stand_in_the_order_of_the_command_line()
    {
        // Both orders of a contract between two of another.
        string[] models = [Models[4], Models[0], Models[2], Models[1]];
        ReplayRun run = Replay(models);
        CsvTable table = CsvTable.Of(Binary.Run("inspect", run.LogPath, "--format", "csv"));
        var rows = table.Column("event").Zip(table.Column("model")).Select(r => (Event: Number(r.First), Model: Number(r.Second))).ToArray();
        Assert.That(rows, Is.EqualTo(rows.OrderBy(r => r.Event).ThenBy(r => r.Model)));
        Assert.That(rows.GroupBy(r => r.Event).Count(g => g.Count() == 4), Is.GreaterThan(100));
    }

    [Test]
    public void What_a_run_of_several_contracts_cannot_do_is_named()
    {
        string rows = Repository.NewPath(".h5");
        Assert.That(Binary.Run("features", SampleRuns.SmallCapture, "-o", rows).ExitCode, Is.Zero);
        AssertRefused(Binary.Run("replay", rows, "--model", Models[0], "--model", Models[2]), rows, "the models have 2");
        AssertRefused(Binary.Run("replay", SampleRuns.SmallCapture, "--sampling", "every-7", "--model", Models[2], "--model", Models[0]), Models[0], "every-event");
    }

    private ReplayRun Replay(string[] models, params string[] options) =>
        SampleRuns.OfModel(Binary, models[0], SampleRuns.SmallCapture, [.. models[1..].SelectMany(m => (string[])["--model", m]), .. options]);

    private EngineRun Verify(string log, string[] models) =>
        Binary.Run(["verify", log, SampleRuns.SmallCapture, .. models.SelectMany(m => (string[])["--model", m])]);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
