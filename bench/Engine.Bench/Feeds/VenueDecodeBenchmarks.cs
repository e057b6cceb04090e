using BenchmarkDotNet.Attributes;
using Engine.Core.Events;
using Engine.Feeds;
using Engine.Feeds.Captures;

namespace Engine.Bench.Feeds;

/// <summary>Decode of one simulated day in each venue's packets, over a whole mapped file that is in memory: time is per message.</summary>
[MemoryDiagnoser]
public class VenueDecodeBenchmarks
{
    /// <summary>Messages in each file.</summary>
    public const int Messages = 2_000_000;

    private const int PerFullPacket = 32;
    private static readonly Venue[] s_venues = [Venue.Itch50, Venue.Xdp, Venue.IexDeep];
    private readonly MarketEvent[] _events = new MarketEvent[1_024];
    private string _folder = "";

    /// <summary>Writes the files.</summary>
    [GlobalSetup]
    public void Setup() => Setup(Messages);

    /// <summary>Writes files of another size.</summary>
    public void Setup(int messages)
    {
        _folder = Directory.CreateTempSubdirectory("engine-bench-").FullName;
        foreach (Venue venue in s_venues)
        {
            VenueWorkload.Write(PathOf(venue, PerFullPacket), venue, messages, PerFullPacket);
            VenueWorkload.Write(PathOf(venue, 1), venue, messages, 1);
        }
    }

    /// <summary>Deletes them.</summary>
    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(_folder, true);

    /// <summary>ITCH of the same day, packets full of messages.</summary>
    [Benchmark(OperationsPerInvoke = Messages, Baseline = true)]
    public long ItchFullPackets() => Run(Venue.Itch50, PerFullPacket);

    /// <summary>ITCH of the same day, one message a packet.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public long ItchSingleMessagePackets() => Run(Venue.Itch50, 1);

    /// <summary>NYSE Integrated 2.5, packets full of messages.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public long XdpFullPackets() => Run(Venue.Xdp, PerFullPacket);

    /// <summary>NYSE Integrated 2.5, one message a packet.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public long XdpSingleMessagePackets() => Run(Venue.Xdp, 1);

    /// <summary>DEEP, segments full of messages.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public long DeepFullSegments() => Run(Venue.IexDeep, PerFullPacket);

    /// <summary>DEEP, one message a segment.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public long DeepSingleMessageSegments() => Run(Venue.IexDeep, 1);

    private string PathOf(Venue venue, int perPacket) => Path.Combine(_folder, $"{EventNames.Of(venue)}-{perPacket}.pcap");

    private long Run(Venue venue, int perPacket)
    {
        using MarketDataSource source = CaptureSource.Open(
            [PathOf(venue, perPacket)], new FeedOptions { Instruments = new InstrumentTable(1_024) });
        long check = 0;
        int count;
        while ((count = source.Read(_events)) >= 0)
        {
            check += count == 0 ? 0 : _events[count - 1].Price ^ count;
        }

        return check ^ source.Statistics.Messages;
    }
}
