using Engine.Simulator.Wire;

namespace Engine.Simulator.Live;

/// <summary>
/// Replaces the day's times by the times at which messages are to leave, nanoseconds from the first: evenly at a rate, or as the
/// day has them but faster or slower. What the messages say of time stays.
/// </summary>
public sealed class PacedMessages : IMessageSink
{
    private const double NanosPerSecond = 1e9;
    private readonly IMessageSink _next;
    private readonly double? _messagesPerSecond;
    private readonly double _speed;
    private long _originNanos;
    private long _count;

    /// <param name="next">Where the messages go.</param>
    /// <param name="messagesPerSecond">Even rate; null for the day's own times.</param>
    /// <param name="speed">Seconds of the day in one real second, without a rate.</param>
    public PacedMessages(IMessageSink next, double? messagesPerSecond, double speed)
    {
        _next = next;
        _messagesPerSecond = messagesPerSecond;
        _speed = speed;
    }

    /// <inheritdoc/>
    public void Message(long timeNanos, ReadOnlySpan<byte> message)
    {
        _originNanos = _count == 0 ? timeNanos : _originNanos;
        _next.Message(Due(timeNanos), message);
        _count++;
    }

    /// <inheritdoc/>
    public void Finish(long timeNanos) => _next.Finish(Due(timeNanos));

    private long Due(long timeNanos) => _messagesPerSecond is double rate
        ? (long)(_count * NanosPerSecond / rate)
        : (long)((timeNanos - _originNanos) / _speed);
}
