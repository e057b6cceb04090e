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
internal static unsafe class MoldHeader
{
    /// <summary>Bytes.</summary>
    public const int Size = 20;

    /// <summary>Count that ends a session.</summary>
    public const int EndOfSession = 0xFFFF;

    /// <summary>Reads the head of a packet of at least <see cref="Size"/> bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SequencedPacket Read(byte* packet, int length)
    {
        // SAFETY: the caller has checked that the packet holds Size bytes.
        int count = Count(packet);
        return new SequencedPacket
        {
            Body = packet + Size,
            End = packet + length,
            Stream = Unsafe.ReadUnaligned<ulong>(packet),
            StreamTail = Unsafe.ReadUnaligned<ushort>(packet + 8),
            Sequence = BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(packet + 10)),
            Count = count == EndOfSession ? 0 : count,
            EndsStream = count == EndOfSession,
            Framing = MessageFraming.Nasdaq,
        };
    }

    /// <summary>
    /// Whether a packet of a session never seen is MoldUDP64 at all: a printable session name and lengths that chain
    /// within the packet, as far as it was captured.
    /// </summary>
    public static bool IsPlausible(byte* packet, int length, bool truncated)
    {
        if (length < Size)
        {
            return false;
        }

        // SAFETY: the packet holds Size bytes; the walk stays before its end.
        for (int i = 0; i < 10; i++)
        {
            if (packet[i] is < 0x20 or > 0x7E)
            {
                return false;
            }
        }

        int count = Count(packet);
        byte* end = packet + length;
        return count is 0 or EndOfSession
            ? packet + Size == end
            : MessageFraming.Nasdaq.Chains(packet + Size, end, count, truncated);
    }

    /// <summary>The session's ten letters without padding.</summary>
    public static string SessionName(in SequencedPacket packet)
    {
        Span<byte> letters = stackalloc byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(letters, packet.Stream);
        BinaryPrimitives.WriteUInt16LittleEndian(letters[8..], (ushort)packet.StreamTail);
        return System.Text.Encoding.Latin1.GetString(letters).Trim();
    }

    /// <summary>Writes a request for messages: a head without messages.</summary>
    /// <param name="request">Receives <see cref="Size"/> bytes.</param>
    /// <param name="stream">A packet of the session.</param>
    /// <param name="from">Sequence of the first message wanted.</param>
    /// <param name="count">How many; no more than a head can say are asked for.</param>
    public static void WriteRequest(Span<byte> request, in SequencedPacket stream, ulong from, ulong count)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(request, stream.Stream);
        BinaryPrimitives.WriteUInt16LittleEndian(request[8..], (ushort)stream.StreamTail);
        BinaryPrimitives.WriteUInt64BigEndian(request[10..], from);
        BinaryPrimitives.WriteUInt16BigEndian(request[18..], (ushort)Math.Min(count, EndOfSession - 1));
    }

    private static int Count(byte* packet) => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(packet + 18));
}
