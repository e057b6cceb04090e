using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Numerics;
using Engine.Features;
using Engine.Recording;
using Engine.Recording.Hdf5;
using Engine.Signals;

namespace Engine.Tests.Recording.Hdf5;

/// <summary>One row as it was given to a writer.</summary>
internal sealed record WrittenRow(RowStamp Stamp, MarketEvent Event, float[] Features);

/// <summary>Files of feature rows with seeded content.</summary>
internal static class FeatureFileFixture
{
    public const int Features = 70;

    public static FeatureContract Contract { get; } = new(
        "test", Enumerable.Range(0, Features).Select(i => new FeatureSpec($"feature_{i}", i < 9 ? "some" : "others", i * 1_000L, "bps")), "every-event");

    public static FeatureFileHead Head { get; } = new()
    {
        Contract = Contract,
        Captures = [new LoggedFile("größte.pcap", 12_345_678_901, new string('b', 64)), new LoggedFile("-", 3, new string('c', 64))],
        EngineVersion = "1.2.3+test",
        Configuration = new RunConfiguration
        {
            Venue = "itch50", Date = "2026-01-05", Symbols = ["A", "B"], Contract = "test", Sampling = "every-event", Inference = "native", Gaps = "wait_ns=0", SuppressSuspect = false,
        },
    };

    public static InstrumentTable Instruments()
    {
        var table = new InstrumentTable(64);
        for (int i = 0; i < 40; i++)
        {
            table.Add(i == 7 ? "ÄÖ" : $"SYM{i}");
        }

        return table;
    }

    public static string NewPath() => Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():n}.h5");

    /// <summary>Rows whose every part is random, NaN of several patterns among the features.</summary>
    public static WrittenRow[] Rows(ulong seed, int count)
    {
        var random = new SeededRandom(seed);
        var rows = new WrittenRow[count];
        for (int i = 0; i < count; i++)
        {
            var features = new float[Features];
            for (int f = 0; f < Features; f++)
            {
                features[f] = BitConverter.UInt32BitsToSingle((uint)random.NextUInt64());
            }

            var e = new MarketEvent { ReceiveTime = (long)random.NextUInt64(), Sequence = random.NextUInt64(), Flags = (EventFlags)random.Next(256) };
            rows[i] = new WrittenRow(
                new RowStamp(random.Next(40), (long)(random.NextUInt64() >> 1), (long)random.NextUInt64(), (BookTrust)random.Next(3)), e, features);
        }

        return rows;
    }

    public static void Write(string path, WrittenRow[] rows, int deflate, bool close = true, bool interrupted = false)
    {
        using var writer = new FeatureFileWriter(path, overwrite: false, Head, Instruments(), deflate);
        foreach (WrittenRow row in rows)
        {
            writer.Append(row.Stamp, row.Event, row.Features);
        }

        if (close)
        {
            writer.Close(rows.Length * 2, interrupted);
        }
    }
}
