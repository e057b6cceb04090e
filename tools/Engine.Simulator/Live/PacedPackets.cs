using Engine.Simulator.Wire;

namespace Engine.Simulator.Live;

/// <summary>
/// Replaces the times of packets by the times at which they are to leave, nanoseconds from the first: evenly at a rate of
/// messages, or as the day has them but faster or slower. What their heads say of time stays.
/// </summary>
public sealed class PacedPackets : IPacketSink
{
    private const double NanosPerSecond = 1e9;
    private readonly IPacketSink _next;
    private readonly ISessionProtocol _protocol;
    private readonly double? _messagesPerSecond;
    private readonly double _speed;
    private long _originNanos;
    private bool _hasOrigin;

    /// <param name="next">Where the packets go.</param>
    /// <param name="protocol">What tells the packets' sequences.</param>
    /// <param name="messagesPerSecond">Even rate; null for the day's own times.</param>
    /// <param name="speed">Seconds of the day in one real second, without a rate.</param>
    public PacedPackets(IPacketSink next, ISessionProtocol protocol, double? messagesPerSecond, double speed)
    {
        _next = next;
        _protocol = protocol;
        _messagesPerSecond = messagesPerSecond;
        _speed = speed;
    }

    /// <inheritdoc/>
    public void Packet(long timeNanos, ReadOnlySpan<byte> payload)
    {
        _originNanos = _hasOrigin ? _originNanos : timeNanos;
        _hasOrigin = true;
        long due = _messagesPerSecond is double rate
            ? (long)((_protocol.Extent(payload).Next - 1) * NanosPerSecond / rate)
            : (long)((timeNanos - _originNanos) / _speed);
        _next.Packet(due, payload);
    }

    /// <inheritdoc/>
    public void Finish() => _next.Finish();
}
