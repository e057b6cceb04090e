using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Engine.Feeds.Tests.Live;

/// <summary>A real sender over loopback, by the class library's sockets.</summary>
internal sealed class UdpPublisher : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public UdpPublisher()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
        _socket.MulticastLoopback = true;
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>A UDP port that nobody holds at the moment.</summary>
    public static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public void Send(IPAddress address, int port, byte[] data) =>
        Assert.That(_socket.SendTo(data, new IPEndPoint(address, port)), Is.EqualTo(data.Length));

    public void Send(IPAddress address, int port, int number) => Send(address, port, Bytes(number));

    public byte[] Receive(out IPEndPoint from)
    {
        byte[] data = new byte[2_048];
        EndPoint sender = new IPEndPoint(IPAddress.Any, 0);
        _socket.ReceiveTimeout = 10_000;
        int length = _socket.ReceiveFrom(data, ref sender);
        from = (IPEndPoint)sender;
        return data[..length];
    }

    public static byte[] Bytes(int number)
    {
        byte[] data = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(data, number);
        return data;
    }

    public void Dispose() => _socket.Dispose();
}
