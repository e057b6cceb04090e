using Engine.Core.Time;

namespace Engine.Feeds.BitMex.Live;

/// <summary>
/// The lines of a live session. Tasks of the thread pool connect, subscribe, receive and connect again; the thread that calls
/// <see cref="Next"/> reads what they put into a ring, allocates nothing and waits for nothing.
/// </summary>
internal sealed unsafe class BitMexConnection : BitMexLines
{
    private static readonly TimeSpan s_endWithin = TimeSpan.FromSeconds(30);

    private readonly LineRing _ring;
    private readonly LineInlet _inlet;
    private readonly LineBell _bell = new();
    private readonly bool _parks;
    private readonly BitMexRequests _requests;
    private readonly BitMexReconnector _reconnector;
    private readonly BitMexLineWriter _text;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _kill = new();
    private Task? _running;
    private volatile bool _neverStarted;

    /// <param name="options">What to connect to, and every bound.</param>
    /// <param name="clock">Gives lines their time.</param>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    public BitMexConnection(BitMexLiveOptions options, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        if (options.Problem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        _ring = new LineRing(options.RingBytes);
        _inlet = new LineInlet(_ring, Counters, _bell);
        _parks = options.Parks;
        _requests = new BitMexRequests(options);
        byte[] message = GC.AllocateUninitializedArray<byte>(options.MessageBytesMax, pinned: true);
        _reconnector = new BitMexReconnector(new BitMexLinkContext(options, clock, _inlet, _requests, Counters, Problems, message), _stop, _kill);
        _text = new BitMexLineWriter(options.WebSocket);
    }

    /// <summary>What has been seen.</summary>
    public BitMexLiveCounters Counters { get; } = new();

    /// <summary>What has gone wrong.</summary>
    public BitMexProblems Problems { get; } = new();

    /// <inheritdoc/>
    public override IReadOnlyList<CaptureIdentity> Captures => [];

    /// <inheritdoc/>
    public override string Format => "BitMEX websocket";

    /// <inheritdoc/>
    public override SourceFault? Fault => _reconnector.Fault;

    /// <summary>Requests for the book of a symbol that the connection does not follow.</summary>
    public long UnknownResubscriptions => _requests.UnknownSymbols;

    /// <summary>Begins to connect.</summary>
    public void Start()
    {
        if (_running is not null)
        {
            throw new InvalidOperationException("The connection was started already.");
        }

        _running = Task.Run(_reconnector.RunAsync);
    }

    /// <summary>Asks for a clean end; the lines up to it still come, and then <see cref="BitMexNext.End"/>. Any thread.</summary>
    public void Stop()
    {
        _stop.Cancel();
        if (_running is null)
        {
            _neverStarted = true;
        }
    }

    /// <summary>Asks for the book of a symbol from its beginning, because what is held of it is not to be trusted. Any thread; nothing
    /// is allocated. Asked for again before it was done, it is done once.</summary>
    /// <param name="symbol">The symbol in UTF-8.</param>
    /// <returns>False, and counted, where the connection does not follow the symbol.</returns>
    public bool RequestResubscribe(ReadOnlySpan<byte> symbol) => _requests.Want(symbol);

    /// <inheritdoc/>
    /// <remarks>Where the options say so, it gives the core away for some milliseconds before it answers that there is no line.</remarks>
    public override BitMexNext Next()
    {
        // Asked before the ring, since the last line is put in before the end is told.
        bool isOver = _reconnector.IsOver || _neverStarted;
        return TryTake() || (_parks && !isOver && TryTakeOrSleep()) ? BitMexNext.Line
            : isOver ? BitMexNext.End
            : BitMexNext.Idle;
    }

    /// <summary>Ends everything at once; for the thread that reads.</summary>
    public override void Dispose()
    {
        _stop.Cancel();
        _kill.Cancel();
        if (_running is null || _running.Wait(s_endWithin))
        {
            Data = null;
            Length = 0;
            _ring.Dispose();
            _inlet.Dispose();
            _bell.Dispose();
            _stop.Dispose();
            _kill.Dispose();
        }
    }

    private bool TryTakeOrSleep()
    {
        _bell.Await();
        if (TryTake())
        {
            _bell.Leave();
            return true;
        }

        _bell.Sleep();
        return false;
    }

    private bool TryTake()
    {
        // SAFETY: the head and the bytes behind it stay the reader's until the next TryRead.
        if (_ring.TryRead(out LineHead* line))
        {
            Kind = line->Kind;
            Time = line->Time;
            HasGoodTime = line->HasGoodTime;
            Length = line->Length;
            Data = (byte*)(line + 1);
            Bytes = _text.Bytes(Kind, Time, Length);
            return true;
        }

        Data = null;
        Length = 0;
        Bytes = 0;
        return false;
    }
}
