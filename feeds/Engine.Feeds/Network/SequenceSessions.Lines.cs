using System.Runtime.CompilerServices;

namespace Engine.Feeds.Network;

/// <content>The lines on which sessions come: where each stands, and whether it has begun again.</content>
internal sealed partial class SequenceSessions
{
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
