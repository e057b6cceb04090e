using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>Wrong command lines: exit 2 and one line that names the option and what it takes.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class WrongUsageTests(EngineBinary engine) : EngineTests(engine)
{
    [TestCase("unknown command 'conquer'", "conquer")]
    [TestCase("Required command")]
    [TestCase("unknown option '--bogus'", "--bogus")]
    [TestCase("unknown option '--bogus'", "replay", "CAPTURE", "--bogus")]
    [TestCase("unknown option '--bogus'", "replay", "CAPTURE", "--bogus", "3")]
    [TestCase("unknown option '--bogus'", "replay", "CAPTURE", "--model", "MODEL", "--bogus")]
    [TestCase("unknown option '-x'", "decode", "CAPTURE", "-x")]
    [TestCase("unknown option '--json'", "decode", "CAPTURE", "--json")]
    [TestCase("no CAPTURE", "replay")]
    [TestCase("no CAPTURE", "replay", "--model", "MODEL", "CAPTURE")]
    [TestCase("no FILE", "inspect")]
    [TestCase("--symbol", "book", "CAPTURE")]
    [TestCase("--date 30-12-2019", "decode", "CAPTURE", "--date", "30-12-2019")]
    [TestCase("--date 2019-02-30", "decode", "CAPTURE", "--date", "2019-02-30")]
    [TestCase("the years are 1970 to 2261", "decode", "CAPTURE", "--date", "9999-12-31")]
    [TestCase("the years are 1970 to 2261", "replay", "CAPTURE", "--date", "0001-01-01")]
    [TestCase("the years are 1970 to 2261", "replay", "CAPTURE", "--date", "2262-01-01")]
    [TestCase("--venue nyse", "decode", "CAPTURE", "--venue", "nyse")]
    [TestCase("--gap-wait 60000001: 0 to 60000000", "replay", "CAPTURE", "--gap-wait", "60000001")]
    [TestCase("bitmex comes in files of its own", "replay", "CAPTURE", "--venue", "bitmex")]
    [TestCase("--speed fast", "replay", "CAPTURE", "--speed", "fast")]
    [TestCase("--speed 0x", "replay", "CAPTURE", "--speed", "0x")]
    [TestCase("from 0.001x", "replay", "CAPTURE", "--speed", "0.0000000000000000001x")]
    [TestCase("from 0.001x", "replay", "CAPTURE", "--speed", "0.0009x")]
    [TestCase("--speed -1x", "replay", "CAPTURE", "--speed", "-1x")]
    [TestCase("--speed 10", "replay", "CAPTURE", "--speed", "10")]
    [TestCase("--speed NaNx", "replay", "CAPTURE", "--speed", "NaNx")]
    [TestCase("--pin one", "replay", "CAPTURE", "--pin", "one")]
    [TestCase("--pin 9999", "replay", "CAPTURE", "--pin", "9999")]
    [TestCase("--pin -1", "replay", "CAPTURE", "--pin", "-1")]
    [TestCase("--pin", "replay", "CAPTURE", "--topology", "fused", "--pin", "0,0,0")]
    [TestCase("--pin", "replay", "CAPTURE", "--topology", "split", "--pin", "0,0,0,0")]
    [TestCase("--fifo 100", "replay", "CAPTURE", "--fifo", "100")]
    [TestCase("--sampling every-0", "features", "CAPTURE", "--sampling", "every-0")]
    [TestCase("--sampling grid-", "replay", "CAPTURE", "--sampling", "grid-")]
    [TestCase("--sampling sometimes", "replay", "CAPTURE", "--sampling", "sometimes")]
    [TestCase("'nope'", "features", "CAPTURE", "--contract", "nope")]
    [TestCase("'slow'", "replay", "CAPTURE", "--topology", "slow")]
    [TestCase("'gpu'", "replay", "CAPTURE", "--inference", "gpu")]
    [TestCase("'xml'", "decode", "CAPTURE", "--format", "xml")]
    [TestCase("--depth 0", "book", "CAPTURE", "--symbol", "ALFA", "--depth", "0")]
    [TestCase("--depth 1001", "book", "CAPTURE", "--symbol", "ALFA", "--depth", "1001")]
    [TestCase("--depth", "book", "CAPTURE", "--symbol", "ALFA", "--depth", "deep")]
    [TestCase("-n -5", "decode", "CAPTURE", "-n", "-5")]
    [TestCase("--limit", "decode", "CAPTURE", "-n", "many")]
    [TestCase("--symbols is empty", "decode", "CAPTURE", "--symbols", ",")]
    [TestCase("--seconds 0", "doctor", "--seconds", "0")]
    [TestCase("the endings are .csv and .jsonl", "decode", "CAPTURE", "-o", "rows.xlsx")]
    [TestCase("--format", "decode", "CAPTURE", "-o", "rows")]
    public void A_wrong_command_line_is_refused(string words, params string[] arguments) =>
        AssertRefused(Binary.Run([.. arguments.Select(Fill)]), words);

    [Test]
    public void A_kernel_that_does_not_exist_is_refused([Values("native", "both")] string inference) => AssertRefused(
        Binary.RunWith(
            new Dictionary<string, string> { ["ENGINE_KERNEL"] = "bogus" },
            "replay", SampleRuns.SmallCapture, "--model", Repository.SampleModel, "--inference", inference),
        "ENGINE_KERNEL=bogus", "scalar, avx2, avx512");

    [TestCase("decode")]
    [TestCase("book", "--symbol", "ALFA")]
    [TestCase("features")]
    public void An_output_that_exists_is_kept_unless_forced(string command, params string[] options)
    {
        string path = Repository.Write(".csv", BadFiles.Text);
        AssertRefused(Binary.Run([command, SampleRuns.SmallCapture, .. options, "-o", path]), path, "-f");
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(BadFiles.Text));
        EngineRun forced = Binary.Run([command, SampleRuns.SmallCapture, .. options, "-o", path, "-f"]);
        Assert.That(forced.ExitCode, Is.Zero, forced.ToString);
        Assert.That(File.ReadAllText(path), Does.StartWith("time_ns,"));
    }

    [Test]
    public void A_run_that_exists_is_kept_unless_forced([Values(true, false)] bool withModel)
    {
        string folder = Repository.NewPath("");
        string[] model = withModel ? ["--model", Repository.SampleModel] : [];
        string[] arguments = ["replay", SampleRuns.SmallCapture, .. model, "--out", folder];
        Assert.That(Binary.Run(arguments).ExitCode, Is.Zero);
        Dictionary<string, byte[]> before = Directory.GetFiles(folder).ToDictionary(f => f, File.ReadAllBytes);
        AssertRefused(Binary.Run(arguments), folder, "-f");
        Assert.That(Directory.GetFiles(folder).ToDictionary(f => f, File.ReadAllBytes), Is.EqualTo(before));
        EngineRun forced = Binary.Run([.. arguments, "-f"]);
        Assert.That(forced.ExitCode, Is.Zero, forced.ToString);
    }

    [Test]
    public void Nothing_of_an_earlier_run_stays_beside_a_forced_one()
    {
        string folder = Repository.NewPath("");
        string[] arguments = ["replay", SampleRuns.SmallCapture, "--out", folder];
        Assert.That(Binary.Run([.. arguments, "--model", Repository.SampleModel]).ExitCode, Is.Zero);
        string foreign = Path.Combine(folder, "notes.txt");
        File.WriteAllText(foreign, "mine");
        Assert.That(Files(), Does.Contain("predictions.engplog").And.Contain("inference.hgrm"));
        Assert.That(Binary.Run([.. arguments, "-f"]).ExitCode, Is.Zero);
        Assert.That(Files(), Does.Contain("summary.json").And.Contain("book.hgrm").And.Contain("notes.txt"));
        Assert.That(Files(), Has.None.EqualTo("predictions.engplog").And.None.EqualTo("inference.hgrm").And.None.Contains(".tmp"));

        string[] Files() => [.. Directory.GetFiles(folder).Select(f => Path.GetFileName(f)!)];
    }

    [Test]
    public void A_log_without_a_summary_is_kept_unless_forced()
    {
        string folder = Directory.CreateDirectory(Repository.NewPath("")).FullName;
        string log = Path.Combine(folder, "predictions.engplog");
        File.WriteAllBytes(log, BadFiles.Text);
        AssertRefused(Binary.Run("replay", SampleRuns.SmallCapture, "--out", folder), log, "-f");
    }

    [Test]
    public void An_output_that_cannot_be_written_is_named()
    {
        AssertRefused(Binary.Run("decode", SampleRuns.SmallCapture, "-o", "/nowhere/rows.csv"), "/nowhere/rows.csv");
        AssertRefused(Binary.Run("decode", SampleRuns.SmallCapture, "-o", Repository.Scratch, "--format", "csv", "-f"), Repository.Scratch);
        string file = Repository.Write(".txt", BadFiles.Text);
        AssertRefused(Binary.Run("replay", SampleRuns.SmallCapture, "--model", Repository.SampleModel, "--out", file), file);
    }

    private static string Fill(string argument) =>
        argument switch { "CAPTURE" => SampleRuns.SmallCapture, "MODEL" => Repository.SampleModel, _ => argument };
}
