using BenchmarkDotNet.Attributes;
using Engine.Core.Events;
using Engine.Feeds;
using Engine.Feeds.Captures;

namespace Engine.Bench.Feeds;

/// <summary>Decode of files of records that are in memory: time is per record or line.</summary>
[MemoryDiagnoser]
public class RecordDecodeBenchmarks
{
    /// <summary>Records in each file.</summary>
    public const int Records = 1_000_000;

    private readonly MarketEvent[] _events = new MarketEvent[1_024];
    private string _folder = "";
    private string _dbn = "";
    private string _alone = "";
    private string _paired = "";

    /// <summary>Writes the files.</summary>
    [GlobalSetup]
    public void Setup() => Setup(Records);

    /// <summary>Writes files of another size.</summary>
    public void Setup(int records)
    {
        _folder = Directory.CreateTempSubdirectory("engine-bench-").FullName;
        _dbn = Path.Combine(_folder, "bench.dbn");
        _alone = Path.Combine(_folder, "bench.csv");
        _paired = Path.Combine(_folder, "BENCH_2012-06-21_34200000_57600000_message_10.csv");
        RecordWorkload.WriteDbn(_dbn, records);
        RecordWorkload.WriteLobster(_paired, _paired.Replace("_message_", "_orderbook_", StringComparison.Ordinal), records);
        File.Copy(_paired, _alone);
    }

    /// <summary>Deletes them.</summary>
    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(_folder, true);

    /// <summary>DBN, market by order.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public long DbnMbo() => Run(_dbn);

    /// <summary>LOBSTER messages alone.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public long LobsterMessages() => Run(_alone);

    /// <summary>LOBSTER messages with ten levels of the book.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public long LobsterMessagesAndLevels() => Run(_paired);

    private long Run(string path)
    {
        using MarketDataSource source = CaptureSource.Open([path], new FeedOptions { Instruments = new InstrumentTable(1_024) });
        long check = 0;
        int count;
        while ((count = source.Read(_events)) >= 0)
        {
            check += count == 0 ? 0 : _events[count - 1].Price ^ count;
        }

        return check ^ source.Statistics.Messages;
    }
}
