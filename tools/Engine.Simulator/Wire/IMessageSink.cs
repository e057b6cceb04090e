namespace Engine.Simulator.Wire;

/// <summary>Takes the exchange's messages in time order.</summary>
public interface IMessageSink
{
    /// <summary>One message.</summary>
    /// <param name="timeNanos">Exchange time, nanoseconds since midnight US Eastern; never less than the call before.</param>
    /// <param name="message">The body without its length; valid during the call only.</param>
    void Message(long timeNanos, ReadOnlySpan<byte> message);

    /// <summary>No more messages come; writes out what is held.</summary>
    /// <param name="timeNanos">Time of the end, nanoseconds since midnight US Eastern.</param>
    void Finish(long timeNanos);
}

/// <summary>Takes UDP payloads in the order in which the exchange sends them.</summary>
public interface IPacketSink
{
    /// <summary>One payload.</summary>
    /// <param name="timeNanos">Time of sending, nanoseconds since midnight US Eastern.</param>
    /// <param name="payload">The bytes behind the UDP header; valid during the call only.</param>
    void Packet(long timeNanos, ReadOnlySpan<byte> payload);

    /// <summary>No more payloads come; writes out what is held.</summary>
    void Finish();
}
