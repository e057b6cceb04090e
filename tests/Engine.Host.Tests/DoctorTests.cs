using System.Text.Json;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>`--version`, `doctor`, `inspect` and help: what the program says of itself and of files.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class DoctorTests(EngineBinary engine) : EngineTests(engine)
{
    private static readonly Dictionary<string, string> s_scalar = new() { ["ENGINE_KERNEL"] = "scalar" };

    [Test]
    public void The_version_names_build_level_and_kernel()
    {
        EngineRun run = Binary.Run("--version");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.OutputLines[0], Does.Match($@"^engine \d+\.\d+\.\d+\S* \({Binary} .+, cpu level (scalar|avx2|avx512), kernel (scalar|avx2|avx512)\)$"));
        Assert.That(Binary.RunWith(s_scalar, "--version").Output, Does.Contain(", kernel scalar)"));
    }

    [Test]
    public void The_doctor_names_the_host_kernels_libraries_and_jitter()
    {
        EngineRun run = Binary.Run("doctor", "--seconds", "0.05");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.OutputLines[0], Is.EqualTo(Binary.Run("--version").OutputLines[0]));
        foreach (string word in (string[])["  host ", "  cpus ", "  timer ", "  kernels ", "  onnxruntime ", "jitter", "p99.9"])
        {
            Assert.That(run.Output, Does.Contain(word));
        }

        Assert.That(run.Output, Does.Match("onnxruntime +1\\.30\\.0 at /"));
        EngineRun without = Binary.RunWith(new Dictionary<string, string> { ["ENGINE_ONNXRUNTIME"] = "/nonexistent" }, "doctor", "--seconds", "0.05");
        Assert.That(without.ExitCode, Is.Zero, without.ToString);
        Assert.That(without.Output, Does.Match("onnxruntime +not found: "));
    }

    [Test]
    public void A_forced_kernel_that_does_not_exist_shows_in_the_doctor()
    {
        EngineRun run = Binary.RunWith(new Dictionary<string, string> { ["ENGINE_KERNEL"] = "bogus" }, "doctor", "--seconds", "0.05");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Output, Does.Contain("ENGINE_KERNEL=bogus"));
    }

    [Test]
    public void Inspect_tells_what_a_log_holds()
    {
        ReplayRun replay = SampleRuns.Small(Binary);
        EngineRun run = Binary.Run("inspect", replay.LogPath, "--json");
        JsonElement json = SampleRuns.Summary(run);
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero, run.ToString);
            Assert.That(json.GetProperty("kind").GetString(), Is.EqualTo("prediction_log"));
            Assert.That(json.GetProperty("predictions").GetInt64(), Is.EqualTo(replay.Number("predictions")));
            Assert.That(json.GetProperty("prediction_digest").GetString(), Is.EqualTo(replay.Text("prediction_digest")));
            Assert.That(json.GetProperty("by_symbol").EnumerateObject().Sum(p => p.Value.GetInt64()), Is.EqualTo(replay.Number("predictions")));
            Assert.That(json.GetProperty("head").GetProperty("contract_hash").GetString(), Is.EqualTo(replay.Text("contract_hash")));
            Assert.That(json.GetProperty("head").GetProperty("models")[0].GetProperty("sha256").GetString(), Is.EqualTo(replay.Text("model_hash")));
            Assert.That(run.Output, Does.Contain("prediction log, complete").And.Contain("standard deviation"));
        });
    }

    [Test]
    public void Inspect_tells_what_a_model_holds()
    {
        EngineRun run = Binary.Run("inspect", Repository.SampleModel, "--json");
        JsonElement json = SampleRuns.Summary(run);
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero, run.ToString);
            Assert.That(json.GetProperty("kind").GetString(), Is.EqualTo("model"));
            Assert.That(json.GetProperty("model_hash").GetString(), Is.EqualTo(SampleRuns.Small(Binary).Text("model_hash")));
            Assert.That(json.GetProperty("features").GetInt32(), Is.EqualTo(ModelEdits.FeatureNames(Repository.SampleModel).Length));
            Assert.That(json.GetProperty("weights").GetString(), Is.EqualTo("seeded"));
            Assert.That(json.GetProperty("native").GetBoolean());
            Assert.That(run.Output, Does.Contain("golden vectors").And.Contain("label"));
        });
    }

    [Test]
    public void Inspect_tells_what_a_capture_holds()
    {
        EngineRun run = Binary.Run("inspect", SampleRuns.SmallCapture, "--json");
        JsonElement json = SampleRuns.Summary(run);
        ReplayRun replay = SampleRuns.Small(Binary);
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero, run.ToString);
            Assert.That(json.GetProperty("kind").GetString(), Is.EqualTo("capture"));
            Assert.That(json.GetProperty("messages").GetInt64(), Is.EqualTo(replay.Number("messages")));
            Assert.That(json.GetProperty("packets").GetInt64(), Is.EqualTo(replay.Number("packets")));
            Assert.That(json.GetProperty("instruments").GetInt64(), Is.EqualTo(3));
            Assert.That(run.Output, Does.Contain("MoldUDP64").And.Contain("ALFA"));
        });
    }

    [Test]
    public void Inspect_reads_a_capture_from_a_pipe()
    {
        EngineRun run = Binary.RunInShell("exec \"$@\" <(cat '" + SampleRuns.SmallCapture + "') --json", "inspect");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(SampleRuns.Summary(run).GetProperty("messages").GetInt64(), Is.EqualTo(SampleRuns.Small(Binary).Number("messages")));
    }

    [TestCase("replay")]
    [TestCase("decode")]
    [TestCase("book")]
    [TestCase("features")]
    [TestCase("inspect")]
    [TestCase("verify")]
    [TestCase("doctor")]
    public void Every_command_has_help(string command)
    {
        EngineRun run = Binary.Run(command, "--help");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Output, Does.Contain("Usage:").And.Contain(command));
        Assert.That(Binary.Run("--help").Output, Does.Contain($"  {command}"));
    }
}
