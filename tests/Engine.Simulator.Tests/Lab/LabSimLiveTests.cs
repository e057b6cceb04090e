using System.Text.Json;
using Engine.Lab;

namespace Engine.Simulator.Tests.Lab;

public class LabSimLiveTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("lab-live-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, true);

    [Test]
    public void It_names_its_endpoints_publishes_and_sums_up()
    {
        string config = Path.Combine(_folder, "live.json");
        (int exit, string output, string error) = Run(
            "sim", "--live", "-n", "3000", "--seed", "4", "--pace", "100000", "--start-after", "0", "--linger", "0",
            "--heartbeat-ms", "5", "--fault", "A:loss=0.5", "--fault", "*:dup=1", "--config-out", config, "--json");
        Assert.That(exit, Is.Zero, error);
        string[] lines = output.TrimEnd().Split('\n');
        Assert.That(lines, Has.Length.EqualTo(2));
        using JsonDocument endpoints = JsonDocument.Parse(lines[0]);
        using JsonDocument summary = JsonDocument.Parse(lines[1]);
        JsonElement line = endpoints.RootElement.GetProperty("lines")[1];
        Assert.That(line.GetProperty("group").GetString(), Is.EqualTo("239.192.1.2"));
        Assert.That(line.GetProperty("port").GetInt32(), Is.InRange(1, 65_535));
        Assert.That(summary.RootElement.GetProperty("published").GetInt64(), Is.GreaterThanOrEqualTo(3_000));
        JsonElement a = summary.RootElement.GetProperty("lines")[0], b = summary.RootElement.GetProperty("lines")[1];
        Assert.That(a.GetProperty("lost").GetInt64(), Is.InRange(1, a.GetProperty("offered").GetInt64() - 1));
        Assert.That(b.GetProperty("lost").GetInt64(), Is.Zero);
        Assert.That(b.GetProperty("datagrams").GetInt64(), Is.EqualTo(2 * b.GetProperty("offered").GetInt64()));
        using JsonDocument written = JsonDocument.Parse(File.ReadAllText(config));
        JsonElement udp = written.RootElement.GetProperty("udp");
        Assert.That(written.RootElement.GetProperty("venue").GetString(), Is.EqualTo("itch50"));
        Assert.That(udp.GetProperty("lines")[1].GetProperty("port").GetInt32(), Is.EqualTo(line.GetProperty("port").GetInt32()));
        Assert.That(udp.GetProperty("request").GetProperty("address").GetString(),
            Is.EqualTo(endpoints.RootElement.GetProperty("request").GetString()));
        Assert.That(udp.GetProperty("snapshot").GetProperty("address").GetString(),
            Is.EqualTo(endpoints.RootElement.GetProperty("snapshot").GetString()));
        Assert.That(error, Does.Contain("line A").And.Contain("re-requests"));
    }

    [Test]
    public void A_signal_ends_it_with_its_summary()
    {
        using var output = new FirstLine();
        using var error = new StringWriter { NewLine = "\n" };
        int exit = -1;
        var run = new Thread(() => exit = LabCommandLine.Run(
            ["sim", "--live", "-n", "3000", "--pace", "100", "--start-after", "0", "--linger", "600"], output, error));
        run.Start();
        Assert.That(output.IsWritten.Wait(TimeSpan.FromSeconds(60)), "the endpoints are named");

        // It listens to signals from before that line until its end, so this one reaches it and not the test's process.
        using var kill = System.Diagnostics.Process.Start("kill", $"-TERM {Environment.ProcessId}");
        kill.WaitForExit();
        Assert.That(run.Join(TimeSpan.FromSeconds(60)), "it ends long before its day does");
        Assert.That(exit, Is.Zero);
        Assert.That(error.ToString(), Does.Contain("interrupted").And.Contain("line A").And.Contain("of 3,0"));
    }

    [TestCase("--out", "--live", "--out", "day.pcap")]
    [TestCase("--lines", "--live", "--lines", "2")]
    [TestCase("--pace means nothing without --live", "--pace", "5", "--out", "none.pcap")]
    [TestCase("--pace", "--live", "--pace", "0")]
    [TestCase("pace", "--live", "--pace", "NaN")]
    [TestCase("speed", "--live", "--speed", "-1")]
    [TestCase("--line", "--live", "--line", "A")]
    [TestCase("multicast", "--live", "--line", "A=127.0.0.1:5")]
    [TestCase("names no line", "--live", "--fault", "C:loss=1")]
    [TestCase("cannot be read", "--live", "--fault", "A:lost=1")]
    [TestCase("cannot be read", "--live", "--fault", "A:silent=5")]
    [TestCase("loss", "--live", "--fault", "A:loss=2")]
    [TestCase("depth", "--live", "--fault", "A:depth=1e9")]
    [TestCase("--request-port", "--live", "--request-port", "70000")]
    [TestCase("--linger", "--live", "--linger", "-1")]
    [TestCase("--heartbeat-ms", "--live", "--heartbeat-ms", "0")]
    [TestCase("session", "--live", "--session", "SHORT")]
    public void Wrong_usage_is_one_line_and_exit_2(string expected, params string[] arguments)
    {
        (int exit, string output, string error) = Run(["sim", .. arguments]);
        Assert.That(exit, Is.EqualTo(2), error);
        Assert.That(output, Is.Empty);
        Assert.That(error.TrimEnd('\n'), Does.StartWith("lab").And.Contain(expected.TrimStart('-')).And.Not.Contain("\n"));
        Assert.That(File.Exists("none.pcap") || File.Exists("day.pcap"), Is.False);
    }

    private static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int exit = LabCommandLine.Run(arguments, output, error);
        return (exit, output.ToString(), error.ToString());
    }

    private sealed class FirstLine : StringWriter
    {
        public ManualResetEventSlim IsWritten { get; } = new();

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            IsWritten.Set();
        }
    }
}
