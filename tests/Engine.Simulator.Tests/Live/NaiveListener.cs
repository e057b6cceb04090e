using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Engine.Simulator.Live;

namespace Engine.Simulator.Tests.Live;

/// <summary>A MoldUDP64 packet as it came.</summary>
internal sealed record HeardPacket(string Session, ulong Sequence, ushort Count, List<byte[]> Messages)
{
    public static HeardPacket Parse(ReadOnlySpan<byte> payload)
    {
        var messages = new List<byte[]>();
        ushort count = BinaryPrimitives.ReadUInt16BigEndian(payload[18..]);
        int at = 20;
        for (int i = 0; i < count && count != 0xFFFF; i++)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(payload[at..]);
            messages.Add(payload.Slice(at + 2, length).ToArray());
            at += 2 + length;
        }

        if (at != payload.Length || payload.Length > 1_400)
        {
            throw new InvalidDataException($"a packet of {payload.Length} bytes whose messages end at {at}");
        }

        return new(Encoding.ASCII.GetString(payload[..10]), BinaryPrimitives.ReadUInt64BigEndian(payload[10..]), count, messages);
    }
}

/// <summary>Joins one line and keeps every packet, on a thread of its own. Knows sockets and MoldUDP64, and nothing of the venue.</summary>
internal sealed class NaiveListener : IDisposable
{
    private const int WantedBuffer = 16 << 20;
    private const int SolSocket = 1, ReceiveBufferForce = 33;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 100 };
    private readonly List<HeardPacket> _packets = [];
    private readonly Thread _thread;
    private Exception? _fault;
    private volatile bool _isOver;

    public NaiveListener(LineEndpoint line)
    {
        try
        {
            _socket.ReceiveBufferSize = WantedBuffer;
            byte[] wanted = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(wanted, WantedBuffer);
            try
            {
                _socket.SetRawSocketOption(SolSocket, ReceiveBufferForce, wanted);
            }
            catch (SocketException)
            {
                // Only root may pass the system's limit; below it the rate of these tests is low enough.
            }

            _socket.Bind(new IPEndPoint(line.Group, line.Port)); // Linux: of this group only, whatever else this host has joined
            _socket.SetSocketOption(
                SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(line.Group, line.Interface));
        }
        catch (SocketException e)
        {
            Assert.Fail($"this machine cannot join {line.Group} on {line.Interface}: {e.SocketErrorCode}, {e.Message}");
        }

        _thread = new Thread(Listen) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Everything heard so far.</summary>
    public HeardPacket[] Packets
    {
        get
        {
            lock (_packets)
            {
                return [.. _packets];
            }
        }
    }

    /// <summary>Waits until what was heard fulfils a condition, and gives it.</summary>
    public HeardPacket[] WaitFor(Func<HeardPacket[], bool> condition, string what)
    {
        long end = Environment.TickCount64 + (long)Venues.Deadline.TotalMilliseconds;
        while (true)
        {
            HeardPacket[] packets = Packets;
            if (_fault is not null)
            {
                Assert.Fail($"the listener failed: {_fault}");
            }

            if (condition(packets))
            {
                return packets;
            }

            if (Environment.TickCount64 > end)
            {
                string last = packets.Length == 0 ? "nothing" : $"{packets.Length} packets, the last {packets[^1]}";
                Assert.Fail($"never heard {what}; heard {last}: is multicast on the loopback interface allowed here?");
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>Waits for the end of a session.</summary>
    public HeardPacket[] WaitForEnd(string? session = null) =>
        WaitFor(packets => packets.Any(p => p.Count == 0xFFFF && (session ?? p.Session) == p.Session), "the end of the session");

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
        _socket.Dispose();
    }

    private void Listen()
    {
        byte[] buffer = new byte[65_536];
        try
        {
            while (!_isOver)
            {
                int length = _socket.Receive(buffer, SocketFlags.None, out SocketError error);
                if (error == SocketError.Success)
                {
                    lock (_packets)
                    {
                        _packets.Add(HeardPacket.Parse(buffer.AsSpan(0, length)));
                    }
                }
            }
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }
}
