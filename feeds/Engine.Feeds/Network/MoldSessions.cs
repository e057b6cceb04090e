using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Feeds.Network;

/// <summary>
/// Follows MoldUDP64 sessions over the lines they come on: finds gaps, drops what was seen before, notices restarts.
/// </summary>
/// <remarks>
/// A <em>session</em> is a name and the next sequence that is wanted; a <em>line</em> is a multicast group in one capture and
/// remembers where it stands itself. Lines with the same session are arbitrated: the first to bring a message wins.
/// A line restarts when sequence 1 comes again after the line has moved on, with other bytes than its first packet or more than
/// <see cref="RepeatWindow"/> packets later. Since that packet may be lost, a line also restarts when it goes back and
/// brings a message with other bytes than are remembered under that sequence (<see cref="SeenMessages"/>), or, where nothing is
/// remembered, when the line that was furthest goes on from there for more than <see cref="RepeatWindow"/> packets. The first line to restart restarts the session (its generation counts up); until
/// another line restarts too, what it still sends of the old generation is a duplicate.
/// A new session name on a line replaces the line's session; what other lines still send of the old one is a duplicate.
/// </remarks>
internal sealed unsafe class MoldSessions
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

    /// <param name="statistics">Counts gaps, duplicates and the rest.</param>
    /// <param name="isEnded">Whether a capture has no packet left: a later capture of the same group then continues its line.</param>
    public MoldSessions(FeedStatistics statistics, Func<int, bool> isEnded)
    {
        _statistics = statistics;
        _isEnded = isEnded;
    }

    /// <summary>What the last accepted packet asks for.</summary>
    public MoldPlan Plan;

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

    /// <summary>Takes a UDP payload. What is to be emitted and decoded is in <see cref="Plan"/>.</summary>
    public void Accept(in UdpPayload payload, int capture, bool truncated)
    {
        Plan = default;
        if (payload.Length < MoldHeader.Size)
        {
            _statistics.OtherUdpPackets++;
            return;
        }

        MoldHeader header = MoldHeader.Read(payload.Data);
        int line = FindLine(payload.Group, capture);
        int session = line >= 0 && Matches(_lines[line].Session, header) ? _lines[line].Session : FindSession(header);
        if (session < 0 && !MoldHeader.IsPlausible(payload.Data, payload.Length, truncated))
        {
            _statistics.OtherUdpPackets++;
            return;
        }

        if (IsAbsurd(header, session))
        {
            _statistics.BadSequencePackets++;
            return;
        }

        bool isNew = session < 0;
        if ((isNew && (session = AddSession(header)) < 0) || (line < 0 && (line = AddLine(payload.Group, capture)) < 0))
        {
            _statistics.RefusedPackets++;
            return;
        }

        CountKind(ref header);
        Plan.Session = session;
        if (FollowLine(line, session, isNew, header, payload))
        {
            Arbitrate(ref _sessions[session], header, payload);
        }
        else
        {
            _statistics.Duplicates += header.Count;
        }
    }

    private bool IsAbsurd(in MoldHeader header, int session)
    {
        ulong next = session < 0 ? ulong.MaxValue - MaxStep : _sessions[session].Next;
        return header.Sequence == 0 || (header.Sequence > next && (session < 0 || header.Sequence - next > MaxStep));
    }

    private void CountKind(ref MoldHeader header)
    {
        _statistics.FeedPackets++;
        if (header.Count == 0)
        {
            _statistics.Heartbeats++;
        }
        else if (header.Count == MoldHeader.EndOfSession)
        {
            _statistics.EndOfSession++;
            header.Count = 0;
        }
    }

    /// <summary>Moves the line on; false when the packet belongs to something that has been replaced.</summary>
    private bool FollowLine(int lineIndex, int sessionIndex, bool isNew, in MoldHeader header, in UdpPayload payload)
    {
        ref Line line = ref _lines[lineIndex];
        ref Session session = ref _sessions[sessionIndex];
        bool current = true;
        if (isNew || line.Session != sessionIndex)
        {
            current = Switch(ref line, sessionIndex, isNew, header);
        }
        else if (session.Superseded)
        {
            return false;
        }
        else if (header.Sequence == 1 && line.Next > 1)
        {
            RestartIfMovedOn(ref line, ref session, header, payload);
        }
        else if (line.Generation != session.Generation)
        {
            current = header.Sequence < line.Next || header.Sequence <= session.Next;
            if (current)
            {
                line.Begin(sessionIndex, session.Generation);
            }
        }
        else if (header.Sequence < line.Next)
        {
            RestartIfSteppedBack(ref line, ref session, header, payload);
        }
        else
        {
            line.PacketsBack = 0;
        }

        if (current)
        {
            line.Note(header, payload);
        }

        return current;
    }

    /// <summary>A line carries another session than before, or its first one.</summary>
    private bool Switch(ref Line line, int sessionIndex, bool isNew, in MoldHeader header)
    {
        ref Session session = ref _sessions[sessionIndex];
        int before = line.Session;
        if (isNew)
        {
            Plan.Fresh = true;
            session.Begin(header);
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
            WriteOff(ref _sessions[before]);
            _sessions[before].Superseded = true;
            session.Superseded = false;
            session.Next = returns ? Math.Max(session.Next, header.Sequence) : session.Next;
            Plan.Fresh = true;
            Plan.Clear = returns || header.Sequence > 1 || header.Count == 0;
        }

        return true;
    }

    /// <summary>Sequence 1 on a line that is past it: a repetition of its first packet, or everything from the start.</summary>
    private void RestartIfMovedOn(ref Line line, ref Session session, in MoldHeader header, in UdpPayload payload)
    {
        bool late = !line.SawFirst || line.PacketsSinceFirst > RepeatWindow;
        if (late || (header.Count != 0 && line.FirstHash != Line.Hash(payload)))
        {
            Restart(ref line, ref session, header);
        }
    }

    /// <summary>A line brings what is below what it brought before: late or repeated packets, or a stream that began again and
    /// whose first packet was lost.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RestartIfSteppedBack(ref Line line, ref Session session, in MoldHeader header, in UdpPayload payload)
    {
        if (header.Count == 0)
        {
            return;
        }

        switch (_seen.Compare(line.Session, session.Generation, header, payload))
        {
            case SeenAnswer.Same:
                line.PacketsBack = 0;
                return;
            case SeenAnswer.Other:
                Restart(ref line, ref session, header);
                return;
        }

        // A line that is behind another may be one of repetitions; what it brings is never news.
        bool goesOn = line.PacketsBack > 0 && header.Sequence >= line.NextBack;
        line.PacketsBack = goesOn ? line.PacketsBack + 1 : 1;
        line.NextBack = header.Sequence + (ulong)header.Count;
        if (line.PacketsBack > RepeatWindow && line.Next >= session.Next)
        {
            Restart(ref line, ref session, header);
        }
    }

    /// <summary>The line goes over to the session's next generation, or is the first to bring it.</summary>
    private void Restart(ref Line line, ref Session session, in MoldHeader header)
    {
        if (line.Generation == session.Generation)
        {
            _statistics.Restarts++;
            WriteOff(ref session);
            session.Generation++;
            session.Begin(header);
            Plan.Fresh = true;
            Plan.Clear = header.Sequence > 1 || header.Count == 0;
        }

        line.Begin(line.Session, session.Generation);
    }

    /// <summary>Compares what came with what the session wants next.</summary>
    private void Arbitrate(ref Session session, in MoldHeader header, in UdpPayload payload)
    {
        if (header.Sequence > session.Next)
        {
            Lose(ref session, header.Sequence);
        }

        long seen = (long)Math.Min((ulong)header.Count, session.Next - header.Sequence);
        _statistics.Duplicates += seen;
        if (seen == header.Count)
        {
            return;
        }

        if (seen == 0)
        {
            _seen.Note(Plan.Session, session.Generation, header, payload);
        }

        // SAFETY: the payload is Length bytes long, and at least as long as the header.
        Plan.Run.At = payload.Data + MoldHeader.Size;
        Plan.Run.End = payload.Data + payload.Length;
        Plan.Run.Sequence = session.Next;
        Plan.Run.Remaining = header.Count - seen;
        session.Next = header.Sequence + (ulong)header.Count;
        SkipSeen(ref Plan.Run, seen);
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

    /// <summary>A stream is over: what it announced and did not bring is lost. Its books are emptied, so no event says so.</summary>
    private void WriteOff(ref Session session)
    {
        if (session.Announced > session.Next)
        {
            _statistics.Gaps++;
            _statistics.Lost += (long)(session.Announced - session.Next);
            session.Announced = 0;
        }
    }

    /// <summary>Steps over messages that came before. When the packet ends within them, the run is left at its end.</summary>
    private static void SkipSeen(ref MessageRun run, long count)
    {
        for (; count > 0; count--)
        {
            // SAFETY: the length prefix is read only where two bytes are left, and the step never passes End.
            if (run.End - run.At < 2)
            {
                run.At = run.End;
                return;
            }

            int length = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(run.At));
            run.At = run.End - run.At - 2 < length ? run.End : run.At + 2 + length;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Matches(int session, in MoldHeader header) =>
        session >= 0 && _sessions[session].Head == header.SessionHead && _sessions[session].Tail == header.SessionTail;

    private int FindSession(in MoldHeader header)
    {
        for (int i = 0; i < _sessionCount; i++)
        {
            if (Matches(i, header))
            {
                return i;
            }
        }

        return -1;
    }

    private int AddSession(in MoldHeader header)
    {
        if (_sessionCount == MaxSessions)
        {
            return -1;
        }

        _sessions[_sessionCount] = new Session { Head = header.SessionHead, Tail = header.SessionTail };
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

/// <summary>What an accepted packet asks for, in this order: a clear, a gap, then the messages of a run.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct MoldPlan
{
    /// <summary>Index of the packet's session.</summary>
    public int Session;

    /// <summary>The session begins or begins again: its locates and its midnight are to be set up anew.</summary>
    public bool Fresh;

    /// <summary>The books are to be emptied: the stream begins again somewhere else than at its first message.</summary>
    public bool Clear;

    /// <summary>First missing sequence.</summary>
    public ulong GapFrom;

    /// <summary>How many messages are missing; 0 for none.</summary>
    public long GapLost;

    /// <summary>The messages that are new.</summary>
    public MessageRun Run;
}
