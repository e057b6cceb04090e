using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Core.Time;
using Engine.Feeds.Instruments;
using Engine.Feeds.Network;

namespace Engine.Feeds.IexDeep;

/// <summary>
/// IEX DEEP 1.0 in IEX-TP segments.
/// </summary>
/// <remarks>
/// A price level update whose event flags lack bit 0 leaves its instrument's book in the middle of an event: it and whatever else
/// comes for the instrument until the update that has the bit are not <see cref="EventFlags.LastOfEvent"/>.
/// </remarks>
internal sealed unsafe class IexFeed : PacketFeed
{
    private const byte EventComplete = 1;
    private const long PriceFactor = MarketEvent.PriceScale / 10_000;
    private const long LargestPrice = long.MaxValue / PriceFactor;

    private readonly IexSymbols _symbols;
    private readonly long[] _offsets = new long[SequenceSessions.MaxSessions];
    private long _receiveTime;
    private EventFlags _flags;

    /// <param name="options">What the host asked for.</param>
    /// <param name="statistics">Counts what is seen.</param>
    /// <param name="isEnded">Whether a capture has no packet left.</param>
    public IexFeed(FeedOptions options, FeedStatistics statistics, Func<int, bool> isEnded)
        : base(options, statistics, isEnded, MessageFraming.Iex)
    {
        _symbols = new IexSymbols(options.Instruments);
    }

    /// <inheritdoc/>
    public override Venue Venue => Venue.IexDeep;

    /// <inheritdoc/>
    public override string Format => "IEX-TP / DEEP 1.0";

    /// <inheritdoc/>
    public override MessageText Text { get; } = new IexMessageText();

    /// <inheritdoc/>
    public override void Accept(in UdpPayload payload, in PacketInfo info)
    {
        // SAFETY: the head is read only where the payload holds one.
        byte* segment = payload.Data;
        bool isDeep = payload.Length >= IexHeader.Size && IexHeader.Protocol(segment) == IexHeader.Deep;
        SequencedPacket packet = isDeep ? IexHeader.Read(segment, payload.Length) : default;
        int session = isDeep ? Sessions.Find(packet, payload.Group, info) : -1;
        if (!isDeep || (session < 0 && !IexHeader.IsPlausible(segment, payload.Length, info.IsTruncated)))
        {
            Statistics.OtherUdpPackets++;
            return;
        }

        _receiveTime = info.Time;
        _flags = info.Flags & ~EventFlags.LastOfEvent;
        Statistics.TrailingBytes += info.IsAgain ? 0 : Math.Max(payload.Length - IexHeader.Size - IexHeader.PayloadLength(segment), 0);
        Date ??= UsEastern.DateAt(IexHeader.SendTime(segment));
        Sessions.Accept(packet, session, payload, info);
        ref PacketPlan plan = ref Sessions.Plan;
        FollowOffset(plan, packet, IexHeader.StreamOffset(segment), IexHeader.PayloadLength(segment));
        if (plan.Fresh || plan.GapLost != 0)
        {
            _symbols.EndEvents();
        }
    }

    /// <inheritdoc/>
    public override int Decode(ref MessageRun run, MarketEvent* events, int written, int limit)
    {
        // SAFETY: [At, End) is readable; the length is read only where two bytes are left, and a message is looked into only once
        // its length says that it ends at or before End and is at least its layout's (all offsets lie inside that).
        while (run.Remaining > 0 && written < limit)
        {
            long room = run.End - run.At - 2;
            int length = room < 0 ? 0 : Unsafe.ReadUnaligned<ushort>(run.At);
            if (length == 0 || length > room)
            {
                run.Stopped = true;
                break;
            }

            byte* message = run.At + 2;
            run.At = message + length;
            run.Remaining--;
            ulong sequence = run.Sequence++;
            ref readonly IexLayout layout = ref IexLayouts.Of(*message);
            Statistics.MessagesByType[*message]++;
            if (Statistics.Accepts(*message, length, layout.Length, layout.Length))
            {
                Write(events + written, message, layout);
                events[written].Sequence = sequence;
                Messages.Pointer[written++] = (nint)message;
            }
        }

        return written;
    }

    /// <inheritdoc/>
    public override void Enter(int session, in PacketInfo info)
    {
        _receiveTime = info.Time;
        _flags = info.Flags & ~EventFlags.LastOfEvent;
    }

    /// <inheritdoc/>
    public override bool TryPeekTime(in MessageRun run, out long time)
    {
        // SAFETY: the time is read only where a whole message head is left in the segment.
        bool hasTime = run.Remaining > 0 && run.End - run.At >= 2 + IexLayouts.Head;
        time = hasTime ? Unsafe.ReadUnaligned<long>(run.At + 4) : 0;
        return hasTime;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _symbols.Dispose();
        base.Dispose();
    }

    /// <summary>The stream offset is a second count of what the sequence counts: it is checked wherever a segment follows on the
    /// one before.</summary>
    private void FollowOffset(in PacketPlan plan, in SequencedPacket packet, long offset, int payload)
    {
        bool begins = plan.Fresh || plan.GapLost != 0;
        if (plan.Run.Remaining == 0 && !begins)
        {
            return;
        }

        ref long next = ref _offsets[plan.Session];
        bool follows = !begins && plan.Run.Sequence == packet.Sequence;
        Statistics.BadStreamOffsets += follows && offset != next ? 1 : 0;
        next = offset + payload;
    }

    private void Write(MarketEvent* target, byte* message, in IexLayout layout)
    {
        InstrumentSlot* slot = layout.HasSymbol ? _symbols.Of(Unsafe.ReadUnaligned<ulong>(message + 10)) : null;
        int entry = slot == null ? InstrumentEntry.Everything : slot->Entry;
        if (InstrumentEntry.IsRefused(entry))
        {
            Statistics.RefusedEvents++;
            Statistics.RefusedInstruments = _symbols.RefusedInstruments;
        }

        bool isOpen = slot != null && slot->Extra != 0;
        if (layout.Kind == EventKind.LevelSet)
        {
            isOpen = (message[1] & EventComplete) == 0;
            if (slot != null)
            {
                slot->Extra = isOpen ? 1 : 0;
            }
        }

        target->ExchangeTime = Unsafe.ReadUnaligned<long>(message + 2);
        target->ReceiveTime = _receiveTime;
        target->Price = layout.HasPrice ? Price(Unsafe.ReadUnaligned<long>(message + 22)) : MarketEvent.Absent;
        target->Quantity = layout.HasPrice ? Unsafe.ReadUnaligned<uint>(message + 18) : MarketEvent.Absent;
        target->OrderId = 0;
        target->Reference = layout.HasTradeId ? Unsafe.ReadUnaligned<ulong>(message + 30) : 0;
        target->Instrument = entry >> InstrumentEntry.Shift;
        target->Venue = Venue.IexDeep;
        target->Kind = layout.Kind;
        target->Side = layout.Side;
        target->Flags = _flags | (isOpen ? EventFlags.None : EventFlags.LastOfEvent)
            | (EventFlags)((entry & InstrumentEntry.Watched) << InstrumentEntry.WatchedToFlag);
    }

    private long Price(long wire)
    {
        if (wire is > LargestPrice or < -LargestPrice)
        {
            Statistics.PricesOutOfRange++;
            return MarketEvent.Absent;
        }

        return wire * PriceFactor;
    }
}
