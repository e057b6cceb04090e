using System.Buffers.Binary;
using Engine.Core.Time;
using Engine.Feeds.Captures;
using Engine.Feeds.Network.Recovery;

namespace Engine.Feeds.Network.Live;

/// <summary>Packets from sockets. Everything that it gives goes to the recording first, in the order in which it is processed.</summary>
internal sealed unsafe class LiveInput : PacketInput, ILineStatus
{
    private const long ParkNanos = 5_000_000;
    private const long LongestEndNanos = 2_000_000_000;
    private const long LookEveryNanos = 1_000_000_000;

    private readonly WallClock _clock = new();
    private readonly LiveOptions _options;
    private readonly UdpReceiver _receiver;
    private readonly MessageRequester? _requester;
    private readonly SnapshotRequester? _snapshots;
    private readonly PacketJournal? _journal;
    private readonly LiveLine[] _lines;
    private readonly ulong[] _groups;
    private readonly long[] _lastTimes;
    private readonly int _firstReplyLine = int.MaxValue;
    private byte* _data;
    private long _endBy;
    private long _deadline = long.MaxValue;
    private long _nextLook;
    private bool _isAwaited;
    private long _strangers;

    /// <param name="live">Where the feed comes from.</param>
    /// <param name="options">How it is read.</param>
    /// <exception cref="LiveFeedException">A line cannot be opened.</exception>
    public LiveInput(LiveOptions live, FeedOptions options)
    {
        _options = live;
        _lines = [.. live.Lines, .. live.XdpRequests?.Lines ?? []];
        _receiver = new UdpReceiver(
            [.. _lines.Select((l, i) => new UdpLine(i < live.Lines.Count ? l.Name : RecordedInterface.Replies, l.Group, l.Port, l.Interface, l.Source))],
            new UdpOptions
            {
                ReceiveBufferBytes = live.ReceiveBufferBytes,
                BusyPollMicros = live.BusyPollMicros,
                SlotBytes = options.Limits.HeldPacketBytes,
            });
        _groups = [.. live.Lines.Select((l, i) =>
            RecordedInterface.GroupOf(FrameReader.GroupOf(BitConverter.ToUInt32(l.Group.GetAddressBytes()), l.Port), i))];
        _requester = live.RequestServer is { } server ? new MoldRequester(_receiver.AddRequester(RecordedInterface.Replies), server)
            : live.XdpRequests is { } xdp ? new XdpRequester(xdp, live.Lines.Count)
            : null;
        _firstReplyLine = _requester?.FirstReplyLine ?? int.MaxValue;
        _snapshots = live.Snapshots is null ? null : new SnapshotRequester(live.Snapshots);
        _lastTimes = new long[_receiver.LineCount];
        _journal = live.RecordPath is null ? null : OpenJournal(live, options);
    }

    /// <inheritdoc/>
    public override bool HasClock => true;

    /// <inheritdoc/>
    public override IReadOnlyList<CaptureIdentity> Captures => [];

    /// <inheritdoc/>
    public int LineCount => _lines.Length;

    /// <inheritdoc/>
    public override PacketNext Next()
    {
        bool isEnding = _options.MustEnd();
        if (isEnding && IsOverdue())
        {
            return PacketNext.End;
        }

        if (_snapshots is not null && _snapshots.TryTake())
        {
            Time = _clock.NowNanos;
            Record(_snapshots.Content);
            return PacketNext.Snapshot;
        }

        while (_receiver.Next())
        {
            IsReply = _receiver.Line >= _firstReplyLine;
            if (!IsReply || _requester!.IsAnswer(_receiver.SourceAddress, _receiver.SourcePort))
            {
                Take();
                return PacketNext.Packet;
            }

            _strangers++;
        }

        if (isEnding && !_isAwaited)
        {
            _receiver.ReadDrops();
            return PacketNext.End;
        }

        _isAwaited = false;
        LookAfterDrops();
        if (_options.Parks && !isEnding)
        {
            _ = _receiver.Wait(Math.Clamp(_deadline - _clock.NowNanos, 0, ParkNanos));
        }

        _deadline = long.MaxValue;
        return PacketNext.Idle;
    }

    /// <inheritdoc/>
    public override FrameContent Open(out UdpPayload payload)
    {
        payload = new UdpPayload { Data = _data, Length = Length, Group = IsReply ? UdpPayload.Replies : _groups[Capture] };
        return FrameContent.Udp;
    }

    /// <inheritdoc/>
    public override bool IsEnded(int capture) => false;

    /// <inheritdoc/>
    public override bool TryMark(long deadline)
    {
        long now = _clock.NowNanos;
        _isAwaited = true;
        if (now < deadline)
        {
            _deadline = deadline;
            return false;
        }

        Time = now;
        _ = _journal?.AppendMark(now);
        return true;
    }

    /// <inheritdoc/>
    public override void Request(in SequencedPacket packet, ulong from, ulong count) => _requester?.Request(packet, from, count);

    /// <inheritdoc/>
    public override void AddCounts(FeedStatistics statistics) => statistics.OtherUdpPackets += _strangers;

    /// <inheritdoc/>
    public LineStatus Line(int index) => new(
        _lines[index].Name,
        _receiver.PacketsOf(index),
        _receiver.BytesOf(index),
        _receiver.DropsOf(index),
        _receiver.TruncatedOf(index),
        Volatile.Read(ref _lastTimes[index]));

    /// <inheritdoc/>
    public override SnapshotContent Snapshot => _snapshots?.Content ?? default;

    /// <inheritdoc/>
    public override void RequestSnapshot() => _snapshots?.Request();

    /// <inheritdoc/>
    public (long Count, string Last) Faults
    {
        get
        {
            (long requests, string last) = _requester?.Faults ?? (0, "");
            return _snapshots is { Faults: > 0 } ? (_snapshots.Faults + requests, _snapshots.Fault) : (requests, last);
        }
    }

    /// <inheritdoc/>
    public string? RecordFault => _journal?.Fault;

    /// <inheritdoc/>
    public void EndRecording() => _journal?.Dispose();

    /// <inheritdoc/>
    public override void Dispose()
    {
        _receiver.Dispose();
        _requester?.Dispose();
        _snapshots?.Dispose();
        _journal?.Dispose();
    }

    private PacketJournal OpenJournal(LiveOptions live, FeedOptions options)
    {
        JournalLine[] lines = new JournalLine[_receiver.LineCount];
        for (int i = 0; i < lines.Length; i++)
        {
            UdpLine line = _receiver.LineAt(i);
            lines[i] = new JournalLine(line.Name, line.ToString(), BinaryPrimitives.ReadUInt32BigEndian(line.Address.GetAddressBytes()), (ushort)_receiver.PortOf(i));
        }

        string comment = RecordedInterface.CommentPrefix + (options.Gaps ?? GapPolicy.None);
        return new PacketJournal(live.RecordPath!, lines, comment, new JournalOptions { Overwrite = live.OverwritesRecord });
    }

    private void Record(in SnapshotContent content)
    {
        if (_journal is null)
        {
            return;
        }

        _ = _journal.AppendSnapshot(Time, content.Head, SnapshotContent.HeadBytes);
        for (long at = 0; at < content.Length; at += PacketJournal.SnapshotChunk)
        {
            // SAFETY: the piece lies within the snapshot's bytes.
            _ = _journal.AppendSnapshot(Time, content.Data + at, (int)Math.Min(content.Length - at, PacketJournal.SnapshotChunk));
        }
    }

    /// <summary>The kernel tells what it dropped with the next packet; where none comes, it is asked now and then.</summary>
    private void LookAfterDrops()
    {
        long now = MonotonicTimer.NowNanos;
        if (now >= _nextLook)
        {
            _nextLook = now + LookEveryNanos;
            _receiver.ReadDrops();
        }
    }

    /// <summary>What has arrived before the end is asked for is still taken, and holes are still waited for: for so long.</summary>
    private bool IsOverdue()
    {
        long now = MonotonicTimer.NowNanos;
        _endBy = _endBy == 0 ? now + LongestEndNanos : _endBy;
        return now >= _endBy;
    }

    private void Take()
    {
        Capture = _receiver.Line;
        Time = _receiver.Time;
        HasGoodTime = true;
        IsTruncated = _receiver.IsTruncated;
        Length = _receiver.Length;

        // It may open a hole, which is waited for at the end too: that shows when the next look finds nothing.
        _isAwaited = true;

        // SAFETY: the receiver keeps a sweep's datagrams until it begins the next one, in a later Next().
        _data = _receiver.Data;
        Volatile.Write(ref _lastTimes[Capture], Time);
        _ = _journal?.Append(Capture, Time, _receiver.SourceAddress, _receiver.SourcePort, _data, Length, _receiver.WireLength);
    }
}
