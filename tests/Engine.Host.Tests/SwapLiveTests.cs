using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Host.Tests.Support;
using Engine.Simulator;
using Engine.Simulator.Live;

namespace Engine.Host.Tests;

/// <summary>`engine live` whose models change while it goes on.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class SwapLiveTests(EngineBinary engine) : EngineTests(engine)
{
    // The warm-up of a live run is 50,000 events; the last swap comes after it.
    private const int Messages = 75_000;

    private static readonly Lazy<string> s_next = new(() => LabRun.SeedModel("--seed", "5"));
    private static readonly Lazy<string> s_lstm = new(() => LabRun.SeedModel("--kind", "lstm", "--units", "8", "--window", "6", "--features", "4"));
    private static readonly Lazy<string> s_other = new(() => LabRun.SeedModel("--contract", "small"));

    [Test]
    public void A_hangup_swaps_what_changed_and_leaves_in_place_what_is_refused([Values("fused", "split")] string topology)
    {
        string model = Repository.NewPath(".onnx"), second = Repository.NewPath(".onnx");
        Put(Repository.SampleModel, model);
        Put(s_lstm.Value, second);
        string recording = Repository.NewPath(".pcapng"), folder = Repository.NewPath("");
        using var session = new OperatorSession(Binary, Options());
        session.Configuration["models"] = new JsonArray(model, second);
        session.Configuration["record"] = recording;
        session.Configuration["out"] = folder;
        session.Configuration["topology"] = topology;
        session.Listen("live");
        session.Publish(3_000);
        session.HangUp("the model files are as they were");

        Put(s_next.Value, model);
        session.HangUp("1 of 2 model files changed and are proven");
        session.Publish(6_000);
        session.WaitUntil(() => session.Errors.Contains("model 2 (", StringComparison.Ordinal) && session.Errors.Contains("for model 0 from event", StringComparison.Ordinal), "the swap");

        // One is sound, the other is not: neither is taken.
        Put(Repository.SampleModel, model);
        File.WriteAllBytes(second, ModelEdits.WithWeight(Repository.SampleModel, ModelEdits.WeightTensors(Repository.SampleModel).First(), w => w * 1.01f));
        session.HangUp($"the models stay as they are: {second}: golden vector ");
        Put(s_other.Value, second);
        session.HangUp("cannot take the place of");
        File.Delete(second);
        session.HangUp("the models stay as they are: Could not find file");
        session.Publish(60_000);

        Put(s_next.Value, second);
        session.HangUp("2 of 2 model files changed and are proven");
        session.PublishAll();
        session.WaitUntil(() => session.Errors.Contains("for model 1 from event", StringComparison.Ordinal), "the second swap");
        EngineRun run = session.End();

        JsonElement json = SampleRuns.Summary(run);
        Assert.That(json.GetProperty("models").EnumerateArray().Select(m => m.GetProperty("prediction_digest").ValueKind), Is.EqualTo(Enumerable.Repeat(JsonValueKind.String, 5)), "each predicted");
        Assert.That(json.GetProperty("messages").GetInt64(), Is.EqualTo(Messages), "nothing was missed");
        Assert.That(json.GetProperty("warmup_events").GetInt64(), Is.LessThan(60_000));
        Assert.That(json.GetProperty("allocated_bytes_hot").GetInt64(), Is.Zero, "the last swap, too");
        TestContext.Out.WriteLine(string.Join('\n', run.ErrorLines.Where(l => l.Contains("are proven", StringComparison.Ordinal))));

        // After the warm-up models are loaded once; the runtime may collect once to make room for what that will allocate.
        Assert.That(json.GetProperty("gc_collections").GetInt64(), Is.InRange(0, 1), "loading and proving models collects nothing");
        TestContext.Out.WriteLine($"slowest prediction {json.GetProperty("latency_ns").GetProperty("wire_to_prediction").GetRawText()}");
        string log = Path.Combine(folder, "predictions.engplog");
        string[] models = [Repository.SampleModel, s_lstm.Value, s_next.Value, Repository.SampleModel, s_next.Value];
        EngineRun verify = Binary.Run(["verify", log, recording, .. models.SelectMany(m => (string[])["--model", m])]);
        Assert.That(verify.ExitCode, Is.Zero, verify.ToString);
    }

    // As an operator does it: whole or not at all.
    private static void Put(string from, string to)
    {
        File.Copy(from, to + ".part", true);
        File.Move(to + ".part", to, true);
    }

    private static SimulatedVenueOptions Options() => new()
    {
        Day = new SimulationOptions { Seed = 47, Messages = Messages, Instruments = 3 },
        MessagesPerSecond = 60_000,
        Heartbeat = TimeSpan.FromMilliseconds(20),
    };
}
