using System.Runtime.CompilerServices;
using Engine.Feeds.Network.Recovery;

namespace Engine.Feeds.Network;

/// <summary>
/// Follows streams of numbered messages over the lines they come on: finds gaps, drops what was seen before, notices restarts.
/// MoldUDP64 sessions, XDP channels and IEX-TP sessions are all followed by it.
/// </summary>
/// <remarks>
/// A <em>session</em> is a stream's name and the next sequence that is wanted; a <em>line</em> is a multicast group in one capture and
/// remembers where it stands itself. Lines with the same session are arbitrated: the first to bring a message wins.
/// A line restarts when sequence 1 comes again after the line has moved on, with other bytes than its first packet or more than
/// <see cref="RepeatWindow"/> packets later; or when the venue says so and the sequence is not the next one. Since that packet may
/// be lost, a line also restarts when it goes back and brings a message with other bytes than are remembered under that sequence
/// (<see cref="SeenMessages"/>), or, where nothing is remembered, when the line that was furthest goes on from there for more than
/// <see cref="RepeatWindow"/> packets; what the venue says it sends again is neither. The first line to restart restarts the session
/// (its generation counts up); until
/// another line restarts too, what it still sends of the old generation is a duplicate.
/// A new session name on a line replaces the line's session; what other lines still send of the old one is a duplicate.
/// </remarks>
internal sealed unsafe partial class SequenceSessions
{
    /// <summary>Most sessions followed.</summary>
    public const int MaxSessions = 32;

    /// <summary>Most lines followed.</summary>
    public const int MaxLines = 256;

    /// <summary>Packets after its first packet within which a line may repeat it.</summary>
    public const int RepeatWindow = 16;

    /// <summary>Largest step ahead that is believed.</summary>
    public const ulong MaxStep = 1UL << 40;

    private readonly FeedStatistics _statistics;
    private readonly Func<int, bool> _isEnded;
    private readonly Session[] _sessions = new Session[MaxSessions];
    private readonly Line[] _lines = new Line[MaxLines];
    private readonly SeenMessages _seen = new();
    private int _sessionCount;
    private int _lineCount;
    private int _line;

    /// <param name="options">What is done about missing messages.</param>
    /// <param name="statistics">Counts gaps, duplicates and the rest.</param>
    /// <param name="isEnded">Whether a capture has no packet left: a later capture of the same group then continues its line.</param>
    public SequenceSessions(FeedOptions options, FeedStatistics statistics, Func<int, bool> isEnded)
    {
        _statistics = statistics;
        _isEnded = isEnded;
        Gaps = new GapKeeper(this, options, statistics);
    }

    /// <summary>What is held until missing messages have come.</summary>
    public GapKeeper Gaps { get; }

    /// <summary>What the last accepted packet asks for.</summary>
    public PacketPlan Plan;

    /// <summary>Whether a session's start is still to be marked on its next event.</summary>
    public ref bool StartPending(int session) => ref _sessions[session].StartPending;

    /// <summary>Sets what a session wants next, after a packet held fewer messages than it announced.</summary>
    public void Rewind(int session, ulong next)
    {
        ref Session rewound = ref _sessions[session];
        rewound.Announced = Math.Max(rewound.Announced, rewound.Next);
        rewound.Next = next;
    }

    /// <summary>No packet is left: what was announced, and came neither then nor later, is lost. Puts the gap of one session
    /// into <see cref="Plan"/>; false when there is none left.</summary>
    public bool SettleNext()
    {
        for (int i = 0; i < _sessionCount; i++)
        {
            if (_sessions[i].Announced > _sessions[i].Next)
            {
                Plan = default;
                Plan.Session = i;
                Lose(ref _sessions[i], _sessions[i].Announced);
                return true;
            }
        }

        return false;
    }

    /// <summary>The sequence that a session wants next.</summary>
    public ulong Next(int session) => _sessions[session].Next;

    /// <summary>A session's name, in a packet without content.</summary>
    public SequencedPacket Name(int session) => new() { Stream = _sessions[session].Head, StreamTail = _sessions[session].Tail };

    /// <summary>How many sessions are followed that no newer one has replaced.</summary>
    public int Live
    {
        get
        {
            int live = 0;
            for (int i = 0; i < _sessionCount; i++)
            {
                live += _sessions[i].Superseded ? 0 : 1;
            }

            return live;
        }
    }

    /// <summary>Whether more than one line brings a session.</summary>
    public bool HasSeveralLines(int session)
    {
        int lines = 0;
        for (int i = 0; i < _lineCount; i++)
        {
            lines += _lines[i].Session == session ? 1 : 0;
        }

        return lines > 1;
    }

    /// <summary>A snapshot contains everything before a sequence: what comes of it is known.</summary>
    public void SkipTo(int session, ulong next)
    {
        ref Session skipped = ref _sessions[session];
        if (next > skipped.Next)
        {
            Gaps.Skipped(session, skipped.Next, next);
            skipped.StartPending = false;
            skipped.Next = next;
        }
    }

    /// <summary>Whether a newer session has taken the place of one.</summary>
    public bool IsSuperseded(int session) => _sessions[session].Superseded;

    /// <summary>The session of a packet, or −1 for one not followed yet.</summary>
    public int Find(in SequencedPacket packet, ulong group, in PacketInfo info)
    {
        _line = info.Origin == PacketOrigin.Line ? FindLine(group, info.Capture) : -1;
        int session = _line >= 0 && Matches(_lines[_line].Session, packet) ? _lines[_line].Session : FindSession(packet);
        return session < 0 && info.IsAgain ? info.Session : session;
    }

    /// <summary>Takes a packet. What is to be emitted and decoded is in <see cref="Plan"/>.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="session">What <see cref="Find"/> answered for it just now.</param>
    /// <param name="payload">Its bytes.</param>
    /// <param name="info">What else is known of it.</param>
    public void Accept(in SequencedPacket packet, int session, in UdpPayload payload, in PacketInfo info)
    {
        if (info.IsAgain)
        {
            if (session != info.Session)
            {
                Leave(info.Session, packet);
            }

            Plan.Session = session;
            Arbitrate(session, packet, payload, info);
            return;
        }

        int line = _line;
        if (IsAbsurd(packet, session))
        {
            _statistics.BadSequencePackets++;
            return;
        }

        bool isNew = session < 0;
        bool isLine = info.Origin == PacketOrigin.Line;
        if ((isNew && (!isLine || (session = AddSession(packet)) < 0)) || (isLine && line < 0 && (line = AddLine(payload.Group, info.Capture)) < 0)
            || (!isLine && IsUnasked(session, packet)))
        {
            _statistics.RefusedPackets++;
            return;
        }

        _statistics.FeedPackets++;
        _statistics.ReplyPackets += isLine ? 0 : 1;
        _statistics.EndOfSession += packet.EndsStream ? 1 : 0;
        _statistics.Heartbeats += packet.Count == 0 && !packet.EndsStream ? 1 : 0;
        Plan.Session = session;
        if (isLine ? FollowLine(line, session, isNew, packet) : !_sessions[session].Superseded)
        {
            Arbitrate(session, packet, payload, info);
        }
        else
        {
            _statistics.Duplicates += packet.Count;
        }
    }

    private bool IsAbsurd(in SequencedPacket packet, int session)
    {
        ulong next = session < 0 ? ulong.MaxValue - MaxStep : _sessions[session].Next;
        return packet.Sequence == 0 || packet.Sequence > ulong.MaxValue - (ulong)packet.Count || (packet.Sequence > next && (session < 0 || packet.Sequence - next > MaxStep));
    }

    /// <summary>An answer that brings what no line has announced: nobody asked for that, and it may be of before a restart.</summary>
    private bool IsUnasked(int session, in SequencedPacket packet) =>
        !_sessions[session].Superseded && packet.Sequence + (ulong)packet.Count > _sessions[session].Next && !Gaps.Awaits(session, packet.Sequence);

    /// <summary>Compares what came with what the session wants next.</summary>
    private void Arbitrate(int index, in SequencedPacket packet, in UdpPayload payload, in PacketInfo info)
    {
        ref Session session = ref _sessions[index];
        if (packet.Sequence > session.Next)
        {
            HoldAnswer answer = info.Origin == PacketOrigin.GivenUp && info.Session == index
                ? HoldAnswer.Refused
                : Gaps.Hold(index, session.Next, packet, payload, info);
            if (answer != HoldAnswer.Refused)
            {
                _statistics.Duplicates += answer == HoldAnswer.Known ? packet.Count : 0;
                return;
            }

            Lose(ref session, packet.Sequence);
        }

        long seen = (long)Math.Min((ulong)packet.Count, session.Next - packet.Sequence);
        _statistics.Duplicates += seen;
        if (seen == packet.Count)
        {
            return;
        }

        if (!info.IsAgain || info.Session != index)
        {
            Gaps.Filled(index, session.Next, packet);
        }

        if (seen == 0)
        {
            _seen.Note(Plan.Session, session.Generation, packet);
        }

        // SAFETY: the packet's bytes are readable from Body to End.
        Plan.Run.At = packet.Body;
        Plan.Run.End = packet.End;
        Plan.Run.Sequence = session.Next;
        Plan.Run.Remaining = packet.Count - seen;
        session.Next = packet.Sequence + (ulong)packet.Count;
        packet.Framing.Skip(ref Plan.Run, seen);
    }

    /// <summary>The messages up to one are missing.</summary>
    private void Lose(ref Session session, ulong next)
    {
        ulong lost = next - session.Next;
        _statistics.Gaps++;
        _statistics.Lost += (long)lost;
        Plan.GapFrom = session.Next;
        Plan.GapLost = (long)lost;
        session.StartPending &= session.Next != 1;
        session.Next = next;
    }

    /// <summary>A held packet turns out to be of another session: what was missing before it is that one's to find.</summary>
    private void Leave(int index, in SequencedPacket packet)
    {
        ref Session session = ref _sessions[index];
        _statistics.Recovered += packet.Sequence > session.Next ? (long)(packet.Sequence - session.Next) : 0;
        session.Next = Math.Max(session.Next, packet.WholeEnd);
    }

    /// <summary>A stream is over: what it announced and did not bring is lost. Its books are emptied, so no event says so.</summary>
    private void WriteOff(int index)
    {
        ref Session session = ref _sessions[index];
        session.Announced = Math.Max(session.Announced, Gaps.Drop(index));
        if (session.Announced > session.Next)
        {
            _statistics.Gaps++;
            _statistics.Lost += (long)(session.Announced - session.Next);
            session.Announced = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Matches(int session, in SequencedPacket packet) =>
        session >= 0 && _sessions[session].Head == packet.Stream && _sessions[session].Tail == packet.StreamTail;

    private int FindSession(in SequencedPacket packet)
    {
        for (int i = 0; i < _sessionCount; i++)
        {
            if (Matches(i, packet))
            {
                return i;
            }
        }

        return -1;
    }

    private int AddSession(in SequencedPacket packet)
    {
        if (_sessionCount == MaxSessions)
        {
            return -1;
        }

        _sessions[_sessionCount] = new Session { Head = packet.Stream, Tail = packet.StreamTail };
        return _sessionCount++;
    }
}
