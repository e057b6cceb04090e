using Engine.Core.Events;
using Engine.Core.Threads;
using Engine.Core.Time;

namespace Engine.Host.Replay;

/// <summary>Holds events back until their receive time comes, at some multiple of real time.</summary>
internal sealed class Pacer(double speed)
{
    private const long SleepFromNanos = 200_000;
    private const long LongestSleepNanos = 50_000_000;

    private long _firstReceive;
    private long _start;

    /// <summary>Whether anything is held back.</summary>
    public bool IsPacing => speed > 0;

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

    /// <summary>Waits until an event is due, or somebody stops the run.</summary>
    /// <param name="receiveTime">When it was captured, ns.</param>
    /// <param name="watch">Asked while waiting.</param>
    /// <returns>When it was due on this machine's monotonic clock, ns: earlier than now if the run is behind. Latency counts from there, so that an
    /// event that waits for those before it is seen to wait (an open loop).</returns>
    public long Wait(long receiveTime, RunWatch watch)
    {
        if (_start == 0)
        {
            _firstReceive = receiveTime;
            return _start = MonotonicTimer.NowNanos;
        }

        long due = _start + (long)((receiveTime - _firstReceive) / speed);
        for (long left = due - MonotonicTimer.NowNanos; left > 0 && !watch.MustEnd; left = due - MonotonicTimer.NowNanos)
        {
            if (left > SleepFromNanos)
            {
                ShortSleep.Sleep(Math.Min(left - (SleepFromNanos / 2), LongestSleepNanos));
            }
        }

        return due;
    }
}
