using System.Buffers.Binary;
using Engine.Core.Events;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Live;

/// <summary>
/// The heads of one XDP channel's packets, drawn in <see cref="XdpPacketiser"/>. A heartbeat has delivery flag 1, no message, the
/// next sequence, and the time of the packet before it. The channel has no name and no end.
/// </summary>
public sealed class XdpSession : ISessionProtocol
{
    private const byte HeartbeatFlag = 1;
    private const int FlagOffset = 2, CountOffset = 3, SequenceOffset = 4;

    /// <inheritdoc/>
    public Venue Venue => Venue.Xdp;

    /// <inheritdoc/>
    public string Session => "";

    /// <inheritdoc/>
    public int ControlLength => XdpPacketiser.HeaderLength;

    /// <inheritdoc/>
    public PacketExtent Extent(ReadOnlySpan<byte> payload) =>
        new(BinaryPrimitives.ReadUInt32LittleEndian(payload[SequenceOffset..]), payload[CountOffset]);

    /// <inheritdoc/>
    public int WriteHeartbeat(Span<byte> payload, PacketTape tape, ulong nextSequence)
    {
        tape.Neighbour(nextSequence)[..XdpPacketiser.HeaderLength].CopyTo(payload);
        BinaryPrimitives.WriteUInt16LittleEndian(payload, XdpPacketiser.HeaderLength);
        payload[FlagOffset] = HeartbeatFlag;
        payload[CountOffset] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(payload[SequenceOffset..], (uint)nextSequence);
        return XdpPacketiser.HeaderLength;
    }

    /// <inheritdoc/>
    public int WriteEnd(Span<byte> payload, ulong nextSequence) => 0;
}
