using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Engine.Core.Numerics;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Live;

/// <summary>
/// Answers an XDP channel's requests for lost messages: a client connects by TCP and asks (type 10) in packets with the usual head;
/// the server responds (type 11) on the connection, and sends the packets that hold the messages on a multicast line of its own,
/// with delivery flag 13 for a single one and 15 for several. A client that is silent gets heartbeats, and must answer them
/// (type 12). One thread listens, one serves each connection.
/// </summary>
public sealed class XdpRequestServer : IDisposable
{
    /// <summary>The source id of those who may ask.</summary>
    public const string SourceId = "ENGINE";

    /// <summary>The product that the channel belongs to.</summary>
    public const int Product = XdpWriter.ProductId;

    /// <summary>The channel.</summary>
    public const int Channel = 1;

    /// <summary>Most messages of one request.</summary>
    public const int MessageLimit = 1_000;

    /// <summary>Most connections at a time.</summary>
    public const int ConnectionLimit = 8;

    private const int PollMicros = 50_000, PollsToHeartbeat = 20, QuietPolls = 100;
    private const int HeadLength = XdpPacketiser.HeaderLength, RequestLength = 24, RequestType = 10, ResponseLength = 29, ResponseType = 11;
    private const int HeartbeatResponseType = 12, PacketBytes = 1 << 16;
    private const byte Heartbeat = 1, Original = 11, Single = 13, Several = 15;
    private readonly Func<Publication> _publication;
    private readonly double _requestLoss, _replyLoss;
    private readonly SeededRandom _random;
    private readonly LineSocket _line;
    private readonly Socket _listener;
    private readonly Thread _thread;
    private readonly byte[] _packet = new byte[PacketBytes];
    private readonly object _gate = new();
    private readonly List<Thread> _open = [];
    private RerequestCounts _counts;
    private volatile bool _isStopping;

    /// <param name="endpoint">Where it listens; port 0 picks a free one.</param>
    /// <param name="retransmissions">The line of the answers.</param>
    /// <param name="publication">The session of the moment.</param>
    /// <param name="requestLoss">Probability that a request is overheard.</param>
    /// <param name="replyLoss">Probability that a packet of an answer is lost.</param>
    /// <param name="seed">Seed of the losses.</param>
    /// <exception cref="SocketException">An address cannot be used.</exception>
    public XdpRequestServer(
        IPEndPoint endpoint, LineEndpoint retransmissions, Func<Publication> publication, double requestLoss, double replyLoss, ulong seed)
    {
        _publication = publication;
        _requestLoss = requestLoss;
        _replyLoss = replyLoss;
        _random = RandomStreams.Create(seed, RandomStream.LiveRequests, 0);
        _line = new LineSocket(new IPEndPoint(retransmissions.Group, retransmissions.Port), retransmissions.Interface);
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // A server that comes back finds its port in the wait state that its last connections left.
            _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _listener.Bind(endpoint);
            _listener.Listen(ConnectionLimit);
        }
        catch
        {
            _listener.Dispose();
            _line.Dispose();
            throw;
        }

        Endpoint = (IPEndPoint)_listener.LocalEndPoint!;
        _thread = new Thread(Listen) { Name = "request server", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>What it has done so far: replies are packets on the line, <see cref="RerequestCounts.OtherSession"/> requests for
    /// another product, channel or source.</summary>
    public RerequestCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return _counts;
            }
        }
    }

    /// <summary>Stops listening, cuts all connections, and waits for the threads.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
        _listener.Dispose();
        Thread[] open;
        lock (_gate)
        {
            open = [.. _open];
        }

        Array.ForEach(open, thread => thread.Join());
        _line.Dispose();
    }

    private void Listen()
    {
        while (!_isStopping)
        {
            if (!_listener.Poll(PollMicros, SelectMode.SelectRead))
            {
                continue;
            }

            try
            {
                Socket socket = _listener.Accept();
                lock (_gate)
                {
                    if (_open.Count == ConnectionLimit)
                    {
                        socket.Dispose();
                        continue;
                    }

                    var thread = new Thread(() => Serve(socket)) { Name = "request connection", IsBackground = true };
                    _open.Add(thread);
                    thread.Start();
                }
            }
            catch (SocketException)
            {
                // It left before it was taken.
            }
        }
    }

    private void Serve(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            Attend(socket);
        }
        catch (SocketException)
        {
            // The client is gone.
        }
        finally
        {
            socket.Dispose();
            lock (_gate)
            {
                _open.Remove(Thread.CurrentThread);
            }
        }
    }

    private void Attend(Socket socket)
    {
        byte[] received = new byte[PacketBytes];
        byte[] reply = new byte[HeadLength + ResponseLength];
        int filled = 0;
        for (int quiet = 1; !_isStopping && quiet <= QuietPolls; quiet++)
        {
            if (!socket.Poll(PollMicros, SelectMode.SelectRead))
            {
                if (quiet % PollsToHeartbeat == 0)
                {
                    _ = socket.Send(Head(reply, HeadLength, Heartbeat, 0));
                }

                continue;
            }

            int count = socket.Receive(received.AsSpan(filled));
            if (count == 0)
            {
                return;
            }

            quiet = 0;
            filled += count;
            int size;
            while (filled >= HeadLength && (size = BinaryPrimitives.ReadUInt16LittleEndian(received)) >= HeadLength && filled >= size)
            {
                Take(socket, received.AsSpan(0, size), reply);
                received.AsSpan(size, filled - size).CopyTo(received);
                filled -= size;
            }

            if (filled >= HeadLength && BinaryPrimitives.ReadUInt16LittleEndian(received) < HeadLength)
            {
                return; // nothing can be read behind that
            }
        }
    }

    private void Take(Socket socket, ReadOnlySpan<byte> packet, byte[] reply)
    {
        ReadOnlySpan<byte> message = packet[HeadLength..];
        int type = message.Length >= 4 ? BinaryPrimitives.ReadUInt16LittleEndian(message[2..]) : 0;
        if (type == HeartbeatResponseType)
        {
            return;
        }

        lock (_gate)
        {
            bool isLost = _random.Chance(_requestLoss);
            _counts = _counts with { Requests = _counts.Requests + 1, LostRequests = _counts.LostRequests + (isLost ? 1 : 0) };
            if (!isLost)
            {
                Answer(socket, packet, type, reply);
            }
        }
    }

    private void Answer(Socket socket, ReadOnlySpan<byte> packet, int type, byte[] reply)
    {
        ReadOnlySpan<byte> message = packet[HeadLength..];
        bool isWhole = type == RequestType && message.Length == RequestLength && BinaryPrimitives.ReadUInt16LittleEndian(message) == RequestLength;
        char status = isWhole ? Check(message) : '9';
        _counts = _counts with { Malformed = _counts.Malformed + (isWhole ? 0 : 1) };
        Span<byte> response = Head(reply, reply.Length, Original, 1)[HeadLength..];
        response.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(response, ResponseLength);
        BinaryPrimitives.WriteUInt16LittleEndian(response[2..], ResponseType);
        packet.Slice(4, 4).CopyTo(response[4..]);
        if (isWhole)
        {
            message[4..].CopyTo(response[8..]);
        }

        response[28] = (byte)status;
        _ = socket.Send(reply);
        if (status == '0')
        {
            Retransmit(BinaryPrimitives.ReadUInt32LittleEndian(message[4..]), BinaryPrimitives.ReadUInt32LittleEndian(message[8..]));
        }
    }

    /// <returns>The status of the response.</returns>
    private char Check(ReadOnlySpan<byte> message)
    {
        uint first = BinaryPrimitives.ReadUInt32LittleEndian(message[4..]);
        uint last = BinaryPrimitives.ReadUInt32LittleEndian(message[8..]);
        string source = Encoding.ASCII.GetString(message.Slice(12, 10)).TrimEnd('\0', ' ');
        char status = source != SourceId ? '1' : message[22] != Product ? '8' : message[23] != Channel ? '7' : '0';
        if (status != '0')
        {
            _counts = _counts with { OtherSession = _counts.OtherSession + 1 };
            return status;
        }

        if (first == 0 || last >= _publication().NextSequence)
        {
            _counts = _counts with { Beyond = _counts.Beyond + 1 };
            return '6';
        }

        return last < first || last - first >= MessageLimit ? '3' : '0';
    }

    private void Retransmit(ulong first, ulong last)
    {
        PacketTape tape = _publication().Tape;
        int begin = tape.Find(first), end = tape.Find(last);
        for (int index = begin; index <= end; index++)
        {
            ReadOnlySpan<byte> payload = tape.Payload(index);
            payload.CopyTo(_packet);
            _packet[2] = begin == end ? Single : Several;
            if (_random.Chance(_replyLoss))
            {
                _counts = _counts with { LostReplies = _counts.LostReplies + 1 };
            }
            else if (_line.Send(_packet.AsSpan(0, payload.Length)))
            {
                _counts = _counts with { Replies = _counts.Replies + 1, Messages = _counts.Messages + payload[3] };
            }
            else
            {
                _counts = _counts with { SendFailures = _counts.SendFailures + 1 };
            }
        }
    }

    private static Span<byte> Head(byte[] packet, int length, byte flag, byte messages)
    {
        packet.AsSpan(0, HeadLength).Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(packet, (ushort)length);
        packet[2] = flag;
        packet[3] = messages;
        return packet.AsSpan(0, length);
    }
}
