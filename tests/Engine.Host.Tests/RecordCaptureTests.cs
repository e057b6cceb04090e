using System.Text.Json;
using Engine.Host.Tests.Support;
using Engine.TestKit.Captures;

namespace Engine.Host.Tests;

/// <summary>DBN and LOBSTER files under every command that reads captures.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class RecordCaptureTests(EngineBinary engine) : EngineTests(engine)
{
    private const int Lines = 400;

    [Test]
    public void Every_command_reads_dbn_mbo()
    {
        string path = Repository.Write(".dbn", Orders().ToArray());
        CsvTable decoded = CsvTable.Of(Binary.Run("decode", path));
        Assert.That(decoded.Column("kind"), Is.EqualTo(new[] { "status", "add", "add", "trade", "status", "execute", "add", "status", "add" }));
        Assert.That(decoded.Column("symbol").Distinct(), Is.EqualTo(new[] { "AA", "BB" }));
        Assert.That(decoded.Column("type").Distinct(), Is.EqualTo(new[] { "mbo" }));
        Assert.That(decoded.Column("locate").Distinct(), Is.EqualTo(new[] { "7", "8" }));
        Assert.That(decoded.Rows[4][^1], Does.StartWith("action=F;side=B;wire_price=0.0000001;size=4;venue_order_id=1;"));

        CsvTable book = CsvTable.Of(Binary.Run("book", path, "--symbol", "AA", "--depth", "1"));
        Assert.That(book.Rows.Select(r => string.Join(' ', r[1..])), Is.EqualTo(new[]
        {
            "  0.0000001 10", "0.00000012 5 0.0000001 10", "0.00000012 5 0.0000001 6", "0.00000012 5 0.00000011 1",
        }));
        JsonElement replay = Replay(path);
        Assert.That(replay.GetProperty("messages").GetInt64(), Is.EqualTo(9));
        Assert.That(replay.GetProperty("messages_by_type").GetProperty("mbo").GetInt64(), Is.EqualTo(9));
        Assert.That(replay.GetProperty("unknown_orders").GetInt64(), Is.Zero);
        Assert.That(replay.GetProperty("trust").GetProperty("good").GetInt64(), Is.EqualTo(2));
        Assert.That(CsvTable.Of(Binary.Run("features", path, "--symbol", "AA", "--format", "csv")).Rows, Has.Length.GreaterThan(2));
        Assert.That(Binary.Run("inspect", path).Output, Does.Contain("DBN 3 / TEST.SET / mbo").And.Contains("mbo "));
    }

    [Test]
    public void Dbn_levels_and_trades_are_read_from_standard_input()
    {
        DbnWriter writer = new DbnWriter(schema: 2).Map("AA", 7);
        writer.Mbp10('A', 'B', 0, 0, [new(100, 5, 110, 6), new(90, 7, 120, 8)]).Mbp10('T', 'B', 110, 2, [new(100, 5, 110, 6), new(90, 7, 120, 8)]);
        writer.Mbp10('C', 'A', 110, 2, [new(100, 5, 110, 4), new(90, 7, 120, 8)]);
        EngineRun run = Binary.RunOnInput(Repository.Write(".dbn", writer.ToArray()), "book", "-", "--symbol", "AA", "--depth", "2", "--venue", "dbn");
        Assert.That(CsvTable.Of(run).Rows.Select(r => string.Join(' ', r[1..])), Is.EqualTo(new[]
        {
            "0.00000011 6 0.0000001 5 0.00000012 8 0.00000009 7", "0.00000011 4 0.0000001 5 0.00000012 8 0.00000009 7",
        }));
    }

    [Test]
    public void Damaged_and_foreign_dbn_ends_with_the_right_code()
    {
        byte[] whole = Orders().ToArray();
        string cut = Repository.Write(".dbn", whole[..^3]);
        EngineRun run = Binary.Run("decode", cut);
        AssertFault(run, 1, cut, "is cut in the middle of a record at byte");
        Assert.That(run.OutputLines, Has.Length.EqualTo(9));
        string definition = Repository.Write(".dbn", new DbnWriter(2, 9).Record(0x13, new byte[384]).ToArray());
        AssertFault(Binary.Run("replay", definition), 1, definition, "is DBN of schema definition with 1 definition records");
        string newer = Repository.Write(".dbn", [.. whole[..3], 4, .. whole[4..]]);
        AssertRefused(Binary.Run("decode", newer), newer, "DBN version 4");
        string zstd = Repository.Write(".dbn.zst", [0x28, 0xB5, 0x2F, 0xFD, .. whole]);
        foreach (string[] command in (string[][])[["replay", zstd], ["book", zstd, "--symbol", "A"], ["features", zstd], ["decode", zstd, "--venue", "dbn"], ["inspect", zstd]])
        {
            AssertRefused(Binary.Run(command), "is zstd-compressed", $"zstd -d {zstd}");
        }
    }

    [Test]
    public void Lobster_is_read_with_its_orderbook_file_and_without()
    {
        LobsterWriter writer = LobsterWriter.Random(1, Lines, 3, 40);
        string folder = Directory.CreateDirectory(Repository.NewPath("")).FullName;
        string path = Path.Combine(folder, "AAPL_2012-06-21_34200000_57600000_message_3.csv");
        File.WriteAllBytes(path, writer.Messages);
        JsonElement alone = Replay(path);
        Assert.That(alone.GetProperty("unknown_orders").GetInt64(), Is.Positive);
        string book = path.Replace("_message_", "_orderbook_", StringComparison.Ordinal);
        File.WriteAllBytes(book, writer.Rows);
        JsonElement replay = Replay(path);
        Assert.That((replay.GetProperty("unknown_orders").GetInt64(), replay.GetProperty("messages").GetInt64()), Is.EqualTo((0L, (long)Lines)));
        CsvTable rows = CsvTable.Of(Binary.Run("book", path, "--symbol", "AAPL", "--depth", "3"));
        string last = rows.Rows[^1][1];
        Assert.That(decimal.Parse(last, System.Globalization.CultureInfo.InvariantCulture) * 10_000, Is.EqualTo(writer.Tops[^1].Asks[0].Item1));
        Assert.That(CsvTable.Of(Binary.Run("decode", path)).Column("time_ns").First(), Does.StartWith("13402854"), "09:30 in New York on 2012-06-21");
        Assert.That(Binary.Run("inspect", path).Output, Does.Contain("LOBSTER messages and 3 levels"));
        AssertRefused(Binary.Run("decode", book), book, "is a LOBSTER orderbook file");

        File.WriteAllBytes(book, writer.Rows[..^40]);
        AssertFault(Binary.Run("decode", path), 1, path, "orderbook file has ended after");
    }

    [Test]
    public void A_log_of_lobster_names_both_files_and_verifies()
    {
        LobsterWriter writer = LobsterWriter.Random(2, Lines, 3);
        string folder = Directory.CreateDirectory(Repository.NewPath("")).FullName;
        string path = Path.Combine(folder, "AAPL_2012-06-21_34200000_57600000_message_3.csv");
        string book = path.Replace("_message_", "_orderbook_", StringComparison.Ordinal);
        File.WriteAllBytes(path, writer.Messages);
        File.WriteAllBytes(book, writer.Rows);
        ReplayRun run = SampleRuns.Of(Binary, path);
        Assert.That(run.Number("predictions"), Is.Positive);
        EngineRun verified = Binary.Run("verify", run.LogPath, path, book, "--model", Repository.SampleModel);
        Assert.That(verified.ExitCode, Is.Zero, verified.ToString);
        File.AppendAllText(book, "1,2,3,4,5,6,7,8,9,10,11,12\n");
        Assert.That(Binary.Run("verify", run.LogPath, path, book, "--model", Repository.SampleModel).ExitCode, Is.EqualTo(1));
    }

    private static DbnWriter Orders()
    {
        DbnWriter writer = new DbnWriter().Map("AA", 7).Map("BB", 8).Mbo('R', 'N', 0, DbnWriter.NoPrice, 0);
        writer.Mbo('A', 'B', 1, 100, 10).Mbo('A', 'A', 2, 120, 5).Mbo('T', 'A', 0, 100, 4, flags: 0).Mbo('F', 'B', 1, 100, 4, flags: 0).Mbo('C', 'B', 1, 100, 4);
        writer.Mbo('A', 'B', 3, 110, 1).Mbo('R', 'N', 0, 0, 0, instrument: 8).Mbo('A', 'B', 1, 5, 5, instrument: 8);
        return writer;
    }

    private JsonElement Replay(string path)
    {
        EngineRun run = Binary.Run("replay", path, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        return JsonDocument.Parse(run.OutputLines[^1]).RootElement;
    }
}
