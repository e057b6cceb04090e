using System.Net;
using Engine.Core.Events;

namespace Engine.Simulator.Live;

/// <summary>
/// A simulated exchange on real sockets: multicast lines, a re-request server and a snapshot server, each of which can be stopped,
/// killed and started again while the others go on. The day is simulated before anything is sent. Endpoints are fixed by the
/// first start. Its methods are for one controlling thread; threads of its own: one publishes, one answers re-requests, one
/// listens for snapshots, and one more for each snapshot's client.
/// </summary>
public sealed class SimulatedVenue : IDisposable
{
    private readonly SimulatedVenueOptions _options;
    private readonly FaultyLine[] _lines;
    private readonly GlimpseServer _glimpse;
    private Publication _publication;
    private int _nextPacket;
    private MulticastPublisher? _publisher;
    private Thread? _publisherThread;
    private Exception? _publisherFault;
    private RerequestServer? _requests;
    private XdpRequestServer? _xdpRequests;
    private SoupBinTcpServer? _snapshots;
    private RerequestCounts _pastRequests;
    private SoupBinCounts _pastSnapshots;
    private long _pastSlippedNanos;
    private ulong _holdAfter = ulong.MaxValue;

    /// <summary>Simulates the day and opens the lines; nothing is sent yet.</summary>
    /// <param name="options">What it is.</param>
    /// <exception cref="ArgumentException">The options are invalid; the message says how.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">An address cannot be used.</exception>
    public SimulatedVenue(SimulatedVenueOptions options)
    {
        if (options.Problem() is string problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        _options = options;
        _publication = SessionSimulation.Run(options, options.Session);
        _glimpse = new GlimpseServer(() => Publication);
        var lines = new List<LineEndpoint>();
        _lines = new FaultyLine[options.Lines.Count];
        for (int i = 0; i < _lines.Length; i++)
        {
            LineOptions line = options.Lines[i];
            LineEndpoint endpoint = Endpoint(line);
            var socket = new LineSocket(new IPEndPoint(line.Group, endpoint.Port), options.Interface);
            _lines[i] = new FaultyLine(socket, line.Faults, options.FaultSeed, i);
            lines.Add(endpoint);
        }

        Endpoints = new VenueEndpoints(
            options.Day.Venue,
            lines,
            new IPEndPoint(options.Interface, options.RequestPort),
            new IPEndPoint(options.Interface, options.SnapshotPort))
        {
            Retransmissions = options.Day.Venue == Venue.Xdp ? [Endpoint(options.Retransmission)] : [],
        };
    }

    /// <summary>Where everything is; the servers' ports are known once they have been started.</summary>
    public VenueEndpoints Endpoints { get; private set; }

    /// <summary>The session of the moment and its progress.</summary>
    public Publication Publication => Volatile.Read(ref _publication);

    /// <summary>Whether the whole session has been published and its end said.</summary>
    public bool IsFinished => _publisherThread is { IsAlive: false } && Publication.IsComplete;

    /// <summary>Packets that begin behind this message wait, and heartbeats go out, until it is raised; kept over restarts.</summary>
    public ulong HoldAfter
    {
        get => _holdAfter;
        set
        {
            _holdAfter = value;
            if (_publisher is MulticastPublisher publisher)
            {
                publisher.HoldAfter = value;
            }
        }
    }

    /// <summary>Starts the servers, of which XDP has only the one for re-requests and DEEP none, then the publisher.</summary>
    public void Start()
    {
        if (_options.Day.Venue == Venue.Xdp)
        {
            StartRequestServer();
        }
        else if (_options.Day.Venue == Venue.Itch50)
        {
            StartRequestServer();
            StartSnapshotServer();
        }

        StartPublisher();
    }

    /// <summary>Ends the session, if it has not ended, and stops every part.</summary>
    public void Stop()
    {
        bool hasEnded = IsFinished;
        EndPublisher(publisher => publisher.Close(end: !hasEnded));
        StopRequestServer();
        StopSnapshotServer();
    }

    /// <summary>Stops every part at once, without a goodbye; what waited on the lines is lost.</summary>
    public void Kill()
    {
        KillPublisher();
        StopRequestServer();
        StopSnapshotServer();
    }

    /// <summary>Starts the publisher, or goes on where it stopped; nothing happens while it runs.</summary>
    /// <param name="newSession">
    /// The day begins again under this name, ten characters (a venue but ITCH has no names); null goes on with the session.
    /// </param>
    public void StartPublisher(string? newSession = null)
    {
        if (_publisher is not null && newSession is null)
        {
            return;
        }

        StopPublisher();
        if (newSession is not null)
        {
            Volatile.Write(ref _publication, SessionSimulation.Run(_options, newSession));
            _nextPacket = 0;
        }

        var publisher = new MulticastPublisher(Publication, _lines, _options.Heartbeat) { HoldAfter = _holdAfter };
        _publisher = publisher;
        _publisherThread = new Thread(() => Run(publisher)) { Name = "publisher", IsBackground = true };
        _publisherThread.Start();
    }

    /// <summary>Stops the publisher; what waits on the lines is sent, and no end of session.</summary>
    public void StopPublisher() => EndPublisher(publisher => publisher.Close(end: false));

    /// <summary>Stops the publisher as if it had been killed: what waits on the lines is lost.</summary>
    public void KillPublisher() => EndPublisher(_ => Array.ForEach(_lines, line => line.Discard()));

    /// <summary>Starts the re-request server; nothing happens while it runs.</summary>
    public void StartRequestServer()
    {
        if (_options.Day.Venue == Venue.Xdp)
        {
            _xdpRequests ??= new XdpRequestServer(
                Endpoints.Request, Endpoints.Retransmissions[0], () => Publication, _options.RequestLoss, _options.ReplyLoss, _options.FaultSeed);
            Endpoints = Endpoints with { Request = _xdpRequests.Endpoint };
            return;
        }

        _requests ??= new RerequestServer(
            Endpoints.Request, () => Publication, _options.RequestLoss, _options.ReplyLoss, _options.FaultSeed);
        Endpoints = Endpoints with { Request = _requests.Endpoint };
    }

    /// <summary>Stops the re-request server.</summary>
    public void StopRequestServer()
    {
        if (_requests is not null)
        {
            _requests.Dispose();
            _pastRequests = VenueSummary.Add(_pastRequests, _requests.Counts);
            _requests = null;
        }

        if (_xdpRequests is not null)
        {
            _xdpRequests.Dispose();
            _pastRequests = VenueSummary.Add(_pastRequests, _xdpRequests.Counts);
            _xdpRequests = null;
        }
    }

    /// <summary>Starts the snapshot server; nothing happens while it runs.</summary>
    public void StartSnapshotServer()
    {
        _snapshots ??= new SoupBinTcpServer(Endpoints.Snapshot, _options.Snapshot, _glimpse);
        Endpoints = Endpoints with { Snapshot = _snapshots.Endpoint };
    }

    /// <summary>Stops the snapshot server; its connections are cut.</summary>
    public void StopSnapshotServer()
    {
        if (_snapshots is not null)
        {
            _snapshots.Dispose();
            _pastSnapshots = VenueSummary.Add(_pastSnapshots, _snapshots.Counts);
            _snapshots = null;
        }
    }

    /// <summary>Waits until a message has been published.</summary>
    /// <param name="sequence">Its sequence; past the last, the end of the session is waited for.</param>
    /// <param name="timeout">How long at most.</param>
    /// <returns>False when the time ran out.</returns>
    /// <exception cref="InvalidOperationException">The publisher failed.</exception>
    public bool WaitForPublished(ulong sequence, TimeSpan timeout)
    {
        long end = Core.Time.MonotonicTimer.NowNanos + (timeout.Ticks * TimeSpan.NanosecondsPerTick);
        while (!(Publication.NextSequence > sequence || IsFinished))
        {
            if (Volatile.Read(ref _publisherFault) is Exception fault)
            {
                throw new InvalidOperationException($"the publisher failed: {fault.Message}", fault);
            }

            if (Core.Time.MonotonicTimer.NowNanos > end)
            {
                return false;
            }

            Thread.Sleep(1);
        }

        return true;
    }

    /// <summary>What has been done so far.</summary>
    public VenueSummary Summary() => new(
        Publication.Protocol.Session,
        Publication.NextSequence - 1,
        Publication.Tape.NextSequence - 1,
        _pastSlippedNanos + (_publisher?.SlippedNanos ?? 0),
        [.. _lines.Select((line, i) => (_options.Lines[i].Name, line.Counts))],
        VenueSummary.Add(_pastRequests, _requests?.Counts ?? _xdpRequests?.Counts ?? default),
        _snapshots is null ? _pastSnapshots : VenueSummary.Add(_pastSnapshots, _snapshots.Counts),
        _glimpse.Contradictions);

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        foreach (FaultyLine line in _lines)
        {
            line.Dispose();
        }
    }

    private LineEndpoint Endpoint(LineOptions line) =>
        new(line.Name, line.Group, line.Port == 0 ? LineSocket.FreePort(_options.Interface) : line.Port, _options.Interface);

    private void Run(MulticastPublisher publisher)
    {
        try
        {
            PacketTape tape = Publication.Tape;
            for (; _nextPacket < tape.Count; _nextPacket++)
            {
                publisher.Packet(tape.TimeNanos(_nextPacket), tape.Payload(_nextPacket));
                if (publisher.IsStopping && tape.First(_nextPacket) >= Publication.NextSequence)
                {
                    return; // this packet has not left
                }
            }

            publisher.Finish();
        }
        catch (Exception fault)
        {
            Volatile.Write(ref _publisherFault, fault);
        }
    }

    private void EndPublisher(Action<MulticastPublisher> last)
    {
        if (_publisher is not null)
        {
            _publisher.RequestStop();
            _publisherThread!.Join();
            last(_publisher);
            _pastSlippedNanos += _publisher.SlippedNanos;
            _publisher.Dispose();
            _publisher = null;
        }
    }
}
