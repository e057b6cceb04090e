using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Feeds.Network;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Memory;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>A venue's packets, from the frame to the event, a few thousand in one source; a case is a packet.</summary>
/// <param name="name">The target's name.</param>
/// <param name="packets">Makes the packets.</param>
/// <param name="feed">Makes what reads them.</param>
/// <param name="weight">Its part of a run over all targets.</param>
internal sealed class PacketTarget(
    string name, PacketGenerator packets, Func<FeedOptions, FeedStatistics, Func<int, bool>, PacketFeed> feed, int weight) : IEventTarget
{
    private const int Instruments = 200, Room = 64;

    /// <summary>Most bytes that reading a batch may allocate: names, once each.</summary>
    private const long MaxAllocated = 256 << 10;

    private readonly GuardedMemory[] _memory = [new(2 * FrameGenerator.MaxFrame), new(2 * FrameGenerator.MaxFrame)];
    private readonly MarketEvent[] _events = new MarketEvent[Room];
    private readonly FrameGenerator _frames = new(packets);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int CasesPerBatch => 1_024;

    /// <inheritdoc/>
    public int Weight => weight;

    /// <inheritdoc/>
    public EventTaker? Taker { get; set; }

    /// <inheritdoc/>
    public Dictionary<string, long>? Reach { get; set; }

    /// <summary>The counters of the last batch.</summary>
    public FeedStatistics Statistics { get; private set; } = new();

    /// <inheritdoc/>
    public void Run(FuzzBatch batch)
    {
        FeedOptions options = new()
        {
            Instruments = new InstrumentTable(Instruments),
            Limits = new EngineLimits { Instruments = Instruments, EventsPerPacket = Room },
        };
        FeedStatistics statistics = Statistics = new();
        FuzzPacketReader reader = new(_frames, _memory, batch, packets.IsOrderly);
        PcapMerge merge = new([reader]);
        using PacketSource source = new(merge, options, "fuzz", feed(options, statistics, merge.IsEnded), statistics);
        Read(source, batch);
    }

    private void Read(PacketSource source, FuzzBatch batch)
    {
        SourceAudit audit = new(source);
        SequenceAudit sequences = new();
        long current = 0, reads = 0, allocated = 0;
        int count;
        while (true)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            count = source.Read(_events);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            if (count < 0)
            {
                break;
            }

            reads = source.Statistics.Packets == current ? reads + 1 : 0;
            current = source.Statistics.Packets;
            FuzzBatch.Require(reads <= FrameGenerator.MaxFrame + (2 * Instruments), "a packet that does not end");
            audit.Check(_events.AsSpan(0, count), batch.Random.Next(8) == 0);
            Taker?.Invoke(_events.AsSpan(0, count));
            if (packets.IsOrderly)
            {
                sequences.Check(_events.AsSpan(0, count), source.Statistics);
            }
        }

        FuzzBatch.Require(source.Statistics.Packets == batch.Count, "packets that were not read");
        FuzzBatch.Require(source.Read(_events) == -1, "a source that goes on behind its end");
        FuzzBatch.Require(allocated <= MaxAllocated, $"{allocated:N0} bytes allocated while reading");
        audit.CheckCounters(true);
        if (packets.IsOrderly)
        {
            SequenceAudit.CheckEnd(source.Statistics, packets.Announced);
        }
    }
}
