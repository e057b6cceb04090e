using System.Buffers.Binary;
using System.Text;

namespace Engine.Feeds.Xdp;

/// <summary>
/// The packets that go to and from an XDP request server.
/// </summary>
/// <remarks>
/// <code>
/// 0                16     18         20          24         28              38          39          40
/// +----------------+------+----------+-----------+----------+---------------+-----------+-----------+
/// | packet head 16 | 24   | type 10  | first u32 | last u32 | source id a10 | product   | channel   |  request
/// +----------------+------+----------+-----------+----------+---------------+-----------+-----------+
/// | packet head 16 | 14   | type 12  | source id a10        |                                          heartbeat response
/// +----------------+------+----------+----------------------+
/// 0                16     18         20            24          28         32              42          43          44
/// +----------------+------+----------+-------------+-----------+----------+---------------+-----------+-----------+--------+
/// | packet head 16 | 29   | type 11  | request u32 | first u32 | last u32 | source id a10 | product   | channel   | status |
/// +----------------+------+----------+-------------+-----------+----------+---------------+-----------+-----------+--------+
/// </code>
/// Little-endian, each packet with a head as on the lines; a response names the sequence of the request's packet. A packet of the
/// server without a message is a heartbeat, which asks for a heartbeat response. Layouts: NYSE, XDP Common Client Specification and
/// Pillar Integrated Feed 2.5. Which delivery flag a client's packets have is not said there; they have that of the running feed.
/// </remarks>
internal static class XdpRequests
{
    /// <summary>Letters of a source id.</summary>
    public const int SourceIdSize = 10;

    /// <summary>Bytes of a request's packet.</summary>
    public const int RequestSize = XdpHeader.Size + 24;

    /// <summary>Bytes of a heartbeat response's packet.</summary>
    public const int HeartbeatResponseSize = XdpHeader.Size + 14;

    /// <summary>The status of a request that is answered.</summary>
    public const byte Accepted = (byte)'0';

    private const int RequestType = 10, ResponseType = 11, HeartbeatResponseType = 12;
    private const int ResponseSize = 29, ResponseStatus = 28;
    private const long NanosPerSecond = 1_000_000_000;

    /// <summary>Writes a request for lost messages.</summary>
    /// <param name="packet">At least <see cref="RequestSize"/> bytes.</param>
    /// <param name="sequence">The packet's own sequence on the connection.</param>
    /// <param name="timeNanos">When it is sent, ns since the Unix epoch.</param>
    /// <param name="first">Sequence of the first message wanted.</param>
    /// <param name="last">Sequence of the last one.</param>
    /// <param name="source">The source id that the venue gave, in ASCII.</param>
    /// <param name="product">The product.</param>
    /// <param name="channel">The channel.</param>
    public static void WriteRequest(
        Span<byte> packet, uint sequence, long timeNanos, uint first, uint last, ReadOnlySpan<byte> source, byte product, byte channel)
    {
        Span<byte> message = Begin(packet, RequestSize, sequence, timeNanos, RequestType);
        BinaryPrimitives.WriteUInt32LittleEndian(message[4..], first);
        BinaryPrimitives.WriteUInt32LittleEndian(message[8..], last);
        source.CopyTo(message[12..]);
        message[22] = product;
        message[23] = channel;
    }

    /// <summary>Writes the answer to a heartbeat.</summary>
    /// <param name="packet">At least <see cref="HeartbeatResponseSize"/> bytes.</param>
    /// <param name="sequence">The packet's own sequence on the connection.</param>
    /// <param name="timeNanos">When it is sent, ns since the Unix epoch.</param>
    /// <param name="source">The source id that the venue gave, in ASCII.</param>
    public static void WriteHeartbeatResponse(Span<byte> packet, uint sequence, long timeNanos, ReadOnlySpan<byte> source) =>
        source.CopyTo(Begin(packet, HeartbeatResponseSize, sequence, timeNanos, HeartbeatResponseType)[4..]);

    /// <summary>Bytes of the packet that some bytes begin with.</summary>
    /// <returns>0 where they do not tell yet; −1 where they begin no packet.</returns>
    public static int PacketSize(ReadOnlySpan<byte> bytes)
    {
        int size = bytes.Length < 2 ? XdpHeader.Size : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        return size < XdpHeader.Size ? -1 : bytes.Length < XdpHeader.Size ? 0 : size;
    }

    /// <summary>Whether a whole packet is a heartbeat.</summary>
    public static bool IsHeartbeat(ReadOnlySpan<byte> packet) => packet[3] == 0;

    /// <summary>The next message of a packet, and what is left behind it.</summary>
    /// <returns>False at the end, and where the rest is no message.</returns>
    public static bool TryNext(ref ReadOnlySpan<byte> messages, out ReadOnlySpan<byte> message)
    {
        int size = messages.Length < XdpLayouts.Head ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(messages);
        bool isWhole = size >= XdpLayouts.Head && size <= messages.Length;
        message = isWhole ? messages[..size] : default;
        messages = isWhole ? messages[size..] : default;
        return isWhole;
    }

    /// <summary>Reads a response's status.</summary>
    /// <returns>False where the message is none.</returns>
    public static bool TryReadStatus(ReadOnlySpan<byte> message, out byte status)
    {
        bool isResponse = message.Length >= ResponseSize && BinaryPrimitives.ReadUInt16LittleEndian(message[2..]) == ResponseType;
        status = isResponse ? message[ResponseStatus] : (byte)0;
        return isResponse;
    }

    /// <summary>What a status says, in words that follow a full stop's place.</summary>
    public static string Words(byte status) => (char)status switch
    {
        '0' => "accepted",
        '1' => "the source id is not known",
        '3' => "too many messages at once",
        '4' => "too many requests today",
        '5' => "too many refreshes today",
        '6' => "the messages are too old",
        '7' => "the channel is not known",
        '8' => "the product is not known",
        '9' => "the message is malformed",
        _ => $"status {status}",
    };

    /// <summary>Whether a text is a source id.</summary>
    public static bool IsSourceId(string text) => text.Length is > 0 and <= SourceIdSize && Ascii.IsValid(text) && !text.Any(char.IsControl);

    private static Span<byte> Begin(Span<byte> packet, int size, uint sequence, long timeNanos, int type)
    {
        packet[..size].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(packet, (ushort)size);
        packet[2] = (byte)XdpDelivery.Original;
        packet[3] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(packet[4..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(packet[8..], (uint)(timeNanos / NanosPerSecond));
        BinaryPrimitives.WriteUInt32LittleEndian(packet[12..], (uint)(timeNanos % NanosPerSecond));
        Span<byte> message = packet[XdpHeader.Size..size];
        BinaryPrimitives.WriteUInt16LittleEndian(message, (ushort)message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message[2..], (ushort)type);
        return message;
    }
}
