using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Events;
using Engine.Feeds;
using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>What every source promises, whatever it reads: see <see cref="FeedStatistics"/>.</summary>
/// <param name="source">The source.</param>
internal sealed unsafe class SourceAudit(MarketDataSource source)
{
    private const uint Synthetic = (1u << (int)EventKind.Gap) | (1u << (int)EventKind.Clear) | (1u << (int)EventKind.SnapshotBegin) | (1u << (int)EventKind.SnapshotEnd);

    private nint _message;
    private long _messages;
    private long _withMessage;
    private long _synthetic;

    /// <summary>A message may make many events, or none that is counted here: a bit for each further kind that may come without one.</summary>
    public uint BareKinds { get; init; }

    /// <summary>A record may make many events, which follow each other.</summary>
    public bool HasRecords { get; init; }

    /// <summary>Messages are not told by their events.</summary>
    public bool HasRows { get; init; }

    /// <summary>How many messages the gaps so far have said to be lost.</summary>
    public long Lost { get; private set; }

    /// <summary>Checks the events of a read, and the counters after it.</summary>
    /// <param name="events">What the read wrote.</param>
    /// <param name="asText">Whether to write the messages as text, too.</param>
    public void Check(ReadOnlySpan<MarketEvent> events, bool asText)
    {
        for (int i = 0; i < events.Length; i++)
        {
            ref readonly MarketEvent e = ref events[i];
            bool hasMessage = source.TryGetMessage(i, out ReadOnlySpan<byte> message);
            Count(hasMessage, message);
            FuzzBatch.Require(hasMessage || ((Synthetic | BareKinds) >> (int)e.Kind & 1) != 0, $"a {e.Kind} that no message carried");
            FuzzBatch.Require(!hasMessage || !message.IsEmpty || (HasRows && e.Kind == EventKind.Status), "an event of an empty message");
            FuzzBatch.Require(e.Kind is > EventKind.None and <= EventKind.Funding && e.Side <= Side.Sell, $"kind {(int)e.Kind}, side {(int)e.Side}");
            FuzzBatch.Require(e.Instrument >= MarketEvent.NoInstrument && e.Instrument < source.Instruments.Count, $"instrument {e.Instrument}");
            FuzzBatch.Require(e.Kind != EventKind.Gap || e.Quantity > 0 || (HasRecords && e.Quantity == MarketEvent.Absent), $"a gap of {e.Quantity}");
            Lost += e.Kind == EventKind.Gap && !HasRecords ? e.Quantity : 0;
            if (asText)
            {
                source.WriteDetail(i, TextWriter.Null);
            }
        }

        FuzzBatch.Require(!source.TryGetMessage(events.Length, out _), "a message behind the last event");
        CheckCounters(false);
    }

    /// <summary>Every packet and every message is in exactly one counter.</summary>
    /// <param name="isEnd">Nothing is left to read: a record whose events had no room has given them since.</param>
    public void CheckCounters(bool isEnd)
    {
        FeedStatistics s = source.Statistics;
        long passedOver = s.TcpPackets + s.NonIpPackets + s.OtherIpPackets + s.FragmentPackets + s.OtherUdpPackets + s.ShortPackets
            + s.BadSequencePackets + s.RefusedPackets + s.RetransmissionPackets + s.NoInterfacePackets + s.OtherLinkPackets;
        FuzzBatch.Require(s.Packets == s.FeedPackets + passedOver, $"{s.Packets} packets are {s.FeedPackets} of the feed and {passedOver} others");
        FuzzBatch.Require(s.Events == _withMessage + _synthetic, $"{s.Events} events counted, {_withMessage + _synthetic} read");
        long skipped = s.UnknownMessages + s.MalformedMessages + s.PassedOverRecords;
        long messages = HasRecords ? _messages : _withMessage;
        long left = s.Messages - messages - skipped;
        FuzzBatch.Require(HasRows || left == 0 || (left == 1 && HasRecords && !isEnd), $"{s.Messages} messages are {messages} in events and {skipped} skipped");
        FuzzBatch.Require(
            s is { Gaps: >= 0, Lost: >= 0, Duplicates: >= 0, Restarts: >= 0, MessagesCutOff: >= 0, TrailingBytes: >= 0, SnapshotMessages: >= 0 } && (s.Lost >= s.Gaps || HasRows),
            "a counter that cannot be");
        FuzzBatch.Require(s.Missing >= s.Recovered && s.Recovered >= 0, $"{s.Recovered} messages recovered of {s.Missing} missing");
    }

    private void Count(bool hasMessage, ReadOnlySpan<byte> message)
    {
        if (!hasMessage)
        {
            _synthetic++;
            return;
        }

        // SAFETY: the address is compared, not read; the events of one record follow each other.
        nint at = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(message));
        _messages += at == _message ? 0 : 1;
        _message = at;
        _withMessage++;
    }
}
