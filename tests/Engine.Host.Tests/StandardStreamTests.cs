using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>Standard output and standard error that are closed or full: the first is named, the second changes nothing.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class StandardStreamTests(EngineBinary engine) : EngineTests(engine)
{
    [Test]
    public void A_replay_goes_on_without_standard_error(
        [Values("2>&-", "2>/dev/full", "<&- 2>&-")] string redirection, [Values("fused", "split")] string topology)
    {
        string folder = Repository.NewPath("");
        EngineRun run = Binary.RunInShell(
            $"exec \"$@\" {redirection}",
            "replay", SampleRuns.SmallCapture, "--model", Repository.SampleModel, "--topology", topology, "--out", folder, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(SampleRuns.Summary(run).GetProperty("prediction_digest").GetString(), Is.EqualTo(SampleRuns.Small(Binary).Text("prediction_digest")));
        Assert.That(
            File.ReadAllBytes(Path.Combine(folder, "predictions.engplog")), Is.EqualTo(SampleRuns.Small(Binary).Log), "nothing was written into the log");
    }

    [Test]
    public void A_fault_keeps_its_exit_code_without_standard_error([Values("2>&-", "2>/dev/full")] string redirection)
    {
        string missing = Repository.NewPath(".pcap");
        EngineRun run = Binary.RunInShell($"exec \"$@\" {redirection}", "replay", missing);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString);
    }

    [Test]
    public void Standard_output_that_cannot_be_written_is_named(
        [Values(">/dev/full", ">&-")] string redirection, [Values("replay", "inspect", "verify", "inspect model", "decode", "doctor")] string command)
    {
        string log = SampleRuns.Small(Binary).LogPath;
        EngineRun run = Binary.RunInShell($"exec \"$@\" {redirection}", command switch
        {
            "replay" => ["replay", SampleRuns.SmallCapture, "--json"],
            "inspect" => ["inspect", log],
            "verify" => ["verify", log, SampleRuns.SmallCapture, "--model", Repository.SampleModel],
            "inspect model" => ["inspect", Repository.SampleModel, "--json"],
            "decode" => ["decode", SampleRuns.SmallCapture],
            _ => ["doctor", "--seconds", "0.01"],
        });
        AssertFault(run, 2, "standard output cannot be written");
    }
}
