using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Engine.Feeds.Network.Live;

/// <summary>
/// The pcapng blocks of a <see cref="PacketJournal"/>, in this machine's byte order.
/// </summary>
/// <remarks>
/// An enhanced packet block with a datagram; IPv4 and UDP are made up from what the socket tells, big-endian:
/// <code>
/// 0      4        8           12          16         20         24        28
/// +------+--------+-----------+-----------+----------+----------+---------+
/// | 6    | length | interface | time high | time low | captured | on wire |     ns since the Unix epoch
/// +------+--------+-----------+-----------+----------+----------+---------+
/// 28     30      32   34     36   37   38         40       44            48            50           52      54     56
/// +------+-------+----+------+----+----+----------+--------+-------------+-------------+------------+-------+------+
/// | 4500 | total | 0  | 4000 | 64 | 17 | checksum | source | destination | source port | dest. port | bytes | 0    |
/// +------+-------+----+------+----+----+----------+--------+-------------+-------------+------------+-------+------+
/// 56  payload, padded to 4 bytes | length
/// </code>
/// Layout: IETF draft-ietf-opsawg-pcapng; RFC 791; RFC 768 (a UDP checksum of 0 is none).
/// </remarks>
internal static unsafe class JournalBlocks
{
    /// <summary>Bytes before the packet of an enhanced packet block.</summary>
    public const int PacketHead = 28;

    /// <summary>Bytes of IPv4 and UDP.</summary>
    public const int DatagramHead = 28;

    /// <summary>Bytes before a datagram's payload.</summary>
    public const int Head = PacketHead + DatagramHead;

    /// <summary>Bytes behind the padding.</summary>
    public const int Tail = 4;

    /// <summary>Most bytes of a UDP payload.</summary>
    public const int MaxPayload = ushort.MaxValue - DatagramHead;

    /// <summary>Most bytes of an option's value.</summary>
    public const int MaxOption = ushort.MaxValue;

    /// <summary>Link type: raw IPv4.</summary>
    public const int RawIpv4 = 228;

    /// <summary>Link type: the first of those that are ours to give a meaning.</summary>
    public const int User0 = 147;

    private const uint SectionHeader = 0x0A0D0D0A, ByteOrder = 0x1A2B3C4D, InterfaceDescription = 1, EnhancedPacket = 6;
    private const ushort EndOfOptions = 0, Comment = 1, Application = 4, InterfaceName = 2, InterfaceText = 3, TimeResolution = 9;
    private const ushort VersionAndSize = 0x4500, DoNotFragment = 0x4000, TimeToLiveAndUdp = (64 << 8) | 17;

    /// <summary>A section header: written by engine, with a comment.</summary>
    public static byte[] Section(string comment)
    {
        MemoryStream body = new();
        Number(body, ByteOrder, 4);
        Number(body, 1, 2);
        Number(body, 0, 2);
        Number(body, ulong.MaxValue, 8);
        Option(body, Application, "engine"u8);
        Option(body, Comment, Encoding.UTF8.GetBytes(comment));
        Option(body, EndOfOptions, []);
        return Block(SectionHeader, body);
    }

    /// <summary>An interface whose times are nanoseconds.</summary>
    public static byte[] Interface(int linkType, string name, string description)
    {
        MemoryStream body = new();
        Number(body, (ulong)linkType, 4);
        Number(body, 0, 4);
        Option(body, InterfaceName, Encoding.UTF8.GetBytes(name));
        Option(body, InterfaceText, Encoding.UTF8.GetBytes(description));
        Option(body, TimeResolution, [9]);
        Option(body, EndOfOptions, []);
        return Block(InterfaceDescription, body);
    }

    /// <summary>Bytes of an enhanced packet block.</summary>
    /// <param name="captured">Bytes of its packet.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(int captured) => PacketHead + ((captured + 3) & ~3) + Tail;

    /// <summary>Writes the first <see cref="PacketHead"/> bytes of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WritePacketHead(byte* to, int source, long timeNanos, int captured, int onWire)
    {
        // SAFETY: callers give room for PacketHead bytes.
        uint* words = (uint*)to;
        words[0] = EnhancedPacket;
        words[1] = (uint)Size(captured);
        words[2] = (uint)source;
        words[3] = (uint)((ulong)timeNanos >> 32);
        words[4] = (uint)timeNanos;
        words[5] = (uint)captured;
        words[6] = (uint)onWire;
    }

    /// <summary>Writes the <see cref="DatagramHead"/> bytes of IPv4 and UDP.</summary>
    /// <param name="to">Room for them.</param>
    /// <param name="source">Address as a number.</param>
    /// <param name="sourcePort">Port.</param>
    /// <param name="destination">Address as a number.</param>
    /// <param name="destinationPort">Port.</param>
    /// <param name="length">Bytes of the payload on the wire, at most <see cref="MaxPayload"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteDatagramHead(byte* to, uint source, ushort sourcePort, uint destination, ushort destinationPort, int length)
    {
        uint total = (uint)(DatagramHead + length);
        uint sum = VersionAndSize + total + DoNotFragment + TimeToLiveAndUdp
            + (source >> 16) + (source & 0xFFFF) + (destination >> 16) + (destination & 0xFFFF);
        sum = (sum >> 16) + (sum & 0xFFFF);
        sum = (sum >> 16) + (sum & 0xFFFF);

        // SAFETY: callers give room for DatagramHead bytes.
        Big(to, (VersionAndSize << 16) | total);
        Big(to + 4, DoNotFragment);
        Big(to + 8, ((uint)TimeToLiveAndUdp << 16) | (~sum & 0xFFFF));
        Big(to + 12, source);
        Big(to + 16, destination);
        Big(to + 20, ((uint)sourcePort << 16) | destinationPort);
        Big(to + 24, (uint)(8 + length) << 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Big(byte* to, uint value) =>
        Unsafe.WriteUnaligned(to, BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value); // SAFETY: four bytes of the head.

    private static byte[] Block(uint type, MemoryStream body)
    {
        MemoryStream block = new();
        ulong length = (ulong)body.Length + 12;
        Number(block, type, 4);
        Number(block, length, 4);
        body.WriteTo(block);
        Number(block, length, 4);
        return block.ToArray();
    }

    private static void Option(MemoryStream body, ushort code, ReadOnlySpan<byte> value)
    {
        Number(body, code, 2);
        Number(body, (ulong)value.Length, 2);
        body.Write(value);
        body.Write(stackalloc byte[-value.Length & 3]);
    }

    /// <summary>A number in this machine's byte order.</summary>
    private static void Number(MemoryStream body, ulong value, int size)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Unsafe.WriteUnaligned(ref bytes[0], value);
        body.Write(BitConverter.IsLittleEndian ? bytes[..size] : bytes[^size..]);
    }
}
