using Engine.Core.Numerics;
using Engine.Recording;
using Engine.Signals;
using Engine.TestKit;

namespace Engine.Tests.Recording;

/// <summary>
/// A log that is cut or changed anywhere: what can be believed is read, and the rest is named, never thrown (but for the head).
/// </summary>
/// <remarks>
/// A process killed while it writes leaves what it had handed to the operating system: some prefix of the log. So the death of a
/// process is covered without one, by every prefix of a small log and by copies of a growing file at random moments.
/// </remarks>
public sealed class DamagedLogTests
{
    private const int Record = LogRecords.Size;

    private readonly string _path = LogFixture.TemporaryPath();

    [TearDown]
    public void Delete() => File.Delete(_path);

    [Test]
    public void A_log_cut_at_any_byte_gives_the_whole_records_before()
    {
        Prediction[] predictions = LogFixture.Predictions(1, 260, 2);
        byte[] log = LogFixture.Write(predictions, LogFixture.Instruments("AAPL", "MSFT"), out _);
        int records = LogFixture.Records(log);

        // Every byte of the head and the first records, of the first seal's neighbourhood, and of the end.
        int seal = records + (LogRecords.RecordsPerBlock * Record);
        IEnumerable<int> cuts = Enumerable.Range(0, log.Length)
            .Where(cut => cut < records + (6 * Record) || Math.Abs(cut - seal) < 3 * Record || cut > log.Length - (4 * Record));
        foreach (int cut in cuts)
        {
            LogFixture.Outcome outcome = LogFixture.Read(_path, log.AsSpan(0, cut));
            int whole = Math.Max(0, (cut - records) / Record);
            int expected = Enumerable.Range(0, whole).Count(i => log[records + (i * Record)] == (byte)LogRecordKind.Prediction);
            if (outcome.IsComplete || outcome.Fault is null || !outcome.Predictions.SequenceEqual(predictions.Take(expected)))
            {
                Assert.Fail($"cut at {cut}: {outcome.Predictions.Count} predictions, expected {expected}; fault {outcome.Fault}");
            }

            string place = cut < records ? _path : $"byte {records + (whole * Record):N0}";
            Assert.That(outcome.Fault, Does.Contain(place), $"cut at {cut}");
            Assert.That(outcome.Head is null, Is.EqualTo(cut < records), $"cut at {cut}");
        }
    }

    [Test]
    public void No_flipped_byte_goes_unnoticed()
    {
        Prediction[] predictions = LogFixture.Predictions(2, 7, 2);
        byte[] log = LogFixture.Write(predictions, LogFixture.Instruments("AAPL", "MSFT"), out _);
        int records = LogFixture.Records(log);
        Assert.That(LogFixture.Read(_path, log).Fault, Is.Null);
        for (int at = 0; at < log.Length; at++)
        {
            // Every bit alone, and all of them.
            foreach (byte flip in (byte[])[1, 2, 4, 8, 16, 32, 64, 128, 255])
            {
                byte[] changed = [.. log];
                changed[at] ^= flip;
                LogFixture.Outcome outcome = LogFixture.Read(_path, changed);
                if (outcome.Fault is null || outcome.IsComplete || (at < records) != (outcome.Head is null))
                {
                    Assert.Fail($"byte {at} flipped by {flip}: fault {outcome.Fault ?? "none"}");
                }

                if (at >= records && !outcome.Fault!.Contains($"byte {records + ((at - records) / Record * Record):N0}", StringComparison.Ordinal))
                {
                    Assert.Fail($"byte {at} flipped by {flip} is said to be elsewhere: {outcome.Fault}");
                }
            }
        }
    }

    [Test]
    public void Exchanged_removed_and_repeated_records_are_noticed()
    {
        Prediction[] predictions = LogFixture.Predictions(3, 12, 2);
        byte[] log = LogFixture.Write(predictions, LogFixture.Instruments("AAPL", "MSFT"), out _);
        int records = LogFixture.Records(log);
        int count = (log.Length - records) / Record;
        for (int i = 0; i < count; i++)
        {
            Assert.That(Fault(Without(log, At(i))), Is.Not.Null, $"record {i} removed");
            Assert.That(Fault([.. log[..At(i + 1)], .. log[At(i)..]]), Is.Not.Null, $"record {i} twice");
            for (int j = i + 1; j < count; j++)
            {
                byte[] changed = [.. log];
                log.AsSpan(At(i), Record).CopyTo(changed.AsSpan(At(j)));
                log.AsSpan(At(j), Record).CopyTo(changed.AsSpan(At(i)));
                Assert.That(Fault(changed), Is.Not.Null, $"records {i} and {j} exchanged");
            }
        }

        int At(int record) => records + (record * Record);
    }

    [Test]
    public void Whole_blocks_that_are_removed_or_exchanged_are_noticed()
    {
        const int Block = (LogRecords.RecordsPerBlock + 1) * Record;
        byte[] log = LogFixture.Write(LogFixture.Predictions(4, 1_200, 1), LogFixture.Instruments("A"), out _);
        int records = LogFixture.Records(log);
        Assert.That(Fault(log), Is.Null);
        for (int block = 0; block < 4; block++)
        {
            int at = records + (block * Block);
            Assert.That(Fault([.. log[..at], .. log[(at + Block)..]]), Is.Not.Null, $"block {block} removed");
            Assert.That(Fault([.. log[..(at + Block)], .. log[at..]]), Is.Not.Null, $"block {block} twice");
        }

        byte[] exchanged = [.. log[..records], .. log[(records + Block)..(records + (2 * Block))], .. log[records..(records + Block)], .. log[(records + (2 * Block))..]];
        Assert.That(Fault(exchanged), Is.Not.Null.And.Contains("seal"));
    }

    [TestCase(1)]
    [TestCase(63)]
    [TestCase(64)]
    [TestCase(65)]
    public void Bytes_after_the_end_are_noticed(int extra)
    {
        byte[] log = LogFixture.Write(LogFixture.Predictions(5, 10, 1), LogFixture.Instruments("A"), out _);
        Assert.That(Fault([.. log, .. new byte[extra]]), Is.Not.Null.And.Contains($"byte {log.Length:N0}"));
        Assert.That(Fault([.. log, .. log[^Record..]]), Is.Not.Null);
    }

    [Test]
    public void A_record_of_another_log_is_noticed()
    {
        byte[] log = LogFixture.Write(LogFixture.Predictions(6, 10, 1), LogFixture.Instruments("A"), out _);
        byte[] other = LogFixture.Write(LogFixture.Predictions(7, 10, 1), LogFixture.Instruments("A"), out _);
        int at = LogFixture.Records(log) + (3 * Record);
        other.AsSpan(at, Record).CopyTo(log.AsSpan(at));
        Assert.That(Fault(log), Is.Not.Null.And.Contains("seal"));
    }

    /// <summary>A file that is copied again and again while it grows shows at each moment a prefix of what was written.</summary>
    [Test]
    public void A_growing_file_can_be_read_at_any_moment()
    {
        ulong seed = Seeds.Take(1).First();
        var random = new SeededRandom(seed);
        Prediction[] predictions = LogFixture.Predictions(seed, 20_000, 3);
        string growing = LogFixture.TemporaryPath();
        try
        {
            using var writer = new PredictionLogWriter(new FileStream(growing, FileMode.Create, FileAccess.Write, FileShare.Read, 1), LogFixture.Head, LogFixture.Instruments("A", "B", "C"));
            int flushed = 0;
            for (int i = 0; i < predictions.Length; i++)
            {
                writer.Append(ref predictions[i]);
                if (random.Chance(0.01))
                {
                    writer.Flush();
                    flushed = i + 1;
                }

                if (random.Chance(0.005))
                {
                    File.Copy(growing, _path, overwrite: true);
                    LogFixture.Outcome outcome = LogFixture.Read(_path);
                    Assert.That(outcome.Fault, Is.Not.Null.And.Contains("without an end record"), $"seed {seed}, prediction {i}");
                    Assert.That(outcome.Predictions, Has.Count.InRange(flushed, i + 1), $"seed {seed}, prediction {i}");
                    Assert.That(outcome.Predictions.SequenceEqual(predictions.Take(outcome.Predictions.Count)), Is.True, $"seed {seed}, prediction {i}");
                }
            }

            writer.Close();
            Assert.That(LogFixture.Read(growing) is { Fault: null, IsComplete: true }, Is.True, $"seed {seed}");
        }
        finally
        {
            File.Delete(growing);
        }
    }

    [Test]
    public void A_writer_that_is_disposed_without_close_leaves_a_cut_log()
    {
        var stream = new MemoryStream();
        Prediction[] predictions = LogFixture.Predictions(9, 5, 1);
        using (var writer = new PredictionLogWriter(stream, LogFixture.Head, LogFixture.Instruments("A")))
        {
            for (int i = 0; i < predictions.Length; i++)
            {
                writer.Append(ref predictions[i]);
            }
        }

        LogFixture.Outcome outcome = LogFixture.Read(_path, stream.ToArray());
        Assert.That(outcome.Predictions, Is.EqualTo(predictions));
        Assert.That(outcome.Fault, Does.Contain("without an end record"));
    }

    private static byte[] Without(byte[] log, int at) => [.. log[..at], .. log[(at + Record)..]];

    private string? Fault(byte[] log) => LogFixture.Read(_path, log).Fault;
}
