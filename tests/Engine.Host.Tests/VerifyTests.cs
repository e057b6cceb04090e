using System.Buffers.Binary;
using System.Globalization;
using Engine.Core.Numerics;
using Engine.Host.Tests.Support;
using Engine.TestKit;

namespace Engine.Host.Tests;

/// <summary>A log is believed only when it follows from its capture and model, and every changed byte shows.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class VerifyTests(EngineBinary engine) : EngineTests(engine)
{
    private const int Positions = 5;

    private ReplayRun Small => SampleRuns.Small(Binary);

    [Test]
    public void An_untouched_log_is_verified([Values("scalar", "")] string kernel)
    {
        EngineRun run = Binary.RunWith(
            new Dictionary<string, string> { ["ENGINE_KERNEL"] = kernel }, "verify", Small.LogPath, SampleRuns.SmallCapture, "--model", Repository.SampleModel);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Output, Does.Contain($"verified: {Count(Small.Number("predictions"))} predictions equal, digest {Small.Text("prediction_digest")}"));
    }

    [Test]
    public void The_log_of_the_sample_is_verified()
    {
        EngineRun run = Binary.Run("verify", SampleRuns.Sample(Binary).LogPath, Repository.SampleCapture, "--model", Repository.SampleModel);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
    }

    [Test]
    public void The_options_of_the_run_are_taken_from_the_log()
    {
        ReplayRun filtered = SampleRuns.Of(Binary, SampleRuns.SmallCapture, "--symbols", "BRVO", "--inference", "ort");
        EngineRun run = Verify(filtered.LogPath);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        Assert.That(run.Output, Does.Contain($"verified: {Count(filtered.Number("predictions"))} predictions"));
    }

    [Test]
    public void A_run_from_stdin_is_verified_against_the_file()
    {
        string folder = Repository.NewPath("");
        EngineRun run = Binary.RunOnInput(SampleRuns.SmallCapture, "replay", "-", "--model", Repository.SampleModel, "--out", folder);
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        EngineRun verify = Verify(Path.Combine(folder, "predictions.engplog"));
        Assert.That(verify.ExitCode, Is.Zero, verify.ToString);
    }

    [TestCaseSource(typeof(Seeds), nameof(Seeds.Take), new object[] { Positions })]
    public void One_changed_byte_of_the_head_is_named(ulong seed)
    {
        byte[] log = Small.Log;
        int at = new SeededRandom(seed).Next(new LogBytes(log).FirstRecord);
        string path = Repository.Write(".engplog", Change(log, at));
        AssertNotVerified(Verify(path), path);
    }

    [TestCase(0, "does not begin with ENGPLOG1")]
    [TestCase(8, "checksum")]
    [TestCase(11, "byte 8")]
    [TestCase(12, "checksum")]
    [TestCase(16, "checksum")]
    public void Each_part_of_the_head_is_checked(int at, string words) =>
        AssertNotVerified(Verify(Repository.Write(".engplog", Change(Small.Log, at))), words);

    [TestCaseSource(typeof(Seeds), nameof(Seeds.Take), new object[] { Positions })]
    public void One_changed_byte_of_a_record_is_named(ulong seed)
    {
        byte[] log = Small.Log;
        var layout = new LogBytes(log);
        int at = layout.FirstRecord + new SeededRandom(seed).Next(log.Length - layout.FirstRecord);
        int record = (at - layout.FirstRecord) / LogBytes.RecordSize;
        AssertNotVerified(Verify(Repository.Write(".engplog", Change(log, at))), $"byte {Count(layout.Offset(record))}: ");
    }

    [TestCase(48, "value")]
    [TestCase(8, "time")]
    [TestCase(16, "receive time")]
    [TestCase(24, "sequence")]
    [TestCase(1, "trust")]
    [TestCase(40, "feature row digest")]
    [TestCase(52, "missing features")]
    public void A_forged_field_with_a_right_checksum_is_named(int offset, string field)
    {
        byte[] log = Small.Log;
        var layout = new LogBytes(log);
        Span<byte> record = log.AsSpan(layout.Offset(layout.RecordOfPrediction(1_234)), LogBytes.RecordSize);
        record[offset] ^= 1;
        LogBytes.Reseal(record);
        AssertNotVerified(Verify(Repository.Write(".engplog", log)), "prediction 1,234 ", $": {field} ", "in the log", "in the replay");
    }

    [Test]
    public void A_forged_symbol_with_a_right_checksum_breaks_the_seal()
    {
        byte[] log = Small.Log;
        var layout = new LogBytes(log);
        int named = Enumerable.Range(0, layout.Records).First(r => layout.Kind(r) == 2);
        Span<byte> record = log.AsSpan(layout.Offset(named), LogBytes.RecordSize);
        record[8] ^= 1;
        LogBytes.Reseal(record);
        AssertNotVerified(Verify(Repository.Write(".engplog", log)), "the seal of block 0");
    }

    [Test]
    public void A_removed_record_is_noticed()
    {
        byte[] log = Small.Log;
        var layout = new LogBytes(log);
        int at = layout.Offset(layout.RecordOfPrediction(99));
        AssertNotVerified(Verify(Repository.Write(".engplog", [.. log[..at], .. log[(at + LogBytes.RecordSize)..]])), "prediction 99 ");
    }

    [Test]
    public void Bytes_behind_the_end_are_noticed() =>
        AssertNotVerified(Verify(Repository.Write(".engplog", [.. Small.Log, 0])), "bytes follow the end record");

    [TestCaseSource(typeof(Seeds), nameof(Seeds.Take), new object[] { 3 })]
    public void One_changed_byte_of_the_capture_is_named(ulong seed)
    {
        byte[] capture = File.ReadAllBytes(SampleRuns.SmallCapture);
        string path = Repository.Write(".pcap", Change(capture, new SeededRandom(seed).Next(capture.Length)));
        AssertNotVerified(Binary.Run("verify", Small.LogPath, path, "--model", Repository.SampleModel), path, "capture", "SHA-256");
    }

    [TestCaseSource(typeof(Seeds), nameof(Seeds.Take), new object[] { 3 })]
    public void One_changed_byte_of_the_model_is_named(ulong seed)
    {
        byte[] model = File.ReadAllBytes(Repository.SampleModel);
        string path = Repository.Write(".onnx", Change(model, new SeededRandom(seed).Next(model.Length)));
        AssertNotVerified(Binary.Run("verify", Small.LogPath, SampleRuns.SmallCapture, "--model", path), path, "model", "SHA-256");
    }

    [Test]
    public void Another_number_of_files_is_named()
    {
        string model = Repository.SampleModel;
        AssertNotVerified(Binary.Run("verify", Small.LogPath, SampleRuns.SmallCapture, SampleRuns.SmallCapture, "--model", model), "1 capture file", "2 given");
        AssertNotVerified(Binary.Run("verify", Small.LogPath, SampleRuns.SmallCapture, "--model", model, model), "1 model file", "2 given");
    }

    [TestCaseSource(typeof(Seeds), nameof(Seeds.Take), new object[] { Positions })]
    public void A_log_cut_anywhere_tells_how_much_of_it_is_whole(ulong seed)
    {
        byte[] log = Small.Log;
        var layout = new LogBytes(log);
        int length = layout.FirstRecord + new SeededRandom(seed).Next(log.Length - layout.FirstRecord);
        string path = Repository.Write(".engplog", log[..length]);
        string whole = Count(layout.PredictionsBefore(length));
        int broken = length - ((length - layout.FirstRecord) % LogBytes.RecordSize);
        EngineRun inspect = Binary.Run("inspect", path);
        AssertFault(inspect, 1, path, $"byte {Count(broken)}", $"{whole} predictions before it are whole");
        Assert.That(inspect.Output, Does.Contain($"predictions    {whole}, ").And.Contain("not complete"));
        AssertNotVerified(Verify(path), $"byte {Count(broken)}");
    }

    [TestCase(0)]
    [TestCase(7)]
    [TestCase(12)]
    [TestCase(200)]
    public void A_log_cut_in_its_head_is_refused(int length)
    {
        string path = Repository.Write(".engplog", Small.Log[..length]);
        AssertFault(Binary.Run("inspect", path), 1, path);
        AssertNotVerified(Verify(path), path);
    }

    [Test]
    public void The_check_of_a_record_is_crc32c()
    {
        Assert.That(LogBytes.Crc32C("123456789"u8), Is.EqualTo(0xE3069283), "the algorithm's own check value");
        byte[] log = Small.Log;
        var layout = new LogBytes(log);
        byte[] record = log[layout.Offset(7)..layout.Offset(8)];
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(60)), Is.EqualTo(LogBytes.Crc32C(record.AsSpan(0, 60))));
    }

    private EngineRun Verify(string log) => Binary.Run("verify", log, SampleRuns.SmallCapture, "--model", Repository.SampleModel);

    private static void AssertNotVerified(EngineRun run, params string[] words)
    {
        AssertFault(run, 1, words);
        Assert.That(run.Output, Is.Empty, run.ToString);
    }

    private static byte[] Change(byte[] bytes, int at)
    {
        byte[] changed = [.. bytes];
        changed[at] ^= 0x10;
        return changed;
    }

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
