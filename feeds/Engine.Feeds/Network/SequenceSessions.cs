using Engine.Feeds.Network.Recovery;
using System.Runtime.CompilerServices;

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
internal sealed unsafe class SequenceSessions
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

    /// <summary>Moves the line on; false when the packet belongs to something that has been replaced.</summary>
    private bool FollowLine(int lineIndex, int sessionIndex, bool isNew, in SequencedPacket packet)
    {
        ref Line line = ref _lines[lineIndex];
        ref Session session = ref _sessions[sessionIndex];
        bool current = true;
        if (isNew || line.Session != sessionIndex)
        {
            current = Switch(ref line, sessionIndex, isNew, packet);
        }
        else if (session.Superseded)
        {
            return false;
        }
        else if (packet.IsReset ? line.Next != 0 && packet.Sequence != line.Next : packet.Sequence == 1 && line.Next > 1)
        {
            RestartIfMovedOn(ref line, ref session, packet);
        }
        else if (line.Generation != session.Generation)
        {
            current = packet.Sequence < line.Next || packet.Sequence <= session.Next;
            if (current)
            {
                line.Begin(sessionIndex, session.Generation);
            }
        }
        else if (packet.Sequence < line.Next)
        {
            RestartIfSteppedBack(ref line, ref session, packet);
        }
        else
        {
            line.PacketsBack = 0;
        }

        if (current)
        {
            line.Note(packet);
        }

        return current;
    }

    /// <summary>A line carries another session than before, or its first one.</summary>
    private bool Switch(ref Line line, int sessionIndex, bool isNew, in SequencedPacket packet)
    {
        ref Session session = ref _sessions[sessionIndex];
        int before = line.Session;
        if (isNew)
        {
            Plan.Fresh = true;
            session.Begin(packet);
        }
        else if (session.Superseded && (before < 0 || line.Next == 0))
        {
            return false;
        }

        bool returns = !isNew && session.Superseded;
        line.Begin(sessionIndex, session.Generation);
        if (before >= 0 && (isNew || returns))
        {
            _statistics.Restarts++;
            WriteOff(before);
            _sessions[before].Superseded = true;
            session.Superseded = false;
            session.Next = returns ? Math.Max(session.Next, packet.Sequence) : session.Next;
            Plan.Fresh = true;
            Plan.Clear = returns || packet.Sequence > 1 || packet.Count == 0;
        }

        return true;
    }

    /// <summary>Sequence 1 on a line that is past it: a repetition of its first packet, or everything from the start.</summary>
    private void RestartIfMovedOn(ref Line line, ref Session session, in SequencedPacket packet)
    {
        bool late = !line.SawFirst || line.PacketsSinceFirst > RepeatWindow;
        if (late || (packet.Count != 0 && line.FirstHash != Line.Hash(packet)))
        {
            Restart(ref line, ref session, packet);
        }
    }

    /// <summary>A line brings what is below what it brought before: late or repeated packets, or a stream that began again and
    /// whose first packet was lost.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RestartIfSteppedBack(ref Line line, ref Session session, in SequencedPacket packet)
    {
        if (packet.Count == 0 || packet.IsRepeat || packet.Sequence >= session.Next)
        {
            return; // It says nothing, says itself that it is old, or fills a hole.
        }

        switch (_seen.Compare(line.Session, session.Generation, packet))
        {
            case SeenAnswer.Same:
                line.PacketsBack = 0;
                return;
            case SeenAnswer.Other:
                Restart(ref line, ref session, packet);
                return;
        }

        // A line that is behind another may be one of repetitions; what it brings is never news.
        bool goesOn = line.PacketsBack > 0 && packet.Sequence >= line.NextBack;
        line.PacketsBack = goesOn ? line.PacketsBack + 1 : 1;
        line.NextBack = packet.Sequence + (ulong)packet.Count;
        if (line.PacketsBack > RepeatWindow && line.Next >= session.Next)
        {
            Restart(ref line, ref session, packet);
        }
    }

    /// <summary>The line goes over to the session's next generation, or is the first to bring it.</summary>
    private void Restart(ref Line line, ref Session session, in SequencedPacket packet)
    {
        if (line.Generation == session.Generation)
        {
            _statistics.Restarts++;
            WriteOff(line.Session);
            session.Generation++;
            session.Begin(packet);
            Plan.Fresh = true;
            Plan.Clear = packet.Sequence > 1 || packet.Count == 0;
        }

        line.Begin(line.Session, session.Generation);
    }

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

    private int FindLine(ulong group, int capture)
    {
        for (int i = 0; i < _lineCount; i++)
        {
            if (_lines[i].Group == group && _lines[i].Capture == capture)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A line not seen before. It continues that of an earlier capture of the same group which has ended, and knows
    /// the session of one that has not.</summary>
    private int AddLine(ulong group, int capture)
    {
        int session = -1;
        for (int i = 0; i < _lineCount; i++)
        {
            if (_lines[i].Group != group)
            {
                continue;
            }

            if (_isEnded(_lines[i].Capture))
            {
                _lines[i].Capture = capture;
                return i;
            }

            session = _lines[i].Session;
        }

        if (_lineCount == MaxLines)
        {
            return -1;
        }

        _lines[_lineCount] = new Line { Group = group, Capture = capture, Session = session };
        return _lineCount++;
    }
}
