using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Engine.Lab;

namespace Engine.Simulator.Tests.Lab;

public class LabSimTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("lab-sim-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, true);

    [Test]
    public void It_writes_a_capture_and_one_json_object_last()
    {
        string path = Path.Combine(_folder, "day.pcap.gz");
        (int exit, string output, string error) = Run("sim", "--seed", "3", "--messages", "5000", "--out", path, "--json");
        Assert.That(exit, Is.Zero, error);
        using JsonDocument json = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        using var unzipped = new MemoryStream();
        using (var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress))
        {
            gzip.CopyTo(unzipped);
        }

        string sha = Convert.ToHexStringLower(SHA256.HashData(unzipped.ToArray()));
        Assert.That(json.RootElement.GetProperty("sha256").GetString(), Is.EqualTo(sha));
        Assert.That(json.RootElement.GetProperty("messages").GetInt64(), Is.GreaterThanOrEqualTo(5_000));
        Assert.That(json.RootElement.GetProperty("file_bytes").GetInt64(), Is.EqualTo(new FileInfo(path).Length));
        Assert.That(error, Does.Contain(sha).And.Contain("ALFA"));
        Assert.That(NaiveCapture.Read(unzipped.ToArray()), Is.Not.Empty);
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(1), "nothing else is left behind");
    }

    [Test]
    public void It_writes_the_truth_beside()
    {
        string path = Path.Combine(_folder, "day.bin"), truth = Path.Combine(_folder, "truth.csv");
        (int exit, string output, string error) = Run("sim", "-n", "5000", "-o", path, "--truth", truth, "--format", "binaryfile");
        Assert.That(exit, Is.Zero, error);
        Assert.That(output, Is.Empty);
        Assert.That(File.ReadAllText(truth), Does.StartWith("time_ns,symbol,pressure\n1767623400000000000,ALFA,"));
    }

    [TestCase("xdp", "103", "--xdp-version", "2.1", "--channels", "2")]
    [TestCase("iex-deep", "8", "--duplicate", "0.01", "--reorder", "0.02", "--delay-spike", "0.01")]
    public void It_writes_other_venues(string venue, string type, params string[] arguments)
    {
        string path = Path.Combine(_folder, "day.pcap");
        (int exit, string output, string error) = Run(["sim", "--venue", venue, "-n", "5000", "-o", path, "--json", .. arguments]);
        Assert.That(exit, Is.Zero, error);
        using JsonDocument json = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        Assert.That(json.RootElement.GetProperty("venue").GetString(), Is.EqualTo(venue));
        Assert.That(json.RootElement.GetProperty("messages_by_type").GetProperty(type).GetInt64(), Is.GreaterThan(50));
        Assert.That(json.RootElement.GetProperty("reordered_packets").GetInt64() > 0, Is.EqualTo(venue == "iex-deep"));
        Assert.That(error.Contains("copies", StringComparison.Ordinal), Is.EqualTo(venue == "iex-deep"));
        ushort port = NaiveCapture.Datagrams(File.ReadAllBytes(path))[0].Port;
        Assert.That(port, Is.EqualTo(venue == "xdp" ? 11_077 : 10_378));
    }

    [Test]
    public void An_existing_file_stays_unless_forced()
    {
        string path = Path.Combine(_folder, "day.pcap");
        File.WriteAllText(path, "precious");
        AssertUsageError("pass -f", "sim", "-n", "2000", "--out", path);
        Assert.That(File.ReadAllText(path), Is.EqualTo("precious"));
        Assert.That(Run("sim", "-n", "2000", "--out", path, "-f").Exit, Is.Zero);
        Assert.That(new FileInfo(path).Length, Is.GreaterThan(10_000));
    }

    [TestCase("did you mean '--seed'", "--sed", "1")]
    [TestCase("unknown option '--wibble'", "--wibble")]
    [TestCase("unexpected argument 'extra'", "extra")]
    [TestCase("'--seed'", "--seed", "many")]
    [TestCase("--messages 0", "--messages", "0")]
    [TestCase("--instruments 0", "--instruments", "0")]
    [TestCase("--instruments 201", "--instruments", "201")]
    [TestCase("--date", "--date", "2026-02-30")]
    [TestCase("--start", "--start", "9am")]
    [TestCase("--end", "--end", "09:29:55")]
    [TestCase("--signal", "--signal", "-1")]
    [TestCase("--signal", "--signal", "NaN")]
    [TestCase("--lines", "--lines", "3")]
    [TestCase("--loss", "--loss", "1.5")]
    [TestCase("--rate", "--rate", "0")]
    [TestCase("--venue 'nyse' is unknown", "--venue", "nyse")]
    [TestCase("--venue 'none' is unknown", "--venue", "none")]
    [TestCase("--venue bitmex is not simulated", "--venue", "bitmex")]
    [TestCase("--xdp-version '3'", "--venue", "xdp", "--xdp-version", "3")]
    [TestCase("--xdp-version describe xdp", "--xdp-version", "2.1")]
    [TestCase("--channels", "--venue", "iex-deep", "--channels", "2")]
    [TestCase("--channels 3 is outside 1 to 2", "--venue", "xdp", "--channels", "3")]
    [TestCase("--channels 0 is outside 1 to 2", "--venue", "xdp", "--channels", "0")]
    [TestCase("--channels 2 is outside 1 to 1", "--venue", "xdp", "--channels", "2", "--instruments", "1")]
    [TestCase("--duplicate", "--duplicate", "1.5")]
    [TestCase("--reorder", "--reorder", "-0.5")]
    [TestCase("--delay-spike", "--delay-spike", "NaN")]
    [TestCase("--format binaryfile holds itch50", "--format", "binaryfile", "--venue", "xdp")]
    [TestCase("--format binaryfile has none", "--format", "binaryfile", "--duplicate", "0.1")]
    [TestCase("--format", "--format", "pcapng")]
    [TestCase("--format", "--format", "binaryfile", "--lines", "2")]
    public void Wrong_usage_is_one_line_and_exit_2(string expected, params string[] arguments)
    {
        string path = Path.Combine(_folder, "none.pcap");
        AssertUsageError(expected, ["sim", "--out", path, .. arguments]);
        Assert.That(File.Exists(path), Is.False);
    }

    [Test]
    public void Other_wrong_usage_is_one_line_and_exit_2()
    {
        AssertUsageError("--out", "sim");
        AssertUsageError("unknown command 'simm'; did you mean 'sim'", "simm");
        AssertUsageError("command", []);
        AssertUsageError("folder", "sim", "--out", _folder);
        AssertUsageError("create its folder", "sim", "--out", Path.Combine(_folder, "no", "such", "day.pcap"));
        string same = Path.Combine(_folder, "same");
        AssertUsageError("two files", "sim", "--out", same, "--truth", same);
    }

    private static void AssertUsageError(string expected, params string[] arguments)
    {
        (int exit, string output, string error) = Run(arguments);
        Assert.That(exit, Is.EqualTo(2), error);
        Assert.That(output, Is.Empty);
        Assert.That(error.TrimEnd('\n'), Does.StartWith("lab").And.Contain(expected).And.Not.Contain("\n"));
    }

    private static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int exit = LabCommandLine.Run(arguments, output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
