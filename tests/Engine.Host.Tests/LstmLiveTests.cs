using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Core.Threads;
using Engine.Host.Tests.Support;
using Engine.Inference.Artefacts;
using Engine.Simulator;
using Engine.Simulator.Live;
using Engine.Training.Export;
using Engine.Training.Networks;

namespace Engine.Host.Tests;

/// <summary>A model of windows on a live feed: its background work waits for the sockets to be empty, and decides no bit.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class LstmLiveTests(EngineBinary engine) : EngineTests(engine)
{
    // Ticks of an instrument come closer together than the background of 32 windows of 64 units takes.
    private static readonly Lazy<string> s_model = new(Write);

    [TestCase("fused", false)]
    [TestCase("fused", true)]
    [TestCase("split", false)]
    public void Bursts_are_late_and_exact(string topology, bool hasThread)
    {
        string folder = Repository.NewPath("");
        string recording = Repository.NewPath(".pcapng");
        using var session = new LiveSession(Binary, new SimulatedVenueOptions
        {
            Day = new SimulationOptions { Seed = 43, Messages = 8_000, Instruments = 2 },
            MessagesPerSecond = 200_000,
            Heartbeat = TimeSpan.FromMilliseconds(20),
        });
        session.Configuration["models"] = new JsonArray(s_model.Value);
        session.Configuration["out"] = folder;
        session.Configuration["record"] = recording;
        session.Configuration["topology"] = topology;
        session.Configuration["udp"]!["wait"] = topology == "fused" && Environment.ProcessorCount > 1 ? "spin" : "park";
        if (hasThread)
        {
            session.Configuration["background_pin"] = CpuPlacement.Available()[^1];
        }

        session.Listen("live");
        session.PublishAll();
        EngineRun run = session.End();
        JsonElement live = SampleRuns.Summary(run);
        long predictions = live.GetProperty("predictions").GetInt64();
        Assert.That(predictions, Is.GreaterThan(4_000), run.ToString);
        Assert.That(live.GetProperty("late_background").GetInt64(), Is.InRange(1, predictions), run.ToString);

        ReplayRun replay = SampleRuns.OfModel(Binary, s_model.Value, recording);
        Assert.That(replay.Text("prediction_digest"), Is.EqualTo(live.GetProperty("prediction_digest").GetString()));
        Assert.That(replay.Number("predictions"), Is.EqualTo(predictions));
        EngineRun verify = Binary.Run("verify", Path.Combine(folder, "predictions.engplog"), recording, "--model", s_model.Value);
        Assert.That(verify.ExitCode, Is.Zero, verify.ToString);
    }

    private static string Write()
    {
        ModelArtefact sample = ModelArtefact.Load(Repository.SampleModel);
        return Repository.Write(".onnx", LstmExport.Seeded(
            sample.Contract, new LstmShape { Steps = 32, Units = 64, Layers = 1 }, 5,
            sample.Description.Mean.ToArray(), sample.Description.Deviation.ToArray(), withOnnxRuntime: false));
    }
}
