using Engine.Core.Events;
using Engine.Feeds;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>What every source promises, whatever it reads: see <see cref="FeedStatistics"/>.</summary>
/// <param name="source">The source.</param>
internal sealed class SourceAudit(MarketDataSource source)
{
    private long _withMessage;
    private long _synthetic;

    /// <summary>Checks the events of a read, and the counters after it.</summary>
    /// <param name="events">What the read wrote.</param>
    /// <param name="asText">Whether to write the messages as text, too.</param>
    public void Check(ReadOnlySpan<MarketEvent> events, bool asText)
    {
        for (int i = 0; i < events.Length; i++)
        {
            ref readonly MarketEvent e = ref events[i];
            bool hasMessage = source.TryGetMessage(i, out ReadOnlySpan<byte> message);
            _withMessage += hasMessage ? 1 : 0;
            _synthetic += hasMessage ? 0 : 1;
            FuzzBatch.Require(hasMessage || e.Kind is EventKind.Gap or EventKind.Clear or EventKind.SnapshotEnd, $"a {e.Kind} that no message carried");
            FuzzBatch.Require(!hasMessage || !message.IsEmpty, "an event of an empty message");
            FuzzBatch.Require(e.Kind is > EventKind.None and <= EventKind.Gap && e.Side <= Side.Sell, $"kind {(int)e.Kind}, side {(int)e.Side}");
            FuzzBatch.Require(e.Instrument >= MarketEvent.NoInstrument && e.Instrument < source.Instruments.Count, $"instrument {e.Instrument}");
            FuzzBatch.Require(e.Kind != EventKind.Gap || e.Quantity > 0, $"a gap of {e.Quantity}");
            if (asText)
            {
                source.WriteDetail(i, TextWriter.Null);
            }
        }

        FuzzBatch.Require(!source.TryGetMessage(events.Length, out _), "a message behind the last event");
        CheckCounters();
    }

    /// <summary>Every packet and every message is in exactly one counter.</summary>
    public void CheckCounters()
    {
        FeedStatistics s = source.Statistics;
        long passedOver = s.TcpPackets + s.NonIpPackets + s.OtherIpPackets + s.FragmentPackets + s.OtherUdpPackets + s.ShortPackets
            + s.BadSequencePackets + s.RefusedPackets + s.RetransmissionPackets + s.NoInterfacePackets + s.OtherLinkPackets;
        FuzzBatch.Require(s.Packets == s.FeedPackets + passedOver, $"{s.Packets} packets are {s.FeedPackets} of the feed and {passedOver} others");
        FuzzBatch.Require(s.Events == _withMessage + _synthetic, $"{s.Events} events counted, {_withMessage + _synthetic} read");
        long skipped = s.UnknownMessages + s.MalformedMessages;
        FuzzBatch.Require(s.Messages == _withMessage + skipped, $"{s.Messages} messages are {_withMessage} events and {skipped} skipped");
        FuzzBatch.Require(
            s is { Gaps: >= 0, Lost: >= 0, Duplicates: >= 0, Restarts: >= 0, MessagesCutOff: >= 0, TrailingBytes: >= 0 } && s.Lost >= s.Gaps, "a counter that cannot be");
    }
}
