using System.Buffers.Binary;
using Engine.Core.Events;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Live;

/// <summary>
/// The heads of an IEX-TP session's segments, drawn in <see cref="IexPacketiser"/>. A heartbeat has neither payload nor message, the
/// next offset and sequence, and the time of the segment before it. The session has a number and no end.
/// </summary>
public sealed class IexSession : ISessionProtocol
{
    private const int PayloadLengthOffset = 12, CountOffset = 14, StreamOffset = 16, SequenceOffset = 24;

    /// <inheritdoc/>
    public Venue Venue => Venue.IexDeep;

    /// <inheritdoc/>
    public string Session => "";

    /// <inheritdoc/>
    public int ControlLength => IexPacketiser.HeaderLength;

    /// <inheritdoc/>
    public PacketExtent Extent(ReadOnlySpan<byte> payload) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(payload[SequenceOffset..]),
        BinaryPrimitives.ReadUInt16LittleEndian(payload[CountOffset..]));

    /// <inheritdoc/>
    public int WriteHeartbeat(Span<byte> payload, PacketTape tape, ulong nextSequence)
    {
        ReadOnlySpan<byte> neighbour = tape.Neighbour(nextSequence);
        bool isBefore = Extent(neighbour).First < nextSequence;
        int passed = isBefore ? BinaryPrimitives.ReadUInt16LittleEndian(neighbour[PayloadLengthOffset..]) : 0;
        neighbour[..IexPacketiser.HeaderLength].CopyTo(payload);
        long offset = BinaryPrimitives.ReadInt64LittleEndian(neighbour[StreamOffset..]) + passed;
        BinaryPrimitives.WriteUInt16LittleEndian(payload[PayloadLengthOffset..], 0);
        BinaryPrimitives.WriteUInt16LittleEndian(payload[CountOffset..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(payload[StreamOffset..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[SequenceOffset..], nextSequence);
        return IexPacketiser.HeaderLength;
    }

    /// <inheritdoc/>
    public int WriteEnd(Span<byte> payload, ulong nextSequence) => 0;
}
