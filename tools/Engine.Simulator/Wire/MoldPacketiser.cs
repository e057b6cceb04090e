using System.Buffers.Binary;
using System.Text;

namespace Engine.Simulator.Wire;

/// <summary>
/// Puts messages into MoldUDP64 packets, big-endian:
/// <code>
///  0             10           18       20
///  +-------------+------------+--------+--------------------------------
///  | session a10 | sequence   | count  | count × (u16 length, message)
///  +-------------+------------+--------+--------------------------------
/// </code>
/// The sequence is that of the first message, from 1. A heartbeat has count 0; the stream ends with count 0xFFFF. Both name the
/// next sequence. Source: MoldUDP64 1.00 specification.
/// </summary>
public sealed class MoldPacketiser : Packetiser
{
    /// <summary>Bytes of the packet header.</summary>
    public const int HeaderLength = 20;

    private const int SessionLength = 10;
    private const ushort EndOfSession = 0xFFFF;
    private readonly byte[] _session;

    /// <param name="sink">Where the packets go.</param>
    /// <param name="session">Exactly ten ASCII characters.</param>
    /// <param name="holdNanos">How long a packet stays open for further messages.</param>
    /// <exception cref="ArgumentException">The session's length differs from ten.</exception>
    public MoldPacketiser(IPacketSink sink, string session, long holdNanos = HoldNanos)
        : base(sink, HeaderLength, sizeof(ushort), holdNanos)
    {
        if (session.Length != SessionLength)
        {
            throw new ArgumentException($"a MoldUDP64 session has {SessionLength} characters, not '{session}'", nameof(session));
        }

        _session = Encoding.ASCII.GetBytes(session);
    }

    /// <inheritdoc/>
    protected override void WritePrefix(Span<byte> prefix, int messageLength) =>
        BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)messageLength);

    /// <inheritdoc/>
    protected override void WriteHead(Span<byte> packet, long timeNanos, ushort count)
    {
        _session.CopyTo(packet);
        BinaryPrimitives.WriteUInt64BigEndian(packet[SessionLength..], Sequence);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(SessionLength + sizeof(ulong))..], count);
    }

    /// <inheritdoc/>
    protected override void End(long timeNanos) => Send(timeNanos, EndOfSession);
}
