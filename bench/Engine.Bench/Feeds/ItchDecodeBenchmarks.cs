using BenchmarkDotNet.Attributes;
using Engine.Core.Events;
using Engine.Feeds;
using Engine.Feeds.Captures;

namespace Engine.Bench.Feeds;

/// <summary>ITCH decode over a whole mapped file that is in memory: time is per message.</summary>
[MemoryDiagnoser]
public class ItchDecodeBenchmarks
{
    /// <summary>Messages in each file.</summary>
    public const int Messages = 4_000_000;

    private readonly MarketEvent[] _events = new MarketEvent[1_024];
    private string _folder = "";
    private string _binaryFile = "";
    private string _packed = "";
    private string _single = "";

    /// <summary>Writes the files.</summary>
    [GlobalSetup]
    public void Setup() => Setup(Messages);

    /// <summary>Writes files of another size.</summary>
    public void Setup(int messages)
    {
        _folder = Path.Combine(Path.GetTempPath(), "engine-bench-" + Guid.NewGuid().ToString("N"));
        (_binaryFile, _packed) = ItchWorkload.Write(Path.Combine(_folder, "packed"), messages, 32);
        (_, _single) = ItchWorkload.Write(Path.Combine(_folder, "single"), messages, 1);
    }

    /// <summary>Deletes them.</summary>
    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(_folder, true);

    /// <summary>A day file, 64 messages a read.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public long BinaryFile() => Run(_binaryFile);

    /// <summary>pcap with packets full of messages.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public long FullPackets() => Run(_packed);

    /// <summary>pcap with one message a packet.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public long SingleMessagePackets() => Run(_single);

    private long Run(string path)
    {
        using MarketDataSource source = CaptureSource.Open(
            [path], new FeedOptions { Instruments = new InstrumentTable(1_024), Date = new DateOnly(2019, 12, 30) });
        long check = 0;
        int count;
        while ((count = source.Read(_events)) >= 0)
        {
            check += count == 0 ? 0 : _events[count - 1].Price ^ count;
        }

        return check ^ source.Statistics.Messages;
    }
}
