using Engine.Core.Diagnostics;
using Engine.Core.Events;
using Engine.Core.Threads;
using Engine.Core.Time;

namespace Engine.Host.Replay;

/// <summary>Holds events back until their receive time comes, at some multiple of real time.</summary>
/// <param name="speed">Event times a second of real time; 0 holds nothing back.</param>
/// <param name="yields">Whether a core that it spins on is wanted by another thread of the run that spins.</param>
internal sealed class Pacer(double speed, bool yields)
{
    private const int Rehearsals = 32;
    private const long RehearsalNanos = 200_000;

    private readonly SleepGuard _guard = new();
    private long _firstReceive;
    private long _start;

    /// <summary>Whether anything is held back.</summary>
    public bool IsPacing => speed > 0;

    /// <summary>How long after it was due a packet that was waited for was let go, ns: the pacer's own fault, and the machine's.</summary>
    public LatencyHistogram Late { get; } = new();

    /// <summary>How long each packet, once due, had to wait until those before it were done, ns; 0 where nothing was before it.</summary>
    public LatencyHistogram Queue { get; } = new();

    /// <summary>How many events at the front are due together: those of a packet are, those of a file without packets need not be.</summary>
    /// <param name="events">At least one.</param>
    public static int DueTogether(ReadOnlySpan<MarketEvent> events)
    {
        int count = 1;
        while (count < events.Length && events[count].ReceiveTime == events[0].ReceiveTime)
        {
            count++;
        }

        return count;
    }

    /// <summary>When the service of a packet began: decoding comes before the wait for a packet that is due later, and counts as done when it is
    /// due; of one that is late everything since it was due counts.</summary>
    /// <param name="due">When it was due.</param>
    /// <param name="wire">When it was picked up.</param>
    /// <param name="decoding">How long decoding took.</param>
    public static long Begun(long due, long wire, long decoding) => Math.Min(due, Math.Max(wire, due - decoding));

    /// <summary>Learns how late this machine's sleeps end, on the thread that will wait; before the first packet.</summary>
    public void Rehearse()
    {
        if (!IsPacing)
        {
            return;
        }

        Span<long> late = stackalloc long[Rehearsals];
        foreach (ref long one in late)
        {
            one = Sleep(RehearsalNanos);
        }

        _guard.Begin(late);
    }

    /// <summary>Waits until an event is due, or somebody stops the run.</summary>
    /// <param name="receiveTime">When it was captured, ns.</param>
    /// <param name="watch">Asked while waiting.</param>
    /// <returns>When it was due on this machine's monotonic clock, ns: earlier than now if the run is behind. Latency counts from there, so that an
    /// event that waits for those before it is seen to wait (an open loop).</returns>
    public long Wait(long receiveTime, RunWatch watch)
    {
        long now = MonotonicTimer.NowNanos;
        if (_start == 0)
        {
            _firstReceive = receiveTime;
            _start = now;
        }

        long due = _start + (long)((receiveTime - _firstReceive) / speed);
        Queue.Record(Math.Max(0, now - due));
        if (now < due)
        {
            WaitUntil(due, now, watch);
        }

        return due;
    }

    /// <summary>Forgets what was recorded, on the thread that waits: the end of the warm-up.</summary>
    public void Reset()
    {
        Late.Reset();
        Queue.Reset();
    }

    private void WaitUntil(long due, long now, RunWatch watch)
    {
        for (; now < due && !watch.MustEnd; now = MonotonicTimer.NowNanos)
        {
            long sleep = _guard.SleepFor(due - now);
            if (sleep > 0)
            {
                _guard.Slept(Sleep(sleep));
            }
            else if (yields)
            {
                Thread.Yield();
            }
        }

        if (now >= due)
        {
            Late.Record(now - due);
        }
    }

    /// <summary>Sleeps, and says how late it ended, ns.</summary>
    private static long Sleep(long nanos)
    {
        long begun = MonotonicTimer.NowNanos;
        ShortSleep.Sleep(nanos);
        return MonotonicTimer.NowNanos - begun - nanos;
    }
}
