using Engine.Core.Numerics;

namespace Engine.Simulator.Live;

/// <summary>
/// One line with its faults, in this order: silence, loss, repetition, holding back (by packets), stalling (by time). Used by the
/// publisher's thread; only <see cref="Counts"/> may be read by others.
/// </summary>
public sealed class FaultyLine : IDisposable
{
    private readonly LineSocket _socket;
    private readonly LiveFaults _faults;
    private readonly SeededRandom _loss, _duplication, _reordering, _delay;
    private readonly WaitingPackets? _held;
    private readonly WaitingPackets? _stalled;
    private LineCounts _counts;
    private ulong _lastSequence;
    private long _index;
    private long _stalledUntilNanos;

    /// <param name="socket">Where the datagrams go; disposed with the line.</param>
    /// <param name="faults">What goes wrong; valid.</param>
    /// <param name="seed">Seed of the faults.</param>
    /// <param name="line">Which line this is; each draws other numbers.</param>
    public FaultyLine(LineSocket socket, LiveFaults faults, ulong seed, int line)
    {
        _socket = socket;
        _faults = faults;
        _loss = RandomStreams.Create(seed, RandomStream.LiveLoss, line);
        _duplication = RandomStreams.Create(seed, RandomStream.LiveDuplication, line);
        _reordering = RandomStreams.Create(seed, RandomStream.LiveReordering, line);
        _delay = RandomStreams.Create(seed, RandomStream.LiveDelay, line);
        _held = faults.Reordering > 0 ? new WaitingPackets(LiveFaults.ReorderDepthLimit) : null;
        _stalled = faults.Delay > 0 ? new WaitingPackets(WaitingPackets.StallLimit) : null;
    }

    /// <summary>What the line has done so far.</summary>
    public LineCounts Counts => _counts with { Waiting = (_held?.Count ?? 0) + (_stalled?.Count ?? 0) };

    /// <summary>When a stall ends and <see cref="Poll"/> has something to do; <see cref="long.MaxValue"/> without a stall.</summary>
    public long NextReleaseNanos => _stalled is { Count: > 0 } ? _stalledUntilNanos : long.MaxValue;

    /// <summary>Carries a packet with messages.</summary>
    /// <param name="payload">The packet.</param>
    /// <param name="extent">Its messages.</param>
    /// <param name="nowNanos">Monotonic time.</param>
    public void Offer(ReadOnlySpan<byte> payload, PacketExtent extent, long nowNanos)
    {
        _counts.Offered++;
        _counts.OfferedMessages += extent.Count;
        _lastSequence = extent.Next - 1;
        long index = _index++;
        bool isLost = _loss.Chance(_faults.Loss);
        int copies = _duplication.Chance(_faults.Duplication) ? 2 : 1;
        int overtaken = _reordering.Chance(_faults.Reordering) ? 1 + _reordering.Next(_faults.ReorderDepth) : 0;
        MaybeStall(nowNanos);
        if (IsSilent(extent.First, extent.Next - 1))
        {
            _counts.Silenced++;
            _counts.SilencedMessages += extent.Count;
        }
        else if (isLost)
        {
            _counts.Lost++;
            _counts.LostMessages += extent.Count;
        }
        else if (overtaken > 0)
        {
            _counts.Reordered++;
            _held!.Add(payload, extent.Count, copies, index + overtaken);
        }
        else
        {
            Carry(payload, extent.Count, copies, nowNanos);
        }

        while (_held is not null && _held.TryTakeDue(index, out WaitingPacket due))
        {
            Carry(due.Payload, due.Messages, due.Copies, nowNanos);
        }
    }

    /// <summary>Carries a heartbeat or an end; what was held back goes first, for nothing is coming to overtake it.</summary>
    /// <param name="payload">The packet.</param>
    /// <param name="nowNanos">Monotonic time.</param>
    public void Control(ReadOnlySpan<byte> payload, long nowNanos)
    {
        ReleaseHeld(nowNanos);
        if (_lastSequence > 0 && IsSilent(_lastSequence, _lastSequence))
        {
            _counts.SilencedControls++;
            return;
        }

        Carry(payload, 0, 1, nowNanos);
    }

    /// <summary>Sends what a stall that is over kept waiting.</summary>
    /// <param name="nowNanos">Monotonic time.</param>
    public void Poll(long nowNanos)
    {
        if (_stalled is { Count: > 0 } && nowNanos >= _stalledUntilNanos)
        {
            ReleaseStalled();
        }
    }

    /// <summary>Sends everything that waits.</summary>
    public void Flush()
    {
        ReleaseStalled();
        _stalledUntilNanos = 0;
        ReleaseHeld(long.MaxValue);
    }

    /// <summary>Throws away everything that waits, as a process does that is killed.</summary>
    public void Discard()
    {
        _stalledUntilNanos = 0;
        foreach (WaitingPackets? waiting in (ReadOnlySpan<WaitingPackets?>)[_held, _stalled])
        {
            while (waiting is not null && waiting.TryTakeDue(long.MaxValue, out WaitingPacket packet))
            {
                _counts.Discarded += packet.Messages > 0 ? 1 : 0;
                _counts.DiscardedMessages += packet.Messages;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void MaybeStall(long nowNanos)
    {
        if (_delay.Chance(_faults.Delay) && nowNanos >= _stalledUntilNanos)
        {
            long longest = _faults.DelaySpike.Ticks * TimeSpan.NanosecondsPerTick;
            _stalledUntilNanos = nowNanos + (long)(longest * (0.5 + (0.5 * _delay.NextDouble())));
            _counts.Delays++;
        }
    }

    private bool IsSilent(ulong first, ulong last)
    {
        for (int i = 0; i < _faults.Silences.Count; i++)
        {
            Silence silence = _faults.Silences[i];
            if (first <= silence.LastMessage && last >= silence.FirstMessage)
            {
                return true;
            }
        }

        return false;
    }

    private void ReleaseHeld(long nowNanos)
    {
        while (_held is not null && _held.TryTakeDue(long.MaxValue, out WaitingPacket packet))
        {
            Carry(packet.Payload, packet.Messages, packet.Copies, nowNanos);
        }
    }

    private void ReleaseStalled()
    {
        while (_stalled is not null && _stalled.TryTakeDue(long.MaxValue, out WaitingPacket packet))
        {
            Send(packet.Payload, packet.Messages, packet.Copies);
        }
    }

    private void Carry(ReadOnlySpan<byte> payload, int messages, int copies, long nowNanos)
    {
        if (_stalled is null || (nowNanos >= _stalledUntilNanos && _stalled.Count == 0))
        {
            Send(payload, messages, copies);
            return;
        }

        if (nowNanos >= _stalledUntilNanos || _stalled.IsFull)
        {
            _counts.DelaysCut += nowNanos < _stalledUntilNanos ? 1 : 0;
            _stalledUntilNanos = Math.Min(_stalledUntilNanos, nowNanos);
            ReleaseStalled();
            Send(payload, messages, copies);
            return;
        }

        _stalled.Add(payload, messages, copies, 0);
    }

    private void Send(ReadOnlySpan<byte> payload, int messages, int copies)
    {
        for (int copy = 0; copy < copies; copy++)
        {
            if (!_socket.Send(payload))
            {
                _counts.SendFailures++;
            }
            else if (messages == 0)
            {
                _counts.Controls++;
            }
            else
            {
                _counts.Datagrams++;
            }
        }

        _counts.Duplicated += copies - 1;
    }
}
