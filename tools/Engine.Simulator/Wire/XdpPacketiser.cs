using System.Buffers.Binary;

namespace Engine.Simulator.Wire;

/// <summary>
/// Puts one channel's messages into XDP packets, little-endian:
/// <code>
///  0      2          3       4          8         12        16
///  +------+----------+-------+----------+---------+---------+----------------------------------
///  | size | delivery | count | sequence | seconds | nanos   | count × (u16 size, u16 type, body)
///  +------+----------+-------+----------+---------+---------+----------------------------------
/// </code>
/// The size is the whole packet's; the sequence is that of the first message, from 1, by channel; seconds and nanoseconds are
/// the time of sending since the Unix epoch. Delivery 11 is the running feed, 12 a packet that begins the numbers, 1 a heartbeat,
/// which has no message and names the next sequence. The stream has no end of its own.
/// Source: NYSE, Pillar Common Client Specification 2.4 (XDP 2.2 before it).
/// </summary>
public sealed class XdpPacketiser : Packetiser
{
    /// <summary>Bytes of the packet header.</summary>
    public const int HeaderLength = 16;

    private const byte Heartbeat = 1, Original = 11, SequenceReset = 12;
    private const int TypeOffset = 2;
    private const long NanosPerSecond = 1_000_000_000;
    private readonly long _midnightUnixNanos;

    /// <param name="sink">Where the packets go.</param>
    /// <param name="midnightUnixNanos">Unix time of the clock's midnight, in nanoseconds.</param>
    public XdpPacketiser(IPacketSink sink, long midnightUnixNanos)
        : base(sink, HeaderLength, 0) => _midnightUnixNanos = midnightUnixNanos;

    /// <inheritdoc/>
    protected override bool TravelsAlone(ReadOnlySpan<byte> message) =>
        BinaryPrimitives.ReadUInt16LittleEndian(message[TypeOffset..]) == XdpWriter.SequenceResetType;

    /// <inheritdoc/>
    protected override void WritePrefix(Span<byte> prefix, int messageLength)
    {
        // A message carries its size in its own head.
    }

    /// <inheritdoc/>
    protected override void WriteHead(Span<byte> packet, long timeNanos, ushort count)
    {
        long unixNanos = _midnightUnixNanos + timeNanos;
        BinaryPrimitives.WriteUInt16LittleEndian(packet, (ushort)packet.Length);
        packet[2] = count == 0 ? Heartbeat : TravelsAlone(packet[HeaderLength..]) ? SequenceReset : Original;
        packet[3] = (byte)count;
        BinaryPrimitives.WriteUInt32LittleEndian(packet[4..], (uint)Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(packet[8..], (uint)(unixNanos / NanosPerSecond));
        BinaryPrimitives.WriteUInt32LittleEndian(packet[12..], (uint)(unixNanos % NanosPerSecond));
    }
}
