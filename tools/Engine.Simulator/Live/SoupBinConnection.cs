using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Engine.Simulator.Live;

/// <summary>What became of waiting for a client's packet.</summary>
internal enum SoupBinReceipt
{
    /// <summary>One came.</summary>
    Packet,

    /// <summary>None came in time.</summary>
    Nothing,

    /// <summary>The client closed the connection.</summary>
    Closed,

    /// <summary>What came is no packet of a client.</summary>
    Malformed,
}

/// <summary>One SoupBinTCP connection seen from the server: packets out through a buffer, packets in one by one.</summary>
internal sealed class SoupBinConnection
{
    /// <summary>Longest packet that a client sends.</summary>
    public const int InboundLimit = 1_024;

    private const int OutboundBytes = 1 << 16;
    private const int MicrosPerMilli = 1_000;
    private readonly Socket _socket;
    private readonly byte[] _out = new byte[OutboundBytes];
    private readonly byte[] _in = new byte[InboundLimit];
    private int _outLength;
    private int _inLength;
    private int _taken;

    /// <param name="socket">The connection; its owner closes it.</param>
    public SoupBinConnection(Socket socket) => _socket = socket;

    /// <summary>Writes a packet; it leaves when the buffer is full or flushed.</summary>
    /// <param name="type">Type of packet.</param>
    /// <param name="payload">At most <see cref="ushort.MaxValue"/> − 1 bytes, and no longer than the buffer.</param>
    /// <exception cref="SocketException">The client is gone, or takes nothing.</exception>
    public void Write(char type, ReadOnlySpan<byte> payload)
    {
        int length = SoupBinTcp.HeadLength + payload.Length;
        if (_outLength + length > _out.Length)
        {
            Flush();
        }

        Span<byte> packet = _out.AsSpan(_outLength, length);
        BinaryPrimitives.WriteUInt16BigEndian(packet, (ushort)(1 + payload.Length));
        packet[2] = (byte)type;
        payload.CopyTo(packet[SoupBinTcp.HeadLength..]);
        _outLength += length;
    }

    /// <summary>Writes a packet of ASCII text.</summary>
    /// <param name="type">Type of packet.</param>
    /// <param name="text">Its payload.</param>
    public void Write(char type, string text) => Write(type, Encoding.ASCII.GetBytes(text));

    /// <summary>Sends what is buffered.</summary>
    /// <exception cref="SocketException">The client is gone, or takes nothing.</exception>
    public void Flush()
    {
        for (int sent = 0; sent < _outLength;)
        {
            sent += _socket.Send(_out.AsSpan(sent, _outLength - sent));
        }

        _outLength = 0;
    }

    /// <summary>Waits for a client's packet.</summary>
    /// <param name="millis">How long.</param>
    /// <param name="type">Its type.</param>
    /// <param name="payload">Its payload; valid until the next call.</param>
    public SoupBinReceipt Read(int millis, out char type, out ReadOnlySpan<byte> payload)
    {
        type = default;
        payload = default;
        _in.AsSpan(_taken, _inLength - _taken).CopyTo(_in);
        _inLength -= _taken;
        _taken = 0;
        while (true)
        {
            if (_inLength >= sizeof(ushort))
            {
                int length = sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(_in);
                if (length is < SoupBinTcp.HeadLength or > InboundLimit)
                {
                    return SoupBinReceipt.Malformed;
                }

                if (_inLength >= length)
                {
                    type = (char)_in[2];
                    payload = _in.AsSpan(SoupBinTcp.HeadLength, length - SoupBinTcp.HeadLength);
                    _taken = length;
                    return SoupBinReceipt.Packet;
                }
            }

            if (!_socket.Poll(millis * MicrosPerMilli, SelectMode.SelectRead))
            {
                return SoupBinReceipt.Nothing;
            }

            int received = _socket.Receive(_in.AsSpan(_inLength), SocketFlags.None, out SocketError error);
            if (received == 0 || error != SocketError.Success)
            {
                return SoupBinReceipt.Closed;
            }

            _inLength += received;
        }
    }
}
