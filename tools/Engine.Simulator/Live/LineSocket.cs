using System.Net;
using System.Net.Sockets;

namespace Engine.Simulator.Live;

/// <summary>
/// Sends datagrams to one multicast group through one interface, and not beyond this host. The socket is connected, so that a
/// datagram costs no address and no allocation.
/// </summary>
public sealed class LineSocket : IDisposable
{
    private const int SendBufferBytes = 1 << 22;
    private readonly Socket _socket;

    /// <param name="group">Group and port.</param>
    /// <param name="networkInterface">Address of the interface.</param>
    /// <exception cref="SocketException">The interface or the group cannot be used.</exception>
    public LineSocket(IPEndPoint group, IPAddress networkInterface)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _socket.SendBufferSize = SendBufferBytes;
            _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, networkInterface.GetAddressBytes());
            _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 0);
            _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastLoopback, true);
            _socket.Bind(new IPEndPoint(networkInterface, 0));
            _socket.Connect(group);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>A UDP port that nothing uses at the moment.</summary>
    /// <param name="address">Address on which it is free.</param>
    public static int FreePort(IPAddress address)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(new IPEndPoint(address, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    /// <summary>Sends one datagram.</summary>
    /// <returns>False when the system refused it.</returns>
    public bool Send(ReadOnlySpan<byte> payload) =>
        _socket.Send(payload, SocketFlags.None, out SocketError error) == payload.Length && error == SocketError.Success;

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
