using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Core.Events;
using Engine.Host.Tests.Support;
using Engine.Simulator;
using Engine.Simulator.Live;

namespace Engine.Host.Tests;

/// <summary>`engine live` on a simulated NYSE channel: what both lines lose is requested by TCP and comes on a line of its own.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class XdpLiveTests(EngineBinary engine) : EngineTests(engine)
{
    private const double Rate = 2_000;

    // Fewer packets than are held at most, so that a machine that stands still for a while loses nothing by it.
    private static readonly SimulationOptions s_day = new() { Seed = 43, Messages = 3_500, Instruments = 5, Venue = Venue.Xdp };
    private static readonly Lazy<string> s_capture = new(WriteCapture);

    [Test]
    public void What_both_lines_lose_is_requested_and_the_books_are_those_of_the_day()
    {
        string recording = Repository.NewPath(".pcapng");
        SimulatedVenueOptions options = Options(new LiveFaults { Loss = 0.1, Duplication = 0.02, Reordering = 0.02 }) with { RequestLoss = 0.1, ReplyLoss = 0.1 };
        using var session = new LiveSession(Binary, options);
        session.Configuration["record"] = recording;
        session.Configuration["udp"]!["request"]!["timeout_ms"] = 200;
        session.Configuration["udp"]!["request"]!["retries"] = 50;
        session.Listen("live");
        session.PublishAll();
        EngineRun run = session.End();

        JsonElement live = SampleRuns.Summary(run);
        JsonElement day = SampleRuns.Summary(Binary.Run("replay", s_capture.Value, "--json"));
        JsonElement replay = SampleRuns.Summary(Binary.Run("replay", recording, "--json"));
        RerequestCounts requests = session.Venue.Summary().Requests;
        TestContext.Out.WriteLine($"{requests}; missing {Number(live, "missing")}, recovered {Number(live, "recovered")}");
        Assert.Multiple(() =>
        {
            Assert.That(Text(live, "book_digest"), Is.EqualTo(Text(day, "book_digest")), run.ToString);
            Assert.That(Number(live, "book_digest_events"), Is.EqualTo(Number(day, "book_digest_events")));
            Assert.That((Number(live, "gaps"), Number(live, "lost")), Is.EqualTo((0L, 0L)), run.ToString);
            Assert.That(Number(live, "missing"), Is.Positive.And.EqualTo(Number(live, "recovered")), "10 % on two lines: some were lost on both");
            Assert.That(requests.Replies, Is.Positive);
            Assert.That((requests.Malformed, requests.OtherSession, requests.Beyond), Is.EqualTo((0L, 0L, 0L)));
            Assert.That(live.GetProperty("irregularities").GetProperty("reply_packets").GetInt64(), Is.EqualTo(requests.Replies));
            Assert.That(live.GetProperty("trust_by_instrument").EnumerateObject().Select(t => t.Value.GetString()), Is.All.EqualTo("good"));
            foreach (string name in (string[])["messages_by_type", "packets", "events", "gaps", "lost", "missing", "recovered", "duplicates", "restarts",
                "irregularities", "book_events", "trust", "suspect_instruments", "book_digest", "book_digest_events"])
            {
                Assert.That(replay.GetProperty(name).GetRawText(), Is.EqualTo(live.GetProperty(name).GetRawText()), name);
            }
        });
    }

    [Test]
    public void Without_requests_the_instruments_of_the_channel_are_suspect_once_messages_are_lost([Values(0, 0.1)] double loss)
    {
        using var session = new LiveSession(Binary, Options(new LiveFaults { Loss = loss }));
        session.Configuration["udp"]!.AsObject().Remove("request");
        session.Listen("live");
        session.PublishAll();
        JsonElement live = SampleRuns.Summary(session.End());
        Assert.That(Number(live, "lost"), loss > 0 ? Is.Positive : Is.Zero);
        Assert.That(Number(live, "missing"), Is.EqualTo(Number(live, "recovered") + Number(live, "lost")));
        Assert.That(live.GetProperty("suspect_instruments").GetArrayLength(), Is.EqualTo(loss > 0 ? 5 : 0), "a lost message may be of any instrument");
    }

    [TestCase("channel", 2, "the channel is not known")]
    [TestCase("product", 7, "the product is not known")]
    public void A_rejected_request_is_told(string key, int value, string words)
    {
        using var session = new LiveSession(Binary, Options(new LiveFaults { Loss = 0.1 }));
        session.Configuration["udp"]!["request"]![key] = value;
        session.Listen("live");
        session.PublishAll();
        EngineRun run = session.End();
        Assert.That(run.Error, Does.Contain($"rejected a request: {words}"));
        Assert.That(Number(SampleRuns.Summary(run), "lost"), Is.Positive);
    }

    [TestCase("source_id", null, "source_id is missing")]
    [TestCase("source_id", "ELEVENCHARS", "at most 10 ASCII letters")]
    [TestCase("channel", null, "channel is missing")]
    [TestCase("channel", 256, "must lie in 0 to 255")]
    [TestCase("lines", null, "must be a list with at least one object")]
    [TestCase("channels", 3, "did you mean channel?")]
    public void A_wrong_request_section_is_refused(string key, object? value, string words)
    {
        JsonObject request = new()
        {
            ["address"] = "127.0.0.1:9", ["source_id"] = "ENGINE", ["product"] = 17, ["channel"] = 1,
            ["lines"] = new JsonArray(new JsonObject { ["name"] = "R", ["group"] = "239.192.1.3", ["port"] = 9 }),
        };
        request[key] = value is int number ? JsonValue.Create(number) : JsonValue.Create(value as string);
        JsonObject configuration = new()
        {
            ["venue"] = "xdp",
            ["udp"] = new JsonObject
            {
                ["lines"] = new JsonArray(new JsonObject { ["name"] = "A", ["group"] = "239.192.1.1", ["port"] = 9 }), ["request"] = request,
            },
        };
        string path = Repository.NewPath(".json");
        File.WriteAllText(path, configuration.ToJsonString());
        EngineRun run = Binary.Run("live", "--config", path);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString);
        Assert.That(run.Error, Does.Contain(words));
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
