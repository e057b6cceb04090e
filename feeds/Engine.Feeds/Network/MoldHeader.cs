using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Engine.Feeds.Network;

/// <summary>
/// The head of a MoldUDP64 packet.
/// </summary>
/// <remarks>
/// <code>
/// 0            10            18        20
/// +------------+-------------+---------+-----------------------------------------+
/// | session    | sequence    | count   | count x { length u16 | message }        |
/// | 10 letters | u64         | u16     |                                         |
/// +------------+-------------+---------+-----------------------------------------+
/// </code>
/// Big-endian. The sequence is that of the first message. Count 0 is a heartbeat (sequence = the next message's), 0xFFFF the
/// end of the session. Layout: NASDAQ, MoldUDP64 Protocol Specification 1.00.
/// </remarks>
internal unsafe struct MoldHeader
{
    /// <summary>Bytes.</summary>
    public const int Size = 20;

    /// <summary>Count that ends a session.</summary>
    public const int EndOfSession = 0xFFFF;

    /// <summary>First eight letters of the session, as they lie in memory.</summary>
    public ulong SessionHead;

    /// <summary>Last two letters of the session.</summary>
    public ushort SessionTail;

    /// <summary>Sequence of the first message.</summary>
    public ulong Sequence;

    /// <summary>Messages, or one of the special counts.</summary>
    public int Count;

    /// <summary>Reads the head of a packet of at least <see cref="Size"/> bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MoldHeader Read(byte* packet)
    {
        // SAFETY: the caller has checked that the packet holds Size bytes.
        return new MoldHeader
        {
            SessionHead = Unsafe.ReadUnaligned<ulong>(packet),
            SessionTail = Unsafe.ReadUnaligned<ushort>(packet + 8),
            Sequence = BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(packet + 10)),
            Count = BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(packet + 18)),
        };
    }

    /// <summary>
    /// Whether a packet of a session never seen is MoldUDP64 at all: a printable session name and lengths that chain
    /// within the packet, as far as it was captured.
    /// </summary>
    public static bool IsPlausible(byte* packet, int length, bool truncated)
    {
        // SAFETY: the caller has checked that the packet holds Size bytes; the walk stays before its end.
        for (int i = 0; i < 10; i++)
        {
            if (packet[i] is < 0x20 or > 0x7E)
            {
                return false;
            }
        }

        int count = Read(packet).Count;
        byte* at = packet + Size;
        byte* end = packet + length;
        if (count is 0 or EndOfSession)
        {
            return at == end;
        }

        for (int i = 0; i < count; i++)
        {
            if (end - at < 2)
            {
                return truncated && i > 0;
            }

            at += 2 + BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(at));
            if (at > end)
            {
                return truncated;
            }
        }

        return true;
    }
}
