using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Core.Time;
using Engine.Feeds.Captures;
using Engine.Feeds.Network;

namespace Engine.Feeds.Itch;

/// <summary>ITCH 5.0 in MoldUDP64 from one or more packet captures.</summary>
internal sealed unsafe class ItchPacketSource : MarketDataSource
{
    private readonly PcapMerge _merge;
    private readonly MoldSessions _sessions;
    private readonly ItchInstruments _instruments;
    private readonly ItchDecoder _decoder;
    private readonly long[] _midnights = new long[MoldSessions.MaxSessions];
    private readonly DateOnly? _fixedDate;
    private ItchContext _context;
    private int _lastWritten;
    private bool _busy;
    private bool _finished;
    private int _otherLink;

    /// <param name="merge">The captures; owned from here on.</param>
    /// <param name="options">What the host asked for.</param>
    /// <param name="format">The capture format in words.</param>
    public ItchPacketSource(PcapMerge merge, FeedOptions options, string format)
        : base(options, new FeedStatistics())
    {
        _merge = merge;
        _fixedDate = options.Date;
        _sessions = new MoldSessions(Statistics, merge.IsEnded);
        _instruments = new ItchInstruments(options.Instruments, MoldSessions.MaxSessions);
        _decoder = new ItchDecoder(Statistics, _instruments, options.Limits.EventsPerPacket);
        Captures = [.. merge.Files.Select(file => new CaptureIdentity(file))];
        Format = format + " / MoldUDP64 / ITCH 5.0";
        Date = options.Date;
        DateSource = options.Date is null ? "none" : "option";
    }

    /// <inheritdoc/>
    public override SourceFault? Fault => _finished ? _merge.Fault ?? NoMarketData() : null;

    /// <inheritdoc/>
    public override int Read(Span<MarketEvent> events)
    {
        _lastWritten = 0;
        if (!_busy && !Begin())
        {
            return Finish();
        }

        // SAFETY: the span stays pinned while events are written; Emit keeps below the limit it is given.
        fixed (MarketEvent* target = events)
        {
            _lastWritten = Emit(target, Math.Min(events.Length, _decoder.Capacity));
        }

        Statistics.Events += _lastWritten;
        return _lastWritten;
    }

    /// <inheritdoc/>
    public override bool TryGetMessage(int eventIndex, out ReadOnlySpan<byte> message) =>
        _decoder.TryGetMessage(eventIndex, _lastWritten, out message);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _lastWritten = 0;
            _merge.Dispose();
            _instruments.Dispose();
            _decoder.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Takes the next packet and sets up what it asks for; false when there is none.</summary>
    private bool Begin()
    {
        if (!_merge.Next())
        {
            return _busy = _sessions.SettleNext();
        }

        Statistics.Packets++;
        Statistics.Bytes += _merge.Length;
        Statistics.TruncatedPackets += _merge.IsTruncated ? 1 : 0;
        _sessions.Plan = default;
        FrameContent content = FrameReader.Read(_merge.Data, _merge.Length, _merge.LinkType, out UdpPayload payload);
        if (content != FrameContent.Udp)
        {
            PassOver(content);
            return _busy = true;
        }

        _sessions.Accept(payload, _merge.Capture, _merge.IsTruncated);
        if (_sessions.Plan.Fresh)
        {
            SetUp(_sessions.Plan.Session);
        }

        EventFlags flags = EventFlags.LastOfEvent;
        if (!_merge.HasGoodTime)
        {
            Statistics.BadTimePackets++;
            flags |= EventFlags.BadReceiveTime;
        }

        _context.Locates = _instruments.Stream(_sessions.Plan.Session);
        _context.Midnight = _midnights[_sessions.Plan.Session];
        _context.ReceiveTime = _merge.Time;
        _context.Flags = flags;
        return _busy = true;
    }

    /// <summary>Writes what the current packet has left, as far as it fits.</summary>
    private int Emit(MarketEvent* events, int limit)
    {
        ref MoldPlan plan = ref _sessions.Plan;
        int written = 0;
        if (plan.Clear && written < limit)
        {
            plan.Clear = false;
            WriteSynthetic(events + written, EventKind.Clear, MarketEvent.Absent, 0);
            _decoder.NoteSynthetic(written++);
        }

        if (plan.GapLost != 0 && written < limit)
        {
            WriteSynthetic(events + written, EventKind.Gap, plan.GapLost, plan.GapFrom);
            plan.GapLost = 0;
            _decoder.NoteSynthetic(written++);
        }

        if (plan.Run.Remaining > 0)
        {
            written = Decode(ref plan, events, written, limit);
        }

        _busy = plan.Run.Remaining > 0 || plan.Clear || plan.GapLost != 0;
        return written;
    }

    private int Decode(ref MoldPlan plan, MarketEvent* events, int before, int limit)
    {
        int written = _decoder.Decode(ref plan.Run, in _context, events, before, limit);
        while (plan.Run.Stopped && SkipEmpty(ref plan))
        {
            written = _decoder.Decode(ref plan.Run, in _context, events, written, limit);
        }

        ref bool startPending = ref _sessions.StartPending(plan.Session);
        if (startPending && written > before)
        {
            startPending = false;
            events[before].Flags |= EventFlags.SessionStart;
        }

        if (plan.Run.Remaining == 0)
        {
            Statistics.TrailingBytes += plan.Run.End - plan.Run.At;
        }

        return written;
    }

    /// <summary>The decoder stopped: over an empty message, which is counted and stepped over, or at the packet's end.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool SkipEmpty(ref MoldPlan plan)
    {
        ref MessageRun run = ref plan.Run;
        run.Stopped = false;

        // SAFETY: the length prefix is read only where two bytes are left.
        if (run.End - run.At >= 2 && run.At[0] == 0 && run.At[1] == 0)
        {
            Statistics.EmptyMessages++;
            run.At += 2;
            run.Remaining--;
            run.Sequence++;
            return run.Remaining > 0;
        }

        // The rest of what the packet announced is not in it: the other line may bring it, or it will be a gap.
        Statistics.MessagesCutOff += run.Remaining;
        _sessions.Rewind(plan.Session, run.Sequence);
        run.Remaining = 0;
        run.At = run.End;
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SetUp(int session)
    {
        _instruments.Reset(session);
        if (_fixedDate is null && !_merge.HasClock)
        {
            _midnights[session] = 0; // No packet says a time: the date stays unknown, times count from midnight.
            return;
        }

        DateOnly date = _fixedDate ?? UsEastern.DateAt(_merge.Time);
        _midnights[session] = UsEastern.MidnightUtcNanos(date);
        if (Date is null)
        {
            Date = date;
            DateSource = "capture";
        }
    }

    private void WriteSynthetic(MarketEvent* target, EventKind kind, long quantity, ulong sequence)
    {
        ref MessageRun run = ref _sessions.Plan.Run;

        // SAFETY: the time is read only where a whole message head is left in the packet.
        bool hasTime = run.Remaining > 0 && run.End - run.At >= 2 + ItchLayouts.Head;
        long time = hasTime
            ? _context.Midnight + (long)(BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(run.At + 5, 8)) & 0xFFFF_FFFF_FFFF)
            : _context.ReceiveTime;
        *target = new MarketEvent
        {
            ExchangeTime = time,
            ReceiveTime = _context.ReceiveTime,
            Price = MarketEvent.Absent,
            Quantity = quantity,
            Instrument = MarketEvent.AllInstruments,
            Venue = Venue.Itch50,
            Kind = kind,
            Flags = _context.Flags | (hasTime ? EventFlags.None : EventFlags.BadExchangeTime),
            Sequence = sequence,
        };
    }

    private void PassOver(FrameContent content)
    {
        switch (content)
        {
            case FrameContent.Tcp:
                Statistics.TcpPackets++;
                break;
            case FrameContent.OtherIp:
                Statistics.OtherIpPackets++;
                break;
            case FrameContent.Fragment:
                Statistics.FragmentPackets++;
                break;
            case FrameContent.NoInterface:
                Statistics.NoInterfacePackets++;
                break;
            case FrameContent.OtherLink:
                Statistics.OtherLinkPackets++;
                _otherLink = _merge.LinkType;
                break;
            case FrameContent.NonIp:
                Statistics.NonIpPackets++;
                break;
            default:
                Statistics.ShortPackets++;
                break;
        }
    }

    private int Finish()
    {
        if (!_finished)
        {
            _finished = true;
            _merge.AddCounts(Statistics);
        }

        return -1;
    }

    /// <summary>Captures that held packets but no feed at all are a fault: somebody expected one.</summary>
    private SourceFault? NoMarketData()
    {
        if (Statistics.FeedPackets > 0 || Statistics.BadSequencePackets > 0 || Statistics.RefusedPackets > 0)
        {
            return null;
        }

        (string Words, long Count)[] kinds =
        [
            ("TCP packets", Statistics.TcpPackets), ("packets that are not IP", Statistics.NonIpPackets),
            ("packets of other IP protocols", Statistics.OtherIpPackets), ("fragments", Statistics.FragmentPackets),
            ("UDP packets of another protocol", Statistics.OtherUdpPackets), ("packets too short for their headers", Statistics.ShortPackets),
            ($"packets of link types that are not read ({_otherLink})", Statistics.OtherLinkPackets),
            ("packets of interfaces that are not described", Statistics.NoInterfacePackets),
            ("damaged blocks", Statistics.DamagedBlocks), ("blocks of unknown types", Statistics.UnknownBlocks),
        ];
        string seen = string.Join(", ", kinds.Where(kind => kind.Count > 0).Select(kind => $"{kind.Count:N0} {kind.Words}"));
        string path = Captures[0].Path;
        return new SourceFault(path, -1, $"{path}: no UDP market data: {(seen.Length == 0 ? "no packets at all" : seen)}");
    }
}
