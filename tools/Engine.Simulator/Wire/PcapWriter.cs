using System.Buffers.Binary;

namespace Engine.Simulator.Wire;

/// <summary>
/// A capture file in classic pcap with nanosecond times, little-endian, Ethernet:
/// a head of 24 bytes (magic a1b23c4d, 2.4, snap length 65,535, link type 1), then for each packet
/// <code>
///  0         4             8                 12                16
///  +---------+-------------+-----------------+-----------------+-------
///  | seconds | nanoseconds | captured length | original length | frame
///  +---------+-------------+-----------------+-----------------+-------
/// </code>
/// Source: draft-ietf-opsawg-pcap.
/// </summary>
public sealed class PcapWriter
{
    private const uint NanosecondMagic = 0xA1B2_3C4D;
    private const uint SnapLength = 65_535;
    private const uint LinkTypeEthernet = 1;
    private const long NanosPerSecond = 1_000_000_000;
    private readonly Stream _stream;
    private readonly byte[] _recordHead = new byte[16];

    /// <param name="stream">Where the bytes go; the head is written at once; the stream is left open.</param>
    public PcapWriter(Stream stream)
    {
        _stream = stream;
        Span<byte> head = stackalloc byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(head, NanosecondMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(head[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(head[6..], 4);
        head[8..16].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(head[16..], SnapLength);
        BinaryPrimitives.WriteUInt32LittleEndian(head[20..], LinkTypeEthernet);
        _stream.Write(head);
    }

    /// <summary>Writes one packet.</summary>
    /// <param name="unixNanos">Receive time, nanoseconds since the Unix epoch, UTC.</param>
    /// <param name="frame">The whole Ethernet frame without its check sequence.</param>
    public void Write(long unixNanos, ReadOnlySpan<byte> frame)
    {
        Span<byte> head = _recordHead;
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)(unixNanos / NanosPerSecond));
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], (uint)(unixNanos % NanosPerSecond));
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], (uint)frame.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[12..], (uint)frame.Length);
        _stream.Write(head);
        _stream.Write(frame);
    }

    /// <summary>Writes out what is buffered.</summary>
    public void Flush() => _stream.Flush();
}
