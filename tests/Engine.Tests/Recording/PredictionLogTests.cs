using System.Text;
using Engine.Recording;
using Engine.Signals;

namespace Engine.Tests.Recording;

/// <summary>What is written is read, and the head says what it came from.</summary>
public sealed class PredictionLogTests
{
    private readonly string _path = LogFixture.TemporaryPath();

    [TearDown]
    public void Delete() => File.Delete(_path);

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(252)]
    [TestCase(253)]
    [TestCase(254)]
    [TestCase(255)]
    [TestCase(256)]
    [TestCase(508)]
    [TestCase(5_000)]
    public void Predictions_come_back(int count)
    {
        Prediction[] predictions = LogFixture.Predictions((ulong)count, count, 2);
        byte[] log = LogFixture.Write(predictions, LogFixture.Instruments("AAPL", "MSFT"), out ulong digest);
        LogFixture.Outcome outcome = LogFixture.Read(_path, log);
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Fault, Is.Null);
            Assert.That(outcome.IsComplete, Is.True);
            Assert.That(outcome.Predictions, Is.EqualTo(predictions));
            Assert.That(outcome.Digest, Is.EqualTo(digest));
            Assert.That(digest, count == 0 ? Is.Zero : Is.Not.Zero);
            Assert.That(log, Has.Length.EqualTo(log.Length / 64 * 64), "head and records lie on 64 bytes");
            Assert.That(outcome.Head!.ToJson(), Is.EqualTo(LogFixture.Head.ToJson()));
            Assert.That(outcome.Head.Captures, Is.EqualTo(LogFixture.Head.Captures));
            Assert.That(outcome.Head.Configuration.Hash, Is.EqualTo(LogFixture.Head.Configuration.Hash));
            Assert.That(outcome.Symbol(2), Is.Empty);
            if (count > 10)
            {
                Assert.That((outcome.Symbol(0), outcome.Symbol(1)), Is.EqualTo(("AAPL", "MSFT")));
            }
        });
    }

    [TestCase("", "")]
    [TestCase("A", "A")]
    [TestCase("123456789012345678901234567890123456789012345678", "123456789012345678901234567890123456789012345678")]
    [TestCase("1234567890123456789012345678901234567890123456789", "123456789012345678901234567890123456789012345678…")]
    [TestCase("Ünïcödé", "Ünïcödé")]
    [TestCase("12345678901234567890123456789012345678901234567é", "12345678901234567890123456789012345678901234567…")]
    public void A_symbol_comes_back_or_shows_that_it_was_cut(string symbol, string expected)
    {
        Prediction[] predictions = LogFixture.Predictions(3, 3, 1);
        LogFixture.Outcome outcome = LogFixture.Read(_path, LogFixture.Write(predictions, LogFixture.Instruments(symbol), out _));
        Assert.That(outcome.Fault, Is.Null);
        Assert.That(outcome.Symbol(0), Is.EqualTo(expected));
    }

    [Test]
    public void A_symbol_of_300_bytes_and_one_that_is_not_known_yet_are_no_fault()
    {
        Prediction[] predictions = LogFixture.Predictions(3, 40, 2);
        LogFixture.Outcome outcome = LogFixture.Read(_path, LogFixture.Write(predictions, LogFixture.Instruments(new string('x', 300)), out _));
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Fault, Is.Null);
            Assert.That(outcome.Symbol(0), Is.EqualTo(new string('x', 48) + "…"));
            Assert.That(outcome.Symbol(1), Is.Empty);
        });
    }

    [Test]
    public void A_writer_without_a_file_has_the_same_digest()
    {
        Prediction[] predictions = LogFixture.Predictions(5, 700, 3);
        LogFixture.Write([.. predictions], LogFixture.Instruments("A", "B", "C"), out ulong digest);
        using var writer = new PredictionLogWriter(null, null, LogFixture.Instruments("A", "B", "C"));
        for (int i = 0; i < predictions.Length; i++)
        {
            writer.Append(ref predictions[i]);
        }

        writer.Close();
        Assert.That((writer.Digest, writer.Predictions), Is.EqualTo((digest, 700L)));
    }

    [Test]
    public void The_end_record_says_whether_the_run_was_interrupted([Values(true, false)] bool interrupted)
    {
        using (var writer = new PredictionLogWriter(File.Create(_path), LogFixture.Head, LogFixture.Instruments("A")))
        {
            writer.Close(interrupted);
        }

        using PredictionLogReader reader = PredictionLogReader.Open(_path);
        Assert.That(reader.IsInterrupted, Is.False, "not known yet");
        Assert.That(reader.TryRead(out _), Is.False);
        Assert.That((reader.IsComplete, reader.IsInterrupted), Is.EqualTo((true, interrupted)));
    }

    [Test]
    public void One_changed_bit_of_a_prediction_changes_the_digest()
    {
        Prediction[] predictions = LogFixture.Predictions(6, 20, 1);
        LogFixture.Write([.. predictions], LogFixture.Instruments("A"), out ulong digest);
        for (int i = 0; i < predictions.Length; i++)
        {
            Prediction[] changed = [.. predictions];
            changed[i].Value = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(changed[i].Value) ^ 1);
            LogFixture.Write(changed, LogFixture.Instruments("A"), out ulong other);
            Assert.That(other, Is.Not.EqualTo(digest), $"prediction {i}");
        }
    }

    [Test]
    public void Equal_runs_write_equal_bytes() => Assert.That(
        LogFixture.Write(LogFixture.Predictions(8, 600, 2), LogFixture.Instruments("A", "B"), out _),
        Is.EqualTo(LogFixture.Write(LogFixture.Predictions(8, 600, 2), LogFixture.Instruments("A", "B"), out _)));

    [TestCase("")]
    [TestCase("ENGPLOG")]
    [TestCase("ENGPLOG2................")]
    [TestCase("a text file, and long enough to be one")]
    public void Another_file_is_refused_in_one_line(string text)
    {
        File.WriteAllBytes(_path, Encoding.UTF8.GetBytes(text));
        Assert.That(() => PredictionLogReader.Open(_path).Dispose(), Throws.InstanceOf<LogFormatException>().With.Message.Contains(_path).And.Message.Not.Contains("\n"));
    }

    /// <summary>Heads whose checksum is right but which say something that cannot be.</summary>
    [TestCase("\"format_version\":1", "\"format_version\":2", "version 2")]
    [TestCase("\"sampling\":\"grid-50\"", "\"sampling\":\"grid-51\"", "configuration hash")]
    [TestCase("\"captures\":", "\"capturez\":", "not readable")]
    [TestCase("\"bytes\":4711", "\"bytes\":4.71", "not readable")]
    [TestCase("\"symbols\":[", "\"symbols\":{", "not readable")]
    [TestCase("\"contract_hash\":\"d", "\"contract_hash\":1\"", "not readable")]
    public void A_head_that_contradicts_itself_is_refused(string old, string replacement, string reason)
    {
        byte[] log = LogFixture.Write([], LogFixture.Instruments("A"), out _);
        int end = LogFixture.Records(log);
        string head = Encoding.UTF8.GetString(log, LogFixture.HeadFixed, end - LogFixture.HeadFixed);
        Assert.That(head, Does.Contain(old));
        byte[] changed = Encoding.UTF8.GetBytes(head.Replace(old, replacement, StringComparison.Ordinal));
        Assert.That(changed, Has.Length.EqualTo(end - LogFixture.HeadFixed));
        changed.CopyTo(log, LogFixture.HeadFixed);
        BitConverter.TryWriteBytes(log.AsSpan(12), PredictionLogWriter.HeadCrc(changed));
        File.WriteAllBytes(_path, log);
        Assert.That(() => PredictionLogReader.Open(_path).Dispose(), Throws.InstanceOf<LogFormatException>().With.Message.Contains(reason));
    }
}
