using System.Net;
using System.Net.Sockets;
using Engine.Core.Numerics;
using Engine.Simulator.Wire;

namespace Engine.Simulator.Live;

/// <summary>What the re-request server has done.</summary>
/// <param name="Requests">Requests received.</param>
/// <param name="Replies">Packets sent back.</param>
/// <param name="Messages">Messages in them.</param>
/// <param name="Malformed">Requests of another length than 20 bytes, or for no messages.</param>
/// <param name="OtherSession">Requests for another session.</param>
/// <param name="Beyond">Requests that begin at a message not published, or at 0.</param>
/// <param name="LostRequests">Requests lost on purpose.</param>
/// <param name="LostReplies">Replies lost on purpose.</param>
/// <param name="SendFailures">Replies that the system refused.</param>
public readonly record struct RerequestCounts(
    long Requests, long Replies, long Messages, long Malformed, long OtherSession, long Beyond, long LostRequests, long LostReplies,
    long SendFailures);

/// <summary>
/// Answers MoldUDP64 re-requests by unicast: the head of 20 bytes asks, one ordinary packet of at most
/// <see cref="MoldPacketiser.PayloadLimit"/> bytes answers, with as many of the wanted messages as fit. What has not been
/// published, another session, and anything malformed get no answer.
/// </summary>
public sealed class RerequestServer : IDisposable
{
    private const int ReceiveTimeoutMillis = 50;
    private const int LongestDatagram = 65_536;
    private readonly Func<Publication> _publication;
    private readonly double _requestLoss, _replyLoss;
    private readonly SeededRandom _random;
    private readonly Socket _socket;
    private readonly Thread _thread;
    private readonly byte[] _reply = new byte[MoldPacketiser.PayloadLimit];
    private readonly object _gate = new();
    private RerequestCounts _counts;
    private volatile bool _isStopping;

    /// <param name="endpoint">Where it listens; port 0 picks a free one.</param>
    /// <param name="publication">The session of the moment.</param>
    /// <param name="requestLoss">Probability that a request is lost.</param>
    /// <param name="replyLoss">Probability that a reply is lost.</param>
    /// <param name="seed">Seed of the losses.</param>
    /// <exception cref="SocketException">The address cannot be used.</exception>
    public RerequestServer(IPEndPoint endpoint, Func<Publication> publication, double requestLoss, double replyLoss, ulong seed)
    {
        _publication = publication;
        _requestLoss = requestLoss;
        _replyLoss = replyLoss;
        _random = RandomStreams.Create(seed, RandomStream.LiveRequests, 0);
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = ReceiveTimeoutMillis };
        try
        {
            _socket.Bind(endpoint);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        Endpoint = (IPEndPoint)_socket.LocalEndPoint!;
        _thread = new Thread(Serve) { Name = "re-request server", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>What it has done so far.</summary>
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

    /// <summary>Stops listening and waits for the thread.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
        _socket.Dispose();
    }

    private void Serve()
    {
        byte[] request = new byte[LongestDatagram];
        var sender = new SocketAddress(AddressFamily.InterNetwork);
        while (!_isStopping)
        {
            int length;
            try
            {
                length = _socket.ReceiveFrom(request, SocketFlags.None, sender);
            }
            catch (SocketException)
            {
                continue; // the time-out that lets it look whether to stop, or a requester that is gone
            }

            lock (_gate)
            {
                Answer(request.AsSpan(0, length), sender);
            }
        }
    }

    private void Answer(ReadOnlySpan<byte> request, SocketAddress sender)
    {
        _counts = _counts with { Requests = _counts.Requests + 1 };
        bool isRequestLost = _random.Chance(_requestLoss);
        bool isReplyLost = _random.Chance(_replyLoss);
        if (isRequestLost)
        {
            _counts = _counts with { LostRequests = _counts.LostRequests + 1 };
            return;
        }

        Publication publication = _publication();
        if (request.Length != MoldSession.HeadLength || publication.Protocol is not MoldSession session)
        {
            _counts = _counts with { Malformed = _counts.Malformed + 1 };
            return;
        }

        int length = Fill(publication, session, request, out int messages);
        if (length == 0)
        {
            return;
        }

        if (isReplyLost)
        {
            _counts = _counts with { LostReplies = _counts.LostReplies + 1 };
            return;
        }

        try
        {
            _ = _socket.SendTo(_reply.AsSpan(0, length), SocketFlags.None, sender);
            _counts = _counts with { Replies = _counts.Replies + 1, Messages = _counts.Messages + messages };
        }
        catch (SocketException)
        {
            _counts = _counts with { SendFailures = _counts.SendFailures + 1 };
        }
    }

    /// <returns>Bytes of the reply; 0 for none.</returns>
    private int Fill(Publication publication, MoldSession session, ReadOnlySpan<byte> request, out int messages)
    {
        messages = 0;
        (ulong wanted, ushort count) = MoldSession.Read(request);
        if (!session.IsNamedBy(request))
        {
            _counts = _counts with { OtherSession = _counts.OtherSession + 1 };
            return 0;
        }

        if (count == 0)
        {
            _counts = _counts with { Malformed = _counts.Malformed + 1 };
            return 0;
        }

        ulong published = publication.NextSequence;
        if (wanted == 0 || wanted >= published)
        {
            _counts = _counts with { Beyond = _counts.Beyond + 1 };
            return 0;
        }

        int available = (int)Math.Min(count, published - wanted);
        int length = Copy(publication.Tape, wanted, available, out messages);
        session.WriteHead(_reply, wanted, (ushort)messages);
        return length;
    }

    private int Copy(PacketTape tape, ulong wanted, int available, out int messages)
    {
        messages = 0;
        int length = MoldSession.HeadLength;
        for (int index = tape.Find(wanted); index < tape.Count && messages < available; index++)
        {
            ReadOnlySpan<byte> payload = tape.Payload(index);
            ulong sequence = tape.First(index);
            for (int at = MoldSession.HeadLength; at < payload.Length && messages < available; sequence++)
            {
                int block = MoldSession.BlockLength(payload, at);
                if (sequence >= wanted)
                {
                    if (length + block > _reply.Length)
                    {
                        return length;
                    }

                    payload.Slice(at, block).CopyTo(_reply.AsSpan(length));
                    length += block;
                    messages++;
                }

                at += block;
            }
        }

        return length;
    }
}
