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
/// The sequence is that of the first message, from 1. Messages within <see cref="HoldNanos"/> of a packet's first share it.
/// A second without a packet brings a heartbeat (count 0); the stream ends with count 0xFFFF. Both name the next sequence.
/// Source: MoldUDP64 1.00 specification.
/// </summary>
public sealed class MoldPacketiser : IMessageSink
{
    /// <summary>Longest payload in bytes, below an Ethernet frame's 1,472.</summary>
    public const int PayloadLimit = 1_400;

    /// <summary>How long a packet stays open for further messages unless told otherwise, in nanoseconds.</summary>
    public const long HoldNanos = 5_000;

    /// <summary>Silence after which a heartbeat goes out, in nanoseconds.</summary>
    public const long HeartbeatNanos = 1_000_000_000;

    /// <summary>Bytes of the packet header.</summary>
    public const int HeaderLength = 20;

    private const int SessionLength = 10;
    private const ushort EndOfSession = 0xFFFF;
    private readonly IPacketSink _sink;
    private readonly long _holdNanos;
    private readonly byte[] _packet = new byte[PayloadLimit];
    private int _length = HeaderLength;
    private ushort _count;
    private ulong _sequence = 1;
    private long _openedAtNanos;
    private long _lastMessageNanos;
    private long _lastSentNanos = -1;

    /// <param name="sink">Where the packets go.</param>
    /// <param name="session">Exactly ten ASCII characters.</param>
    /// <param name="holdNanos">How long a packet stays open for further messages.</param>
    /// <exception cref="ArgumentException">The session's length differs from ten.</exception>
    public MoldPacketiser(IPacketSink sink, string session, long holdNanos = HoldNanos)
    {
        if (session.Length != SessionLength)
        {
            throw new ArgumentException($"a MoldUDP64 session has {SessionLength} characters, not '{session}'", nameof(session));
        }

        _sink = sink;
        _holdNanos = holdNanos;
        Encoding.ASCII.GetBytes(session, _packet);
    }

    /// <inheritdoc/>
    public void Message(long timeNanos, ReadOnlySpan<byte> message)
    {
        bool isFull = _length + sizeof(ushort) + message.Length > PayloadLimit;
        if (_count > 0 && (isFull || timeNanos - _openedAtNanos > _holdNanos))
        {
            SendOpenPacket();
        }

        if (_count == 0)
        {
            SendHeartbeatsUntil(timeNanos);
            _openedAtNanos = timeNanos;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(_length), (ushort)message.Length);
        message.CopyTo(_packet.AsSpan(_length + sizeof(ushort)));
        _length += sizeof(ushort) + message.Length;
        _lastMessageNanos = timeNanos;
        _count++;
    }

    /// <inheritdoc/>
    public void Finish(long timeNanos)
    {
        SendOpenPacket();
        SendHeartbeatsUntil(timeNanos);
        Send(timeNanos, EndOfSession);
        _sink.Finish();
    }

    private void SendOpenPacket()
    {
        if (_count == 0)
        {
            return;
        }

        Send(_lastMessageNanos, _count);
        _sequence += _count;
        _count = 0;
        _length = HeaderLength;
    }

    private void SendHeartbeatsUntil(long timeNanos)
    {
        while (_lastSentNanos >= 0 && timeNanos - _lastSentNanos >= HeartbeatNanos)
        {
            Send(_lastSentNanos + HeartbeatNanos, 0);
        }
    }

    private void Send(long timeNanos, ushort count)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_packet.AsSpan(SessionLength), _sequence);
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(SessionLength + sizeof(ulong)), count);
        _sink.Packet(timeNanos, _packet.AsSpan(0, _length));
        _lastSentNanos = timeNanos;
    }
}
