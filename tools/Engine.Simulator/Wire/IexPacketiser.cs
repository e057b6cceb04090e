using System.Buffers.Binary;

namespace Engine.Simulator.Wire;

/// <summary>
/// Puts messages into IEX-TP segments, little-endian:
/// <code>
///  0         1   2          4         8         12        14      16       24         32        40
///  +---------+---+----------+---------+---------+---------+-------+--------+----------+---------+-----------
///  | version | 0 | protocol | channel | session | payload | count | offset | first    | sent at | count ×
///  | 1       |   | 0x8004   | u32     | u32     | bytes   |       | i64    | sequence | Unix ns | (u16, message)
///  +---------+---+----------+---------+---------+---------+-------+--------+----------+---------+-----------
/// </code>
/// The offset counts the session's payload bytes before this segment. A heartbeat has no payload and no message, and names the
/// next offset and sequence. The stream has no end of its own. Source: IEX, Transport Specification 1.25.
/// </summary>
public sealed class IexPacketiser : Packetiser
{
    /// <summary>Bytes of the segment header.</summary>
    public const int HeaderLength = 40;

    private const byte Version = 1;
    private const ushort Deep = 0x8004;
    private const uint Channel = 1;
    private readonly uint _session;
    private readonly long _midnightUnixNanos;
    private long _streamOffset;

    /// <param name="sink">Where the segments go.</param>
    /// <param name="session">The session's number.</param>
    /// <param name="midnightUnixNanos">Unix time of the clock's midnight, in nanoseconds.</param>
    public IexPacketiser(IPacketSink sink, uint session, long midnightUnixNanos)
        : base(sink, HeaderLength, sizeof(ushort))
    {
        _session = session;
        _midnightUnixNanos = midnightUnixNanos;
    }

    /// <inheritdoc/>
    protected override void WritePrefix(Span<byte> prefix, int messageLength) =>
        BinaryPrimitives.WriteUInt16LittleEndian(prefix, (ushort)messageLength);

    /// <inheritdoc/>
    protected override void WriteHead(Span<byte> packet, long timeNanos, ushort count)
    {
        int payload = packet.Length - HeaderLength;
        packet[0] = Version;
        packet[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(packet[2..], Deep);
        BinaryPrimitives.WriteUInt32LittleEndian(packet[4..], Channel);
        BinaryPrimitives.WriteUInt32LittleEndian(packet[8..], _session);
        BinaryPrimitives.WriteUInt16LittleEndian(packet[12..], (ushort)payload);
        BinaryPrimitives.WriteUInt16LittleEndian(packet[14..], count);
        BinaryPrimitives.WriteInt64LittleEndian(packet[16..], _streamOffset);
        BinaryPrimitives.WriteInt64LittleEndian(packet[24..], (long)Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(packet[32..], _midnightUnixNanos + timeNanos);
        _streamOffset += payload;
    }
}
