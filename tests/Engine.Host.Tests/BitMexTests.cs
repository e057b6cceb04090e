using System.Text;
using System.Text.Json;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>The commands over a BitMEX session: a small one of our own, and the real one.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class BitMexTests(EngineBinary engine) : EngineTests(engine)
{
    private static readonly string[] s_session =
    [
        "wss://venue/realtime <-> 1700000000",
        """1700000000.5: {"table":"orderBookL2","action":"partial","keys":["symbol","id","side"],"filter":{"symbol":"XBT"},"data":[{"symbol":"XBT","id":1,"side":"Sell","size":20,"price":101},{"symbol":"XBT","id":2,"side":"Buy","size":10,"price":100}]}""",
        """1700000000.6: {"table":"quote","action":"partial","filter":{"symbol":"XBT"},"data":[]}""",
        """1700000000.7: {"table":"trade","action":"partial","filter":{"symbol":"XBT"},"data":[]}""",
        """1700000002: {"table":"orderBookL2","action":"update","data":[{"symbol":"XBT","id":2,"side":"Buy","size":11}]}""",
        """1700000002.1: {"table":"quote","action":"insert","data":[{"timestamp":"2023-11-14T22:13:22.000Z","symbol":"XBT","bidSize":11,"bidPrice":100,"askPrice":101,"askSize":20},{"timestamp":"2023-11-14T22:13:22.050Z","symbol":"XBT","bidSize":12,"bidPrice":100,"askPrice":101,"askSize":20}]}""",
        """1700000003: {"table":"trade","action":"insert","data":[{"timestamp":"2023-11-14T22:13:22.900Z","symbol":"XBT","side":"Sell","size":3,"price":100,"trdMatchID":"00000000-0000-00ff-0000-000000000000"}]}""",
        """1700000004: {"table":"orderBookL2","action":"delete","data":[{"symbol":"XBT","id":9,"side":"Buy"}]}""",
        """1700000004.1: {"table":"liquidation","action":"insert","data":[]}""",
        "wss://venue/realtime <!> 1700000005: code 1006",
        "wss://venue/realtime <-> 1700000005.25",
    ];

    private static string Session { get; } = Repository.Write(".ws", Encoding.ASCII.GetBytes(string.Join('\n', s_session) + "\n"));

    [Test]
    public void Replay_tells_tables_quotes_losses_and_outages()
    {
        EngineRun run = Binary.Run("replay", Session, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        JsonElement json = SampleRuns.Summary(run);
        JsonElement check = json.GetProperty("quote_check");
        Assert.Multiple(() =>
        {
            Assert.That(json.GetProperty("tables").GetRawText(), Is.EqualTo(
                """{"orderBookL2":{"partial":1,"update":1,"delete":1},"quote":{"partial":1,"insert":1},"trade":{"partial":1,"insert":1},"liquidation":{"insert":1}}"""));
            Assert.That(check.GetProperty("by_symbol").GetRawText(), Is.EqualTo("""{"XBT":{"agreed":1,"differed":0,"unsettled":1}}"""));
            Assert.That(json.GetProperty("outages").GetRawText(), Is.EqualTo(
                """{"count":1,"total_ns":250000000,"open":false,"opened":2,"closed":1,"refused":0}"""));
            Assert.That(json.GetProperty("unknown_ids").GetInt64(), Is.EqualTo(1));
            Assert.That(json.GetProperty("crossed").GetInt64(), Is.Zero);
            Assert.That(json.GetProperty("gaps").GetInt64(), Is.EqualTo(1));
            Assert.That(json.GetProperty("rows").GetInt64(), Is.EqualTo(2), "the update and the trade");
            Assert.That(json.GetProperty("unclassified_trades").GetInt64(), Is.Zero);
            Assert.That(run.Error, Does.Contain("1 quotes agree with the rebuilt books, 0 differ, 1 not settled"));
            Assert.That(run.Error, Does.Contain("1 outages, 0.250 s"));
        });
    }

    [Test]
    public void A_wrong_size_shows_in_the_summary()
    {
        string wrong = Repository.Write(".ws", Encoding.ASCII.GetBytes(string.Join('\n', s_session[..^4]).Replace("\"size\":11", "\"size\":14", StringComparison.Ordinal)
            + "\n1700000009: {\"table\":\"orderBookL2\",\"action\":\"update\",\"data\":[{\"symbol\":\"XBT\",\"id\":2,\"side\":\"Buy\",\"size\":15}]}\n"));
        EngineRun run = Binary.Run("replay", wrong, "--json");
        JsonElement check = SampleRuns.Summary(run).GetProperty("quote_check");
        Assert.That(check.GetProperty("differed").GetInt64(), Is.EqualTo(2));
        Assert.That(check.GetProperty("differences")[0].GetRawText(), Is.EqualTo(
            """{"symbol":"XBT","time_ns":1700000002000000000,"quote":"11 @ 100 / 20 @ 101","book":"14 @ 100 / 20 @ 101"}"""));
        Assert.That(run.Error, Does.Contain("XBT at 1700000002000000000 ns: quote 11 @ 100 / 20 @ 101, book 14 @ 100 / 20 @ 101"));
    }

    [Test]
    public void Decode_book_features_and_inspect_read_it()
    {
        CsvTable decoded = CsvTable.Of(Binary.Run("decode", Session, "--venue", "bitmex"));
        Assert.That(decoded.Column("kind"), Is.EqualTo(new[]
        {
            "status", "snapshot_begin", "level_set", "level_set", "snapshot_end", "level_set", "status", "status", "trade", "gap", "status", "clear", "status",
        }));
        Assert.That(decoded.Column("type").Distinct(), Is.EqualTo(new[]
        {
            "opened", "orderBookL2/partial", "orderBookL2/update", "quote/insert", "trade/insert", "orderBookL2/delete", "closed", "",
        }));
        Assert.That(decoded.Column("quantity").Last(), Is.EqualTo("250000000"), "how long the outage was");
        Assert.That(decoded.Column("match_id").ElementAt(8), Is.EqualTo("255"));
        Assert.That(decoded.Column("detail").ElementAt(6), Is.EqualTo("bidSize=11;bidPrice=100;askPrice=101;askSize=20"));
        Assert.That(decoded.Column("detail").ElementAt(10), Is.EqualTo("reason=code 1006"));

        Assert.That(Binary.Run("book", Session, "--symbol", "XBT", "--depth", "1").OutputLines[1..], Is.EqualTo(new[]
        {
            "1700000000500000000,101,20,100,10", "1700000002000000000,101,20,100,11",
        }));
        Assert.That(CsvTable.Of(Binary.Run("features", Session, "--symbol", "XBT")).Column("sell_volume_0.100000"), Is.EqualTo(new[] { "0", "3" }));
        Assert.That(Binary.Run("inspect", Session).Output, Does.Contain("text / BitMEX").And.Contain("orderBookL2/update"));
    }

    [Test]
    public void Decode_prints_index_mark_and_funding_and_no_row_comes_of_them()
    {
        string session = Repository.Write(".ws", Encoding.ASCII.GetBytes(string.Join('\n', (string[])
        [
            .. s_session[..5],
            """1700000002.2: {"table":"instrument","action":"partial","keys":["symbol"],"filter":{"symbol":"XBT"},"data":[{"symbol":"XBT","markPrice":100.5,"indicativeSettlePrice":1e2,"fundingRate":0.0001,"fundingTimestamp":"2023-11-15T04:00:00.000Z","timestamp":"2023-11-14T22:13:22.000Z"}]}""",
            """1700000002.3: {"table":"instrument","action":"update","data":[{"symbol":"XBT","fundingRate":-0.000012,"markPrice":null,"timestamp":"2023-11-14T22:13:22.100Z"}]}""",
            """1700000002.4: {"table":"instrument","action":"update","data":[{"symbol":"XBT","fundingRate":0,"fundingTimestamp":null,"timestamp":"2023-11-14T22:13:22.200Z"}]}""",
            .. s_session[6..7],
        ]) + "\n"));
        CsvTable decoded = CsvTable.Of(Binary.Run("decode", session, "--venue", "bitmex"));
        string[] told = [.. decoded.Column("time_ns").Zip(decoded.Column("kind"), decoded.Column("price")).Zip(decoded.Column("quantity"), decoded.Column("type"))
            .Select(r => $"{r.First.First} {r.First.Second} {r.First.Third} {r.Second} {r.Third}").Where(r => r.EndsWith("instrument/partial") || r.EndsWith("instrument/update"))];
        Assert.That(told, Is.EqualTo(new[]
        {
            "1700000002000000000 index_price 100  instrument/partial",
            "1700000002000000000 mark_price 100.5  instrument/partial",
            "1700000002000000000 funding 0.0001 1700020800000000000 instrument/partial",
            "1700000002100000000 mark_price   instrument/update",
            "1700000002100000000 funding -0.000012 1700020800000000000 instrument/update",
            "1700000002200000000 funding 0  instrument/update",
        }));
        EngineRun run = Binary.Run("replay", session, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(SampleRuns.Summary(run).GetProperty("rows").GetInt64(), Is.EqualTo(2), "the book's update and the trade");
        Assert.That(SampleRuns.Summary(run).GetProperty("tables").GetProperty("instrument").GetRawText(), Is.EqualTo("""{"partial":1,"update":2}"""));
    }

    [Test]
    public void A_cut_session_is_exit_1_with_its_byte()
    {
        byte[] bytes = File.ReadAllBytes(Session);
        EngineRun run = Binary.Run("replay", Repository.Write(".ws", bytes[..^70]), "--json");
        AssertFault(run, 1, "is cut in the middle of the line at byte");
        Assert.That(SampleRuns.Summary(run).GetProperty("messages").GetInt64(), Is.EqualTo(8));
    }

    [Test]
    [Category("RealData")]
    public void The_real_session_agrees_with_its_own_quotes([Values("fused", "split")] string topology)
    {
        EngineRun run = Binary.Run("replay", Repository.RealData("bitmex/BITMEX.ws.17.0_202104"), "--topology", topology, "--json");
        Assert.That(run.Faults, Is.Empty, run.ToString);
        JsonElement json = SampleRuns.Summary(run);
        JsonElement check = json.GetProperty("quote_check");
        Assert.Multiple(() =>
        {
            Assert.That(json.GetProperty("tables").GetProperty("orderBookL2").GetRawText(), Is.EqualTo("""{"partial":10,"insert":713,"update":421,"delete":718}"""));
            Assert.That(
                (check.GetProperty("agreed").GetInt64(), check.GetProperty("differed").GetInt64(), check.GetProperty("unsettled").GetInt64()), Is.EqualTo((410, 0, 19)));
            Assert.That(json.GetProperty("unknown_ids").GetInt64(), Is.Zero);
            Assert.That(json.GetProperty("crossed").GetInt64(), Is.Zero);
            Assert.That(json.GetProperty("crossed_events").GetInt64(), Is.Zero);
            Assert.That(json.GetProperty("trust").GetProperty("good").GetInt64(), Is.EqualTo(10));
            Assert.That(json.GetProperty("unclassified_trades").GetInt64(), Is.Zero);
            Assert.That(json.GetProperty("irregularities").GetRawText(), Is.EqualTo("{}"));
        });
    }
}
