using BenchmarkDotNet.Attributes;
using Engine.Core.Events;
using Engine.Feeds;
using Engine.Feeds.Captures;

namespace Engine.Bench.Feeds;

/// <summary>BitMEX decode over a whole mapped session that is in memory, its quotes checked against its books: time is per message.</summary>
[MemoryDiagnoser]
public class BitMexDecodeBenchmarks
{
    /// <summary>Messages in the file.</summary>
    public const int Messages = 1_000_000;

    private readonly MarketEvent[] _events = new MarketEvent[1_024];
    private string _path = "";

    /// <summary>Writes the file.</summary>
    [GlobalSetup]
    public void Setup() => Setup(Messages);

    /// <summary>Writes a file of another size.</summary>
    public void Setup(int messages)
    {
        _path = Path.Combine(Path.GetTempPath(), "engine-bench-" + Guid.NewGuid().ToString("N"));
        BitMexWorkload.Write(_path, messages);
    }

    /// <summary>Deletes it.</summary>
    [GlobalCleanup]
    public void Cleanup() => File.Delete(_path);

    /// <summary>Single-row messages, a line a read.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public long Session()
    {
        using MarketDataSource source = CaptureSource.Open([_path], new FeedOptions { Instruments = new InstrumentTable(1_024) });
        long check = 0;
        int count;
        while ((count = source.Read(_events)) >= 0)
        {
            check += count == 0 ? 0 : _events[count - 1].Price ^ count;
        }

        return check ^ source.Statistics.Messages;
    }
}
