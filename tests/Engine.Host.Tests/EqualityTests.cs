using System.Globalization;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>Whatever does not decide a prediction must not change one bit of it: topology, kernel, CPU, pace, compression.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class EqualityTests(EngineBinary engine) : EngineTests(engine)
{
    [Test]
    public void Every_topology_and_kernel_gives_the_same_bytes(
        [Values("fused", "split")] string topology, [Values("scalar", "avx2", "avx512")] string kernel)
    {
        var environment = new Dictionary<string, string> { ["ENGINE_KERNEL"] = kernel };
        if (!Kernels().Contains(kernel))
        {
            AssertRefused(
                Binary.RunWith(environment, "replay", SampleRuns.SmallCapture, "--model", Repository.SampleModel), $"ENGINE_KERNEL={kernel}");
            Assert.Pass($"{kernel} cannot run here, and the program says so instead of taking another");
        }

        ReplayRun run = SampleRuns.OfWith(Binary, environment, Repository.SampleCapture, "--topology", topology);
        Assert.That((run.Text("topology"), run.Text("kernel")), Is.EqualTo((topology, kernel)));
        AssertEqual(run, SampleRuns.Sample(Binary));
    }

    [Test]
    public void Pins_do_not_matter([Values("fused", "split")] string topology)
    {
        string cpu = FirstCpu();
        string pins = topology == "fused" ? cpu : $"{cpu},{cpu},{cpu}";
        ReplayRun run = SampleRuns.Of(Binary, SampleRuns.SmallCapture, "--topology", topology, "--pin", pins);
        Assert.That(run.Run.Error, Does.Match($@"compute [^;]*\b{cpu}\b"), "the start report says what was applied");
        AssertEqual(run, SampleRuns.Small(Binary));
    }

    [Test]
    public void Pace_does_not_matter([Values("fused", "split")] string topology) =>
        AssertEqual(SampleRuns.Of(Binary, SampleRuns.SmallCapture, "--topology", topology, "--speed", "1000x"), SampleRuns.Small(Binary));

    [Test]
    public void Comparing_with_onnx_runtime_does_not_matter() =>
        AssertEqual(SampleRuns.Of(Binary, SampleRuns.SmallCapture, "--inference", "both"), SampleRuns.Small(Binary));

    [Test]
    public void A_second_line_of_the_same_packets_counts_as_duplicates_and_changes_nothing()
    {
        string line = SampleRuns.SmallCapture;
        ReplayRun once = SampleRuns.Small(Binary);
        ReplayRun twice = SampleRuns.Of(Binary, line, line);
        Assert.That(twice.Number("duplicates"), Is.EqualTo(once.Number("messages")));
        Assert.That(twice.Number("messages"), Is.EqualTo(once.Number("messages")));
        Assert.That(twice.Text("book_digest"), Is.EqualTo(once.Text("book_digest")));
        Assert.That(twice.Text("prediction_digest"), Is.EqualTo(once.Text("prediction_digest")));
    }

    [Test]
    public void A_symbol_watched_alone_gets_the_predictions_of_the_full_run([Values("fused", "split")] string topology)
    {
        const string Symbol = "DLTA";
        ReplayRun full = SampleRuns.Sample(Binary);
        ReplayRun alone = SampleRuns.Of(Binary, Repository.SampleCapture, "--symbols", Symbol, "--topology", topology);
        string[] expected = [.. Rows(full).Where(r => r.Split(',')[2] == Symbol)];
        Assert.That(expected, Has.Length.GreaterThan(15_000));
        Assert.That(Rows(alone), Is.EqualTo(expected));
        Assert.That(alone.Number("messages"), Is.EqualTo(full.Number("messages")), "counters are the capture's");
    }

    [Test]
    public void Another_capture_gives_other_digests()
    {
        ReplayRun small = SampleRuns.Small(Binary);
        ReplayRun sample = SampleRuns.Sample(Binary);
        Assert.That(small.Text("book_digest"), Is.Not.EqualTo(sample.Text("book_digest")));
        Assert.That(small.Text("prediction_digest"), Is.Not.EqualTo(sample.Text("prediction_digest")));
    }

    internal static void AssertEqual(ReplayRun run, ReplayRun expected)
    {
        Assert.Multiple(() =>
        {
            Assert.That(run.Text("book_digest"), Is.EqualTo(expected.Text("book_digest")));
            Assert.That(run.Number("book_digest_events"), Is.EqualTo(expected.Number("book_digest_events")));
            Assert.That(run.Text("prediction_digest"), Is.EqualTo(expected.Text("prediction_digest")));
            Assert.That(run.Number("predictions"), Is.EqualTo(expected.Number("predictions")));
            Assert.That(run.Log.AsSpan().SequenceEqual(expected.Log), "the logs are equal byte for byte");
        });
    }

    private string[] Rows(ReplayRun replay) => Binary.Run("inspect", replay.LogPath, "--format", "csv").OutputLines[1..];

    /// <summary>What this build can run, as `doctor` says.</summary>
    private string[] Kernels()
    {
        EngineRun run = Binary.Run("doctor", "--seconds", "0.01");
        string line = run.OutputLines.Single(l => l.StartsWith("  kernels ", StringComparison.Ordinal));
        return line[10..line.IndexOf(" in this build", StringComparison.Ordinal)].Split(',', StringSplitOptions.TrimEntries);
    }

    private static string FirstCpu()
    {
        string list = File.ReadLines("/proc/self/status").First(l => l.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));
        return int.Parse(list.Split(':', '-', ',')[1], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>The native binary gives the JIT's bits.</summary>
[Category(EngineBinary.NativeCategory)]
public class NativeEqualsJitTests
{
    [OneTimeSetUp]
    public void RequireTheBinary() => EngineBinary.Native.IgnoreUnlessAvailable();

    [Test]
    public void Over_the_sample() => EqualityTests.AssertEqual(SampleRuns.Sample(EngineBinary.Native), SampleRuns.Sample(EngineBinary.Jit));

    [TestCase("decode")]
    [TestCase("book", "--symbol", "FXTR", "--depth", "3")]
    [TestCase("features", "--symbol", "FXTR")]
    public void Rows_over_the_sample(string command, params string[] options)
    {
        EngineRun jit = EngineBinary.Jit.Run([command, Repository.SampleCapture, .. options]);
        EngineRun native = EngineBinary.Native.Run([command, Repository.SampleCapture, .. options]);
        Assert.That(jit.ExitCode, Is.Zero, jit.ToString);
        Assert.That(native.ExitCode, Is.Zero, native.ToString);
        Assert.That(jit.OutputLines, Has.Length.GreaterThan(10_000));
        Assert.That(string.Equals(native.Output, jit.Output, StringComparison.Ordinal), "equal text");
    }

    [Test]
    public void It_says_what_it_is()
    {
        Assert.That(EngineBinary.Native.Run("--version").Output, Does.Contain("(native "));
        Assert.That(EngineBinary.Jit.Run("--version").Output, Does.Contain("(jit "));
    }
}
