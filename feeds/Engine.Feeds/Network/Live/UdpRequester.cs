using System.Runtime.InteropServices;
using static Engine.Feeds.Network.Live.SocketCalls;

namespace Engine.Feeds.Network.Live;

/// <summary>
/// Sends questions to servers by unicast from a socket of its own. Replies come out of the <see cref="UdpReceiver"/> that made it, as
/// the line <see cref="Line"/>; anybody may send there, so the sender is for the caller to check. Neither blocks nor allocates.
/// </summary>
internal sealed unsafe class UdpRequester
{
    private readonly UdpSocket _socket;

    /// <param name="socket">The receiver's socket, which it closes.</param>
    /// <param name="line">Its line.</param>
    public UdpRequester(UdpSocket socket, int line)
    {
        _socket = socket;
        Line = line;
        Rehearse();
    }

    /// <summary>The line on which replies come.</summary>
    public int Line { get; }

    /// <summary>The port that questions are sent from.</summary>
    public int Port => _socket.Port;

    /// <summary>Questions sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Questions that the kernel did not take.</summary>
    public long Failed { get; private set; }

    /// <summary>errno of the last of them.</summary>
    public int LastError { get; private set; }

    /// <summary>The first call of a system function costs memory; on no socket at all it costs nothing else.</summary>
    private static void Rehearse()
    {
        byte nothing = 0;
        SocketAddress name = UdpBinding.Name(0, 0);

        // SAFETY: locals; the descriptor is none, so that nothing is sent.
        _ = SendTo(-1, &nothing, 0, DontWait, &name, (uint)sizeof(SocketAddress));
        _ = Marshal.GetLastPInvokeError();
    }

    /// <summary>Sends one datagram.</summary>
    /// <param name="serverAddress">As a number: 127.0.0.1 is 0x7F000001.</param>
    /// <param name="serverPort">UDP port.</param>
    /// <param name="data">The datagram.</param>
    /// <returns>False where the kernel did not take it; see <see cref="LastError"/>.</returns>
    public bool Send(uint serverAddress, ushort serverPort, ReadOnlySpan<byte> data)
    {
        SocketAddress name = UdpBinding.Name(serverAddress, serverPort);
        nint sent;
        fixed (byte* start = data)
        {
            // SAFETY: the span is pinned through the call; the address is a local. After Dispose the descriptor is -1: EBADF.
            sent = SendTo(_socket.Descriptor, start, (nuint)data.Length, DontWait, &name, (uint)sizeof(SocketAddress));
        }

        if (sent == data.Length)
        {
            Sent++;
            return true;
        }

        LastError = Marshal.GetLastPInvokeError();
        Failed++;
        return false;
    }
}
