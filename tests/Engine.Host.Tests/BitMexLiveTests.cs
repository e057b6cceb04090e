using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>`engine live` and `engine record` on a simulated BitMEX: real sockets, a venue that breaks, refuses, dies and comes back.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class BitMexLiveTests(EngineBinary engine) : EngineTests(engine)
{
    private static readonly string[] s_equal =
    [
        "messages_by_type", "packets", "messages", "events", "gaps", "lost", "irregularities", "instruments", "tables", "admin", "rows_read",
        "unknown_ids", "crossed", "quote_check", "outages", "book_events", "trust", "suspect_instruments", "rows", "predictions",
        "book_digest", "book_digest_events", "prediction_digest", "configuration_hash",
    ];

    [Test]
    public void Every_fault_ends_in_good_books_and_the_recording_proves_the_run()
    {
        string folder = Repository.NewPath("");
        using var session = new BitMexLiveSession(Binary);
        session.Configuration["models"] = new JsonArray(Repository.SampleModel);
        session.Configuration["topology"] = "fused";
        session.Configuration["out"] = folder;
        session.Configuration["record"] = session.Recording;
        session.Start("live");
        EngineRun run = LiveThroughEveryFault(session);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);

        JsonElement live = SampleRuns.Summary(run);
        Assert.Multiple(() =>
        {
            Assert.That(live.GetProperty("trust_by_instrument").GetRawText(), Is.EqualTo("""{"XBTUSD":"good","ETHUSD":"good","SHIBXBT":"good"}"""));
            Assert.That(Number(live.GetProperty("quote_check"), "differed"), Is.Zero);
            Assert.That(Number(live.GetProperty("quote_check"), "agreed"), Is.Positive);
            Assert.That(Number(live, "predictions"), Is.Positive);
            Assert.That(live.GetProperty("interrupted").GetBoolean(), Is.False, "Ctrl-C ends a live run as a whole");
            JsonElement websocket = live.GetProperty("websocket");
            Assert.That(Number(websocket, "opened"), Is.EqualTo(3));
            Assert.That(Number(websocket, "refused"), Is.EqualTo(Number(live.GetProperty("outages"), "refused")).And.AtLeast(2));
            Assert.That(Number(websocket, "resubscriptions"), Is.EqualTo(1));
            Assert.That((Number(websocket, "lost_lines"), Number(websocket, "recorded_lines")), Is.EqualTo((0L, File.ReadLines(session.Recording).LongCount())));
            Assert.That(Number(live.GetProperty("outages"), "count"), Is.EqualTo(2));
        });
        AssertTold(run, "Z connected\n", "the connection is gone", "connected again after", "no connection: ",
            "the server refuses with status 503", "ETHUSD: the feed contradicts the book; it is suspect and asked for again",
            "3 opened", "1 books asked for again", "quotes agree with the rebuilt books, 0 differ", "trust          3 good");
        AssertProven(session.Recording, Path.Combine(folder, "predictions.engplog"), live);
    }

    [Test]
    public void A_recording_made_alone_replays()
    {
        using var session = new BitMexLiveSession(Binary);
        session.Configuration["bitmex"]!["rest"] = session.Server.Rest.ToString();
        session.Start("record", "--out", session.Recording);
        session.AwaitConnection(1);
        session.Server.Step(200);
        session.AwaitAll();
        session.Server.CutNextMessage();
        session.Server.Step(20);
        session.AwaitConnection(2);
        session.Server.Step(200);
        session.AwaitAll();
        EngineRun run = session.End();
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        AssertTold(run, "recording BitMEX websocket", "the connection is gone", "connected again after", "2 opened");

        JsonElement recorded = SampleRuns.Summary(run);
        JsonElement replay = SampleRuns.Summary(Binary.Run("replay", session.Recording, "--venue", "bitmex", "--json"));
        foreach (string name in (string[])["messages_by_type", "events", "gaps", "irregularities", "tables", "quote_check", "outages"])
        {
            Assert.That(replay.GetProperty(name).GetRawText(), Is.EqualTo(recorded.GetProperty(name).GetRawText()), name);
        }

        Assert.That(replay.GetProperty("trust").GetRawText(), Is.EqualTo("""{"good":3,"recovering":0,"suspect":0}"""));
        Assert.That(Number(replay, "book_digest_events"), Is.Positive);
    }

    [Test]
    public void Without_a_server_it_tells_why_and_ends_when_it_is_told_to([Values("fused", "split")] string topology)
    {
        using var session = new BitMexLiveSession(Binary);
        session.Server.Stop();
        session.Configuration["topology"] = topology;
        session.Configuration["record"] = session.Recording;
        session.Start("live");
        session.Until(tail => tail.Closed >= 2, "two attempts");
        EngineRun run = session.End();
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        AssertTold(run, session.Server.WebSocket + ": no connection: ");
        Assert.That(Number(SampleRuns.Summary(run), "messages"), Is.Zero);
    }

    [Test]
    public void Attempts_that_never_last_end_the_run_with_a_fault()
    {
        using var session = new BitMexLiveSession(Binary);
        session.Server.Stop();
        session.Configuration["bitmex"]!["attempts"] = 3;
        session.Start("live");
        EngineRun run = session.Wait();
        Assert.That(run.ExitCode, Is.EqualTo(1), run.ToString);
        Assert.That(run.Faults[^1], Does.EndWith("3 attempts in a row did not last; check the address and the network"));
    }

    [Test]
    public void A_configuration_is_checked_and_printed_whole()
    {
        EngineRun run = Check("""{"venue":"bitmex","bitmex":{"symbols":["XBTUSD"],"wait":"park"}}""");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Output, Does.EndWith(
            """
            "bitmex":{"websocket":"wss://ws.bitmex.com/realtime","rest":null,"symbols":["XBTUSD"],"book":"orderBookL2","tables":["quote","trade","instrument"],"wait":"park","connect_within_ms":10000,"ping_after_ms":5000,"pong_within_ms":5000,"look_every_ms":50,"first_wait_ms":500,"longest_wait_ms":60000,"stable_after_ms":60000,"attempts":10000,"resubscribe_every_ms":2000,"poll_every_ms":10000,"seed":1}}

            """));
        EngineRun again = Check(run.Output);
        Assert.That((again.ExitCode, again.Output, again.Error), Is.EqualTo((0, run.Output, run.Error)), "what is printed is a configuration, and the same one");
    }

    [TestCase("""{"venue":"bitmex"}""", ": bitmex is missing; say which symbols to follow")]
    [TestCase("""{"venue":"itch50"}""", ": udp is missing; say which lines to listen to")]
    [TestCase("""{"venue":"itch50","bitmex":{"symbols":["A"]}}""", ": bitmex is for venue bitmex; leave it out for itch50")]
    [TestCase("""{"venue":"bitmex","udp":{},"bitmex":{"symbols":["A"]}}""", ": udp is for itch50, xdp, iex-deep; leave it out for bitmex")]
    [TestCase("""{"venue":"bitmex","bitmex":{}}""", "bitmex.symbols has 0 symbols; name those of the session, 1 to 4096")]
    [TestCase("""{"venue":"bitmex","bitmex":{"symbols":["A","A"]}}""", "bitmex.symbols has A twice; keep one")]
    [TestCase("""{"venue":"bitmex","bitmex":{"symbols":["A:B"]}}""", "bitmex.symbols has 'A:B'; a symbol is letters, digits")]
    [TestCase("""{"venue":"bitmex","bitmex":{"symbols":["A"],"websocket":"https://x"}}""", "bitmex.websocket is 'https://x'; write an address that begins with wss:// or ws://")]
    [TestCase("""{"venue":"bitmex","bitmex":{"symbols":["A"],"rest":"ws://x"}}""", "bitmex.rest is 'ws://x'; write an address that begins with https:// or http://")]
    [TestCase("""{"venue":"bitmex","bitmex":{"symbols":["A"],"book":"orderBook10"}}""", "bitmex.book is 'orderBook10'; it must be one of orderBookL2, orderBookL2_25")]
    [TestCase("""{"venue":"bitmex","bitmex":{"symbols":["A"],"tables":["quotes"]}}""", "bitmex.tables has 'quotes'; beside the book there are quote, trade, instrument")]
    [TestCase("""{"venue":"bitmex","bitmex":{"symbols":["A"],"pong_within_ms":0}}""", "bitmex.pong_within_ms is 0; it must lie in 1 to 86400000")]
    [TestCase("""{"venue":"bitmex","bitmex":{"symbols":["A"],"first_wait_ms":90000}}""", "bitmex.first_wait_ms is 90000, more than longest_wait_ms, 60000")]
    [TestCase("""{"venue":"bitmex","bitmex":{"symbols":["A"],"pings":1}}""", "bitmex.pings is not known")]
    [TestCase("""{"venue":"bitmex","symbols":["B"],"bitmex":{"symbols":["A"]}}""", ": symbols has B, which bitmex.symbols has not")]
    [TestCase("""{"venue":"bitmex","date":"2024-01-02","bitmex":{"symbols":["A"]}}""", ": date is for a venue whose times count from midnight")]
    public void A_wrong_configuration_is_refused(string json, string words) => AssertRefused(Check(json), words);

    private static EngineRun LiveThroughEveryFault(BitMexLiveSession session)
    {
        session.AwaitConnection(1);
        session.Server.Step(300);
        session.AwaitAll();
        session.Server.LoseInsert("ETHUSD");
        session.Until(tail => tail.AskedAgain == 1 && tail.PartialsSinceOpened == 13, "the book that lost an update");
        session.AwaitAll();
        session.Server.CutNextMessage();
        session.Server.Step(50);
        session.AwaitConnection(2);
        session.Server.Step(300);
        session.AwaitAll();

        session.Server.Stop();
        session.Until(tail => tail.Closed >= 3, "failed attempts");
        session.Server.Refuse(503);
        session.Server.Start();
        session.Until(tail => tail.Refused >= 2, "refusals");
        session.Server.Accept();
        session.AwaitConnection(3);
        session.Server.Step(1_500);
        session.AwaitAll();
        session.AskForCounters();
        return session.End();
    }

    private void AssertProven(string recording, string log, JsonElement live)
    {
        JsonElement replay = SampleRuns.Summary(Binary.Run("replay", recording, "--venue", "bitmex", "--model", Repository.SampleModel, "--json"));
        foreach (string name in s_equal)
        {
            Assert.That(replay.GetProperty(name).GetRawText(), Is.EqualTo(live.GetProperty(name).GetRawText()), name);
        }

        EngineRun verify = Binary.Run("verify", log, recording, "--model", Repository.SampleModel);
        Assert.That(verify.ExitCode, Is.Zero, verify.ToString);

        // A letter of the server's welcome: no event and no prediction comes of it.
        string text = File.ReadAllText(recording, Encoding.ASCII);
        File.WriteAllText(recording, text.Replace("Welcome", "welcome", StringComparison.Ordinal), Encoding.ASCII);
        AssertFault(Binary.Run("verify", log, recording, "--model", Repository.SampleModel), 1, "do not hold exactly what the live run received (payload hash)");

        // A size of a book.
        int at = text.LastIndexOf("\"size\":", StringComparison.Ordinal) + 7;
        File.WriteAllText(recording, text[..at] + "1" + text[at..], Encoding.ASCII);
        AssertFault(Binary.Run("verify", log, recording, "--model", Repository.SampleModel), 1);
    }

    private EngineRun Check(string json) => Binary.Run("live", "--config", Repository.Write(".json", Encoding.UTF8.GetBytes(json)), "--check-config");

    private static void AssertTold(EngineRun run, params string[] words) =>
        Assert.Multiple(() => Array.ForEach(words, w => Assert.That(run.Error, Does.Contain(w))));

    private static long Number(JsonElement json, string name) => json.GetProperty(name).GetInt64();
}
