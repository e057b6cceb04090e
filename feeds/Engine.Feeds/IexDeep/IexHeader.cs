using System.Runtime.CompilerServices;
using Engine.Feeds.Network;

namespace Engine.Feeds.IexDeep;

/// <summary>
/// The head of an IEX-TP segment.
/// </summary>
/// <remarks>
/// <code>
/// 0         1          2          4         8         12        14       16        24          32        40
/// +---------+----------+----------+---------+---------+---------+--------+---------+-----------+---------+
/// | version | reserved | protocol | channel | session | payload | count  | stream  | first     | sent at | count x
/// | u8 = 1  | u8       | u16      | u32     | u32     | bytes   | u16    | offset  | sequence  | ns i64  | { length u16 |
/// |         |          |          |         |         | u16     |        | i64     | i64       |         |   message }
/// +---------+----------+----------+---------+---------+---------+--------+---------+-----------+---------+
/// </code>
/// Little-endian. A heartbeat has no payload and the next message's sequence. The stream offset counts the payload bytes of the
/// session before this segment. Layout: IEX, Transport Specification 1.25 (IEX-TP).
/// </remarks>
internal static unsafe class IexHeader
{
    /// <summary>Bytes.</summary>
    public const int Size = 40;

    /// <summary>Protocol of TOPS.</summary>
    public const int Tops = 0x8003;

    /// <summary>Protocol of DEEP.</summary>
    public const int Deep = 0x8004;

    /// <summary>Protocol of DEEP+.</summary>
    public const int DeepPlus = 0x8005;

    private const int Version = 1;

    /// <summary>Reads the head of a segment of at least <see cref="Size"/> bytes.</summary>
    public static SequencedPacket Read(byte* segment, int length)
    {
        // SAFETY: the caller has checked that the segment holds Size bytes; its payload on the wire may be less than the rest.
        return new SequencedPacket
        {
            Body = segment + Size,
            End = segment + Math.Min(length, Size + PayloadLength(segment)),
            Stream = Unsafe.ReadUnaligned<ulong>(segment + 4),
            StreamTail = (ulong)Protocol(segment),
            Sequence = Unsafe.ReadUnaligned<ulong>(segment + 24),
            Count = Unsafe.ReadUnaligned<ushort>(segment + 14),
            Framing = MessageFraming.Iex,
        };
    }

    /// <summary>Which feed the messages are of.</summary>
    public static int Protocol(byte* segment) => Unsafe.ReadUnaligned<ushort>(segment + 2);

    /// <summary>Bytes behind the head.</summary>
    public static int PayloadLength(byte* segment) => Unsafe.ReadUnaligned<ushort>(segment + 12);

    /// <summary>Payload bytes of the session before this segment.</summary>
    public static long StreamOffset(byte* segment) => Unsafe.ReadUnaligned<long>(segment + 16);

    /// <summary>When it was sent, ns since the Unix epoch.</summary>
    public static long SendTime(byte* segment) => Unsafe.ReadUnaligned<long>(segment + 32);

    /// <summary>A protocol's name, or null for one that is not known here.</summary>
    public static string? NameOf(int protocol) => protocol switch
    {
        Tops => "TOPS",
        Deep => "DEEP",
        DeepPlus => "DEEP+",
        _ => null,
    };

    /// <summary>Whether a payload is an IEX-TP segment of a protocol known here: version 1, a payload that fits, and messages that
    /// fill it, as far as it was captured.</summary>
    public static bool IsPlausible(byte* segment, int length, bool truncated)
    {
        if (length < Size)
        {
            return false;
        }

        // SAFETY: the segment holds Size bytes; the walk stays before its end.
        int size = Size + PayloadLength(segment);
        if (segment[0] != Version || segment[1] != 0 || NameOf(Protocol(segment)) is null || (truncated ? size < length : size != length))
        {
            return false;
        }

        int count = Unsafe.ReadUnaligned<ushort>(segment + 14);
        return count == 0 ? size == Size : MessageFraming.Iex.Chains(segment + Size, segment + length, count, truncated);
    }
}
