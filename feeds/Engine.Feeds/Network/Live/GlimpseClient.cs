namespace Engine.Feeds.Network.Live;

/// <summary>Where a <see cref="GlimpseClient"/> is.</summary>
internal enum GlimpseState
{
    /// <summary>Nothing is asked for.</summary>
    Idle,

    /// <summary>The connection is being made, or the login is not answered.</summary>
    Connecting,

    /// <summary>Messages come in.</summary>
    Reading,

    /// <summary>A whole snapshot is there.</summary>
    Ready,

    /// <summary>The attempt failed.</summary>
    Failed,
}

/// <summary>
/// Fetches snapshots from a GLIMPSE server on a cold thread of its own, for one hot thread that only looks.
/// </summary>
/// <remarks>
/// <code>
///          Start             login accepted          end of snapshot
///   Idle ---------> Connecting -----------> Reading ----------------> Ready ----+
///    ^                  |                      |                                | Reset
///    |                  +----------+-----------+-----> Failed ------------------+
///    +--------------------------------------------------------------------------+
/// hot:  Idle -> Connecting, Ready -> Idle, Failed -> Idle        cold: all others
/// </code>
/// The state is written by one side at a time, with release; the cold side writes the results before Ready or Failed, the hot side
/// reads the state with acquire before them. So there is no lock, and no member that the hot thread calls throws or blocks.
/// Make the client before the hot thread pins itself, since threads inherit their CPUs.
/// </remarks>
internal sealed unsafe class GlimpseClient : IDisposable
{
    private readonly GlimpseOptions _options;
    private readonly SnapshotBuffer _snapshot;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private readonly byte[] _session = new byte[SoupBinTcp.SessionSize];
    private volatile int _state;
    private volatile bool _stopping;
    private long _bytesSoFar;
    private int _sessionLength;
    private bool _disposed;

    /// <summary>Starts the cold thread, which connects to nothing before <see cref="Start"/>.</summary>
    /// <exception cref="LiveFeedException">An option that cannot be.</exception>
    public GlimpseClient(GlimpseOptions options)
    {
        options.Check();
        _options = options;
        _snapshot = new SnapshotBuffer(options.MaxBytes);
        _thread = new Thread(Work) { IsBackground = true, Name = "snapshot" };
        _thread.Start();
    }

    /// <summary>Where it is; what belongs to a state may be read after it was seen here.</summary>
    public GlimpseState State => (GlimpseState)_state;

    /// <summary>Attempts begun.</summary>
    public long Attempts { get; private set; }

    /// <summary>Bytes of the attempt so far, lengths included; at any state.</summary>
    public long BytesSoFar => Volatile.Read(ref _bytesSoFar);

    // SAFETY: Length bytes of the snapshot's own memory, which nobody moves while it is Ready.
    /// <summary>Ready: the first message's u16 big-endian length; valid until <see cref="Reset"/> or <see cref="Dispose"/>.</summary>
    public byte* Data => _snapshot.Start;

    /// <summary>Ready: bytes, lengths included; 0 for an empty snapshot.</summary>
    public long Length => _snapshot.Length;

    /// <summary>Ready: messages, without the one that ends the snapshot.</summary>
    public long Messages => _snapshot.Messages;

    /// <summary>Ready: the sequence of the feed's first message that the snapshot does not contain.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>Ready: the session that the server named, without blanks.</summary>
    public string Session { get; private set; } = "";

    /// <summary>Ready or Failed: packets passed over, such as debug texts.</summary>
    public long OtherPackets { get; private set; }

    /// <summary>Failed: one line for operators: which server, what, what to do.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Asks for a snapshot.</summary>
    /// <returns>False where one is being fetched, or the last is not taken yet: <see cref="Reset"/> first.</returns>
    public bool Start()
    {
        if (_state != (int)GlimpseState.Idle || _stopping)
        {
            return false;
        }

        Attempts++;
        Volatile.Write(ref _bytesSoFar, 0);
        _state = (int)GlimpseState.Connecting;
        _ = _wake.Set();
        return true;
    }

    /// <summary>Lets the result of the last attempt go.</summary>
    /// <returns>False where there is none.</returns>
    public bool Reset()
    {
        if (_state is not ((int)GlimpseState.Ready or (int)GlimpseState.Failed))
        {
            return false;
        }

        _state = (int)GlimpseState.Idle;
        return true;
    }

    /// <summary>Ready: whether a feed's session, padded by blanks on either side, is the snapshot's.</summary>
    public bool IsSession(ReadOnlySpan<byte> session) => session.Trim((byte)' ').SequenceEqual(_session.AsSpan(0, _sessionLength));

    /// <summary>Gives up what is going on, ends the thread and frees the snapshot. At any moment; takes a few tens of milliseconds.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _stopping = true;
        _ = _wake.Set();
        _thread.Join();
        _wake.Dispose();
        _snapshot.Dispose();
    }

    private void Work()
    {
        while (true)
        {
            _ = _wake.WaitOne();
            if (_state == (int)GlimpseState.Connecting)
            {
                Fetch();
            }

            if (_stopping)
            {
                return;
            }
        }
    }

    private void Fetch()
    {
        string? fault;
        try
        {
            _snapshot.Clear();
            using GlimpseAttempt attempt = new(_options, _snapshot, () => _stopping, Progress);
            fault = attempt.Run();
            Session = attempt.Session;
            _sessionLength = System.Text.Encoding.ASCII.GetBytes(Session, _session);
            NextSequence = attempt.NextSequence;
            OtherPackets = attempt.OtherPackets;
        }
        catch (Exception failure)
        {
            // A cold thread must not end the process; what went wrong is told to operators.
            fault = $"could not be asked ({failure.GetType().Name}: {failure.Message.ReplaceLineEndings(" ")})";
        }

        Reason = fault is null ? "" : $"snapshot server {_options.Server} {fault}";
        _state = (int)(fault is null ? GlimpseState.Ready : GlimpseState.Failed);
    }

    private void Progress(long bytes)
    {
        Volatile.Write(ref _bytesSoFar, bytes);
        _state = (int)GlimpseState.Reading;
    }
}
