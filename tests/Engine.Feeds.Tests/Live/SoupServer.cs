using System.Net;
using System.Net.Sockets;
using Engine.Feeds.Network.Live;

namespace Engine.Feeds.Tests.Live;

/// <summary>A real TCP server on loopback that runs a script against each client, one after the other.</summary>
internal sealed class SoupServer : IDisposable
{
    private const int PatienceMillis = 10_000;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Thread _thread;
    private readonly Action<SoupServer> _script;
    private Socket? _client;

    public SoupServer(Action<SoupServer> script)
    {
        _script = script;
        _listener.Start();
        _thread = new Thread(Work) { IsBackground = true, Name = "server" };
        _thread.Start();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Packets of the clients, in order.</summary>
    public List<(char Type, byte[] Payload)> Heard { get; } = [];

    /// <summary>What went wrong in the script, apart from a client that left.</summary>
    public Exception? Fault { get; private set; }

    public static byte[] Packet(char type, params byte[] payload) => [.. PcapWriter.Big((ulong)(payload.Length + 1), 2), (byte)type, .. payload];

    public static byte[] Accepted(string session = "S1", ulong sequence = 1)
    {
        byte[] packet = new byte[33];
        _ = SoupBinTcp.WriteLoginAccepted(packet, session, sequence);
        return packet;
    }

    public static byte[] End(string number) => Packet('S', [(byte)'G', .. System.Text.Encoding.ASCII.GetBytes(number.PadLeft(20))]);

    /// <summary>Reads packets up to one of a type.</summary>
    public byte[] Until(char type)
    {
        while (true)
        {
            byte[] head = Exactly(3);
            Heard.Add(((char)head[2], Exactly((head[0] << 8) + head[1] - 1)));
            if (Heard[^1].Type == type)
            {
                return Heard[^1].Payload;
            }
        }
    }

    public void Send(params byte[][] packets)
    {
        foreach (byte[] packet in packets)
        {
            _ = _client!.Send(packet);
        }
    }

    public void SendByteByByte(byte[] packet)
    {
        _client!.NoDelay = true;
        foreach (byte b in packet)
        {
            _ = _client.Send([b]);
        }
    }

    /// <summary>Waits until the client closes.</summary>
    public void UntilClosed()
    {
        while (_client!.Receive(new byte[1_024]) > 0)
        {
        }
    }

    /// <summary>Ends the connection with a reset.</summary>
    public void Abort() => _client!.LingerState = new LingerOption(true, 0);

    public void Dispose()
    {
        _listener.Stop();
        _client?.Dispose();
        Assert.That(_thread.Join(PatienceMillis), Is.True, "the script does not end");
    }

    private void Work()
    {
        try
        {
            while (true)
            {
                using Socket client = _listener.AcceptSocket();
                client.ReceiveTimeout = PatienceMillis;
                _client = client;
                try
                {
                    _script(this);
                }
                catch (SocketException)
                {
                }
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
        catch (Exception fault)
        {
            Fault = fault;
        }
    }

    private byte[] Exactly(int count)
    {
        byte[] bytes = new byte[count];
        for (int got = 0; got < count;)
        {
            int more = _client!.Receive(bytes, got, count - got, SocketFlags.None);
            if (more == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            got += more;
        }

        return bytes;
    }
}
