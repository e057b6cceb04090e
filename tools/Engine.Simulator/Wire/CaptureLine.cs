using Engine.Core.Numerics;

namespace Engine.Simulator.Wire;

/// <summary>
/// One way of the packets from the exchange to the capture: a multicast group, a latency, jitter and faults. Receive times never
/// run backwards on a line, but for packets on a longer way, and two frames are at least their own length at 10 Gbit/s apart.
/// </summary>
public sealed class CaptureLine
{
    private const double JitterMeanNanos = 350;
    private const double UsualSpikeProbability = 0.002;
    private const double UsualSpikeMeanNanos = 20_000;
    private const double DelaySpikeMeanNanos = 1_000_000;
    private const double CopyMeanNanos = 4_000;
    private const long DetourLeastNanos = 20_000;
    private const double DetourMeanNanos = 40_000;
    private const double NanosPerByte = 0.8;
    private readonly MulticastFrame _frame;
    private readonly LineFaults _faults;
    private readonly long _latencyNanos;
    private readonly SeededRandom _jitter;
    private readonly SeededRandom _loss;
    private readonly SeededRandom _duplicate;
    private readonly SeededRandom _reorder;
    private readonly SeededRandom _delay;
    private readonly PriorityQueue<(long TimeNanos, long Ordinal, byte[] Frame), (long TimeNanos, long Ordinal)> _waiting = new();
    private long _ordinal;
    private long _latestTaken = -1;
    private LineFaultCounts _counts;

    /// <param name="frame">Addresses of the line.</param>
    /// <param name="latencyNanos">Least time from exchange to capture.</param>
    /// <param name="faults">What may happen to its packets.</param>
    /// <param name="seed">The run's seed; each fault has its own draws, one a packet, so that none moves what another does.</param>
    /// <param name="index">The line's number within the capture.</param>
    public CaptureLine(MulticastFrame frame, long latencyNanos, LineFaults faults, ulong seed, int index)
    {
        _frame = frame;
        _latencyNanos = latencyNanos;
        _faults = faults;
        _jitter = RandomStreams.Create(seed, RandomStream.Jitter, index);
        _loss = RandomStreams.Create(seed, RandomStream.Loss, index);
        _duplicate = RandomStreams.Create(seed, RandomStream.Duplicate, index);
        _reorder = RandomStreams.Create(seed, RandomStream.Reorder, index);
        _delay = RandomStreams.Create(seed, RandomStream.DelaySpike, index);
    }

    /// <summary>What has happened so far.</summary>
    public LineFaultCounts Counts => _counts;

    /// <summary>Whether a frame waits to be written.</summary>
    public bool HasWaiting => _waiting.Count > 0;

    /// <summary>Receive time of the next waiting frame, in the clock of the packets; there must be one.</summary>
    public long NextNanos => _waiting.Peek().TimeNanos;

    /// <summary>No frame to come arrives at this time or before it.</summary>
    public long SettledNanos { get; private set; } = long.MinValue;

    /// <summary>Carries one payload.</summary>
    /// <param name="sentNanos">When the exchange sent it.</param>
    /// <param name="payload">UDP payload.</param>
    public void Carry(long sentNanos, ReadOnlySpan<byte> payload)
    {
        int length = MulticastFrame.HeaderLength + payload.Length;
        long wireNanos = (long)(length * NanosPerByte);
        long arrival = Arrival(sentNanos, wireNanos);
        long detour = LongWay(_reorder, _faults.Reorder, DetourLeastNanos, DetourMeanNanos);
        long copy = LongWay(_duplicate, _faults.Duplicate, wireNanos, CopyMeanNanos);
        if (_loss.NextDouble() < _faults.Loss)
        {
            _counts = _counts with { Lost = _counts.Lost + 1 };
            return;
        }

        byte[] frame = new byte[length];
        _frame.Write(payload, frame);
        Enqueue(arrival + detour, _ordinal, frame);
        if (copy > 0)
        {
            Enqueue(arrival + detour + copy, _ordinal, frame);
            _counts = _counts with { Duplicated = _counts.Duplicated + 1 };
        }

        _ordinal++;
    }

    /// <summary>Takes the next waiting frame.</summary>
    public (long TimeNanos, byte[] Frame) Take()
    {
        (long timeNanos, long ordinal, byte[] frame) = _waiting.Dequeue();
        _counts = _counts with { Reordered = _counts.Reordered + (ordinal < _latestTaken ? 1 : 0) };
        _latestTaken = Math.Max(_latestTaken, ordinal);
        return (timeNanos, frame);
    }

    private static double Exponential(SeededRandom random, double mean) => -mean * DeterministicMath.Log(1 - random.NextDouble());

    // How much later a packet's copy or the packet itself comes; 0 where the fault does not strike. Two draws in any case.
    private static long LongWay(SeededRandom random, double probability, long leastNanos, double meanNanos)
    {
        bool strikes = random.NextDouble() < probability;
        long nanos = leastNanos + (long)Exponential(random, meanNanos);
        return strikes ? nanos : 0;
    }

    // When a packet arrives that goes the usual way; those behind it come later.
    private long Arrival(long sentNanos, long wireNanos)
    {
        double delay = Exponential(_jitter, JitterMeanNanos);
        if (_jitter.Chance(UsualSpikeProbability))
        {
            delay += Exponential(_jitter, UsualSpikeMeanNanos);
        }

        long spike = LongWay(_delay, _faults.DelaySpike, 1, DelaySpikeMeanNanos);
        _counts = _counts with { Delayed = _counts.Delayed + (spike > 0 ? 1 : 0) };
        long arrival = sentNanos + _latencyNanos + (long)delay + spike;
        if (SettledNanos != long.MinValue)
        {
            arrival = Math.Max(arrival, SettledNanos + wireNanos);
        }

        SettledNanos = arrival;
        return arrival;
    }

    private void Enqueue(long timeNanos, long ordinal, byte[] frame) =>
        _waiting.Enqueue((timeNanos, ordinal, frame), (timeNanos, ordinal));
}
