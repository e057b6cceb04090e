using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Feeds.Network.Recovery;

namespace Engine.Feeds.Network;

/// <summary>
/// Decides what is decoded next: a held packet whose turn has come, a snapshot, or the input's next packet. It hands each to the
/// feed, which sets the plan.
/// </summary>
internal sealed unsafe class PacketIntake : IDisposable
{
    /// <summary>Further back than this, a time is that of another clock, ns.</summary>
    private const long LargestStepBack = 1_000_000_000;

    private readonly PacketInput _input;
    private readonly PacketFeed _feed;
    private readonly SequenceSessions _sessions;
    private readonly GapKeeper _gaps;
    private readonly SnapshotKeeper? _snapshots;
    private readonly FeedStatistics _statistics;
    private readonly FeedNotices? _notices;
    private readonly bool _hashes;
    private long _restarts;
    private long _ends;
    private uint _ended;
    private PacketInfo _info;
    private PacketInfo _refused;

    // SAFETY: the input's bytes stay readable until its next Next(), which is not called while the packet is refused.
    private UdpPayload _payload;
    private long _now;
    private int _held = PacketHold.None;
    private bool _isTaken;
    private bool _isRefused;
    private bool _isOver;

    /// <param name="input">Packets; owned from here on.</param>
    /// <param name="feed">The venue; owned from here on.</param>
    /// <param name="options">What the host asked for.</param>
    /// <param name="statistics">The counters that the feed keeps too.</param>
    public PacketIntake(PacketInput input, PacketFeed feed, FeedOptions options, FeedStatistics statistics)
    {
        _input = input;
        _feed = feed;
        _sessions = feed.Sessions;
        _gaps = feed.Sessions.Gaps;
        _statistics = statistics;
        _notices = options.Notices;
        _hashes = options.HashesPayloads;
        _snapshots = options.Gaps is { UsesSnapshots: true } ? new SnapshotKeeper(feed.Sessions, feed.Framing, options, statistics) : null;
    }

    /// <summary>Receive time of what is decoded now, ns since the Unix epoch.</summary>
    public long Time => _info.Time;

    /// <summary>Flags of every event of it.</summary>
    public EventFlags Flags => _info.Flags;

    /// <summary>A rolling hash of the payloads that came in, where it is asked for.</summary>
    public ulong PayloadHash { get; private set; }

    /// <summary>Link type of the last packet whose link type is not read.</summary>
    public int OtherLink { get; private set; }

    /// <summary>Sets the plan of what comes next; false when there is nothing more.</summary>
    public bool Next()
    {
        if (_held != PacketHold.None)
        {
            _gaps.Free(_held);
            _held = PacketHold.None;
        }

        if (_snapshots is { IsApplying: true })
        {
            _snapshots.Plan(ref _sessions.Plan, out _info);
            _feed.Enter(_sessions.Plan.Session, _info);
            return true;
        }

        while (true)
        {
            if (_gaps.IsHolding && TakeHeld())
            {
                return true;
            }

            if (_isTaken)
            {
                _isTaken = false;
                TakePacket();
                return true;
            }

            if (_isRefused)
            {
                _isRefused = false;
                Accept(_payload, _refused);
                return true;
            }

            switch (_isOver ? PacketNext.End : _input.Next())
            {
                case PacketNext.Packet:
                    _isTaken = true;
                    Advance();
                    break;
                case PacketNext.Mark:
                    Advance();
                    break;
                case PacketNext.Snapshot:
                    Advance();
                    if (TakeSnapshot())
                    {
                        return Next();
                    }

                    break;
                case PacketNext.Idle:
                    if (!_gaps.IsHolding || !_input.TryMark(_gaps.Deadline))
                    {
                        _sessions.Plan = default;
                        return true;
                    }

                    Advance();
                    break;
                default:
                    return Settle();
            }
        }
    }

    /// <summary>What comes now is part of a snapshot, and cut: the books that it makes are not whole.</summary>
    public void SpoilSnapshot() => _snapshots?.Spoil();

    /// <inheritdoc/>
    public void Dispose()
    {
        _input.Dispose();
        _snapshots?.Dispose();
        _feed.Dispose();
    }

    /// <summary>The time goes on. Between lines it may run back a little; where it runs back far, the clock was set, and waits begin
    /// anew.</summary>
    private void Advance()
    {
        if (_input.Time < _now - LargestStepBack)
        {
            _gaps.SetBack(_input.Time);
            _now = _input.Time;
        }

        _now = Math.Max(_now, _input.Time);
    }

    private void TakePacket()
    {
        _statistics.Packets++;
        _statistics.Bytes += _input.Length;
        _statistics.TruncatedPackets += _input.IsTruncated ? 1 : 0;
        _sessions.Plan = default;
        FrameContent content = _input.Open(out _payload);
        if (content != FrameContent.Udp)
        {
            PassOver(content);
            return;
        }

        if (_hashes)
        {
            PayloadHash = Line.Chain(PayloadHash, _payload.Data, _payload.Length);
        }

        EventFlags flags = EventFlags.LastOfEvent;
        if (!_input.HasGoodTime)
        {
            _statistics.BadTimePackets++;
            flags |= EventFlags.BadReceiveTime;
        }

        PacketOrigin origin = _input.IsReply ? PacketOrigin.Reply : PacketOrigin.Line;
        _payload.Group = _input.IsReply ? UdpPayload.Replies : _payload.Group;
        Accept(_payload, new PacketInfo(_input.Time, _input.HasClock, _input.Capture, _input.IsTruncated, flags, origin));
        if (_gaps.TryTakeOverflow())
        {
            // It is decoded behind what is held before it, from the input's own bytes.
            _isRefused = true;
            _refused = _info with { Origin = PacketOrigin.GivenUp, Session = _sessions.Plan.Session };
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Accept(in UdpPayload payload, in PacketInfo info)
    {
        _sessions.Plan = default;
        _info = info;
        _feed.Accept(payload, info);
        ref PacketPlan plan = ref _sessions.Plan;
        if (plan.Fresh || plan.GapLost != 0 || _statistics.EndOfSession != _ends)
        {
            Tell(plan);
        }

        _snapshots?.Note(plan, info, _input);
    }

    /// <summary>Tells of a stream that begins, ends or lacks something.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Tell(in PacketPlan plan)
    {
        uint session = 1u << plan.Session;
        bool restarts = _statistics.Restarts != _restarts;
        bool ends = _statistics.EndOfSession != _ends && (_ended & session) == 0;
        _restarts = _statistics.Restarts;
        _ends = _statistics.EndOfSession;
        _ended = plan.Fresh ? _ended & ~session : ends ? _ended | session : _ended;
        if (plan.Fresh)
        {
            ulong from = plan.Run.Remaining > 0 ? plan.Run.Sequence : _sessions.Next(plan.Session);
            _notices?.Add(restarts ? FeedNoticeKind.StreamRestarts : FeedNoticeKind.StreamBegins, _info.Time, plan.Session, from, 0);
        }

        if (plan.GapLost != 0)
        {
            _notices?.Add(FeedNoticeKind.Lost, _info.Time, plan.Session, plan.GapFrom, plan.GapLost);
        }

        if (ends)
        {
            _notices?.Add(FeedNoticeKind.StreamEnds, _info.Time, plan.Session, _sessions.Next(plan.Session), 0);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TakeHeld()
    {
        // No wait ends before a packet that found no room has had its turn: it may fill the next hole.
        long now = _isRefused ? long.MinValue : _now;
        _held = _gaps.Take(now, _input, out UdpPayload payload, out PacketInfo info);
        if (_held == PacketHold.None)
        {
            return false;
        }

        Accept(payload, info);
        return true;
    }

    private bool TakeSnapshot()
    {
        SnapshotContent content = _input.Snapshot;
        PayloadHash = _hashes ? Line.Chain(PayloadHash, content.Data, (int)Math.Min(content.Length, int.MaxValue)) : 0;
        if (_snapshots is null)
        {
            _statistics.UselessSnapshots++;
            return false;
        }

        PacketInfo info = new(_input.Time, true, 0, false, EventFlags.LastOfEvent, PacketOrigin.Reply);
        _snapshots.Take(content, info, _input);
        return _snapshots.IsApplying;
    }

    /// <summary>No packet is left: what is still missing is lost. The input is not asked again, so that what a socket has received
    /// since is in neither the run nor its recording.</summary>
    private bool Settle()
    {
        if (!_isOver)
        {
            _isOver = true;
            _now = long.MaxValue;
        }

        if (_gaps.IsHolding && TakeHeld())
        {
            return true;
        }

        bool isLoss = _feed.SettleNext();
        if (isLoss)
        {
            Tell(_sessions.Plan);
        }

        return isLoss;
    }

    private void PassOver(FrameContent content)
    {
        switch (content)
        {
            case FrameContent.Tcp:
                _statistics.TcpPackets++;
                break;
            case FrameContent.OtherIp:
                _statistics.OtherIpPackets++;
                break;
            case FrameContent.Fragment:
                _statistics.FragmentPackets++;
                break;
            case FrameContent.NoInterface:
                _statistics.NoInterfacePackets++;
                break;
            case FrameContent.OtherLink:
                _statistics.OtherLinkPackets++;
                OtherLink = _input.LinkType;
                break;
            case FrameContent.NonIp:
                _statistics.NonIpPackets++;
                break;
            default:
                _statistics.ShortPackets++;
                break;
        }
    }
}
