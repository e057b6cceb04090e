using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Engine.Feeds.Tests.Fuzzing;

/// <summary>The fuzzing command: a short run of it, and that it catches what it is for.</summary>
public partial class FuzzHarnessTests
{
    private static readonly string[] s_sources = ["dbn", "lobster", "bitmex", "soup", "recovery", "recording", "books", "hdf5"];

    [Test]
    public void A_short_run_over_all_targets_finds_nothing()
    {
        (int exit, string output) = Run("--cases", "100000", "--seed", "7");
        Assert.That((exit, output), Is.EqualTo((0, output)), output);
        Assert.That(output, Does.StartWith("100,000 cases in ").And.Contains("no finding (--target all --seed 7)"));
        foreach (string target in (string[])["itch50", "xdp", "iex-deep", "sessions", "frames", "pcap", "pcapng", "binaryfile", "gzip", .. s_sources])
        {
            Assert.That(output, Does.Match($"\\b{target} [1-9]"));
        }
    }

    [Test]
    public void Damaged_files_of_feature_rows_end_no_process()
    {
        (int exit, string output) = Run("--target", "hdf5", "--cases", "1024", "--seed", "11");
        Assert.That((exit, output), Is.EqualTo((0, output)), output);
    }

    [TestCase("overread", "a read outside the input")]
    [TestCase("underread", "a read outside the input")]
    [TestCase("loop", "no end within 2 s")]
    [TestCase("count", "bytes that are in no counter")]
    [TestCase("throw", "InvalidOperationException: no message")]
    [TestCase("leak", "the process has grown by")]
    public void A_broken_decoder_is_caught(string fault, string words)
    {
        (int exit, string output) = Run("--target", "broken-" + fault, "--cases", "100000", "--seed", "3", "--stall-seconds", "2");
        Assert.That(exit, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain($"FINDING in broken-{fault}, case ").And.Contains(words));
        if (fault is "leak")
        {
            return; // Its size is that of all cases before it.
        }

        Match again = Again().Match(output);
        Assert.That(again.Success, output);
        (int exitAgain, string outputAgain) = Run([.. again.Groups[1].Value.Split(' '), "--stall-seconds", "2"]);
        Assert.That(exitAgain, Is.EqualTo(1), outputAgain);
        Assert.That(outputAgain, Does.Contain(again.Value), "the same case");
    }

    [TestCase("--target", "nothing")]
    [TestCase("--cases", "many")]
    [TestCase("--seed")]
    public void A_wrong_command_line_is_refused(params string[] arguments) => Assert.That(Run(arguments).Exit, Is.EqualTo(2));

    private static (int Exit, string Output) Run(params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(TestContext.CurrentContext.TestDirectory, "Engine.Fuzz.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        TestContext.Out.WriteLine(output + errors.GetAwaiter().GetResult());
        return (process.ExitCode, output);
    }

    [GeneratedRegex("again: (--target .*)")]
    private static partial Regex Again();
}
