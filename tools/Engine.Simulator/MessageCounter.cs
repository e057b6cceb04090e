using System.Buffers.Binary;
using Engine.Simulator.Wire;

namespace Engine.Simulator;

/// <summary>Counts messages by type and instrument on their way to another sink.</summary>
public sealed class MessageCounter : IMessageSink
{
    private readonly IMessageSink _next;
    private readonly long[] _byType = new long[256];
    private readonly long[] _byLocate = new long[SimulationOptions.InstrumentLimit + 1];

    /// <param name="next">Where the messages go.</param>
    public MessageCounter(IMessageSink next) => _next = next;

    /// <summary>Messages so far.</summary>
    public long Total { get; private set; }

    /// <summary>Time of the first message, nanoseconds since midnight.</summary>
    public long FirstNanos { get; private set; }

    /// <summary>Time of the latest message, nanoseconds since midnight.</summary>
    public long LastNanos { get; private set; }

    /// <summary>Messages of a type.</summary>
    public long OfType(char type) => _byType[type];

    /// <summary>Messages of an instrument; 0 counts those of none.</summary>
    public long OfLocate(int locate) => _byLocate[locate];

    /// <inheritdoc/>
    public void Message(long timeNanos, ReadOnlySpan<byte> message)
    {
        FirstNanos = Total == 0 ? timeNanos : FirstNanos;
        LastNanos = timeNanos;
        Total++;
        _byType[message[0]]++;
        _byLocate[BinaryPrimitives.ReadUInt16BigEndian(message[1..])]++;
        _next.Message(timeNanos, message);
    }

    /// <inheritdoc/>
    public void Finish(long timeNanos) => _next.Finish(timeNanos);
}
