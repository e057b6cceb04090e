using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Recording;
using Engine.Signals;

namespace Engine.Tests.Recording;

/// <summary>Small logs in memory, and reading them through a file.</summary>
internal static class LogFixture
{
    public const int HeadFixed = 16;

    public static LogHead Head { get; } = new()
    {
        Captures = [new LoggedFile("market.pcap", 123_456_789_012, new string('a', 64)), new LoggedFile("größe \"2\".pcap", 0, new string('b', 64))],
        Models = [new LoggedFile("silo.onnx", 4_711, new string('c', 64))],
        ContractHash = new string('d', 64),
        Configuration = new RunConfiguration
        {
            Venue = "itch50",
            Date = null,
            Symbols = ["AAPL", "ZVZZT"],
            Contract = "default",
            Sampling = "grid-50",
            Inference = "native",
            Gaps = "wait_ns=0",
            SuppressSuspect = false,
        },
    };

    /// <summary>A table of these symbols, with room for four more that are not known.</summary>
    public static InstrumentTable Instruments(params string[] symbols)
    {
        var table = new InstrumentTable(symbols.Length + 4);
        foreach (string symbol in symbols)
        {
            table.Add(symbol);
        }

        return table;
    }

    public static Prediction[] Predictions(ulong seed, int count, int instruments)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(i => new Prediction
        {
            Trust = (byte)random.Next(3),
            Flags = (byte)random.Next(256),
            Model = (byte)random.Next(2),
            Instrument = random.Next(instruments),
            ExchangeTime = 1_700_000_000_000_000_000 + i,
            ReceiveTime = 1_700_000_000_000_000_000 + (2 * i),
            Sequence = random.NextUInt64(),
            Event = i,
            RowDigest = random.NextUInt64(),
            Value = (float)random.NextNormal(),
            Missing = (ushort)random.Next(100),
        })];
    }

    /// <summary>Writes a log; the predictions get their kind and check.</summary>
    public static byte[] Write(Prediction[] predictions, InstrumentTable instruments, out ulong digest, bool close = true)
    {
        var stream = new MemoryStream();
        using var writer = new PredictionLogWriter(stream, Head, instruments);
        for (int i = 0; i < predictions.Length; i++)
        {
            writer.Append(ref predictions[i]);
        }

        digest = writer.Digest;
        if (close)
        {
            writer.Close();
        }
        else
        {
            writer.Flush();
        }

        return stream.ToArray();
    }

    /// <summary>Where the first record begins.</summary>
    public static int Records(byte[] log) => HeadFixed + BitConverter.ToInt32(log, 8);

    /// <summary>What reading a log gave.</summary>
    public sealed record Outcome(List<Prediction> Predictions, string? Fault, bool IsComplete, ulong Digest, LogHead? Head, Func<int, string> Symbol);

    /// <summary>Reads a log to its end. A head that is refused gives its message as the fault and no head.</summary>
    public static Outcome Read(string path, ReadOnlySpan<byte> log)
    {
        File.WriteAllBytes(path, log);
        return Read(path);
    }

    public static Outcome Read(string path)
    {
        var predictions = new List<Prediction>();
        try
        {
            using var reader = PredictionLogReader.Open(path);
            while (reader.TryRead(out Prediction prediction))
            {
                predictions.Add(prediction);
            }

            Assert.That(reader.TryRead(out _), Is.False, "the end stays the end");
            Assert.That(reader.Predictions, Is.EqualTo(predictions.Count));
            return new Outcome(predictions, reader.Fault, reader.IsComplete, reader.Digest, reader.Head, reader.Symbol);
        }
        catch (LogFormatException refusal)
        {
            return new Outcome(predictions, refusal.Message, false, 0, null, _ => "");
        }
    }

    /// <summary>A file of its own, in memory where the system has such a folder.</summary>
    public static string TemporaryPath()
    {
        string folder = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        return Path.Combine(folder, $"engine-log-{Guid.NewGuid():N}.epl");
    }
}
