using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Time;
using Engine.Feeds.Instruments;
using Engine.Feeds.Network;

namespace Engine.Feeds.Xdp;

/// <summary>
/// The NYSE Integrated feed in XDP packets.
/// </summary>
/// <remarks>
/// A channel is followed by its packet sequence. What answers our requests comes on lines of its own and fills the holes of the one
/// channel that the other lines carry; where they carry several, it is refused, as a packet does not say which is meant. What answers
/// requests of others, on a group that is not known as such a line, is passed over. Refreshes are not followed; of a refresh that comes on two lines, the second copy is a duplicate. Only the first channel of a run can start the
/// session (its sequence 1 says that every book of the venue is empty); a channel that begins again later empties its own
/// instruments' books, whose content is then unknown.
/// </remarks>
internal sealed unsafe class XdpFeed : PacketFeed
{
    private const int Outside = SequenceSessions.MaxSessions;

    private readonly XdpSymbols _symbols;
    private readonly XdpDecoder _decoder;
    private readonly XdpLines _lines = new();
    private readonly NativeBuffer<uint> _seconds;
    private readonly NativeBuffer<int> _owners;
    private readonly InstrumentTable _instruments;
    private XdpContext _context;
    private int _channels;
    private bool _hasStarted;
    private int _scopeCount;
    private int _scopeCursor;

    /// <param name="options">What the host asked for.</param>
    /// <param name="statistics">Counts what is seen.</param>
    /// <param name="isEnded">Whether a capture has no packet left.</param>
    public XdpFeed(FeedOptions options, FeedStatistics statistics, Func<int, bool> isEnded)
        : base(options, statistics, isEnded, MessageFraming.Xdp)
    {
        _instruments = options.Instruments;
        _symbols = new XdpSymbols(options.Instruments);
        _decoder = new XdpDecoder(statistics, _symbols, Messages);
        _seconds = new NativeBuffer<uint>((SequenceSessions.MaxSessions + 1) * XdpDecoder.References);
        _owners = new NativeBuffer<int>(options.Instruments.Limit);
        Text = new XdpMessageText(_symbols);
    }

    /// <inheritdoc/>
    public override Venue Venue => Venue.Xdp;

    /// <inheritdoc/>
    public override string Format => "XDP / NYSE Integrated";

    /// <inheritdoc/>
    public override MessageText Text { get; }

    /// <inheritdoc/>
    public override int ScopeCount => _channels <= 1 ? -1 : _scopeCount;

    /// <inheritdoc/>
    public override void Accept(in UdpPayload payload, in PacketInfo info)
    {
        // A line that is known is believed in its heads, so that a damaged packet shows as one of the feed's.
        bool isReply = payload.Group == UdpPayload.Replies;
        bool isKnown = isReply || _lines.Knows(payload.Group);
        if (isKnown ? !XdpHeader.IsSound(payload.Data, payload.Length, info.IsTruncated)
            : !XdpHeader.IsPlausible(payload.Data, payload.Length, info.IsTruncated))
        {
            Statistics.ShortPackets += isKnown ? 1 : 0;
            Statistics.OtherUdpPackets += isKnown ? 0 : 1;
            return;
        }

        // SAFETY: a sound packet holds a whole head.
        SequencedPacket packet = XdpHeader.Read(payload.Data, payload.Length);
        _context.SendTime = XdpHeader.SendTime(payload.Data);
        _context.ReceiveTime = info.Time;
        _context.Flags = info.Flags;
        Date ??= UsEastern.DateAt(_context.SendTime);
        XdpDelivery delivery = XdpHeader.Delivery(payload.Data);
        switch (delivery)
        {
            case XdpDelivery.OneRefresh or XdpDelivery.RefreshStart or XdpDelivery.Refresh or XdpDelivery.RefreshEnd:
                Statistics.RefreshPackets++;
                _context.Flags |= EventFlags.FromSnapshot;
                TakeOutside(packet, payload.Group, XdpHeader.EndsSnapshot(packet));
                break;
            case XdpDelivery.Unavailable:
                TakeOutside(packet, payload.Group, false);
                break;
            case XdpDelivery.OneRetransmission or XdpDelivery.Retransmission when !isKnown:
                // It answers somebody's request on a group of its own, and does not say for which channel.
                Statistics.RetransmissionPackets++;
                break;
            case not (XdpDelivery.OneRetransmission or XdpDelivery.Retransmission) when isReply:
                Statistics.Heartbeats += packet.Count == 0 ? 1 : 0;
                Statistics.FeedPackets += packet.Count == 0 ? 1 : 0;
                Statistics.RefusedPackets += packet.Count == 0 ? 0 : 1;
                break;
            default:
                Statistics.FailoverPackets += delivery == XdpDelivery.Failover && !info.IsAgain ? 1 : 0;
                Follow(packet, payload, info);
                break;
        }
    }

    /// <inheritdoc/>
    public override bool SettleNext()
    {
        bool isGap = base.SettleNext();
        if (isGap)
        {
            CountScope(Sessions.Plan.Session);
        }

        return isGap;
    }

    /// <inheritdoc/>
    public override int Decode(ref MessageRun run, MarketEvent* events, int written, int limit)
    {
        int count = _decoder.Decode(ref run, in _context, events, written, limit);
        if (!Sessions.Plan.IsOutside)
        {
            _hasStarted |= count > written;
            for (int i = written; i < count; i++)
            {
                Own(events[i].Instrument);
            }
        }

        return count;
    }

    /// <inheritdoc/>
    public override bool TryPeekTime(in MessageRun run, out long time)
    {
        time = _context.SendTime;
        return true;
    }

    /// <inheritdoc/>
    public override void Enter(int session, in PacketInfo info)
    {
        _context.SendTime = info.Time;
        _context.ReceiveTime = info.Time;
        _context.Flags = info.Flags;
        _context.Seconds = _seconds.Pointer + (session * XdpDecoder.References);
    }

    /// <inheritdoc/>
    public override int ScopeInstrument(int index)
    {
        // The instruments are asked for in order: the cursor goes on where the last one was found.
        _scopeCursor = index == 0 ? 0 : _scopeCursor + 1;
        while (_owners[_scopeCursor] != Sessions.Plan.Session + 1)
        {
            _scopeCursor++;
        }

        return _scopeCursor;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _symbols.Dispose();
        _seconds.Dispose();
        _owners.Dispose();
        base.Dispose();
    }

    private void Follow(SequencedPacket packet, in UdpPayload payload, in PacketInfo info)
    {
        if (!TryName(ref packet, payload.Group, info))
        {
            Statistics.RefusedPackets++;
            return;
        }

        int session = Sessions.Find(packet, payload.Group, info);
        Sessions.Accept(packet, session, payload, info);
        ref PacketPlan plan = ref Sessions.Plan;
        _context.Seconds = _seconds.Pointer + (plan.Session * XdpDecoder.References);
        if (plan.Fresh)
        {
            Begin(ref plan, isNew: session < 0);
        }

        if (plan.Clear || plan.GapLost != 0)
        {
            CountScope(plan.Session);
        }
    }

    /// <summary>Names a packet's channel; false for an answer while the lines carry several channels, or none.</summary>
    private bool TryName(ref SequencedPacket packet, ulong group, in PacketInfo info)
    {
        if (group == UdpPayload.Replies)
        {
            packet.Stream = info.IsAgain ? Sessions.Name(info.Session).Stream : 0;
            return info.IsAgain || _lines.TryGetOnly(out packet.Stream);
        }

        packet.Stream = info.IsAgain ? _lines.Channel(group) : _lines.Channel(group, packet);
        return true;
    }

    /// <summary>A channel begins, or begins again: see the remarks of the class.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Begin(ref PacketPlan plan, bool isNew)
    {
        _channels += isNew ? 1 : 0;
        _seconds.Span.Slice(plan.Session * XdpDecoder.References, XdpDecoder.References).Clear();
        if (_hasStarted)
        {
            Sessions.StartPending(plan.Session) = false;
            plan.Clear |= !isNew;
        }
    }

    private void TakeOutside(in SequencedPacket packet, ulong group, bool endsSnapshot)
    {
        Statistics.FeedPackets++;
        if (_lines.IsTwin(group, packet))
        {
            Statistics.Duplicates += packet.Count;
            return;
        }

        _context.Seconds = _seconds.Pointer + (Outside * XdpDecoder.References);
        ref PacketPlan plan = ref Sessions.Plan;
        plan.IsOutside = true;
        plan.EndsSnapshot = endsSnapshot;
        plan.Run.At = packet.Body;
        plan.Run.End = packet.End;
        plan.Run.Remaining = packet.Count;
        plan.Run.Sequence = packet.Sequence;
    }

    private void Own(int instrument)
    {
        if (instrument >= 0)
        {
            _owners[instrument] = Sessions.Plan.Session + 1;
        }
    }

    private void CountScope(int session)
    {
        _scopeCount = 0;
        foreach (int owner in _owners.Span[.._instruments.Count])
        {
            _scopeCount += owner == session + 1 ? 1 : 0;
        }
    }
}
