using System.Buffers.Binary;
using System.Text;
using Engine.Core.Events;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Live;

/// <summary>
/// The head of every MoldUDP64 packet and of every request, 20 bytes, big-endian; a request names the first wanted message and
/// how many.
/// <code>
///  0             10           18       20
///  +-------------+------------+--------+--------------------------------
///  | session a10 | sequence   | count  | count × (u16 length, message)
///  +-------------+------------+--------+--------------------------------
/// </code>
/// Source: MoldUDP64 1.00 specification.
/// </summary>
public sealed class MoldSession : ISessionProtocol
{
    /// <summary>Bytes of the head.</summary>
    public const int HeadLength = MoldPacketiser.HeaderLength;

    /// <summary>Bytes before each message.</summary>
    public const int BlockHeadLength = sizeof(ushort);

    private const int SequenceOffset = 10, CountOffset = 18;
    private const ushort EndOfSession = 0xFFFF;
    private readonly byte[] _session;

    /// <param name="session">Exactly ten ASCII characters.</param>
    /// <exception cref="ArgumentException">The session has another length.</exception>
    public MoldSession(string session)
    {
        if (session.Length != SequenceOffset)
        {
            throw new ArgumentException($"a MoldUDP64 session has {SequenceOffset} characters, not '{session}'", nameof(session));
        }

        Session = session;
        _session = Encoding.ASCII.GetBytes(session);
    }

    /// <inheritdoc/>
    public Venue Venue => Venue.Itch50;

    /// <inheritdoc/>
    public string Session { get; }

    /// <inheritdoc/>
    public int ControlLength => HeadLength;

    /// <summary>Whether a head has the name of the MoldUDP64 session.</summary>
    /// <param name="head">At least <see cref="HeadLength"/> bytes.</param>
    public bool IsNamedBy(ReadOnlySpan<byte> head) => head[..SequenceOffset].SequenceEqual(_session);

    /// <summary>The sequence and count of a head.</summary>
    /// <param name="head">At least <see cref="HeadLength"/> bytes.</param>
    public static (ulong Sequence, ushort Count) Read(ReadOnlySpan<byte> head) =>
        (BinaryPrimitives.ReadUInt64BigEndian(head[SequenceOffset..]), BinaryPrimitives.ReadUInt16BigEndian(head[CountOffset..]));

    /// <summary>Bytes of the block (length and message) that begins at an offset of a packet.</summary>
    /// <param name="payload">A packet that the simulator wrote.</param>
    /// <param name="offset">Where the block begins.</param>
    public static int BlockLength(ReadOnlySpan<byte> payload, int offset) =>
        BlockHeadLength + BinaryPrimitives.ReadUInt16BigEndian(payload[offset..]);

    /// <inheritdoc/>
    public PacketExtent Extent(ReadOnlySpan<byte> payload)
    {
        (ulong sequence, ushort count) = Read(payload);
        return new PacketExtent(sequence, count == EndOfSession ? 0 : count);
    }

    /// <inheritdoc/>
    public int WriteHeartbeat(Span<byte> payload, PacketTape tape, ulong nextSequence) => WriteHead(payload, nextSequence, 0);

    /// <inheritdoc/>
    public int WriteEnd(Span<byte> payload, ulong nextSequence) => WriteHead(payload, nextSequence, EndOfSession);

    /// <summary>Writes a head.</summary>
    /// <param name="payload">At least <see cref="HeadLength"/> bytes.</param>
    /// <param name="sequence">Sequence of the first message.</param>
    /// <param name="count">Messages that follow.</param>
    /// <returns>Bytes written.</returns>
    public int WriteHead(Span<byte> payload, ulong sequence, ushort count)
    {
        _session.CopyTo(payload);
        BinaryPrimitives.WriteUInt64BigEndian(payload[SequenceOffset..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(payload[CountOffset..], count);
        return HeadLength;
    }
}
