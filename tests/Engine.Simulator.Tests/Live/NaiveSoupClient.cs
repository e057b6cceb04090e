using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Engine.Simulator.Tests.Live;

/// <summary>A SoupBinTCP client that does one thing after the other.</summary>
internal sealed class NaiveSoupClient : IDisposable
{
    private readonly TcpClient _client = new();
    private readonly NetworkStream _stream;

    public NaiveSoupClient(IPEndPoint server)
    {
        _client.Connect(server);
        _stream = _client.GetStream();
        _stream.ReadTimeout = (int)Venues.Deadline.TotalMilliseconds;
    }

    public void Send(char type, string payload) => Raw([.. Head(type, payload.Length), .. Encoding.ASCII.GetBytes(payload)]);

    public void Raw(byte[] bytes) => _stream.Write(bytes);

    public void LogIn(string user = "engine", string password = "engine", string session = "", string sequence = "1", string tail = "") =>
        Send('L', user.PadRight(6) + password.PadRight(10) + session.PadLeft(10) + sequence.PadLeft(20) + tail);

    /// <summary>The next packet; type '!' when the server has closed the connection.</summary>
    public (char Type, byte[] Payload) Read()
    {
        byte[] head = new byte[3];
        try
        {
            if (_stream.ReadAtLeast(head, 3, throwOnEndOfStream: false) < 3)
            {
                return ('!', []);
            }

            byte[] payload = new byte[BinaryPrimitives.ReadUInt16BigEndian(head) - 1];
            _stream.ReadExactly(payload);
            return ((char)head[2], payload);
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return ('!', []);
        }
    }

    /// <summary>The next packet that is no heartbeat.</summary>
    public (char Type, string Text) ReadText()
    {
        (char type, byte[] payload) = Read();
        while (type == 'H')
        {
            (type, payload) = Read();
        }

        return (type, Encoding.ASCII.GetString(payload));
    }

    /// <summary>Reads a whole snapshot behind a login.</summary>
    /// <returns>Its messages, and the sequence from which the feed goes on.</returns>
    public (List<byte[]> Messages, ulong Next) ReadSnapshot()
    {
        var messages = new List<byte[]>();
        while (true)
        {
            (char type, byte[] payload) = Read();
            if (type == 'S' && payload[0] == 'G')
            {
                Assert.That(payload, Has.Length.EqualTo(21));
                Assert.That(ReadText().Type, Is.EqualTo('Z'));
                return (messages, ulong.Parse(Encoding.ASCII.GetString(payload, 1, 20).Trim(), null));
            }

            Assert.That(type, Is.AnyOf('S', 'H'), "a snapshot's packet");
            if (type == 'S')
            {
                messages.Add(payload);
            }
        }
    }

    public void Dispose() => _client.Dispose();

    private static byte[] Head(char type, int length)
    {
        byte[] head = new byte[3];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)(length + 1));
        head[2] = (byte)type;
        return head;
    }
}
