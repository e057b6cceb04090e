using System.Text.Json;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>Real NASDAQ files: a snippet from the middle of a day and a start of day that was cut.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
[Category("RealData")]
public class RealDataTests(EngineBinary engine) : EngineTests(engine)
{
    private const string Date = "2019-12-30";

    private static readonly long s_midnight = NaiveCaptures.WinterMidnight(2019, 12, 30);
    private static readonly Dictionary<string, long> s_types = new()
    {
        ["A"] = 367, ["U"] = 225, ["F"] = 193, ["D"] = 167, ["E"] = 28, ["X"] = 6, ["I"] = 4, ["P"] = 4, ["Q"] = 4, ["S"] = 1, ["C"] = 1,
    };

    private static string Snippet => Repository.RealData("itch50/12302019_SNIPPET.NASDAQ_ITCH50");

    private static string Cut => Repository.RealData("itch50/LukeFasanello_start_of_day_4096B_truncated.itch");

    [Test]
    public void The_snippet_replays_with_its_true_counts()
    {
        ReplayRun run = SampleRuns.Of(Binary, Snippet, "--date", Date);
        Assert.That(run.Run.Faults, Is.Empty, run.Run.ToString);
        Assert.That(run.Number("messages"), Is.EqualTo(1_000));
        Assert.That(
            run.Json.GetProperty("messages_by_type").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt64()), Is.EquivalentTo(s_types));
        Assert.That(run.Number("unknown_orders"), Is.EqualTo(394));
        JsonElement trust = run.Json.GetProperty("trust");
        Assert.That(trust.GetProperty("good").GetInt64(), Is.Zero, "a file that begins mid-day has no book to believe");
        Assert.That(trust.GetProperty("recovering").GetInt64(), Is.Positive);
        Assert.That(run.Number("predictions"), Is.Positive);
        Assert.That(CsvTable.Of(Binary.Run("inspect", run.LogPath, "--format", "csv")).Column("trust").Distinct(), Does.Not.Contain("good"));
        EngineRun verify = Binary.Run("verify", run.LogPath, Snippet, "--model", Repository.SampleModel);
        Assert.That(verify.ExitCode, Is.Zero, verify.ToString);
    }

    [Test]
    public void The_snippet_decodes_exactly()
    {
        List<WireMessage> messages = NaiveCaptures.BinaryFile(File.ReadAllBytes(Snippet));
        (List<string> expected, int unknown) = NaiveRows.Decode(messages, s_midnight);
        EngineRun run = Binary.Run("decode", Snippet, "--date", Date);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(unknown, Is.EqualTo(394));
        Assert.That(run.OutputLines, Is.EqualTo((string[])[NaiveRows.DecodeHeader, .. expected]));
        Assert.That(run.OutputLines, Has.Length.EqualTo(1_001));
    }

    [Test]
    public void Order_derived_fields_are_empty_for_orders_never_seen()
    {
        CsvTable rows = CsvTable.Of(Binary.Run("decode", Snippet, "--date", Date));
        int side = Array.IndexOf(rows.Header, "side");
        var seen = new HashSet<string>();
        var unknown = new List<string[]>();
        foreach (string[] r in rows.Rows)
        {
            if (r[3] is "execute" or "cancel" or "delete" or "replace" && !seen.Contains(r[7]))
            {
                unknown.Add(r);
            }

            if (r[3] is "add" or "replace")
            {
                seen.Add(r[3] == "add" ? r[7] : r[8]);
            }
        }

        Assert.That(unknown, Has.Count.EqualTo(394));
        Assert.That(unknown.All(r => r[side].Length == 0));
        Assert.That(unknown.Where(r => r[3] is "delete").All(r => r[5].Length == 0 && r[6].Length == 0));
        Assert.That(unknown.Where(r => r[3] is "execute" or "cancel" && r[11] != "C").All(r => r[5].Length == 0 && r[6].Length > 0));
    }

    [Test]
    public void The_cut_file_keeps_its_101_messages_and_names_the_byte()
    {
        List<WireMessage> messages = NaiveCaptures.BinaryFile(File.ReadAllBytes(Cut));
        (List<string> expected, _) = NaiveRows.Decode(messages, s_midnight);
        EngineRun run = Binary.Run("decode", Cut, "--date", Date);
        AssertFault(run, 1, Cut, "byte 4,081");
        Assert.That(run.OutputLines, Is.EqualTo((string[])[NaiveRows.DecodeHeader, .. expected]));
        Assert.That(expected, Has.Count.EqualTo(101));

        EngineRun replay = Binary.Run("replay", Cut, "--json");
        AssertFault(replay, 1, Cut, "byte 4,081");
        Assert.That(SampleRuns.Summary(replay).GetProperty("messages").GetInt64(), Is.EqualTo(101));
        AssertFault(Binary.Run("inspect", Cut), 1, Cut, "byte 4,081");
    }

    [Test]
    public void Books_of_the_busiest_symbols_are_exact()
    {
        List<WireMessage> messages = NaiveCaptures.BinaryFile(File.ReadAllBytes(Snippet));
        var orders = new NaiveOrders();
        messages.ForEach(m => orders.Take(m));
        string[] busiest = [.. messages.Where(m => orders.Symbols.ContainsKey(m.Locate)).GroupBy(m => orders.Symbols[m.Locate])
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Take(6).Select(g => g.Key)];
        int levels = 0;
        foreach (string symbol in busiest)
        {
            List<string> expected = NaiveRows.Book(messages, s_midnight, symbol, 5);
            EngineRun run = Binary.Run("book", Snippet, "--symbol", symbol, "--depth", "5", "--date", Date);
            Assert.That(run.ExitCode, Is.Zero, run.ToString);
            Assert.That(run.OutputLines[0], Is.EqualTo(string.Join(',', RowCommandTests.BookHeader(5))));
            Assert.That(run.OutputLines[1..], Is.EqualTo(expected), symbol);
            levels += expected.Count(r => !r.Contains(",,,,,,,,,", StringComparison.Ordinal));
        }

        Assert.That(levels, Is.Positive, "some book had more than two levels");
    }

    [Test]
    public void A_symbol_that_never_occurs_is_named()
    {
        foreach (string command in (string[])["decode", "features", "replay"])
        {
            EngineRun run = Binary.Run(command, Snippet, "--date", Date, command == "features" ? "--symbol" : "--symbols", "NEVER");
            AssertFault(run, 1, "NEVER");
        }
    }
}
