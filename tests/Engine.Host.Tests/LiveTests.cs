using System.Text.Json;
using Engine.Host.Tests.Support;
using Engine.Simulator;
using Engine.Simulator.Live;

namespace Engine.Host.Tests;

/// <summary>`engine live` on a simulated venue: real sockets, seeded faults, servers that die and come back.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class LiveTests(EngineBinary engine) : EngineTests(engine)
{
    private const int Messages = 12_000;
    private const double Rate = 60_000;
    private const int MoldHead = 20;

    private static readonly SimulationOptions s_day = new() { Seed = 41, Messages = Messages, Instruments = 5 };
    private static readonly Lazy<string> s_capture = new(WriteCapture);

    [Test]
    public void Lossy_lines_and_requests_give_the_books_of_the_day([Values("fused", "split")] string topology)
    {
        var faults = new LiveFaults { Loss = 0.05, Duplication = 0.02, Reordering = 0.02 };
        using var session = new LiveSession(Binary, Options(faults));
        session.Configuration["topology"] = topology;
        session.Listen("live");
        session.PublishAll();
        EngineRun run = session.End();

        JsonElement live = SampleRuns.Summary(run);
        JsonElement replay = SampleRuns.Summary(Binary.Run("replay", s_capture.Value, "--json"));
        Assert.That(Text(live, "book_digest"), Is.EqualTo(Text(replay, "book_digest")), run.ToString);
        Assert.That(Number(live, "book_digest_events"), Is.EqualTo(Number(replay, "book_digest_events")));
        Assert.That(Number(live, "messages"), Is.EqualTo(Number(replay, "messages")));
        Assert.That((Number(live, "gaps"), Number(live, "lost")), Is.EqualTo((0L, 0L)));
        Assert.That(Number(live, "missing"), Is.Positive.And.EqualTo(Number(live, "recovered")), "5 % on two lines: some were lost on both");
        Assert.That(live.GetProperty("trust_by_instrument").EnumerateObject().Select(t => t.Value.GetString()), Is.All.EqualTo("good"));
        Assert.That(live.GetProperty("trust_by_instrument").EnumerateObject().Count(), Is.EqualTo(5));

        // Every datagram that left is in the packets; heartbeats from before the program listened are not.
        VenueSummary summary = session.Venue.Summary();
        long datagrams = summary.Lines.Sum(l => l.Counts.Datagrams);
        long received = live.GetProperty("lines").EnumerateArray().Sum(l => Number(l, "packets"));
        Assert.That(received, Is.InRange(datagrams, datagrams + summary.Lines.Sum(l => l.Counts.Controls)));
        Assert.That(Number(live, "packets"), Is.EqualTo(received + live.GetProperty("irregularities").GetProperty("reply_packets").GetInt64()));
        Assert.That(run.Error, Does.Contain("begins with its first message").And.Contain("missing on every line; requested").And.Contain("recovered"));
    }

    [Test]
    public void Without_servers_what_both_lines_lose_is_lost_and_told()
    {
        using var session = new LiveSession(Binary, Options(new LiveFaults { Loss = 0.05 }));
        session.Configuration["udp"]!.AsObject().Remove("request");
        session.Configuration["udp"]!.AsObject().Remove("snapshot");
        session.Listen("live");
        session.PublishAll();
        JsonElement live = SampleRuns.Summary(session.End());

        Assert.That(Number(live, "lost"), Is.Positive);
        Assert.That(Number(live, "messages") + Number(live, "lost"), Is.EqualTo(Messages));
        Assert.That(Number(live, "missing"), Is.EqualTo(Number(live, "recovered") + Number(live, "lost")));
        Assert.That(live.GetProperty("suspect_instruments").GetArrayLength(), Is.EqualTo(5), "a lost message may be of any instrument");
    }

    [Test]
    public void Publisher_and_snapshot_server_may_die_and_come_back()
    {
        // Both lines fall silent for the same messages and nobody answers requests: only a snapshot can help, once its server is back.
        using var session = new LiveSession(Binary, Options(new LiveFaults { Silences = [new Silence(3_500, 4_000)] }));
        session.Configuration["udp"]!.AsObject().Remove("request");
        session.Listen("live");
        session.Publish(3_000);
        session.Venue.StopSnapshotServer();
        session.Venue.KillPublisher();
        session.Venue.StartPublisher();
        session.Publish(6_000);
        session.Venue.StartSnapshotServer();
        session.Publish(9_000);
        WaitForSnapshots(session);
        session.PublishAll();
        EngineRun run = session.End();

        JsonElement live = SampleRuns.Summary(run);
        Assert.That(live.GetProperty("trust_by_instrument").EnumerateObject().Select(t => t.Value.GetString()), Is.All.EqualTo("good"), run.ToString);
        Assert.That(run.Error, Does.Contain("lost; its books are suspect").And.Contain("a snapshot is asked for").And.Contain("books are good again"), run.ToString);
    }

    [Test]
    public void Joined_in_the_middle_it_takes_a_snapshot()
    {
        using var session = new LiveSession(Binary, Options(new LiveFaults()));
        session.Publish(5_000);
        session.Listen("live");
        session.Publish(7_000);
        WaitForSnapshots(session);
        session.PublishAll();
        EngineRun run = session.End();

        JsonElement live = SampleRuns.Summary(run);
        Assert.That(live.GetProperty("irregularities").GetProperty("snapshots").GetInt64(), Is.EqualTo(1), run.ToString);
        Assert.That(live.GetProperty("trust_by_instrument").EnumerateObject().Select(t => t.Value.GetString()), Is.All.EqualTo("good"));
        Assert.That(Number(live, "unknown_orders"), Is.Not.Negative);
        Assert.That(run.Error, Does.Contain("joined at sequence").And.Contain("books are good again"), run.ToString);
    }

    [Test]
    public void A_recording_replays_as_the_live_run()
    {
        string folder = Repository.NewPath("");
        string recording = Repository.NewPath(".pcapng");
        using var session = new LiveSession(Binary, Options(new LiveFaults { Loss = 0.04, Duplication = 0.01, Reordering = 0.02 }));
        session.Configuration["models"] = new System.Text.Json.Nodes.JsonArray(Repository.SampleModel);
        session.Configuration["out"] = folder;
        session.Configuration["record"] = recording;
        session.Publish(1_000);
        session.Listen("live");
        session.Publish(4_000);
        WaitForSnapshots(session);

        // In the middle: the request server away, both lines silent, then everything back.
        session.Venue.StopRequestServer();
        session.Venue.KillPublisher();
        session.Publish(4_000);
        session.Venue.StartPublisher();
        session.Publish(8_000);
        session.Venue.StartRequestServer();
        session.PublishAll();
        EngineRun run = session.End();

        string log = Path.Combine(folder, "predictions.engplog");
        JsonElement live = SampleRuns.Summary(run);
        JsonElement replay = SampleRuns.Summary(Binary.Run("replay", recording, "--model", Repository.SampleModel, "--json"));
        foreach (string name in (string[])["messages_by_type", "packets", "events", "gaps", "lost", "missing", "recovered", "duplicates", "restarts", "irregularities", "book_events",
            "trust", "suspect_instruments", "rows", "predictions", "book_digest", "book_digest_events", "prediction_digest"])
        {
            Assert.That(replay.GetProperty(name).GetRawText(), Is.EqualTo(live.GetProperty(name).GetRawText()), $"{name}: {run}");
        }

        Assert.That(Number(live, "predictions"), Is.Positive);
        Assert.That(Number(live, "recovered"), Is.Positive);
        EngineRun verify = Binary.Run("verify", log, recording, "--model", Repository.SampleModel);
        Assert.That(verify.ExitCode, Is.Zero, verify.ToString);

        // One payload byte of the recording changed: some message changes, or at the least the hash of what was received.
        byte[] bytes = File.ReadAllBytes(recording);
        int half = bytes.Length / 2;
        bytes[half + bytes.AsSpan(half).IndexOf("2026010501"u8) + MoldHead] ^= 1;
        File.WriteAllBytes(recording, bytes);
        EngineRun changed = Binary.Run("verify", log, recording, "--model", Repository.SampleModel);
        Assert.That(changed.ExitCode, Is.EqualTo(1), changed.ToString);
    }

    private static void WaitForSnapshots(LiveSession session)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (session.Venue.Summary().Snapshots.Logouts == 0 && watch.Elapsed < TimeSpan.FromSeconds(60))
        {
            Thread.Sleep(10);
        }
    }

    private static SimulatedVenueOptions Options(LiveFaults faults)
    {
        var options = new SimulatedVenueOptions { Day = s_day, MessagesPerSecond = Rate, Heartbeat = TimeSpan.FromMilliseconds(20) };
        return options with { Lines = [.. options.Lines.Select(l => l with { Faults = faults })] };
    }

    private static string WriteCapture()
    {
        string path = Repository.NewPath(".pcap");
        using FileStream file = File.Create(path);
        Simulation.Run(s_day, file);
        return path;
    }

    private static long Number(JsonElement json, string name) => json.GetProperty(name).GetInt64();

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
