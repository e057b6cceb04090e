using System.Runtime.CompilerServices;
using Engine.Feeds.Network;

namespace Engine.Feeds.Xdp;

/// <summary>Why a packet was sent.</summary>
internal enum XdpDelivery : byte
{
    /// <summary>No message; the sequence is the next one's.</summary>
    Heartbeat = 1,

    /// <summary>The venue's publisher has changed over.</summary>
    Failover = 10,

    /// <summary>The running feed.</summary>
    Original = 11,

    /// <summary>The numbers begin again with this packet.</summary>
    Reset = 12,

    /// <summary>The only packet of an answer to a request for lost messages.</summary>
    OneRetransmission = 13,

    /// <summary>Part of an answer to such a request.</summary>
    Retransmission = 15,

    /// <summary>The only packet of a refresh.</summary>
    OneRefresh = 17,

    /// <summary>A refresh's first packet.</summary>
    RefreshStart = 18,

    /// <summary>A packet in the middle of a refresh.</summary>
    Refresh = 19,

    /// <summary>A refresh's last packet.</summary>
    RefreshEnd = 20,

    /// <summary>What was requested cannot be had.</summary>
    Unavailable = 21,
}

/// <summary>
/// The head of an XDP packet.
/// </summary>
/// <remarks>
/// <code>
/// 0       2          3       4            8           12        16
/// +-------+----------+-------+------------+-----------+---------+--------------------------------------+
/// | size  | delivery | count | sequence   | sent at   | and ns  | count x { size u16 | type u16 | body }|
/// | u16   | flag u8  | u8    | u32        | seconds   | u32     |                                      |
/// +-------+----------+-------+------------+-----------+---------+--------------------------------------+
/// </code>
/// Little-endian. Both sizes count themselves and all that follows them. The sequence is that of the first message and counts
/// within the channel, which the packet does not name. Layout: NYSE, XDP Common Client Specification 2.2.
/// </remarks>
internal static unsafe class XdpHeader
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    private const uint NanosPerSecond = 1_000_000_000;
    private const int RefreshHeader = 35, ShortRefreshHeader = 8;

    /// <summary>Reads the head of a packet of at least <see cref="Size"/> bytes; its stream is left to be named.</summary>
    public static SequencedPacket Read(byte* packet, int length)
    {
        // SAFETY: the caller has checked that the packet holds Size bytes; its size on the wire may be less than the payload.
        int size = Math.Clamp(SizeOf(packet), Size, length);
        return new SequencedPacket
        {
            Body = packet + Size,
            End = packet + size,
            Sequence = Unsafe.ReadUnaligned<uint>(packet + 4),
            Count = packet[3],
            IsReset = Delivery(packet) == XdpDelivery.Reset,
            IsRepeat = Delivery(packet) is XdpDelivery.OneRetransmission or XdpDelivery.Retransmission,
            Framing = MessageFraming.Xdp,
        };
    }

    /// <summary>Why the packet was sent.</summary>
    public static XdpDelivery Delivery(byte* packet) => (XdpDelivery)packet[2];

    /// <summary>When it was sent, ns since the Unix epoch.</summary>
    public static long SendTime(byte* packet) =>
        (Unsafe.ReadUnaligned<uint>(packet + 8) * (long)NanosPerSecond) + Unsafe.ReadUnaligned<uint>(packet + 12);

    /// <summary>Whether a refresh packet is the last of its symbol's, by the refresh header that begins it: the delivery flag
    /// cannot tell, as all packets of a refresh's last symbol have the same one. A refresh of mappings has no such header.</summary>
    public static bool EndsSnapshot(in SequencedPacket packet)
    {
        // SAFETY: the header is read only where its first eight bytes are in the packet.
        return packet.Count > 0 && packet.End - packet.Body >= ShortRefreshHeader
            && Unsafe.ReadUnaligned<ushort>(packet.Body) >= ShortRefreshHeader
            && Unsafe.ReadUnaligned<ushort>(packet.Body + 2) == RefreshHeader
            && Unsafe.ReadUnaligned<ushort>(packet.Body + 4) == Unsafe.ReadUnaligned<ushort>(packet.Body + 6);
    }

    /// <summary>Whether a packet is XDP at all: a sound head, messages that fill the packet, as far as it was captured, and a
    /// first one of a known type.</summary>
    public static bool IsPlausible(byte* packet, int length, bool truncated)
    {
        if (!IsSound(packet, length, truncated))
        {
            return false;
        }

        // SAFETY: a sound head is Size bytes long; the first message's head and the walk stay before the packet's end.
        int count = packet[3];
        if (count == 0 || length < Size + XdpLayouts.Head)
        {
            return count == 0 && SizeOf(packet) == Size;
        }

        int type = Unsafe.ReadUnaligned<ushort>(packet + Size + 2);
        return XdpLayouts.WireSize(type, 0) != 0 && MessageFraming.Xdp.Chains(packet + Size, packet + length, count, truncated);
    }

    /// <summary>Whether a head is sound: a delivery flag there is, a size that fits the payload, a fraction of a second.</summary>
    public static bool IsSound(byte* packet, int length, bool truncated)
    {
        if (length < Size)
        {
            return false;
        }

        // SAFETY: the packet holds Size bytes.
        int size = SizeOf(packet);
        return IsKnown(Delivery(packet)) && Unsafe.ReadUnaligned<uint>(packet + 12) < NanosPerSecond && (truncated ? size >= length : size == length);
    }

    /// <summary>Whether a delivery flag is one of those specified.</summary>
    private static bool IsKnown(XdpDelivery delivery) => delivery
        is XdpDelivery.Heartbeat or (>= XdpDelivery.Failover and <= XdpDelivery.OneRetransmission) or XdpDelivery.Retransmission
        or (>= XdpDelivery.OneRefresh and <= XdpDelivery.Unavailable);

    private static int SizeOf(byte* packet) => Unsafe.ReadUnaligned<ushort>(packet);
}
