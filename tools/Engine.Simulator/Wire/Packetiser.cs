namespace Engine.Simulator.Wire;

/// <summary>
/// Puts messages into one stream's packets. Messages within <see cref="HoldNanos"/> of a packet's first share it. A second
/// without a packet brings a heartbeat. What a head looks like is the venue's.
/// </summary>
public abstract class Packetiser : IMessageSink
{
    /// <summary>Longest payload in bytes, below an Ethernet frame's 1,472.</summary>
    public const int PayloadLimit = 1_400;

    /// <summary>How long a packet stays open for further messages unless told otherwise, in nanoseconds.</summary>
    public const long HoldNanos = 5_000;

    /// <summary>Silence after which a heartbeat goes out, in nanoseconds.</summary>
    public const long HeartbeatNanos = 1_000_000_000;

    private readonly IPacketSink _sink;
    private readonly byte[] _packet = new byte[PayloadLimit];
    private readonly int _headerLength;
    private readonly int _prefixLength;
    private readonly long _holdNanos;
    private int _length;
    private ushort _count;
    private long _openedAtNanos;
    private long _lastMessageNanos;
    private long _lastSentNanos = -1;

    /// <param name="sink">Where the packets go.</param>
    /// <param name="headerLength">Bytes of a packet's head.</param>
    /// <param name="prefixLength">Bytes before each message.</param>
    /// <param name="holdNanos">How long a packet stays open for further messages.</param>
    protected Packetiser(IPacketSink sink, int headerLength, int prefixLength, long holdNanos = HoldNanos)
    {
        _sink = sink;
        _headerLength = headerLength;
        _prefixLength = prefixLength;
        _holdNanos = holdNanos;
        _length = headerLength;
    }

    /// <summary>The number of the next packet's first message, from 1.</summary>
    protected ulong Sequence { get; private set; } = 1;

    /// <inheritdoc/>
    public void Message(long timeNanos, ReadOnlySpan<byte> message)
    {
        bool isFull = _length + _prefixLength + message.Length > PayloadLimit;
        bool isAlone = TravelsAlone(message);
        if (_count > 0 && (isFull || isAlone || timeNanos - _openedAtNanos > _holdNanos))
        {
            SendOpenPacket();
        }

        if (_count == 0)
        {
            SendHeartbeatsUntil(timeNanos);
            _openedAtNanos = timeNanos;
        }

        WritePrefix(_packet.AsSpan(_length, _prefixLength), message.Length);
        message.CopyTo(_packet.AsSpan(_length + _prefixLength));
        _length += _prefixLength + message.Length;
        _lastMessageNanos = timeNanos;
        _count++;
        if (isAlone)
        {
            SendOpenPacket();
        }
    }

    /// <inheritdoc/>
    public void Finish(long timeNanos)
    {
        SendOpenPacket();
        SendHeartbeatsUntil(timeNanos);
        End(timeNanos);
        _sink.Finish();
    }

    /// <summary>Whether a message has a packet of its own.</summary>
    protected virtual bool TravelsAlone(ReadOnlySpan<byte> message) => false;

    /// <summary>Writes what stands before a message.</summary>
    /// <param name="prefix">As many bytes as the prefix has.</param>
    /// <param name="messageLength">Bytes of the message.</param>
    protected abstract void WritePrefix(Span<byte> prefix, int messageLength);

    /// <summary>Writes the head over a packet that is otherwise whole.</summary>
    /// <param name="packet">The whole payload.</param>
    /// <param name="timeNanos">Time of sending, nanoseconds since midnight US Eastern.</param>
    /// <param name="count">Messages; 0 for a heartbeat.</param>
    protected abstract void WriteHead(Span<byte> packet, long timeNanos, ushort count);

    /// <summary>Says that the stream has ended, where the venue has a word for it.</summary>
    protected virtual void End(long timeNanos)
    {
    }

    /// <summary>Sends the packet as it stands under a head.</summary>
    protected void Send(long timeNanos, ushort count)
    {
        Span<byte> packet = _packet.AsSpan(0, _length);
        WriteHead(packet, timeNanos, count);
        _sink.Packet(timeNanos, packet);
        _lastSentNanos = timeNanos;
    }

    private void SendOpenPacket()
    {
        if (_count == 0)
        {
            return;
        }

        Send(_lastMessageNanos, _count);
        Sequence += _count;
        _count = 0;
        _length = _headerLength;
    }

    private void SendHeartbeatsUntil(long timeNanos)
    {
        while (_lastSentNanos >= 0 && timeNanos - _lastSentNanos >= HeartbeatNanos)
        {
            Send(_lastSentNanos + HeartbeatNanos, 0);
        }
    }
}
