using System.Net;
using System.Net.Sockets;

namespace Engine.Simulator.Live;

/// <summary>
/// A SoupBinTCP server: login with user, password, session and sequence; sequenced messages; end of session; then heartbeats until
/// the client logs out, leaves, or is silent too long. One thread listens, one serves each connection.
/// </summary>
public sealed class SoupBinTcpServer : IDisposable
{
    /// <summary>Most connections at a time.</summary>
    public const int ConnectionLimit = 8;

    private readonly SoupBinOptions _options;
    private readonly ISoupBinService _service;
    private readonly Socket _listener;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly List<(Socket Socket, Thread Thread)> _open = [];
    private SoupBinCounts _counts;
    private volatile bool _isStopping;

    /// <param name="endpoint">Where it listens; port 0 picks a free one.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="service">What it serves.</param>
    /// <exception cref="SocketException">The address cannot be used.</exception>
    public SoupBinTcpServer(IPEndPoint endpoint, SoupBinOptions options, ISoupBinService service)
    {
        _options = options;
        _service = service;
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
            throw;
        }

        Endpoint = (IPEndPoint)_listener.LocalEndPoint!;
        _thread = new Thread(Listen) { Name = "snapshot server", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>What it has done so far.</summary>
    public SoupBinCounts Counts
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
        (Socket Socket, Thread Thread)[] open;
        lock (_gate)
        {
            open = [.. _open];
        }

        foreach ((Socket socket, _) in open)
        {
            Shut(socket);
        }

        foreach ((_, Thread thread) in open)
        {
            thread.Join();
        }
    }

    /// <summary>Counts; for the sessions.</summary>
    /// <param name="change">What to add.</param>
    internal void Count(Func<SoupBinCounts, SoupBinCounts> change)
    {
        lock (_gate)
        {
            _counts = change(_counts);
        }
    }

    private void Listen()
    {
        const int pollMicros = 50_000;
        while (!_isStopping)
        {
            if (!_listener.Poll(pollMicros, SelectMode.SelectRead))
            {
                continue;
            }

            try
            {
                Take(_listener.Accept());
            }
            catch (SocketException)
            {
                Count(c => c with { Lost = c.Lost + 1 }); // it left before it was taken
            }
        }
    }

    private void Take(Socket socket)
    {
        lock (_gate)
        {
            if (_open.Count == ConnectionLimit)
            {
                _counts.Refused++;
                socket.Dispose();
                return;
            }

            _counts.Connections++;
            var thread = new Thread(() => Serve(socket)) { Name = "snapshot connection", IsBackground = true };
            _open.Add((socket, thread));
            thread.Start();
        }
    }

    private void Serve(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            socket.SendTimeout = (int)_options.Timeout.TotalMilliseconds;
            new SoupBinSession(this, _options, _service, new SoupBinConnection(socket), () => _isStopping).Run();
            Shut(socket);
        }
        catch (SocketException e)
        {
            bool timedOut = e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock;
            Count(c => timedOut ? c with { Timeouts = c.Timeouts + 1 } : c with { Lost = c.Lost + 1 });
        }
        finally
        {
            lock (_gate)
            {
                _open.RemoveAll(o => ReferenceEquals(o.Socket, socket));
            }

            socket.Dispose();
        }
    }

    private static void Shut(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already, which is what was wanted.
        }
    }
}
