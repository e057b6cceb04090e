using System.Text;
using System.Text.Json.Nodes;
using Engine.Core.Time;
using Engine.Simulator.Live.BitMex;

namespace Engine.Host.Tests.Support;

/// <summary>A simulated BitMEX on this host's loopback, and the program connected to it. What the program has taken is seen in its
/// recording.</summary>
internal sealed class BitMexLiveSession : IDisposable
{
    private const int Tables = 4;

    private readonly EngineBinary _engine;
    private readonly string _config = Repository.NewPath(".json");
    private readonly RecordingTail _tail;
    private EngineProcess? _process;
    private long _undelivered;

    /// <summary>Opens the venue.</summary>
    public BitMexLiveSession(EngineBinary engine)
    {
        _engine = engine;
        Server = new BitMexServer(new BitMexServerOptions { Seed = 7, FrameBytes = 700 }, new AheadClock());
        Server.Start();
        _tail = new RecordingTail(Recording);
        Configuration = JsonNode.Parse($$"""
            {
              "venue": "bitmex",
              "bitmex": {
                "websocket": "{{Server.WebSocket}}", "symbols": ["XBTUSD", "ETHUSD", "SHIBXBT"], "wait": "park",
                "look_every_ms": 5, "first_wait_ms": 5, "longest_wait_ms": 40, "resubscribe_every_ms": 1
              }
            }
            """)!;
    }

    /// <summary>The venue.</summary>
    public BitMexServer Server { get; }

    /// <summary>Where the program records.</summary>
    public string Recording { get; } = Repository.NewPath(".txt");

    /// <summary>What the program is configured with; edit it before <see cref="Start"/>.</summary>
    public JsonNode Configuration { get; }

    /// <summary>What has been recorded.</summary>
    public RecordingTail Recorded => _tail;

    /// <summary>Starts the program.</summary>
    /// <param name="command">`live` or `record`.</param>
    /// <param name="options">What else the command is given.</param>
    public void Start(string command, params string[] options)
    {
        File.WriteAllText(_config, Configuration.ToJsonString(), new UTF8Encoding(false));
        _process = _engine.Start([command, "--config", _config, "--json", .. options]);
    }

    /// <summary>Waits for a connection, counted from 1, and every partial of it. The venue makes no step meanwhile.</summary>
    public void AwaitConnection(int count)
    {
        int all = Tables * BitMexSymbol.Usual.Count;
        Until(tail => tail.Opened == count && tail.PartialsSinceOpened == all, $"connection {count} with its {all} partials");
        _undelivered = Server.Counts.Messages - _tail.TableMessages;
    }

    /// <summary>Waits until everything that the venue told is recorded.</summary>
    public void AwaitAll() => Until(tail => tail.TableMessages == Server.Counts.Messages - _undelivered, "everything that the venue told");

    /// <summary>Waits until the recording says something.</summary>
    public void Until(Func<RecordingTail, bool> holds, string what) => _process!.WaitUntil(
        () =>
        {
            _tail.ReadOn();
            return holds(_tail);
        },
        what);

    /// <summary>Asks for the counters.</summary>
    public void AskForCounters() => _process!.AskForCounters();

    /// <summary>Waits for the program to end by itself.</summary>
    public EngineRun Wait() => _process!.Wait();

    /// <summary>Presses Ctrl-C.</summary>
    public EngineRun End()
    {
        _process!.Interrupt();
        return _process.Wait();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process?.Dispose();
        Server.Dispose();
    }

    /// <summary>A venue's clock that is fast, so that its quotes are settled at once: see the quote check's margin.</summary>
    private sealed class AheadClock : IClock
    {
        private const long AheadNanos = 300_000_000;

        private readonly WallClock _clock = new();

        public long NowNanos => _clock.NowNanos + AheadNanos;
    }
}
