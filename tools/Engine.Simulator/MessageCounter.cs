using System.Buffers.Binary;
using Engine.Core.Events;
using Engine.Simulator.Wire;

namespace Engine.Simulator;

/// <summary>Counts a venue's messages by type on their way to another sink.</summary>
public sealed class MessageCounter : IMessageSink
{
    private const int Types = 256;
    private const int XdpTypeOffset = 2;
    private readonly IMessageSink _next;
    private readonly bool _isXdp;
    private readonly long[] _byType = new long[Types];

    /// <param name="next">Where the messages go.</param>
    /// <param name="venue">Whose messages they are.</param>
    public MessageCounter(IMessageSink next, Venue venue)
    {
        _next = next;
        _isXdp = venue == Venue.Xdp;
    }

    /// <summary>Messages so far.</summary>
    public long Total { get; private set; }

    /// <summary>Messages of a type: a character's code, or XDP's number.</summary>
    public long OfType(int type) => _byType[type];

    /// <inheritdoc/>
    public void Message(long timeNanos, ReadOnlySpan<byte> message)
    {
        Total++;
        _byType[_isXdp ? BinaryPrimitives.ReadUInt16LittleEndian(message[XdpTypeOffset..]) : message[0]]++;
        _next.Message(timeNanos, message);
    }

    /// <inheritdoc/>
    public void Finish(long timeNanos) => _next.Finish(timeNanos);
}
