using System.Globalization;
using System.Text.Json;
using Engine.Host.Tests.Support;
using Engine.Simulator;

namespace Engine.Host.Tests;

/// <summary>`features -o rows.h5`, `inspect rows.h5`, `replay rows.h5`: a file of rows is worth its capture.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class FeatureFileTests(EngineBinary engine) : EngineTests(engine)
{
    private static readonly Dictionary<string, string> s_noLibrary = new() { ["ENGINE_HDF5"] = "/nonexistent/libhdf5_serial.so.103" };
    private static readonly Lazy<string> s_large = new(() => SampleRuns.WriteCapture(40_000, OutputFormat.Pcap, ".pcap"));
    private static readonly Lazy<string[]> s_largeRows = new(() => EngineBinary.Jit.Run("features", s_large.Value).OutputLines);

    private string _rows = "";

    [OneTimeSetUp]
    public void WriteRows() => _rows = Write(SampleRuns.SmallCapture);

    [Test]
    public void The_file_says_what_the_csv_says([Values("0", "6")] string deflate)
    {
        string csv = Repository.NewPath(".csv");
        Assert.That(Binary.Run("features", SampleRuns.SmallCapture, "-o", csv).ExitCode, Is.Zero);
        EngineRun back = Binary.Run("inspect", Write(SampleRuns.SmallCapture, "--deflate", deflate), "--format", "csv");
        Assert.That(back.ExitCode, Is.Zero, back.ToString);
        Assert.That(string.Equals(back.Output, File.ReadAllText(csv), StringComparison.Ordinal), "equal text");
        Assert.That(Binary.Run("inspect", _rows, "--format", "csv", "-n", "17").OutputLines, Is.EqualTo(back.OutputLines[..18]));
    }

    [Test]
    public void Both_builds_and_every_run_write_the_same_bytes()
    {
        byte[] once = File.ReadAllBytes(_rows);
        Assert.That(File.ReadAllBytes(Write(SampleRuns.SmallCapture)).AsSpan().SequenceEqual(once));
        string jit = Repository.NewPath(".h5");
        Assert.That(EngineBinary.Jit.Run("features", SampleRuns.SmallCapture, "-o", jit).ExitCode, Is.Zero);
        if (Version(jit) == Version(_rows))
        {
            Assert.That(File.ReadAllBytes(jit).AsSpan().SequenceEqual(once), "the JIT's");
        }
        else
        {
            // Builds of two revisions: their files say so, and nothing else differs.
            Assert.That(Binary.Run("inspect", jit, "--format", "csv").Output, Is.EqualTo(Binary.Run("inspect", _rows, "--format", "csv").Output));
        }
    }

    [Test]
    public void Inspect_tells_what_the_file_holds()
    {
        EngineRun run = Binary.Run("inspect", _rows, "--json");
        JsonElement json = SampleRuns.Summary(run);
        ReplayRun replay = SampleRuns.Small(Binary);
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero, run.ToString);
            Assert.That(json.GetProperty("kind").GetString(), Is.EqualTo("feature_rows"));
            Assert.That(json.GetProperty("complete").GetBoolean());
            Assert.That(json.GetProperty("rows").GetInt64(), Is.EqualTo(replay.Number("rows")));
            Assert.That(json.GetProperty("contract_hash").GetString(), Is.EqualTo(replay.Text("contract_hash")));
            Assert.That(json.GetProperty("missing_features").GetInt64(), Is.EqualTo(replay.Number("missing_features")));
            Assert.That(json.GetProperty("by_symbol").EnumerateObject().Sum(p => p.Value.GetInt64()), Is.EqualTo(replay.Number("rows")));
            Assert.That(json.GetProperty("captures")[0].GetProperty("name").GetString(), Is.EqualTo(Path.GetFileName(SampleRuns.SmallCapture)));
            Assert.That(run.Output, Does.Contain("feature rows, complete").And.Contain("ALFA"));
        });
    }

    [Test]
    public void A_replay_of_the_rows_is_a_replay_of_the_capture([Values("native", "both")] string inference)
    {
        ReplayRun capture = SampleRuns.Of(Binary, SampleRuns.SmallCapture, "--inference", inference);
        ReplayRun rows = SampleRuns.Of(Binary, _rows, "--inference", inference);
        AssertSamePredictions(rows, capture);
        Assert.That(rows.Json.EnumerateObject().Select(p => p.Name), Is.SupersetOf(capture.Json.EnumerateObject().Select(p => p.Name)));
        Assert.That((rows.Text("book_digest"), rows.Number("messages"), rows.Number("rows_cut")), Is.EqualTo(((string?)null, 0, 0)));
        Assert.That(rows.Number("allocated_bytes_hot"), Is.Zero);
        EngineRun verify = Binary.Run("verify", rows.LogPath, _rows, "--model", Repository.SampleModel);
        Assert.That(verify.ExitCode, Is.Zero, verify.ToString);
    }

    /// <summary>A file of one block, too: a fifth of its rows, whatever the size of a block.</summary>
    [Test]
    public void The_warm_up_of_a_short_file_is_a_fifth_of_its_rows()
    {
        string few = Repository.NewPath(".h5");
        Assert.That(Binary.Run("features", SampleRuns.SmallCapture, "-o", few, "-n", "1000").ExitCode, Is.Zero);
        ReplayRun rows = SampleRuns.Of(Binary, few);
        Assert.That((rows.Number("rows"), rows.Number("warmup_events")), Is.EqualTo((1_000, 200)));
        Assert.That(rows.Json.GetProperty("latency_ns").GetProperty("wire_to_prediction").GetProperty("count").GetInt64(), Is.EqualTo(rows.Number("predictions") - 200));
    }

    [Test]
    public void Symbols_select_rows_as_they_select_events()
    {
        ReplayRun capture = SampleRuns.Of(Binary, SampleRuns.SmallCapture, "--symbols", "CHRL");
        AssertSamePredictions(SampleRuns.Of(Binary, _rows, "--symbols", "CHRL"), capture);
        string one = Write(SampleRuns.SmallCapture, "--symbol", "CHRL");
        AssertSamePredictions(SampleRuns.Of(Binary, one), capture);
        AssertFault(Binary.Run("replay", one, "--model", Repository.SampleModel, "--symbols", "ALFA"), 1, "symbol ALFA never occurs");
    }

    [TestCase("--topology", "split")]
    [TestCase("--speed", "10x")]
    [TestCase("--venue", "itch50")]
    [TestCase("--date", "2026-01-05")]
    [TestCase("--gap-wait", "10")]
    [TestCase("--contract", "default")]
    [TestCase("--sampling", "every-event")]
    public void What_makes_no_sense_with_rows_is_refused_by_name(string option, string value) =>
        AssertRefused(Binary.Run("replay", _rows, "--model", Repository.SampleModel, option, value), option, "feature rows");

    [Test]
    public void Rows_need_a_model_and_a_run_of_their_own()
    {
        AssertRefused(Binary.Run("replay", _rows), _rows, "--model");
        AssertRefused(Binary.Run("replay", _rows, SampleRuns.SmallCapture, "--model", Repository.SampleModel), _rows, "a run of its own");
    }

    [Test]
    public void Rows_of_another_contract_are_refused_with_the_first_difference()
    {
        string sampled = Write(SampleRuns.SmallCapture, "--sampling", "every-10");
        AssertRefused(Binary.Run("replay", sampled, "--model", Repository.SampleModel), sampled, "sampling: 'every-10' here, 'every-event' there");
        string snapshot = Write(SampleRuns.SmallCapture, "--contract", "snapshot");
        AssertRefused(Binary.Run("replay", snapshot, "--model", Repository.SampleModel), snapshot, "another contract");
    }

    [Test]
    public void A_file_that_is_there_stays_and_standard_output_is_refused()
    {
        byte[] before = File.ReadAllBytes(_rows);
        AssertRefused(Binary.Run("features", SampleRuns.SmallCapture, "-o", _rows), _rows, "exists already");
        Assert.That(File.ReadAllBytes(_rows).AsSpan().SequenceEqual(before));
        AssertRefused(Binary.Run("features", SampleRuns.SmallCapture, "--format", "h5"), "standard output");
        AssertRefused(Binary.Run("features", SampleRuns.SmallCapture, "-o", Repository.NewPath(".h5"), "--deflate", "10"), "--deflate 10");
        AssertRefused(Binary.Run("features", SampleRuns.SmallCapture, "--deflate", "1"), "--deflate");
        AssertRefused(Binary.Run("decode", SampleRuns.SmallCapture, "-o", Repository.NewPath(".h5")), ".csv and .jsonl");
        AssertRefused(Binary.Run("features", SampleRuns.SmallCapture, "-o", "/nonexistent/x.h5"), "/nonexistent/x.h5", "No such file");
    }

    [Test]
    public void A_limit_is_kept()
    {
        string few = Write(SampleRuns.SmallCapture, "-n", "700");
        JsonElement json = SampleRuns.Summary(Binary.Run("inspect", few, "--json"));
        Assert.That((json.GetProperty("rows").GetInt64(), json.GetProperty("interrupted").GetBoolean()), Is.EqualTo((700, true)));
        string[] log = Binary.Run("inspect", SampleRuns.Of(Binary, few).LogPath, "--format", "csv").OutputLines;
        Assert.That(log, Is.EqualTo(Binary.Run("inspect", SampleRuns.Small(Binary).LogPath, "--format", "csv", "-n", "700").OutputLines));
    }

    [Test]
    public void Kill_9_leaves_rows_that_are_a_prefix([Values(50_000, 1_000_000, 3_000_000)] int bytes)
    {
        string path = Repository.NewPath(".h5");
        using EngineProcess process = Binary.Start("features", s_large.Value, "-o", path);
        process.WaitUntil(() => File.Exists(path) && new FileInfo(path).Length > bytes, $"{bytes} bytes");
        process.Kill();
        Assert.That(process.Wait().ExitCode, Is.EqualTo(128 + 9));

        EngineRun inspect = Binary.Run("inspect", path, "--format", "csv");
        AssertFault(inspect, 1, path, "its writer was stopped");
        string[] full = s_largeRows.Value;
        string[] rows = inspect.OutputLines;
        Assert.That(rows, Is.EqualTo(full[..rows.Length]), "its rows are the first of the full run's");
        Assert.That(rows, Has.Length.LessThan(full.Length));

        string folder = Repository.NewPath("");
        EngineRun replay = Binary.Run("replay", path, "--model", Repository.SampleModel, "--out", folder, "--json");
        AssertFault(replay, 1, path, "its writer was stopped");
        Assert.That(SampleRuns.Summary(replay).GetProperty("predictions").GetInt64(), Is.EqualTo(rows.Length - 1));
        JsonElement seen = H5Py.Run("""
            f = h5py.File(a[0], 'r', libver='latest', swmr=True)
            n = len(f['time'])
            print(json.dumps({'rows': n, 'receive': f['receive_time'][:n].tolist(), 'features': f['features'][:n].shape[0]}))
            """, path);
        Assert.That(seen.GetProperty("rows").GetInt64(), Is.EqualTo(rows.Length - 1));
        Assert.That(
            seen.GetProperty("receive").EnumerateArray().Select(v => v.GetInt64().ToString(CultureInfo.InvariantCulture)),
            Is.EqualTo(rows[1..].Select(r => r.Split(',')[1])));
    }

    [Test]
    public void Ctrl_C_closes_the_file_in_order()
    {
        string path = Repository.NewPath(".h5");
        using EngineProcess process = Binary.Start("features", Repository.SampleCapture, "-o", path, "--deflate", "9");
        process.WaitUntil(() => File.Exists(path) && new FileInfo(path).Length > 200_000, "some rows");
        process.Interrupt();
        EngineRun run = process.Wait();
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        EngineRun inspect = Binary.Run("inspect", path);
        Assert.That(inspect.ExitCode, Is.Zero, inspect.ToString);
        Assert.That(inspect.Output, Does.Contain("ended early, complete up to there"));
    }

    [TestCase("100")]
    [TestCase("400")]
    public void A_file_that_cannot_grow_ends_the_command_in_one_line(string blocks)
    {
        string path = Repository.NewPath(".h5");
        EngineRun run = Binary.RunInShell($"export DOTNET_EnableWriteXorExecute=0; ulimit -f {blocks}; exec \"$@\"", "features", s_large.Value, "-o", path);
        AssertFault(run, 2, path, "may not grow further");
    }

    [Test]
    public void Without_the_library_the_install_step_is_named_and_all_else_works()
    {
        string path = Repository.NewPath(".h5");
        foreach (string[] command in (string[][])
            [["features", SampleRuns.SmallCapture, "-o", path], ["inspect", _rows], ["replay", _rows, "--model", Repository.SampleModel], ["inspect", SampleRuns.Small(Binary).LogPath, "-o", path]])
        {
            AssertRefused(Binary.RunWith(s_noLibrary, command), "/nonexistent/libhdf5_serial.so.103", "apt-get install libhdf5-103-1");
        }

        Assert.That(path, Does.Not.Exist);
        EngineRun replay = Binary.RunWith(s_noLibrary, "replay", SampleRuns.SmallCapture, "--model", Repository.SampleModel);
        Assert.That(replay.ExitCode, Is.Zero, replay.ToString);
        Assert.That(Binary.RunWith(s_noLibrary, "doctor", "--seconds", "0.01").Output, Does.Match("hdf5 +not found: "));
        Assert.That(Binary.Run("doctor", "--seconds", "0.01").Output, Does.Match(@"hdf5 +1\.\d+\.\d+ at "));
    }

    internal static void AssertSamePredictions(ReplayRun rows, ReplayRun capture)
    {
        Assert.That(rows.Number("predictions"), Is.EqualTo(capture.Number("predictions")).And.Positive);
        Assert.That(rows.Text("prediction_digest"), Is.EqualTo(capture.Text("prediction_digest")));
        Assert.That(rows.Number("missing_features"), Is.EqualTo(capture.Number("missing_features")));
        byte[] a = rows.Log;
        byte[] b = capture.Log;
        int first = new LogBytes(a).FirstRecord;
        int other = new LogBytes(b).FirstRecord;
        Assert.That(Predictions(a, first), Is.EqualTo(Predictions(b, other)), "the records of predictions, byte for byte");
        Assert.That(rows.Text("configuration_hash"), Is.EqualTo(capture.Text("configuration_hash")));
    }

    private static List<string> Predictions(byte[] log, int from)
    {
        var records = new List<string>();
        for (int at = from; at + LogBytes.RecordSize <= log.Length; at += LogBytes.RecordSize)
        {
            if (log[at] == LogBytes.Prediction)
            {
                records.Add(Convert.ToHexString(log, at, LogBytes.RecordSize));
            }
        }

        return records;
    }

    private string? Version(string path) => SampleRuns.Summary(Binary.Run("inspect", path, "--json")).GetProperty("engine_version").GetString();

    private string Write(string capture, params string[] options)
    {
        string path = Repository.NewPath(".h5");
        EngineRun run = Binary.Run(["features", capture, "-o", path, .. options]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Output, Is.Empty);
        return path;
    }
}
