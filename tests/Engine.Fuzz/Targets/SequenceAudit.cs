using Engine.Core.Events;
using Engine.Feeds;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>One stream of whole packets: each message comes once, in order, and what does not come is in a gap.</summary>
internal sealed class SequenceAudit
{
    private ulong _next;
    private long _restarts;

    /// <summary>Checks the counters at the end.</summary>
    /// <param name="statistics">The counters.</param>
    /// <param name="announced">Messages that all packets announced.</param>
    public static void CheckEnd(FeedStatistics statistics, long announced) => FuzzBatch.Require(
        statistics.Messages + statistics.Duplicates == announced, $"{announced} messages are {statistics.Messages} and {statistics.Duplicates} duplicates");

    /// <summary>Checks the events of a read.</summary>
    public void Check(ReadOnlySpan<MarketEvent> events, FeedStatistics statistics)
    {
        if (statistics.Restarts != _restarts)
        {
            _restarts = statistics.Restarts;
            _next = 0;
        }

        foreach (ref readonly MarketEvent e in events)
        {
            if (e.Kind == EventKind.Clear)
            {
                continue;
            }

            FuzzBatch.Require(_next == 0 || e.Sequence == _next, $"a {e.Kind} of sequence {e.Sequence}, where {_next} is next");
            FuzzBatch.Require(e.Kind == EventKind.Gap || e.OrderId == e.Sequence, $"message {e.OrderId} under sequence {e.Sequence}");
            _next = e.Sequence + (e.Kind == EventKind.Gap ? (ulong)e.Quantity : 1);
        }
    }
}
