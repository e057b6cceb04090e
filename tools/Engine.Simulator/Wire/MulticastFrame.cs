using System.Buffers.Binary;

namespace Engine.Simulator.Wire;

/// <summary>
/// The 42 bytes before a UDP payload sent to a multicast group:
/// <code>
///   0                   14                        34                42
///   +-------------------+-------------------------+-----------------+--------
///   | Ethernet, 0x0800  | IPv4, no options, DF    | UDP, checksum 0 | payload
///   +-------------------+-------------------------+-----------------+--------
/// </code>
/// The group's Ethernet address is 01:00:5e and the group's low 23 bits (RFC 1112). Identification is 0, which unfragmentable
/// datagrams may carry (RFC 6864); a UDP checksum of 0 says that the sender computed none (RFC 768).
/// </summary>
public sealed class MulticastFrame
{
    /// <summary>Bytes before the payload.</summary>
    public const int HeaderLength = EthernetLength + IpLength + UdpLength;

    private const int EthernetLength = 14, IpLength = 20, UdpLength = 8;
    private const int IpChecksumOffset = EthernetLength + 10;
    private readonly byte[] _header = new byte[HeaderLength];

    /// <param name="source">Sender's IPv4 address as a number, 10.0.0.1 being 0x0A000001.</param>
    /// <param name="group">Multicast group, likewise.</param>
    /// <param name="port">Source and destination port.</param>
    public MulticastFrame(uint source, uint group, ushort port)
    {
        Span<byte> h = _header;
        BinaryPrimitives.WriteUInt32BigEndian(h, 0x0100_5E00 | ((group >> 16) & 0x7F));
        BinaryPrimitives.WriteUInt16BigEndian(h[4..], (ushort)group);
        BinaryPrimitives.WriteUInt16BigEndian(h[6..], 0x0200); // a locally administered sender
        BinaryPrimitives.WriteUInt32BigEndian(h[8..], source);
        BinaryPrimitives.WriteUInt16BigEndian(h[12..], 0x0800);
        h[14] = 0x45; // version 4, five words
        BinaryPrimitives.WriteUInt16BigEndian(h[20..], 0x4000); // do not fragment
        h[22] = 16; // hops
        h[23] = 17; // UDP
        BinaryPrimitives.WriteUInt32BigEndian(h[26..], source);
        BinaryPrimitives.WriteUInt32BigEndian(h[30..], group);
        BinaryPrimitives.WriteUInt16BigEndian(h[34..], port);
        BinaryPrimitives.WriteUInt16BigEndian(h[36..], port);
    }

    /// <summary>Writes the header and the payload.</summary>
    /// <param name="payload">The UDP payload.</param>
    /// <param name="frame">At least <see cref="HeaderLength"/> + payload bytes.</param>
    /// <returns>Bytes written.</returns>
    public int Write(ReadOnlySpan<byte> payload, Span<byte> frame)
    {
        _header.CopyTo(frame);
        payload.CopyTo(frame[HeaderLength..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[(EthernetLength + 2)..], (ushort)(IpLength + UdpLength + payload.Length));
        BinaryPrimitives.WriteUInt16BigEndian(frame[(EthernetLength + IpLength + 4)..], (ushort)(UdpLength + payload.Length));
        BinaryPrimitives.WriteUInt16BigEndian(frame[IpChecksumOffset..], Checksum(frame.Slice(EthernetLength, IpLength)));
        return HeaderLength + payload.Length;
    }

    // RFC 1071: the complement of the one's complement sum of the 16-bit words; the field itself is zero while summing.
    private static ushort Checksum(ReadOnlySpan<byte> header)
    {
        uint sum = 0;
        for (int i = 0; i < header.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(header[i..]);
        }

        sum = (sum & 0xFFFF) + (sum >> 16);
        sum += sum >> 16;
        return (ushort)~sum;
    }
}
