using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>What is given for a capture and is none, or a damaged one: one line with the file's name, and the right exit code.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class WrongCaptureTests(EngineBinary engine) : EngineTests(engine)
{
    [Test]
    public void A_file_that_is_not_there_is_refused_by_every_command()
    {
        const string Missing = "/nowhere/to-be-found.pcap";
        foreach (string[] arguments in (string[][])
            [
                ["replay", Missing], ["decode", Missing], ["book", Missing, "--symbol", "A"], ["features", Missing], ["inspect", Missing],
                ["verify", Missing, SampleRuns.SmallCapture, "--model", Repository.SampleModel],
                ["verify", SampleRuns.Small(Binary).LogPath, Missing, "--model", Repository.SampleModel],
            ])
        {
            AssertRefused(Binary.Run(arguments), Missing);
        }
    }

    [TestCase("empty", "is empty")]
    [TestCase("png", "PNG")]
    [TestCase("text", "text file")]
    [TestCase("noise", "unknown format")]
    [TestCase("gzip of noise", "unknown format")]
    [TestCase("gzip of png", "PNG")]
    [TestCase("gzip of nothing", "nothing")]
    [TestCase("gzip of gzip", "gzip inside gzip")]
    [TestCase("gzip head and noise", "gzip")]
    public void A_file_that_is_no_capture_is_refused(string kind, string words)
    {
        string path = Repository.Write(".dat", Make(kind));
        foreach (string command in (string[])["replay", "decode", "inspect"])
        {
            AssertRefused(Binary.Run(command, path), path, words);
        }
    }

    [Test]
    public void A_folder_is_refused()
    {
        foreach (string command in (string[])["replay", "decode", "inspect"])
        {
            AssertRefused(Binary.Run(command, Repository.Scratch), Repository.Scratch);
        }
    }

    [Test]
    public void A_capture_of_tcp_only_says_what_it_holds()
    {
        string path = Repository.Write(".pcap", BadFiles.TcpPcap(7));
        foreach (string command in (string[])["replay", "decode", "inspect"])
        {
            AssertFault(Binary.Run(command, path), 1, path, "no UDP market data", "7", "TCP");
        }
    }

    [TestCase("", "is empty")]
    [TestCase("text", "text file")]
    public void Stdin_that_is_no_capture_is_refused(string kind, string words) =>
        AssertRefused(Binary.RunOnInput(Repository.Write(".dat", Make(kind)), "decode", "-"), "-: ", words);

    [Test]
    public void A_pcap_cut_in_a_packet_keeps_what_comes_before()
    {
        byte[] capture = File.ReadAllBytes(SampleRuns.SmallCapture);
        string path = Repository.Write(".pcap", capture[..^3]);
        string[] all = Binary.Run("decode", SampleRuns.SmallCapture).OutputLines;
        EngineRun run = Binary.Run("decode", path);
        AssertFault(run, 1, path, "is cut in the middle of a packet", "byte ");
        Assert.That(run.OutputLines, Is.EqualTo(all[..run.OutputLines.Length]).And.Length.GreaterThan(SampleRuns.SmallMessages / 2));
        AssertFault(Binary.Run("replay", path, "--model", Repository.SampleModel), 1, path, "byte ");
    }

    [Test]
    public void A_pcap_cut_in_its_header_is_refused()
    {
        string path = Repository.Write(".pcap", File.ReadAllBytes(SampleRuns.SmallCapture)[..20]);
        AssertFault(Binary.Run("decode", path), 1, path, "header");
    }

    [Test]
    public void A_gzip_that_was_cut_keeps_what_comes_before()
    {
        byte[] gzip = BadFiles.Gzip(File.ReadAllBytes(SampleRuns.SmallCapture));
        string path = Repository.Write(".pcap.gz", gzip[..(gzip.Length / 2)]);
        EngineRun run = Binary.Run("decode", path);
        AssertFault(run, 1, path, "gzip is cut", "byte ");
        string[] all = Binary.Run("decode", SampleRuns.SmallCapture).OutputLines;
        Assert.That(run.OutputLines, Is.EqualTo(all[..run.OutputLines.Length]).And.Length.GreaterThan(1_000));
    }

    [Test]
    public void A_gzip_with_a_damaged_middle_is_reported()
    {
        byte[] gzip = BadFiles.Gzip(File.ReadAllBytes(SampleRuns.SmallCapture));
        gzip.AsSpan(gzip.Length / 2, 64).Fill(0xFF);
        string path = Repository.Write(".pcap.gz", gzip);
        EngineRun run = Binary.Run("decode", path);
        AssertFault(run, 1, path);
    }

    [Test]
    public void A_pcap_and_a_binary_file_do_not_mix()
    {
        string file = SampleRuns.WriteCapture(500, Engine.Simulator.OutputFormat.BinaryFile, ".itch");
        AssertRefused(Binary.Run("decode", SampleRuns.SmallCapture, file), file);
    }

    [TestCase("decode", "--symbols")]
    [TestCase("features", "--symbol")]
    [TestCase("book", "--symbol")]
    [TestCase("replay", "--symbols")]
    public void A_symbol_that_never_occurs_is_a_fault_of_the_data(string command, string option) =>
        AssertFault(Binary.Run(command, SampleRuns.SmallCapture, option, "NEVER"), 1, "NEVER", "never occurs");

    private static byte[] Make(string kind) => kind switch
    {
        "png" => BadFiles.Png,
        "text" => BadFiles.Text,
        "noise" => BadFiles.Noise(5_000),
        "gzip of noise" => BadFiles.Gzip(BadFiles.Noise(5_000)),
        "gzip of png" => BadFiles.Gzip(BadFiles.Png),
        "gzip of nothing" => BadFiles.Gzip([]),
        "gzip of gzip" => BadFiles.Gzip(BadFiles.Gzip(BadFiles.Text)),
        "gzip head and noise" => [0x1F, 0x8B, 8, 0, .. BadFiles.Noise(500)],
        _ => [],
    };
}
