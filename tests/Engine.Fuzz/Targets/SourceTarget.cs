using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>A target whose inputs are small captures, each read to its end.</summary>
internal abstract class SourceTarget : InputTarget, IEventTarget
{
    /// <summary>Most instruments that a capture may name.</summary>
    protected const int Instruments = 16;

    private readonly MarketEvent[] _events = new MarketEvent[64];

    /// <inheritdoc/>
    public EventTaker? Taker { get; set; }

    /// <inheritdoc/>
    public Dictionary<string, long>? Reach { get; set; }

    /// <summary>Most bytes that reading a capture may allocate: a few names and the date.</summary>
    protected virtual long MaxAllocated => 16 << 10;

    /// <summary>Options with bounds that captures overrun.</summary>
    protected static FeedOptions SmallOptions() => new()
    {
        Instruments = new InstrumentTable(Instruments),
        Limits = new EngineLimits { Instruments = Instruments, Levels = 256, LevelsPerSide = 64, EventsPerPacket = 64 },
    };

    /// <summary>Reads a source to its end.</summary>
    /// <param name="source">The source.</param>
    /// <param name="audit">Checks what it says.</param>
    /// <param name="length">Bytes of the capture.</param>
    /// <param name="batch">The batch.</param>
    protected void Drain(MarketDataSource source, SourceAudit audit, int length, FuzzBatch batch)
    {
        long reads = 0, allocated = 0;
        while (true)
        {
            int room = batch.Random.Next(1, _events.Length + 1);
            long before = GC.GetAllocatedBytesForCurrentThread();
            int count = source.Read(_events.AsSpan(0, room));
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            if (count < 0)
            {
                break;
            }

            FuzzBatch.Require(++reads <= MaxReads(length), "a capture that does not end");
            audit.Check(_events.AsSpan(0, count), batch.Random.Next(8) == 0);
            Taker?.Invoke(_events.AsSpan(0, count));
        }

        FuzzBatch.Require(source.Read(_events) == -1, "a source that goes on behind its end");
        FuzzBatch.Require(allocated <= MaxAllocated, $"{allocated:N0} bytes allocated while reading");
        FuzzBatch.Require(source.Fault is not { } fault || fault.Offset <= length, "a fault outside its file");
        audit.CheckCounters(true);
        Note(source.Statistics);
    }

    /// <summary>Most reads that a capture may take: a byte makes at most so many events.</summary>
    protected virtual long MaxReads(int length) => (4L * length) + 64;

    private void Note(FeedStatistics statistics)
    {
        if (Reach is null)
        {
            return;
        }

        foreach ((string name, long count) in statistics.Irregularities())
        {
            Reach[name] = Reach.GetValueOrDefault(name) + count;
        }

        Reach["messages"] = Reach.GetValueOrDefault("messages") + statistics.Messages;
        Reach["events"] = Reach.GetValueOrDefault("events") + statistics.Events;
    }
}
