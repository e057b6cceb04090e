using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Feeds.Network.Recovery;

namespace Engine.Feeds.Network;

/// <summary>A venue's market data in packets, captured or live: the packet loop that all venues share.</summary>
internal sealed unsafe class PacketSource : MarketDataSource
{
    private readonly PacketInput _input;
    private readonly PacketIntake _intake;
    private readonly PacketFeed _feed;
    private readonly SequenceSessions _sessions;
    private int _scopeAt;
    private int _lastWritten;
    private bool _busy;
    private bool _finished;

    /// <param name="input">The packets; owned from here on.</param>
    /// <param name="options">What the host asked for.</param>
    /// <param name="format">Where the packets come from, in words.</param>
    /// <param name="feed">The venue; owned from here on.</param>
    /// <param name="statistics">The counters that the feed keeps too.</param>
    public PacketSource(PacketInput input, FeedOptions options, string format, PacketFeed feed, FeedStatistics statistics)
        : base(options, statistics, feed.Text)
    {
        _input = input;
        _feed = feed;
        _sessions = feed.Sessions;
        _intake = new PacketIntake(input, feed, options, statistics);
        Captures = input.Captures;
        Format = $"{format} / {feed.Format}";
        Date = options.Date;
        Gaps = options.Gaps ?? GapPolicy.None;
        DateSource = options.Date is null ? "none" : "option";
    }

    /// <inheritdoc/>
    public override SourceFault? Fault => _finished ? _input.Fault ?? NoMarketData() : null;

    /// <inheritdoc/>
    public override ulong PayloadHash => _intake.PayloadHash;

    /// <inheritdoc/>
    public override string StreamName(int stream) => _feed.StreamName(stream);

    /// <inheritdoc/>
    public override int StreamOf(int eventIndex) => _sessions.Plan.Session;

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
            _lastWritten = Emit(target, Math.Min(events.Length, _feed.Messages.Capacity));
        }

        Statistics.Events += _lastWritten;
        return _lastWritten;
    }

    /// <inheritdoc/>
    public override bool TryGetMessage(int eventIndex, out ReadOnlySpan<byte> message) =>
        _feed.Messages.TryGet(eventIndex, _lastWritten, out message);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _lastWritten = 0;
            _intake.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Sets up what comes next; false when there is nothing more.</summary>
    private bool Begin()
    {
        _busy = _intake.Next();
        if (Date is null && _feed.Date is { } date)
        {
            Date = date;
            DateSource = "capture";
        }

        return _busy;
    }

    /// <summary>Writes what the current packet has left, as far as it fits.</summary>
    private int Emit(MarketEvent* events, int limit)
    {
        ref PacketPlan plan = ref _sessions.Plan;
        int written = 0;
        if (plan.Clear)
        {
            plan.Clear = WriteScope(events, ref written, limit, EventKind.Clear, MarketEvent.Absent, 0);
        }

        if (plan.GapLost != 0 && !plan.Clear)
        {
            plan.GapLost = WriteScope(events, ref written, limit, EventKind.Gap, plan.GapLost, plan.GapFrom) ? plan.GapLost : 0;
        }

        if (plan.BeginsSnapshot)
        {
            plan.BeginsSnapshot = WriteScope(events, ref written, limit, EventKind.SnapshotBegin, MarketEvent.Absent, 0);
        }

        bool isReady = !plan.Clear && plan.GapLost == 0 && !plan.BeginsSnapshot;
        if (plan.Run.Remaining > 0 && isReady)
        {
            written = Decode(ref plan, events, written, limit);
        }

        if (plan.EndsSnapshot && isReady && plan.Run.Remaining == 0)
        {
            ulong next = plan.SnapshotNext != 0 ? plan.SnapshotNext : plan.Run.Sequence;
            plan.EndsSnapshot = WriteScope(events, ref written, limit, EventKind.SnapshotEnd, MarketEvent.Absent, next);
        }

        _busy = plan.Run.Remaining > 0 || !isReady || plan.EndsSnapshot;
        return written;
    }

    private int Decode(ref PacketPlan plan, MarketEvent* events, int before, int limit)
    {
        int written = _feed.Decode(ref plan.Run, events, before, limit);
        while (plan.Run.Stopped && SkipEmpty(ref plan))
        {
            written = _feed.Decode(ref plan.Run, events, written, limit);
        }

        if (!plan.IsOutside)
        {
            ref bool startPending = ref _sessions.StartPending(plan.Session);
            if (startPending && written > before)
            {
                startPending = false;
                events[before].Flags |= EventFlags.SessionStart;
            }
        }

        if (plan.Run.Remaining == 0)
        {
            Statistics.TrailingBytes += plan.Run.End - plan.Run.At;
        }

        return written;
    }

    /// <summary>The decoder stopped: over an empty message, which is counted and stepped over, or at the packet's end.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool SkipEmpty(ref PacketPlan plan)
    {
        ref MessageRun run = ref plan.Run;
        run.Stopped = false;

        // SAFETY: the size prefix is read only where two bytes are left.
        if (run.End - run.At >= 2 && _feed.Framing.IsEmpty(run.At))
        {
            Statistics.EmptyMessages++;
            run.At += 2;
            run.Remaining--;
            run.Sequence++;
            return run.Remaining > 0;
        }

        // The rest of what the packet announced is not in it: the other line may bring it, or it will be a gap.
        Statistics.MessagesCutOff += run.Remaining;
        if (!plan.IsOutside)
        {
            _sessions.Rewind(plan.Session, run.Sequence);
        }
        else
        {
            plan.EndsSnapshot = false;
            _intake.SpoilSnapshot();
        }

        run.Remaining = 0;
        run.At = run.End;
        return false;
    }

    /// <summary>Writes an event that no message carried, for the venue or for each instrument that it concerns.</summary>
    /// <returns>True when there was no room for all of them: the next call goes on.</returns>
    private bool WriteScope(MarketEvent* events, ref int written, int limit, EventKind kind, long quantity, ulong sequence)
    {
        int count = kind is EventKind.SnapshotBegin or EventKind.SnapshotEnd ? -1 : _feed.ScopeCount;
        for (; written < limit && _scopeAt < Math.Abs(count); _scopeAt++)
        {
            int instrument = count < 0 ? MarketEvent.AllInstruments : _feed.ScopeInstrument(_scopeAt);
            WriteSynthetic(events + written, kind, instrument, quantity, sequence);
            _feed.Messages.NoteSynthetic(written++);
        }

        bool isLeft = _scopeAt < Math.Abs(count);
        _scopeAt = isLeft ? _scopeAt : 0;
        return isLeft;
    }

    private void WriteSynthetic(MarketEvent* target, EventKind kind, int instrument, long quantity, ulong sequence)
    {
        bool hasTime = _feed.TryPeekTime(_sessions.Plan.Run, out long time) && kind != EventKind.SnapshotBegin;
        *target = new MarketEvent
        {
            ExchangeTime = hasTime ? time : _intake.Time,
            ReceiveTime = _intake.Time,
            Price = MarketEvent.Absent,
            Quantity = quantity,
            Instrument = instrument,
            Venue = _feed.Venue,
            Kind = kind,
            Flags = _intake.Flags | (hasTime ? EventFlags.None : EventFlags.BadExchangeTime)
                | (Instruments.IsWatched(instrument) ? EventFlags.Watched : EventFlags.None),
            Sequence = sequence,
        };
    }

    private int Finish()
    {
        if (!_finished)
        {
            _finished = true;
            _input.AddCounts(Statistics);
        }

        return -1;
    }

    /// <summary>Captures that held packets but no feed at all are a fault: somebody expected one.</summary>
    private SourceFault? NoMarketData()
    {
        if (Captures.Count == 0 || Statistics.FeedPackets > 0 || Statistics.BadSequencePackets > 0 || Statistics.RefusedPackets > 0)
        {
            return null;
        }

        (string Words, long Count)[] kinds =
        [
            ("TCP packets", Statistics.TcpPackets), ("packets that are not IP", Statistics.NonIpPackets),
            ("packets of other IP protocols", Statistics.OtherIpPackets), ("fragments", Statistics.FragmentPackets),
            ("UDP packets of another protocol", Statistics.OtherUdpPackets), ("packets too short for their headers", Statistics.ShortPackets),
            ($"packets of link types that are not read ({_intake.OtherLink})", Statistics.OtherLinkPackets),
            ("packets of interfaces that are not described", Statistics.NoInterfacePackets),
            ("damaged blocks", Statistics.DamagedBlocks), ("blocks of unknown types", Statistics.UnknownBlocks),
        ];
        string seen = string.Join(", ", kinds.Where(kind => kind.Count > 0).Select(kind => $"{kind.Count:N0} {kind.Words}"));
        string path = Captures[0].Path;
        return new SourceFault(path, -1, $"{path}: no UDP market data: {(seen.Length == 0 ? "no packets at all" : seen)}");
    }
}
