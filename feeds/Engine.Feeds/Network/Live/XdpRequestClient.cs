using System.Net.Sockets;
using System.Text;
using Engine.Core.Time;
using Engine.Feeds.Xdp;

namespace Engine.Feeds.Network.Live;

/// <summary>
/// Keeps a TCP connection to an XDP request server on a cold thread of its own, for one hot thread that only leaves ranges to ask
/// for.
/// </summary>
/// <remarks>
/// <code>
/// hot   1. Ask: a slot of the ring is written, then the tail moves on (release), then the cold thread is woken
/// cold  2. the tail (acquire), the slot, then the head moves on (release), so that the hot thread overwrites only what was read
/// </code>
/// A full ring refuses; ranges that are left while there is no connection are given up. Both are counted, and whoever waits for the
/// messages asks again. Make the client before the hot thread pins itself, since threads inherit their CPUs.
/// </remarks>
internal sealed class XdpRequestClient : IDisposable
{
    /// <summary>Ranges that wait at most.</summary>
    public const int Capacity = 64;

    /// <summary>Messages asked for at once: of a longer hole the rest is asked for when these have come.</summary>
    public const uint MostMessages = 1_000;

    private const int PauseMillis = 1_000, ConnectMillis = 5_000, SliceMillis = 20, SendMillis = 1_000;
    private const int ReceiveBytes = 1 << 16;

    private readonly LiveXdpRequests _server;
    private readonly byte[] _source;
    private readonly (uint First, uint Last)[] _ring = new (uint, uint)[Capacity];
    private readonly byte[] _packet = new byte[XdpRequests.RequestSize];
    private readonly byte[] _received = new byte[ReceiveBytes];
    private readonly AutoResetEvent _wake = new(false);
    private readonly WallClock _clock = new();
    private readonly Thread _thread;
    private long _tail;
    private long _head;
    private long _refused;
    private long _faultCount;
    private string _fault = "";
    private int _filled;
    private uint _sequence;
    private volatile bool _isReceived;
    private volatile bool _isStopping;

    /// <summary>Starts the cold thread, which connects at once.</summary>
    /// <exception cref="LiveFeedException">An option that cannot be.</exception>
    public XdpRequestClient(LiveXdpRequests server)
    {
        if (!XdpRequests.IsSourceId(server.SourceId))
        {
            throw new LiveFeedException($"request server {server.Server}: a source id has 1 to {XdpRequests.SourceIdSize} letters of ASCII, not '{server.SourceId}'");
        }

        _server = server;
        _source = Encoding.ASCII.GetBytes(server.SourceId);
        _thread = new Thread(Work) { IsBackground = true, Name = "requests" };
        _thread.Start();
    }

    /// <summary>What went wrong (connections lost or not made, requests rejected): how often, and the last. On any thread.</summary>
    public (long Count, string Last) Faults => (Volatile.Read(ref _faultCount), Volatile.Read(ref _fault));

    /// <summary>Ranges that were not asked for: the ring was full, or there was no connection.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Asks for messages; the hot thread.</summary>
    public void Ask(ulong from, ulong count)
    {
        ulong last = from + Math.Min(count, MostMessages) - 1;
        if (count == 0 || last > uint.MaxValue || _tail - Volatile.Read(ref _head) == Capacity)
        {
            _ = Interlocked.Increment(ref _refused);
            return;
        }

        _ring[_tail % Capacity] = ((uint)from, (uint)last);
        Volatile.Write(ref _tail, _tail + 1);
        _ = _wake.Set();
    }

    /// <summary>Ends the connection and the thread; takes a few tens of milliseconds.</summary>
    public void Dispose()
    {
        if (!_isStopping)
        {
            _isStopping = true;
            _ = _wake.Set();
            _thread.Join();
            _wake.Dispose();
        }
    }

    private void Work()
    {
        while (!_isStopping)
        {
            string? fault;
            try
            {
                fault = Attend();
            }
            catch (SocketException failure)
            {
                fault = $"broke the connection off ({failure.SocketErrorCode}): check the network and the server";
            }
            catch (Exception failure)
            {
                // A cold thread must not end the process; what went wrong is told to operators.
                fault = $"could not be asked ({failure.GetType().Name}: {failure.Message.ReplaceLineEndings(" ")})";
            }

            if (fault is not null && !_isStopping)
            {
                Tell(fault);
                Pause();
            }
        }
    }

    /// <summary>One connection, from its beginning to its end.</summary>
    private string? Attend()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendTimeout = SendMillis };
        if (Connect(socket) is { } fault)
        {
            return fault;
        }

        _filled = 0;
        _sequence = 0;
        _isReceived = true;
        using SocketAsyncEventArgs receiving = new();
        receiving.Completed += (_, _) => Wake();
        try
        {
            string? end = Listen(socket, receiving);
            while (end is null && !_isStopping)
            {
                _ = _wake.WaitOne();
                Send(socket);
                end = _isReceived ? Read(socket, receiving) ?? Listen(socket, receiving) : null;
            }

            return end;
        }
        finally
        {
            // The buffer belongs to the receive until that has ended.
            socket.Close();
            while (!_isReceived)
            {
                _ = _wake.WaitOne(SliceMillis);
            }
        }
    }

    private void Wake()
    {
        _isReceived = true;
        _ = _wake.Set();
    }

    private string? Connect(Socket socket)
    {
        Task connecting = socket.ConnectAsync(_server.Server);
        long began = MonotonicTimer.NowNanos;
        while (!((IAsyncResult)connecting).AsyncWaitHandle.WaitOne(SliceMillis))
        {
            if (_isStopping || MonotonicTimer.NowNanos - began > ConnectMillis * 1_000_000L)
            {
                return $"did not answer within {ConnectMillis / 1_000} s: check its address and the network";
            }
        }

        return connecting.Exception?.InnerException is { } failure ? $"cannot be reached ({failure.Message.ReplaceLineEndings(" ")}): check that it runs, and its port" : null;
    }

    /// <summary>Begins to receive, and takes what is there at once.</summary>
    private string? Listen(Socket socket, SocketAsyncEventArgs receiving)
    {
        while (true)
        {
            receiving.SetBuffer(_received, _filled, _received.Length - _filled);
            _isReceived = false;
            if (socket.ReceiveAsync(receiving))
            {
                return null;
            }

            _isReceived = true;
            if (Read(socket, receiving) is { } fault)
            {
                return fault;
            }
        }
    }

    private string? Read(Socket socket, SocketAsyncEventArgs receiving)
    {
        if (receiving.SocketError != SocketError.Success || receiving.BytesTransferred == 0)
        {
            return receiving.SocketError == SocketError.Success ? "closed the connection" : $"broke the connection off ({receiving.SocketError})";
        }

        _filled += receiving.BytesTransferred;
        int at = 0;
        int size;
        while ((size = XdpRequests.PacketSize(_received.AsSpan(at, _filled - at))) > 0 && size <= _filled - at)
        {
            TakePacket(socket, _received.AsSpan(at, size));
            at += size;
        }

        // A packet is shorter than the buffer, so that there is always room to receive more.
        _received.AsSpan(at, _filled - at).CopyTo(_received);
        _filled -= at;
        return size < 0 ? "sent what is no XDP packet: check that it is a request server" : null;
    }

    private void TakePacket(Socket socket, ReadOnlySpan<byte> packet)
    {
        if (XdpRequests.IsHeartbeat(packet))
        {
            XdpRequests.WriteHeartbeatResponse(_packet, ++_sequence, _clock.NowNanos, _source);
            _ = socket.Send(_packet.AsSpan(0, XdpRequests.HeartbeatResponseSize));
            return;
        }

        ReadOnlySpan<byte> messages = packet[XdpHeader.Size..];
        while (XdpRequests.TryNext(ref messages, out ReadOnlySpan<byte> message))
        {
            if (XdpRequests.TryReadStatus(message, out byte status) && status != XdpRequests.Accepted)
            {
                Tell($"rejected a request: {XdpRequests.Words(status)}");
            }
        }
    }

    private void Send(Socket socket)
    {
        for (long tail = Volatile.Read(ref _tail); _head < tail; Volatile.Write(ref _head, _head + 1))
        {
            (uint first, uint last) = _ring[_head % Capacity];
            XdpRequests.WriteRequest(_packet, ++_sequence, _clock.NowNanos, first, last, _source, _server.Product, _server.Channel);
            _ = socket.Send(_packet.AsSpan(0, XdpRequests.RequestSize));
        }
    }

    /// <summary>Without a connection nothing is asked for until the next attempt.</summary>
    private void Pause()
    {
        long end = MonotonicTimer.NowNanos + (PauseMillis * 1_000_000L);
        while (!_isStopping && MonotonicTimer.NowNanos < end)
        {
            _ = _wake.WaitOne(SliceMillis);
            long tail = Volatile.Read(ref _tail);
            _ = Interlocked.Add(ref _refused, tail - _head);
            Volatile.Write(ref _head, tail);
        }
    }

    private void Tell(string fault)
    {
        Volatile.Write(ref _fault, $"request server {_server.Server} {fault}");
        Volatile.Write(ref _faultCount, _faultCount + 1);
    }
}
