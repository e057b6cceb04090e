using BenchmarkDotNet.Attributes;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Signals;
using Engine.Simulator;

namespace Engine.Bench.Books;

/// <summary>Books, and books with a feature row an event, over the decoded events of a simulated day: time is per event.</summary>
[MemoryDiagnoser]
public class BookBenchmarks
{
    /// <summary>Messages of the day.</summary>
    public const int Messages = 500_000;

    private MarketEvent[] _day = [];
    private MarketEvent[] _events = [];

    /// <summary>Simulates and decodes the day.</summary>
    [GlobalSetup]
    public void Setup() => Setup(Messages);

    /// <summary>Simulates and decodes a day of another size.</summary>
    public void Setup(int messages)
    {
        string path = Path.Combine(Path.GetTempPath(), "engine-bench-" + Guid.NewGuid().ToString("N") + ".itch");
        using (FileStream file = File.Create(path))
        {
            Simulation.Run(new SimulationOptions { Seed = 1, Messages = messages, Instruments = 50, Format = OutputFormat.BinaryFile }, file);
        }

        try
        {
            var buffer = new MarketEvent[1_024];
            var day = new List<MarketEvent>(messages);
            using MarketDataSource source = CaptureSource.Open(
                [path], new FeedOptions { Instruments = new InstrumentTable(1_024), Date = new DateOnly(2026, 1, 5) });
            for (int count; (count = source.Read(buffer)) >= 0;)
            {
                day.AddRange(buffer[..count]);
            }

            _day = [.. day];
            _events = new MarketEvent[_day.Length];
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Full L3 books with every check and the digest.</summary>
    [Benchmark(OperationsPerInvoke = Messages, Baseline = true)]
    public ulong Book()
    {
        _day.CopyTo(_events, 0);
        using var books = new OrderBooks(new EngineLimits());
        foreach (ref MarketEvent e in _events.AsSpan())
        {
            books.Apply(ref e);
        }

        return books.Digest.Value;
    }

    /// <summary>Books and a row of the default contract an event.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public ulong BookAndFeatures()
    {
        _day.CopyTo(_events, 0);
        var limits = new EngineLimits();
        using var pipeline = new Pipeline<Digest>(
            limits, FeatureSet.Create(FeatureSet.DefaultName, Sampling.EveryEvent, limits), default, new StageTimer { Enabled = false });
        pipeline.OnPacket(_events);
        return pipeline.Rows.Sum;
    }

    private struct Digest : IRowHandler
    {
        public ulong Sum;

        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row) => Sum += BitConverter.SingleToUInt32Bits(row[0]);
    }
}
