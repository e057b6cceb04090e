using System.Globalization;
using System.Text.Json;
using Engine.Host.Tests.Support;
using Engine.Simulator;

namespace Engine.Host.Tests;

/// <summary>Runs that end before their capture: Ctrl-C, kill -9, a full disk, a reader that leaves.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class InterruptionTests(EngineBinary engine) : EngineTests(engine)
{
    private const int SomeRecords = 20_000;

    private static readonly Lazy<string> s_large = new(() => SampleRuns.WriteCapture(80_000, OutputFormat.Pcap, ".pcap"));

    [Test]
    public void Ctrl_C_ends_cleanly_with_a_complete_log([Values("fused", "split")] string topology)
    {
        string folder = Repository.NewPath("");
        string log = Path.Combine(folder, "predictions.engplog");
        using EngineProcess process = Binary.Start(
            "replay", Repository.SampleCapture, "--model", Repository.SampleModel, "--speed", "1x", "--topology", topology, "--symbols", "ALFA,HTLL", "--out", folder, "--json");
        process.WaitUntil(() => Length(log) > SomeRecords, "a log with records");
        process.Interrupt();
        EngineRun run = process.Wait();

        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Faults, Is.Empty, run.ToString);
        JsonElement json = SampleRuns.Summary(run);
        Assert.That(json.GetProperty("interrupted").GetBoolean());
        Assert.That(run.Error, Does.Contain("  interrupted "));
        Assert.That(json.GetProperty("messages").GetInt64(), Is.InRange(1, 100_000), "it stopped long before the end");

        EngineRun inspect = Binary.Run("inspect", log, "--json");
        Assert.That(inspect.ExitCode, Is.Zero, inspect.ToString);
        JsonElement seen = SampleRuns.Summary(inspect);
        Assert.That(seen.GetProperty("complete").GetBoolean(), "the log has its end record");
        Assert.That(seen.GetProperty("interrupted").GetBoolean(), "and it says that the run was ended");
        Assert.That(Binary.Run("inspect", log).Output, Does.Contain("ended early, complete up to there"));
        Assert.That(seen.GetProperty("predictions").GetInt64(), Is.EqualTo(json.GetProperty("predictions").GetInt64()).And.Positive);
        Assert.That(seen.GetProperty("prediction_digest").GetString(), Is.EqualTo(json.GetProperty("prediction_digest").GetString()));
        EngineRun verify = Binary.Run("verify", log, Repository.SampleCapture, "--model", Repository.SampleModel);
        Assert.That(verify.ExitCode, Is.Zero, verify.ToString);
        Assert.That(verify.Output, Does.Contain("verified up to where the run was ended early: "));
    }

    [Test]
    public void A_log_of_a_whole_run_is_not_interrupted()
    {
        EngineRun inspect = Binary.Run("inspect", SampleRuns.Small(Binary).LogPath, "--json");
        Assert.That(SampleRuns.Summary(inspect).GetProperty("interrupted").GetBoolean(), Is.False);
        Assert.That(inspect.Output, Does.Contain("prediction log, complete\n"));
    }

    [Test]
    public void Kill_9_leaves_a_log_that_is_a_prefix([Values("fused", "split")] string topology)
    {
        string folder = Repository.NewPath("");
        string log = Path.Combine(folder, "predictions.engplog");
        using EngineProcess process = Binary.Start(
            "replay", Repository.SampleCapture, "--model", Repository.SampleModel, "--speed", "50x", "--topology", topology, "--out", folder);
        process.WaitUntil(() => Length(log) > 300_000, "a log of 300 kB");
        process.Kill();
        EngineRun killed = process.Wait();
        Assert.That(killed.ExitCode, Is.EqualTo(128 + 9), killed.ToString);

        var layout = new LogBytes(File.ReadAllBytes(log));
        int whole = layout.PredictionsBefore(Length(log));
        Assert.That(whole, Is.GreaterThan(4_000));
        EngineRun inspect = Binary.Run("inspect", log, "--format", "csv");
        AssertFault(inspect, 1, $"{whole.ToString("N0", CultureInfo.InvariantCulture)} predictions before it are whole");
        string[] rows = inspect.OutputLines;
        Assert.That(rows, Has.Length.EqualTo(whole + 1));
        string[] full = Binary.Run("inspect", SampleRuns.Sample(Binary).LogPath, "--format", "csv").OutputLines;
        Assert.That(rows, Is.EqualTo(full[..rows.Length]), "its predictions are the first of the full run's");
    }

    [Test]
    public void A_log_that_cannot_grow_ends_the_run_in_one_line([Values("fused", "split")] string topology)
    {
        string folder = Repository.NewPath("");
        EngineRun run = Binary.RunInShell(
            "export DOTNET_EnableWriteXorExecute=0; ulimit -f 100; exec \"$@\"",
            "replay", SampleRuns.SmallCapture, "--model", Repository.SampleModel, "--topology", topology, "--out", folder);
        string log = Path.Combine(folder, "predictions.engplog");
        AssertFault(run, 2, log);
        AssertFault(Binary.Run("inspect", log), 1, "predictions before it are whole");
    }

    [Test]
    public void A_log_that_cannot_grow_is_the_cause_even_where_others_wait_for_the_recorder([Values("fused", "split")] string topology)
    {
        // So many predictions that the compute thread finds no room behind the recorder that has failed, and the receiving one none behind it.
        string folder = Repository.NewPath("");
        EngineRun run = Binary.RunInShell(
            "export DOTNET_EnableWriteXorExecute=0; ulimit -f 100; exec \"$@\"",
            "replay", s_large.Value, "--model", Repository.SampleModel, "--topology", topology, "--out", folder);
        AssertFault(run, 2, Path.Combine(folder, "predictions.engplog"));
    }

    [Test]
    public void Rows_that_cannot_grow_end_the_command_in_one_line()
    {
        string rows = Repository.NewPath(".csv");
        AssertFault(
            Binary.RunInShell("export DOTNET_EnableWriteXorExecute=0; ulimit -f 100; exec \"$@\"", "features", SampleRuns.SmallCapture, "-o", rows), 2, rows);
    }

    [Test]
    public void A_full_disk_under_stdout_is_one_line()
    {
        EngineRun run = Binary.RunInShell("exec \"$@\" > /dev/full", "decode", SampleRuns.SmallCapture);
        AssertFault(run, 2, "standard output");
    }

    [Test]
    public void A_reader_that_leaves_ends_the_command_quietly()
    {
        // The capture is cut, which would be reported with exit 1 if it were read to its end.
        byte[] capture = File.ReadAllBytes(SampleRuns.SmallCapture);
        string cut = Repository.Write(".pcap", capture[..^5]);
        AssertFault(Binary.Run("decode", cut), 1, cut);
        using EngineProcess process = Binary.Start("decode", cut);
        Assert.That(process.ReadLineAndClose(), Does.StartWith("time_ns,receive_ns,"));
        EngineRun run = process.Wait();
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Error, Is.Empty);
    }

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
