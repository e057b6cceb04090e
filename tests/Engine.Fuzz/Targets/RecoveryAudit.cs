using Engine.Core.Events;
using Engine.Feeds;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>
/// One stream whose messages carry their numbers, with holes that may be filled: each message comes once and in its turn, is in a
/// gap, or before the end of a snapshot.
/// </summary>
internal sealed class RecoveryAudit
{
    private ulong _next;
    private long _restarts;
    private bool _isInSnapshot;

    /// <summary>Checks the counters at the end.</summary>
    /// <param name="statistics">The counters.</param>
    /// <param name="inGaps">Messages that the gaps have said to be lost.</param>
    /// <param name="isWhole">Every packet held what it announced, and every hole was waited for: nothing was lost but what had been missing.</param>
    public static void CheckEnd(FeedStatistics statistics, long inGaps, bool isWhole)
    {
        FeedStatistics s = statistics;

        // What a stream that begins again still lacked is lost without a gap, since its books are emptied.
        FuzzBatch.Require(s.Restarts > 0 ? inGaps <= s.Lost : inGaps == s.Lost, $"{s.Lost} messages lost, {inGaps} in gaps");
        bool isSettled = isWhole ? s.Missing == s.Recovered + s.Lost : s.Missing <= s.Recovered + s.Lost;
        FuzzBatch.Require(isSettled, $"{s.Missing} messages missing: {s.Recovered} recovered, {s.Lost} lost");
    }

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
            switch (e.Kind)
            {
                case EventKind.Clear:
                    break;
                case EventKind.SnapshotBegin:
                    FuzzBatch.Require(!_isInSnapshot, "a snapshot within a snapshot");
                    _isInSnapshot = true;
                    break;
                case EventKind.SnapshotEnd:
                    FuzzBatch.Require(_isInSnapshot, "the end of no snapshot");
                    FuzzBatch.Require(e.Sequence >= _next, $"a snapshot up to {e.Sequence}, where {_next} is next");
                    (_isInSnapshot, _next) = (false, e.Sequence);
                    break;
                default:
                    CheckMessage(e);
                    break;
            }
        }
    }

    private void CheckMessage(in MarketEvent e)
    {
        bool isOfSnapshot = (e.Flags & EventFlags.FromSnapshot) != 0;
        FuzzBatch.Require(isOfSnapshot == _isInSnapshot, $"a {e.Kind} of sequence {e.Sequence} {(_isInSnapshot ? "within" : "outside")} a snapshot");
        if (isOfSnapshot)
        {
            return;
        }

        FuzzBatch.Require(_next == 0 || e.Sequence == _next, $"a {e.Kind} of sequence {e.Sequence}, where {_next} is next");
        FuzzBatch.Require(e.Kind == EventKind.Gap || e.OrderId == e.Sequence, $"message {e.OrderId} under sequence {e.Sequence}");
        _next = e.Sequence + (e.Kind == EventKind.Gap ? (ulong)e.Quantity : 1);
    }
}
