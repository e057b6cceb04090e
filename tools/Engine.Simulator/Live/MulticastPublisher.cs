using Engine.Core.Threads;
using Engine.Core.Time;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Live;

/// <summary>
/// Publishes one session's packets on all lines, each when it is due by the real clock; heartbeats when idle, ends when finished.
/// The calling thread is the publisher's thread: it sleeps until a packet is due and catches up in short bursts. Nothing is
/// allocated for a packet.
/// </summary>
public sealed class MulticastPublisher : IPacketSink, IDisposable
{
    /// <summary>Lateness that is caught up; what exceeds it moves the schedule instead, so that no long burst overruns receivers.</summary>
    public const long CatchUpLimitNanos = 5_000_000;

    /// <summary>End packets, one a heartbeat's interval, since each may be lost.</summary>
    public const int EndPackets = 3;

    private const long Millisecond = 1_000_000;
    private const long LongestWaitNanos = 50 * Millisecond;
    private readonly Publication _publication;
    private readonly IReadOnlyList<FaultyLine> _lines;
    private readonly long _heartbeatNanos;
    private readonly byte[] _control;
    private readonly ManualResetEventSlim _wake = new(false, 0);
    private long _originNanos;
    private bool _hasOrigin;
    private long _lastSentNanos;
    private long _slippedNanos;
    private ulong _holdAfter = ulong.MaxValue;
    private volatile bool _isStopping;

    /// <param name="publication">The session; its progress is kept there.</param>
    /// <param name="lines">Where each packet goes; they stay open.</param>
    /// <param name="heartbeat">Silence after which a heartbeat goes out.</param>
    public MulticastPublisher(Publication publication, IReadOnlyList<FaultyLine> lines, TimeSpan heartbeat)
    {
        _publication = publication;
        _lines = lines;
        _heartbeatNanos = heartbeat.Ticks * TimeSpan.NanosecondsPerTick;
        _control = new byte[publication.Protocol.ControlLength];
        _lastSentNanos = MonotonicTimer.NowNanos;
    }

    /// <summary>Whether it was told to stop; packets then go nowhere.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>By how much the schedule has been moved because this machine was late, nanoseconds.</summary>
    public long SlippedNanos => Volatile.Read(ref _slippedNanos);

    /// <summary>Packets that begin behind this message are held back; heartbeats go on.</summary>
    public ulong HoldAfter
    {
        get => Volatile.Read(ref _holdAfter);
        set
        {
            Volatile.Write(ref _holdAfter, value);
            _wake.Set();
        }
    }

    /// <inheritdoc/>
    /// <remarks>Times count from the first packet's, whenever that comes.</remarks>
    public void Packet(long timeNanos, ReadOnlySpan<byte> payload)
    {
        PacketExtent extent = _publication.Protocol.Extent(payload);
        if (!WaitWhileHeld(extent.First))
        {
            return;
        }

        if (!_hasOrigin)
        {
            _hasOrigin = true;
            _originNanos = MonotonicTimer.NowNanos - timeNanos;
        }

        if (!WaitUntil(_originNanos + timeNanos))
        {
            return;
        }

        long now = MonotonicTimer.NowNanos;
        long excess = now - (_originNanos + timeNanos) - CatchUpLimitNanos;
        if (excess > 0)
        {
            _originNanos += excess;
            Volatile.Write(ref _slippedNanos, _slippedNanos + excess);
        }

        _publication.Advance(extent.Next);
        for (int i = 0; i < _lines.Count; i++)
        {
            _lines[i].Offer(payload, extent, now);
        }

        _lastSentNanos = now;
    }

    /// <inheritdoc/>
    public void Finish()
    {
        for (int i = 0; i < EndPackets && !_isStopping; i++)
        {
            long now = MonotonicTimer.NowNanos;
            FlushLines();
            int length = _publication.Protocol.WriteEnd(_control, _publication.NextSequence);
            if (length == 0)
            {
                return;
            }

            SendControl(length, now);
            if (i + 1 < EndPackets)
            {
                WaitUntil(now + _heartbeatNanos);
            }
        }
    }

    /// <summary>Sends what waits on the lines, and the end of the session if told so.</summary>
    /// <param name="end">Whether to say that the session is over.</param>
    public void Close(bool end)
    {
        FlushLines();
        int length = end ? _publication.Protocol.WriteEnd(_control, _publication.NextSequence) : 0;
        if (length > 0)
        {
            SendControl(length, MonotonicTimer.NowNanos);
        }
    }

    /// <summary>Makes the publisher's thread return soon; for other threads.</summary>
    public void RequestStop()
    {
        _isStopping = true;
        _wake.Set();
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();

    private bool WaitWhileHeld(ulong first)
    {
        long began = 0;
        while (first > HoldAfter && !_isStopping)
        {
            long now = MonotonicTimer.NowNanos;
            began = began == 0 ? now : began;
            _wake.Reset();
            if (first > HoldAfter)
            {
                WaitUntil(now + LongestWaitNanos);
            }
        }

        if (began != 0)
        {
            _originNanos += MonotonicTimer.NowNanos - began;
        }

        return !_isStopping;
    }

    /// <returns>False when told to stop.</returns>
    private bool WaitUntil(long dueNanos)
    {
        while (!_isStopping)
        {
            long now = MonotonicTimer.NowNanos;
            long next = dueNanos;
            for (int i = 0; i < _lines.Count; i++)
            {
                _lines[i].Poll(now);
                next = Math.Min(next, _lines[i].NextReleaseNanos);
            }

            if (now >= dueNanos)
            {
                return true;
            }

            if (now - _lastSentNanos >= _heartbeatNanos)
            {
                int length = _publication.Protocol.WriteHeartbeat(_control, _publication.Tape, _publication.NextSequence);
                SendControl(length, now);
            }

            Sleep(Math.Min(next, _lastSentNanos + _heartbeatNanos) - now);
        }

        return false;
    }

    // Long waits end at once when someone wakes the thread; the rest is slept more finely than a millisecond.
    private void Sleep(long nanos)
    {
        if (nanos > 2 * Millisecond)
        {
            _wake.Wait((int)((Math.Min(nanos, LongestWaitNanos) / Millisecond) - 1));
            if (_wake.IsSet)
            {
                _wake.Reset();
            }
        }
        else if (nanos > 0)
        {
            ShortSleep.Sleep(nanos);
        }
    }

    private void SendControl(int length, long now)
    {
        for (int i = 0; i < _lines.Count; i++)
        {
            _lines[i].Control(_control.AsSpan(0, length), now);
        }

        _lastSentNanos = now;
    }

    private void FlushLines()
    {
        for (int i = 0; i < _lines.Count; i++)
        {
            _lines[i].Flush();
        }
    }
}
