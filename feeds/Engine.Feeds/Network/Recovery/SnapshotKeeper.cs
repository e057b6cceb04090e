using System.Runtime.InteropServices;
using Engine.Core.Events;
using Engine.Core.Memory;

namespace Engine.Feeds.Network.Recovery;

/// <summary>
/// Brings a stream's books back with a snapshot. From the moment one is asked for, new messages are decoded as ever (their books
/// are not to be believed) and kept; when the snapshot is whole, the books are emptied and made from it and from what was kept
/// behind it.
/// </summary>
/// <remarks>
/// <code>
/// lost, or joined in the middle ──▶ asked for ──▶ whole: begin, its messages, those kept from its sequence on, end
///                                       ▲              │ older than what was lost, or than what was kept; of a stream before this
///                                       └──────────────┘
/// </code>
/// All of it is outside the stream's sequence, and flagged <see cref="EventFlags.FromSnapshot"/>.
/// </remarks>
internal sealed unsafe class SnapshotKeeper : IDisposable
{
    private readonly SequenceSessions _sessions;
    private readonly MessageFraming _framing;
    private readonly FeedStatistics _statistics;
    private readonly FeedNotices? _notices;
    private readonly NativeBuffer<byte> _log;
    private SnapshotContent _content;
    private PacketInfo _info;
    private Stage _stage;
    private bool _isSpoiled;
    private int _session;
    private int _logged;
    private int _repeated;
    private ulong _from;
    private bool _isAsked;
    private bool _isStale;

    /// <param name="sessions">The streams.</param>
    /// <param name="framing">How their messages are framed.</param>
    /// <param name="options">Bound of what is kept; who is told.</param>
    /// <param name="statistics">Counts snapshots.</param>
    public SnapshotKeeper(SequenceSessions sessions, MessageFraming framing, FeedOptions options, FeedStatistics statistics)
    {
        _sessions = sessions;
        _framing = framing;
        _statistics = statistics;
        _notices = options.Notices;
        _log = new NativeBuffer<byte>(options.Limits.CatchUpBytes);
    }

    private enum Stage
    {
        Idle,
        Waiting,
        Beginning,
        Repeating,
    }

    /// <summary>Whether a snapshot is being turned into events.</summary>
    public bool IsApplying => _stage >= Stage.Beginning;

    /// <summary>A packet has been accepted: is a snapshot needed, is the packet to be kept?</summary>
    /// <param name="plan">What it asks for.</param>
    /// <param name="info">What is known of it.</param>
    /// <param name="input">Asked for the snapshot.</param>
    public void Note(in PacketPlan plan, in PacketInfo info, PacketInput input)
    {
        bool begins = plan.Fresh && _sessions.StartPending(plan.Session);
        if (plan.Clear || plan.GapLost != 0 || (plan.Fresh && !begins))
        {
            _isStale |= _isAsked && (plan.Fresh || plan.Session != _session);
            _session = plan.Session;
            _from = plan.Run.Remaining > 0 ? plan.Run.Sequence : _sessions.Next(plan.Session);
            _logged = 0;
            if (_stage != Stage.Waiting)
            {
                _stage = Stage.Waiting;
                _notices?.Add(FeedNoticeKind.SnapshotAsked, info.Time, _session, _from, 0);
                Ask(input);
            }
        }
        else if (begins && (plan.Session == _session || _sessions.IsSuperseded(_session)))
        {
            _isStale |= _isAsked;
            _session = plan.Session;
            _stage = Stage.Idle;
        }

        if (_stage == Stage.Waiting && plan.Session == _session && plan.Run.Remaining > 0 && !plan.IsOutside)
        {
            Keep(plan.Run, info);
        }
    }

    /// <summary>A snapshot has come: whether it can be used. If so, <see cref="IsApplying"/>.</summary>
    /// <param name="content">Its messages; readable until it is applied.</param>
    /// <param name="info">When it came.</param>
    /// <param name="input">Asked for another one.</param>
    public void Take(in SnapshotContent content, in PacketInfo info, PacketInput input)
    {
        bool isStale = _isStale;
        _isAsked = _isStale = false;
        if (_stage != Stage.Waiting)
        {
            _statistics.UselessSnapshots++;
            return;
        }

        if (_sessions.Live > 1)
        {
            // It would make every book of the venue, and there are streams that it does not contain: their books stay suspect.
            _statistics.UselessSnapshots++;
            _notices?.Add(FeedNoticeKind.SnapshotUseless, info.Time, _session, content.NextSequence, (long)_from);
            return;
        }

        ulong next = _sessions.Next(_session);
        if (isStale || content.NextSequence < _from || content.NextSequence - Math.Min(next, content.NextSequence) > SequenceSessions.MaxStep
            || !content.MayHold || !content.IsOf(_sessions.Name(_session)))
        {
            _statistics.UselessSnapshots++;
            _notices?.Add(FeedNoticeKind.SnapshotUseless, info.Time, _session, content.NextSequence, (long)_from);
            Ask(input);
            return;
        }

        _sessions.SkipTo(_session, content.NextSequence);
        _content = content;
        _info = info with { Flags = info.Flags | EventFlags.FromSnapshot };
        _stage = Stage.Beginning;
        _repeated = 0;
        _isSpoiled = false;
        _statistics.Snapshots++;
        _notices?.Add(FeedNoticeKind.SnapshotTaken, info.Time, _session, content.NextSequence, content.Messages);
    }

    /// <summary>Plans the next part: the snapshot itself, then what was kept, a packet at a time.</summary>
    /// <param name="plan">Receives the part.</param>
    /// <param name="info">The part's receive time and flags.</param>
    public void Plan(ref PacketPlan plan, out PacketInfo info)
    {
        plan = default;
        plan.Session = _session;
        plan.IsOutside = true;
        info = _info;
        if (_stage == Stage.Beginning)
        {
            _stage = Stage.Repeating;
            plan.BeginsSnapshot = true;
            plan.Run = new MessageRun
            {
                At = _content.Data,
                End = _content.Data + _content.Length,
                Remaining = _content.Messages,
                Sequence = 1,
            };
        }
        else
        {
            Repeat(ref plan, ref info);
        }

        _statistics.SnapshotMessages += plan.Run.Remaining;
        if (!Skip())
        {
            plan.EndsSnapshot = !_isSpoiled;
            plan.SnapshotNext = _sessions.Next(_session);
            _stage = Stage.Idle;
            if (plan.EndsSnapshot)
            {
                _notices?.Add(FeedNoticeKind.SnapshotApplied, info.Time, _session, plan.SnapshotNext, 0);
            }
        }
    }

    /// <summary>What was planned last holds fewer messages than it says: the books that it makes are not whole, and are not called so.</summary>
    public void Spoil() => _isSpoiled = true;

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    /// <summary>What is on its way when the stream begins again, or another takes its place, counts by numbers that are gone.</summary>
    private void Ask(PacketInput input)
    {
        _isAsked = true;
        input.RequestSnapshot();
    }

    private void Keep(in MessageRun run, in PacketInfo info)
    {
        int messages = _framing.Whole(run.At, run.End, (int)run.Remaining, out byte* past);
        int bytes = (int)(past - run.At);
        int size = (sizeof(Kept) + bytes + 7) & ~7;
        if (size > _log.Length - _logged)
        {
            // What a snapshot must contain moves up to here.
            _from = run.Sequence;
            _logged = 0;
        }

        if (size > _log.Length)
        {
            _from = run.Sequence + (ulong)messages;
            return;
        }

        // SAFETY: the log has room for the head and the bytes, which the run says are readable; entries begin at multiples of 8.
        byte* at = _log.Pointer + _logged;
        *(Kept*)at = new Kept { Sequence = run.Sequence, Messages = messages, Time = info.Time, Bytes = bytes, Flags = info.Flags };
        Buffer.MemoryCopy(run.At, at + sizeof(Kept), bytes, bytes);
        _logged += size;
    }

    /// <summary>Steps over what was kept and is in the snapshot; false when nothing is left.</summary>
    private bool Skip()
    {
        // SAFETY: entries lie one behind the other up to _logged.
        for (; _repeated < _logged; _repeated += Size((Kept*)(_log.Pointer + _repeated)))
        {
            Kept* kept = (Kept*)(_log.Pointer + _repeated);
            if (kept->Sequence + (ulong)kept->Messages > _content.NextSequence)
            {
                return true;
            }
        }

        return false;
    }

    private void Repeat(ref PacketPlan plan, ref PacketInfo info)
    {
        // SAFETY: Skip stopped at a whole entry.
        Kept* kept = (Kept*)(_log.Pointer + _repeated);
        byte* body = (byte*)(kept + 1);
        info = info with { Time = kept->Time, Flags = kept->Flags | EventFlags.FromSnapshot };
        plan.Run = new MessageRun { At = body, End = body + kept->Bytes, Remaining = kept->Messages, Sequence = kept->Sequence };
        long known = (long)(_content.NextSequence - Math.Min(kept->Sequence, _content.NextSequence));
        if (known > 0)
        {
            _framing.Skip(ref plan.Run, known);
            plan.Run.Remaining -= known;
            plan.Run.Sequence += (ulong)known;
        }

        _repeated += Size(kept);
    }

    private static int Size(Kept* kept) => (sizeof(Kept) + kept->Bytes + 7) & ~7;

    [StructLayout(LayoutKind.Sequential)]
    private struct Kept
    {
        public ulong Sequence;
        public long Messages;
        public long Time;
        public int Bytes;
        public EventFlags Flags;
    }
}
