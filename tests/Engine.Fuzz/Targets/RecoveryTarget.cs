using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Feeds;
using Engine.Feeds.Itch;
using Engine.Feeds.Network;
using Engine.Feeds.Network.Recovery;
using Engine.Fuzz.Generators;
using Engine.Fuzz.Memory;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>
/// The recovery of missing messages: lines, answers, marks and snapshots in hostile order, under small bounds. In half of the
/// batches every message is what it says, and then each comes once, in its turn, or is in a gap, and what was missing is
/// recovered or lost.
/// </summary>
internal sealed class RecoveryTarget : IEventTarget
{
    private const int Instruments = 64, Room = 64, MaxReads = 4_096;

    /// <summary>Most bytes that reading a batch may allocate: names, once each.</summary>
    private const long MaxAllocated = 256 << 10;

    private readonly GuardedMemory _packets = new(4 * GuardedMemory.PageSize);
    private readonly GuardedMemory _snapshots = new(4 * GuardedMemory.PageSize);
    private readonly MarketEvent[] _events = new MarketEvent[Room];

    /// <inheritdoc/>
    public string Name => "recovery";

    /// <inheritdoc/>
    public int CasesPerBatch => 1_024;

    /// <inheritdoc/>
    public int Weight => 16;

    /// <inheritdoc/>
    public EventTaker? Taker { get; set; }

    /// <inheritdoc/>
    public Dictionary<string, long>? Reach { get; set; }

    /// <inheritdoc/>
    public void Run(FuzzBatch batch)
    {
        SeededRandom random = batch.Random;
        MoldGenerator packets = new() { IsOrderly = random.Chance(0.5), IsRepeatable = random.Chance(0.8) };
        FeedOptions options = Options(random);
        FeedStatistics statistics = new();
        FuzzPacketInput input = new(packets, _packets, _snapshots, batch);
        using PacketSource source = new(input, options, "fuzz", new ItchFeed(options, statistics, input.IsEnded), statistics);
        SourceAudit audit = new(source);
        RecoveryAudit? order = packets.IsOrderly ? new RecoveryAudit() : null;
        Read(source, audit, order, batch);
        FuzzBatch.Require(statistics.Packets == input.Packets, $"{statistics.Packets} packets of {input.Packets} were read");
        long snapshots = statistics.Snapshots + statistics.UselessSnapshots;
        FuzzBatch.Require(snapshots == input.Snapshots, $"{snapshots} snapshots of {input.Snapshots} were counted");
        RecoveryAudit.CheckEnd(statistics, audit.Lost, packets.IsOrderly && options.Gaps is { WaitNanos: > 0, OnlyWithSeveralLines: false });
        Note(statistics, packets.IsOrderly);
    }

    private static FeedOptions Options(SeededRandom random) => new()
    {
        Instruments = new InstrumentTable(Instruments),
        Limits = new EngineLimits
        {
            Instruments = Instruments, EventsPerPacket = Room, HeldPackets = random.Next(1, 40), HeldPacketBytes = random.Next(60, 1_000),
            CatchUpBytes = random.Next(100, 10_000),
        },
        Gaps = new GapPolicy
        {
            WaitNanos = random.Chance(0.1) ? 0 : random.Next(1_000_000), OnlyWithSeveralLines = random.Chance(0.2), Requests = random.Next(3),
            RequestTimeoutNanos = random.Next(200_000), UsesSnapshots = random.Chance(0.7),
        },
        HashesPayloads = random.Chance(0.2),
    };

    private void Read(PacketSource source, SourceAudit audit, RecoveryAudit? order, FuzzBatch batch)
    {
        long reads = 0, allocated = 0;
        int last = -1;
        while (true)
        {
            int room = batch.Random.Next(1, Room + 1);
            long before = GC.GetAllocatedBytesForCurrentThread();
            int count = source.Read(_events.AsSpan(0, room));
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            if (count < 0)
            {
                break;
            }

            reads = batch.Case == last ? reads + 1 : 0;
            last = batch.Case;
            FuzzBatch.Require(reads <= MaxReads, "a step that does not end");
            audit.Check(_events.AsSpan(0, count), batch.Random.Next(8) == 0);
            order?.Check(_events.AsSpan(0, count), source.Statistics);
            Taker?.Invoke(_events.AsSpan(0, count));
        }

        FuzzBatch.Require(source.Read(_events) == -1, "a source that goes on behind its end");
        FuzzBatch.Require(allocated <= MaxAllocated, $"{allocated:N0} bytes allocated while reading");
        audit.CheckCounters(true);
    }

    private void Note(FeedStatistics statistics, bool isOrderly)
    {
        if (Reach is null)
        {
            return;
        }

        foreach ((string name, long count) in statistics.Irregularities())
        {
            Reach[name] = Reach.GetValueOrDefault(name) + count;
        }

        string order = isOrderly ? "orderly" : "hostile";
        Reach[order] = Reach.GetValueOrDefault(order) + statistics.Messages;
        Reach["snapshot_messages"] = Reach.GetValueOrDefault("snapshot_messages") + statistics.SnapshotMessages;
        Reach["held_packets"] = Reach.GetValueOrDefault("held_packets") + statistics.HeldPackets;
    }
}
