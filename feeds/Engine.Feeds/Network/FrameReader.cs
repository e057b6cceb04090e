using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Network;

/// <summary>What a captured frame turned out to carry.</summary>
internal enum FrameContent
{
    /// <summary>A UDP datagram.</summary>
    Udp,

    /// <summary>TCP.</summary>
    Tcp,

    /// <summary>Another protocol over IP.</summary>
    OtherIp,

    /// <summary>A fragment of an IP packet.</summary>
    Fragment,

    /// <summary>Not IP.</summary>
    NonIp,

    /// <summary>Too short for its headers, or headers that contradict themselves.</summary>
    Short,

    /// <summary>Of a link type that is not read.</summary>
    OtherLink,

    /// <summary>The capture does not say what link it came from.</summary>
    NoInterface,
}

/// <summary>A UDP payload and the line it came on.</summary>
internal unsafe struct UdpPayload
{
    /// <summary>The group of answers to requests, whatever address they came to.</summary>
    public const ulong Replies = 0;

    /// <summary>First byte of the payload.</summary>
    public byte* Data;

    /// <summary>Bytes captured of it.</summary>
    public int Length;

    /// <summary>Destination address and port folded to 64 bits: the multicast group that a line is known by.</summary>
    public ulong Group;
}

/// <summary>
/// Takes the link, VLAN, IP and UDP headers off a frame.
/// </summary>
/// <remarks>
/// <code>
/// Ethernet  dst 6 | src 6 | { 8100 or 88a8 | tag 2 } x 0..2 | type 2 | payload
/// NULL      family 4, in the byte order of the machine that captured; LOOP: big-endian | payload
/// SLL       packet type 2 | hardware 2 | length 2 | address 8 | type 2 | payload
/// SLL2      type 2 | reserved 2 | interface 4 | hardware 2 | packet type 1 | length 1 | address 8 | payload
/// IPv4      ver+ihl 1 | tos 1 | total 2 | id 2 | flags+offset 2 | ttl 1 | protocol 1 | sum 2 | src 4 | dst 4 | options
/// IPv6      ver.. 4 | payload 2 | next 1 | hops 1 | src 16 | dst 16 | { next 1 | size 1 | ... } x 0..8
/// UDP       src 2 | dst 2 | length 2 | sum 2 | payload
/// </code>
/// Layouts: IEEE 802.3, 802.1Q and 802.1ad; RFC 791, 8200 and 768; the tcpdump group's link type registry.
/// Check sums are not verified: network cards that compute them leave captured ones wrong.
/// </remarks>
internal static unsafe class FrameReader
{
    /// <summary>Most IPv6 extension headers that are passed over; packets with more count as another protocol.</summary>
    public const int MaxExtensionHeaders = 8;

    private const int Null = 0, Ethernet = 1, Raw = 101, Loop = 108, LinuxSll = 113, RawIpv4 = 228, RawIpv6 = 229, LinuxSll2 = 276;
    private const int TypeIpv4 = 0x0800, TypeIpv6 = 0x86DD, TypeVlan = 0x8100, TypeServiceVlan = 0x88A8;
    private const int ProtocolTcp = 6, ProtocolUdp = 17, MaxVlanTags = 2;
    private const int FamilyIpv4 = 2, FamilyIpv6Bsd = 24, FamilyIpv6FreeBsd = 28, FamilyIpv6Darwin = 30;
    private const int HopByHop = 0, Routing = 43, FragmentHeader = 44, Authentication = 51, Destination = 60, Mobility = 135;

    /// <summary>Refuses a link type that <see cref="Read"/> does not know.</summary>
    /// <exception cref="CaptureException">Exit code 2.</exception>
    public static void ThrowIfUnknown(string path, int linkType)
    {
        if (!IsKnown(linkType))
        {
            throw new CaptureException(
                $"{path}: has link type {linkType}, which is not read; expected Ethernet (1), raw IP (101, 228, 229), loopback (0, 108) or Linux SLL (113, 276)", 2);
        }
    }

    /// <summary>Whether <see cref="Read"/> knows a link type.</summary>
    public static bool IsKnown(int linkType) =>
        linkType is Null or Ethernet or Raw or Loop or LinuxSll or RawIpv4 or RawIpv6 or LinuxSll2;

    /// <summary>Finds the UDP payload of a frame.</summary>
    public static FrameContent Read(byte* frame, int length, int linkType, out UdpPayload payload)
    {
        payload = default;

        // SAFETY: frame points to length captured bytes; each step below checks the room before it reads a header.
        byte* end = frame + length;
        if (linkType == Ethernet)
        {
            return length < 14 ? FrameContent.Short : ReadTagged(frame + 12, end, ref payload);
        }

        switch (linkType)
        {
            case LinuxSll:
                return length < 16 ? FrameContent.Short : ReadTagged(frame + 14, end, ref payload);
            case LinuxSll2:
                return length < 20 ? FrameContent.Short : ReadSll2(frame, end, ref payload);
            case Null or Loop:
                return length < 4 ? FrameContent.Short : ReadFamily(frame, end, ref payload);
            case Raw or RawIpv4 or RawIpv6:
                return ReadRaw(frame, end, linkType, ref payload);
            default:
                return linkType == PacketReader.NoInterface ? FrameContent.NoInterface : FrameContent.OtherLink;
        }
    }

    /// <summary>A family below 65,536 shows in which byte order it is written.</summary>
    private static FrameContent ReadFamily(byte* at, byte* end, ref UdpPayload payload)
    {
        uint family = Unsafe.ReadUnaligned<uint>(at);
        family = family > 0xFFFF ? BinaryPrimitives.ReverseEndianness(family) : family;
        return family switch
        {
            FamilyIpv4 => ReadIpv4(at + 4, end, ref payload),
            FamilyIpv6Bsd or FamilyIpv6FreeBsd or FamilyIpv6Darwin => ReadIpv6(at + 4, end, ref payload),
            _ => FrameContent.NonIp,
        };
    }

    /// <summary>The type comes first; a VLAN tag, if there is one, behind the header.</summary>
    private static FrameContent ReadSll2(byte* at, byte* end, ref UdpPayload payload)
    {
        int type = U16(at);
        return type is TypeVlan or TypeServiceVlan ? ReadTagged(at + 22, end, ref payload) : ReadType(type, at + 20, end, ref payload);
    }

    private static FrameContent ReadRaw(byte* at, byte* end, int linkType, ref UdpPayload payload)
    {
        if (at == end)
        {
            return FrameContent.Short;
        }

        int version = *at >> 4;
        bool agrees = linkType == Raw || version == (linkType == RawIpv4 ? 4 : 6);
        return !agrees ? FrameContent.Short
            : version == 4 ? ReadIpv4(at, end, ref payload)
            : version == 6 ? ReadIpv6(at, end, ref payload)
            : FrameContent.Short;
    }

    /// <summary>From an Ethernet type on, over VLAN tags.</summary>
    private static FrameContent ReadTagged(byte* at, byte* end, ref UdpPayload payload)
    {
        for (int tags = 0; tags <= MaxVlanTags; tags++)
        {
            if (end - at < 2)
            {
                return FrameContent.Short;
            }

            int type = U16(at);
            if (type is not (TypeVlan or TypeServiceVlan))
            {
                return ReadType(type, at + 2, end, ref payload);
            }

            at += 4;
        }

        return FrameContent.NonIp;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FrameContent ReadType(int type, byte* at, byte* end, ref UdpPayload payload) => type switch
    {
        TypeIpv4 => ReadIpv4(at, end, ref payload),
        TypeIpv6 => ReadIpv6(at, end, ref payload),
        _ => FrameContent.NonIp,
    };

    private static FrameContent ReadIpv4(byte* at, byte* end, ref UdpPayload payload)
    {
        if (end - at < 20)
        {
            return FrameContent.Short;
        }

        int header = (*at & 0xF) * 4;
        int total = U16(at + 2);
        total = total == 0 ? (int)(end - at) : total; // Segmentation offload leaves 0 here.
        if (*at >> 4 != 4 || header < 20 || total < header || end - at < header)
        {
            return FrameContent.Short;
        }

        if ((U16(at + 6) & 0x3FFF) != 0)
        {
            return FrameContent.Fragment;
        }

        end = total < end - at ? at + total : end;
        ulong address = Unsafe.ReadUnaligned<uint>(at + 16);
        return ReadTransport(at[9], at + header, end, address, ref payload);
    }

    private static FrameContent ReadIpv6(byte* at, byte* end, ref UdpPayload payload)
    {
        if (end - at < 40 || *at >> 4 != 6)
        {
            return FrameContent.Short;
        }

        int carried = U16(at + 4);
        int total = carried == 0 ? (int)(end - at) : carried + 40; // Segmentation offload leaves 0 here, too.
        int next = at[6];
        ulong address = (Unsafe.ReadUnaligned<ulong>(at + 24) * 0x9E3779B97F4A7C15) ^ Unsafe.ReadUnaligned<ulong>(at + 32);
        end = total < end - at ? at + total : end;
        at += 40;
        for (int i = 0; i < MaxExtensionHeaders && next is HopByHop or Routing or FragmentHeader or Authentication or Destination or Mobility; i++)
        {
            int size = end - at < 8 ? int.MaxValue
                : next == FragmentHeader ? 8
                : next == Authentication ? (at[1] * 4) + 8
                : (at[1] * 8) + 8;
            if (end - at < size)
            {
                return FrameContent.Short;
            }

            // An offset or more to come; without either, the packet is whole behind its fragment header (RFC 6946).
            if (next == FragmentHeader && (U16(at + 2) & 0xFFF9) != 0)
            {
                return FrameContent.Fragment;
            }

            next = at[0];
            at += size;
        }

        return ReadTransport(next, at, end, address, ref payload);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FrameContent ReadTransport(int protocol, byte* at, byte* end, ulong address, ref UdpPayload payload)
    {
        if (protocol != ProtocolUdp)
        {
            return protocol == ProtocolTcp ? FrameContent.Tcp : FrameContent.OtherIp;
        }

        if (end - at < 8 || U16(at + 4) < 8)
        {
            return FrameContent.Short;
        }

        payload.Data = at + 8;
        payload.Length = (int)Math.Min(U16(at + 4) - 8, end - at - 8);
        payload.Group = GroupOf(address, U16(at + 2));
        return FrameContent.Udp;
    }

    /// <summary>The group that an address and a port make.</summary>
    /// <param name="address">An IPv4 address as its four bytes read in this machine's order, or what an IPv6 address folds to.</param>
    /// <param name="port">UDP port.</param>
    public static ulong GroupOf(ulong address, int port) => (address * 0x9E3779B97F4A7C15) + (ulong)port;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int U16(byte* at) => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(at));
}
