using Engine.Core.Numerics;

namespace Engine.Simulator.Wire;

/// <summary>
/// One way of the packets from the exchange to the capture: a multicast group, a latency, jitter and loss. Receive times never
/// run backwards on a line, and two frames are at least their own length at 10 Gbit/s apart.
/// </summary>
public sealed class CaptureLine
{
    private const double JitterMeanNanos = 350;
    private const double DelaySpikeProbability = 0.002;
    private const double DelaySpikeMeanNanos = 20_000;
    private const double NanosPerByte = 0.8;
    private readonly MulticastFrame _frame;
    private readonly SeededRandom _jitter;
    private readonly SeededRandom _lossDraws;
    private readonly long _latencyNanos;
    private readonly double _loss;
    private readonly Queue<(long TimeNanos, byte[] Frame)> _waiting = new();
    private long _lastNanos = long.MinValue;

    /// <param name="frame">Addresses of the line.</param>
    /// <param name="latencyNanos">Least time from exchange to capture.</param>
    /// <param name="loss">Probability that a packet is lost, 0 to 1.</param>
    /// <param name="jitter">Draws of the latency.</param>
    /// <param name="lossDraws">Draws of the losses, one a packet, so that the loss rate moves no receive time.</param>
    public CaptureLine(MulticastFrame frame, long latencyNanos, double loss, SeededRandom jitter, SeededRandom lossDraws)
    {
        _frame = frame;
        _latencyNanos = latencyNanos;
        _loss = loss;
        _jitter = jitter;
        _lossDraws = lossDraws;
    }

    /// <summary>Packets lost so far.</summary>
    public long LostCount { get; private set; }

    /// <summary>Whether a frame waits to be written.</summary>
    public bool HasWaiting => _waiting.Count > 0;

    /// <summary>Receive time of the next waiting frame, in the clock of the packets; there must be one.</summary>
    public long NextNanos => _waiting.Peek().TimeNanos;

    /// <summary>Carries one payload.</summary>
    /// <param name="sentNanos">When the exchange sent it.</param>
    /// <param name="payload">UDP payload.</param>
    public void Carry(long sentNanos, ReadOnlySpan<byte> payload)
    {
        double delay = Exponential(JitterMeanNanos);
        if (_jitter.Chance(DelaySpikeProbability))
        {
            delay += Exponential(DelaySpikeMeanNanos);
        }

        int length = MulticastFrame.HeaderLength + payload.Length;
        long wireNanos = (long)(length * NanosPerByte);
        long arrival = sentNanos + _latencyNanos + (long)delay;
        if (_lastNanos != long.MinValue)
        {
            arrival = Math.Max(arrival, _lastNanos + wireNanos);
        }

        _lastNanos = arrival;
        if (_lossDraws.NextDouble() < _loss)
        {
            LostCount++;
            return;
        }

        byte[] frame = new byte[length];
        _frame.Write(payload, frame);
        _waiting.Enqueue((arrival, frame));
    }

    /// <summary>Takes the next waiting frame.</summary>
    public (long TimeNanos, byte[] Frame) Take() => _waiting.Dequeue();

    private double Exponential(double mean) => -mean * DeterministicMath.Log(1 - _jitter.NextDouble());
}
