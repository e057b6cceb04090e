using System.Numerics;

namespace Engine.Feeds.Network.Recovery;

/// <summary>What became of a packet that came before its turn.</summary>
internal enum HoldAnswer
{
    /// <summary>It is held.</summary>
    Held,

    /// <summary>It holds nothing that is not held already.</summary>
    Known,

    /// <summary>It is not waited for: what is missing before it is lost.</summary>
    Refused,

    /// <summary>There is no room for it: it is to be taken again once what is held before it has been.</summary>
    Full,
}

/// <summary>
/// Decides what is done about missing messages. Packets behind a hole are held; the hole is waited for, then requested from the
/// venue, then given up. Time is that of the packets and marks, so the same input gives the same decisions, live or not.
/// </summary>
/// <remarks>
/// <code>
/// hole seen ──wait──▶ requested ──timeout──▶ requested ... ──▶ given up: lost, then what is held behind it
///     └──────────────────┴── filled by the other line, a late packet or a reply ──▶ recovered, then what is held behind it
/// </code>
/// </remarks>
internal sealed unsafe class GapKeeper : IDisposable
{
    private readonly SequenceSessions _sessions;
    private readonly GapPolicy _policy;
    private readonly FeedNotices? _notices;
    private readonly FeedStatistics _statistics;
    private readonly PacketHold? _hold;
    private bool _isOverflow;
    private long _latest = long.MaxValue;

    /// <param name="sessions">The streams.</param>
    /// <param name="options">How long is waited, and for what; bounds of what is held.</param>
    /// <param name="statistics">Counts holes and what became of them.</param>
    public GapKeeper(SequenceSessions sessions, FeedOptions options, FeedStatistics statistics)
    {
        _sessions = sessions;
        _policy = options.Gaps ?? GapPolicy.None;
        _notices = options.Notices;
        _statistics = statistics;
        _hold = _policy.WaitNanos > 0 ? new PacketHold(options.Limits) : null;
    }

    /// <summary>Whether anything is held.</summary>
    public bool IsHolding => _hold is not null && _hold.Sessions != 0;

    /// <summary>When the first wait is over, ns since the Unix epoch.</summary>
    public long Deadline
    {
        get
        {
            long first = long.MaxValue;
            for (uint left = _hold?.Sessions ?? 0; left != 0; left &= left - 1)
            {
                first = Math.Min(first, Refresh(BitOperations.TrailingZeroCount(left)).Deadline);
            }

            return first;
        }
    }

    /// <summary>A packet came whose sequence is not the next one.</summary>
    /// <param name="session">Its session.</param>
    /// <param name="next">What that session wants.</param>
    /// <param name="packet">The packet; its sequence lies behind <paramref name="next"/>.</param>
    /// <param name="payload">Its bytes.</param>
    /// <param name="info">What else is known of it.</param>
    public HoldAnswer Hold(int session, ulong next, in SequencedPacket packet, in UdpPayload payload, in PacketInfo info)
    {
        if (_hold is null)
        {
            return HoldAnswer.Refused;
        }

        ref HeldQueue queue = ref _hold.Queue(session);
        if (queue.First == PacketHold.None)
        {
            if (_policy.OnlyWithSeveralLines && !_sessions.HasSeveralLines(session))
            {
                return HoldAnswer.Refused;
            }

            queue.Top = next;
            queue.Missing = 0;
            queue.GiveUpTo = 0;
            queue.ToldEnd = 0;
        }

        ulong announced = packet.Sequence + (ulong)packet.Count;
        int before = _hold.Before(session, packet.Sequence);
        if (before != PacketHold.None && packet.Count > 0 && _hold[before].End >= announced)
        {
            return HoldAnswer.Known;
        }

        ulong end = packet.WholeEnd;
        ulong fresh = Missing(session, packet.Sequence, end);
        if (fresh == 0 && announced <= queue.Top)
        {
            return HoldAnswer.Known;
        }

        HeldPacket held = new()
        {
            Sequence = packet.Sequence,
            End = end,
            Group = payload.Group,
            Time = info.Time,
            Length = payload.Length,
            Capture = info.Capture,
            Flags = info.Flags,
            HasClock = info.HasClock,
            IsTruncated = info.IsTruncated,
        };
        _statistics.Recovered += (long)fresh;
        if (packet.Sequence > queue.Top)
        {
            _statistics.Holes++;
            _statistics.Missing += (long)(packet.Sequence - queue.Top);
        }

        queue.Top = Math.Max(queue.Top, end);
        if (_hold.TryAdd(session, before, held, payload.Data))
        {
            _statistics.HeldPackets++;
            return HoldAnswer.Held;
        }

        _statistics.HoldOverflows++;
        if (info.IsAgain)
        {
            return HoldAnswer.Refused;
        }

        _isOverflow = true;
        queue.GiveUpTo = packet.Sequence;
        return HoldAnswer.Full;
    }

    /// <summary>Whether the last packet found no room; asked once.</summary>
    public bool TryTakeOverflow()
    {
        bool isOverflow = _isOverflow;
        _isOverflow = false;
        return isOverflow;
    }

    /// <summary>Whether a session waits for messages from a sequence on: it is below the highest that is held or announced.</summary>
    public bool Awaits(int session, ulong sequence) => Holds(session) && sequence < _hold!.Queue(session).Top;

    /// <summary>A packet came in its turn: those of its messages that had been missing are recovered.</summary>
    /// <param name="session">Its session.</param>
    /// <param name="next">What that session wanted.</param>
    /// <param name="packet">The packet.</param>
    public void Filled(int session, ulong next, in SequencedPacket packet)
    {
        if (Holds(session))
        {
            _statistics.Recovered += (long)Missing(session, next, packet.WholeEnd);
        }
    }

    /// <summary>Messages are known without having come: those that had been missing are recovered.</summary>
    public void Skipped(int session, ulong from, ulong end)
    {
        if (Holds(session))
        {
            _statistics.Recovered += (long)Missing(session, from, end);
        }
    }

    /// <summary>Takes the held packet that is next: one whose turn has come, or one before which the missing messages are given up.</summary>
    /// <param name="now">The time that the input has come to.</param>
    /// <param name="input">Asked for what is missing.</param>
    /// <param name="payload">The packet.</param>
    /// <param name="info">What was known of it.</param>
    /// <returns>Its slot, to be freed when it has been read; <see cref="PacketHold.None"/> for none.</returns>
    public int Take(long now, PacketInput input, out UdpPayload payload, out PacketInfo info)
    {
        _latest = now;
        for (uint left = _hold!.Sessions; left != 0; left &= left - 1)
        {
            int session = BitOperations.TrailingZeroCount(left);
            ref HeldQueue queue = ref Refresh(session);
            ref HeldPacket first = ref _hold[queue.First];
            bool isReady = first.Sequence <= queue.Missing;
            if (isReady || first.Sequence < queue.GiveUpTo || (now >= queue.Deadline && !MayRequest(session, ref queue, first, now, input)))
            {
                PacketOrigin origin = isReady ? PacketOrigin.Held : PacketOrigin.GivenUp;
                TellEnd(session, ref queue, Math.Max(now, first.Time), isReady);
                info = new PacketInfo(first.Time, first.HasClock, first.Capture, first.IsTruncated, first.Flags, origin) { Session = session };
                int slot = _hold.TakeFirst(session);

                // SAFETY: the slot holds Length bytes, and its memory stays as it is until Free.
                payload = new UdpPayload { Data = _hold.Payload(slot), Length = first.Length, Group = first.Group };
                return slot;
            }
        }

        payload = default;
        info = default;
        return PacketHold.None;
    }

    /// <summary>The clock was set back: no wait lasts longer than one that begins now.</summary>
    public void SetBack(long now)
    {
        _latest = now;
        for (uint left = _hold?.Sessions ?? 0; left != 0; left &= left - 1)
        {
            ref HeldQueue queue = ref _hold!.Queue(BitOperations.TrailingZeroCount(left));
            queue.Deadline = Math.Min(queue.Deadline, now + Math.Max(_policy.WaitNanos, queue.Requests > 0 ? _policy.RequestTimeoutNanos : 0));
        }
    }

    /// <summary>Gives back the memory of a packet that <see cref="Take"/> answered.</summary>
    public void Free(int slot) => _hold!.Free(slot);

    /// <summary>A session begins again: what is held of it will never have its turn, and is missing as if it had not come.</summary>
    /// <returns>One past the highest sequence seen of it; 0 where nothing is held.</returns>
    public ulong Drop(int session)
    {
        if (!Holds(session))
        {
            return 0;
        }

        ulong next = _sessions.Next(session);
        ulong top = Math.Max(_hold!.Queue(session).Top, next);
        _statistics.Missing += (long)(top - next - Missing(session, next, top));
        _hold.Drop(session);
        return top;
    }

    /// <inheritdoc/>
    public void Dispose() => _hold?.Dispose();

    private bool Holds(int session) => _hold is not null && _hold.Queue(session).First != PacketHold.None;

    /// <summary>Whether the front hole is requested once more; then the deadline is the answer's.</summary>
    private bool MayRequest(int session, ref HeldQueue queue, in HeldPacket first, long now, PacketInput input)
    {
        if (queue.Requests >= _policy.Requests || now == long.MaxValue)
        {
            return false;
        }

        queue.Requests++;
        if (queue.ToldEnd != first.Sequence)
        {
            queue.ToldFrom = queue.Missing;
            queue.ToldEnd = first.Sequence;
            _notices?.Add(FeedNoticeKind.Requested, now, session, queue.Missing, (long)(first.Sequence - queue.Missing));
        }

        queue.Deadline = now + _policy.RequestTimeoutNanos;
        _statistics.Requests++;
        input.Request(_sessions.Name(session), queue.Missing, first.Sequence - queue.Missing);
        return true;
    }

    /// <summary>A hole that was requested is filled, or given up: the latter shows as a loss.</summary>
    private void TellEnd(int session, ref HeldQueue queue, long time, bool isFilled)
    {
        if (queue.ToldEnd == 0 || (isFilled && queue.Missing < queue.ToldEnd))
        {
            return;
        }

        if (isFilled)
        {
            _notices?.Add(FeedNoticeKind.Recovered, time, session, queue.ToldFrom, (long)(queue.ToldEnd - queue.ToldFrom));
        }

        queue.ToldEnd = 0;
    }

    /// <summary>A session's queue, its deadline that of the hole at its front.</summary>
    private ref HeldQueue Refresh(int session)
    {
        ref HeldQueue queue = ref _hold!.Queue(session);
        ulong next = _sessions.Next(session);
        if (queue.Missing != next)
        {
            // What was requested comes in pieces, or other lines bring it after all: the rest is requested when that pauses.
            ref HeldPacket first = ref _hold[queue.First];
            long since = first.Sequence <= queue.ToldEnd ? _latest : Math.Min(first.Time, _latest);
            queue.Missing = next;
            queue.Requests = 0;
            queue.Deadline = since + _policy.WaitNanos;
        }

        return ref queue;
    }

    /// <summary>How many of some messages were known to be missing. Held packets are in order of sequence, but their ends need not
    /// rise: a long one may lie over later ones.</summary>
    private ulong Missing(int session, ulong from, ulong end)
    {
        ref HeldQueue queue = ref _hold!.Queue(session);
        ulong at = from;
        ulong missing = 0;
        end = Math.Min(end, queue.Top);
        for (int slot = queue.First; slot != PacketHold.None && at < end; slot = _hold[slot].Next)
        {
            ulong until = Math.Min(end, _hold[slot].Sequence);
            missing += until > at ? until - at : 0;
            at = Math.Max(at, _hold[slot].End);
        }

        return at < end ? missing + (end - at) : missing;
    }
}
