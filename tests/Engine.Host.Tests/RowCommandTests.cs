using System.IO.Compression;
using System.Text.Json;
using Engine.Host.Tests.Support;
using Engine.Simulator;

namespace Engine.Host.Tests;

/// <summary>`decode`, `book` and `features` on generated captures, held against a naive reading of the same bytes.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class RowCommandTests(EngineBinary engine) : EngineTests(engine)
{
    private static readonly long s_midnight = NaiveCaptures.WinterMidnight(2026, 1, 5);
    private static readonly Lazy<List<WireMessage>> s_sample = new(ReadSample);

    [Test]
    public void Decode_prints_every_message_of_the_sample_exactly()
    {
        EngineRun run = Binary.Run("decode", Repository.SampleCapture);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Error, Is.Empty);
        (List<string> expected, int unknown) = NaiveRows.Decode(s_sample.Value, s_midnight);
        string[] lines = run.OutputLines;
        Assert.That(unknown, Is.Zero);
        Assert.That(expected, Has.Count.EqualTo(200_000));
        Assert.That(lines[0], Is.EqualTo(NaiveRows.DecodeHeader));
        AssertRows(lines[1..], expected);
    }

    [Test]
    public void Book_prints_the_levels_of_the_sample_exactly([Values("HTLL", "GLFF")] string symbol, [Values(1, 10)] int depth)
    {
        List<string> expected = NaiveRows.Book(s_sample.Value, s_midnight, symbol, depth);
        EngineRun run = Binary.Run("book", Repository.SampleCapture, "--symbol", symbol, "--depth", $"{depth}", "--format", "csv");
        CsvTable table = CsvTable.Of(run);
        Assert.That(expected, Has.Count.GreaterThan(10_000));
        Assert.That(table.Header, Is.EqualTo(BookHeader(depth)));
        AssertRows(run.OutputLines[1..], expected);
    }

    [Test]
    public void A_binary_file_and_a_pcap_of_the_same_day_decode_to_the_same_events()
    {
        string file = SampleRuns.WriteCapture(SampleRuns.SmallMessages, OutputFormat.BinaryFile, ".itch");
        string[] columns = ["time_ns", "symbol", "kind", "side", "price", "quantity", "order_id", "sequence", "detail"];
        CsvTable binary = CsvTable.Of(Binary.Run("decode", file, "--date", "2026-01-05"));
        CsvTable pcap = CsvTable.Of(Binary.Run("decode", SampleRuns.SmallCapture));
        foreach (string column in columns)
        {
            Assert.That(binary.Column(column), Is.EqualTo(pcap.Column(column)), column);
        }

        Assert.That(binary.Column("receive_ns"), Is.EqualTo(binary.Column("time_ns")), "a BinaryFILE has no receive time");
    }

    [TestCase(0)]
    [TestCase(5)]
    public void A_limit_is_kept(int rows)
    {
        string[] all = Binary.Run("decode", SampleRuns.SmallCapture).OutputLines;
        EngineRun run = Binary.Run("decode", SampleRuns.SmallCapture, "-n", $"{rows}");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.OutputLines, Is.EqualTo(all[..(rows + 1)]));
        Assert.That(Binary.Run("book", SampleRuns.SmallCapture, "--symbol", "ALFA", "-n", $"{rows}").OutputLines, Has.Length.EqualTo(rows + 1));
        Assert.That(Binary.Run("features", SampleRuns.SmallCapture, "-n", $"{rows}").OutputLines, Has.Length.EqualTo(rows + 1));
    }

    [Test]
    public void A_limit_does_not_make_later_symbols_missing()
    {
        EngineRun run = Binary.Run("decode", SampleRuns.SmallCapture, "--symbols", "ALFA,CHRL", "-n", "1");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Error, Is.Empty);
    }

    [Test]
    public void Symbols_select_rows_and_change_none()
    {
        string[] all = Binary.Run("decode", SampleRuns.SmallCapture).OutputLines;
        string[] some = Binary.Run("decode", SampleRuns.SmallCapture, "--symbols", "CHRL,ALFA").OutputLines;
        string[] expected = [.. all[1..].Where(l => l.Split(',')[2] is "ALFA" or "CHRL")];
        Assert.That(expected, Has.Length.InRange(1_000, all.Length - 1_000));
        Assert.That(some[1..], Is.EqualTo(expected));
    }

    [Test]
    public void Json_lines_hold_the_same_fields_as_csv()
    {
        CsvTable csv = CsvTable.Of(Binary.Run("decode", SampleRuns.SmallCapture));
        string[] lines = Binary.Run("decode", SampleRuns.SmallCapture, "--format", "jsonl").OutputLines;
        Assert.That(lines, Has.Length.EqualTo(csv.Rows.Length).And.Length.GreaterThan(5_000));
        for (int i = 0; i < lines.Length; i++)
        {
            using JsonDocument line = JsonDocument.Parse(lines[i]);
            JsonProperty[] fields = [.. line.RootElement.EnumerateObject()];
            Assert.That(fields.Select(f => f.Name), Is.EqualTo(csv.Header));
            Assert.That(fields.Select(f => f.Value.ValueKind == JsonValueKind.Null ? "" : f.Value.ToString()), Is.EqualTo(csv.Rows[i]), $"line {i}");
        }
    }

    [Test]
    public void The_endings_of_files_choose_the_format()
    {
        string jsonl = Repository.NewPath(".jsonl");
        string csv = Repository.NewPath(".csv");
        Assert.That(Binary.Run("decode", SampleRuns.SmallCapture, "-o", jsonl).Output, Is.Empty);
        Assert.That(Binary.Run("decode", SampleRuns.SmallCapture, "-o", csv).Output, Is.Empty);
        Assert.That(File.ReadAllText(jsonl), Is.EqualTo(Binary.Run("decode", SampleRuns.SmallCapture, "--format", "jsonl").Output));
        Assert.That(File.ReadAllText(csv), Is.EqualTo(Binary.Run("decode", SampleRuns.SmallCapture).Output));
    }

    [Test]
    public void A_dash_is_stdin()
    {
        string file = Binary.Run("decode", SampleRuns.SmallCapture).Output;
        EngineRun plain = Binary.RunOnInput(SampleRuns.SmallCapture, "decode", "-");
        Assert.That(plain.ExitCode, Is.Zero, plain.ToString);
        Assert.That(plain.Output, Is.EqualTo(file));
        using var gzipped = new MemoryStream();
        using (var gzip = new GZipStream(gzipped, CompressionLevel.Fastest))
        {
            gzip.Write(File.ReadAllBytes(SampleRuns.SmallCapture));
        }

        Assert.That(Binary.RunOnInput(Repository.Write(".gz", gzipped.ToArray()), "decode", "-").Output, Is.EqualTo(file));
    }

    [Test]
    public void Feature_rows_are_named_by_the_contract_and_as_many_as_a_replay_makes()
    {
        string[] names = [.. CsvTable.Of(Binary.Run("inspect", Repository.SampleModel, "--format", "csv")).Column("name")];
        Assert.That(names, Is.EqualTo(ModelEdits.FeatureNames(Repository.SampleModel)));
        CsvTable features = CsvTable.Of(Binary.Run("features", SampleRuns.SmallCapture));
        ReplayRun replay = SampleRuns.Small(Binary);
        Assert.That(features.Header, Is.EqualTo((string[])["time_ns", "receive_ns", "symbol", .. names]));
        Assert.That(features.Rows, Has.Length.EqualTo(replay.Number("rows")));

        CsvTable predictions = CsvTable.Of(Binary.Run("inspect", replay.LogPath, "--format", "csv"));
        foreach (string column in (string[])["time_ns", "receive_ns", "symbol"])
        {
            Assert.That(features.Column(column), Is.EqualTo(predictions.Column(column)), column);
        }

        // A row's empty fields are the features that were missing.
        Assert.That(features.Rows.Select(r => $"{r.Count(f => f.Length == 0)}"), Is.EqualTo(predictions.Column("missing")));
    }

    [Test]
    public void A_grid_gives_rows_on_the_grid()
    {
        CsvTable rows = CsvTable.Of(Binary.Run("features", SampleRuns.SmallCapture, "--sampling", "grid-100", "--contract", "snapshot"));
        long[] times = [.. rows.Column("time_ns").Select(long.Parse)];
        Assert.That(times, Has.Length.GreaterThan(100));
        Assert.That(times.All(t => t % 100_000_000 == 0));
    }

    private static void AssertRows(string[] rows, List<string> expected)
    {
        Assert.That(rows, Has.Length.EqualTo(expected.Count));
        for (int i = 0; i < rows.Length; i++)
        {
            if (!string.Equals(rows[i], expected[i], StringComparison.Ordinal))
            {
                Assert.That(rows[i], Is.EqualTo(expected[i]), $"row {i}");
            }
        }
    }

    internal static List<string> BookHeader(int depth) =>
        ["time_ns", .. Enumerable.Range(1, depth).SelectMany(i => (string[])[$"ask_price_{i}", $"ask_size_{i}", $"bid_price_{i}", $"bid_size_{i}"])];

    private static List<WireMessage> ReadSample()
    {
        using var gzip = new GZipStream(File.OpenRead(Repository.SampleCapture), CompressionMode.Decompress);
        using var content = new MemoryStream();
        gzip.CopyTo(content);
        return NaiveCaptures.Pcap(content.ToArray());
    }
}
