using System.Diagnostics;
using System.Text;
using Engine.Core.Time;
using Engine.Feeds.BitMex;
using Engine.Feeds.BitMex.Live;
using Engine.Simulator.Live.BitMex;

namespace Engine.Feeds.Tests.BitMex.Live;

/// <summary>A line as it was read, kept.</summary>
internal sealed record KeptLine(BitMexLineKind Kind, long Time, bool HasGoodTime, string Text, long Bytes)
{
    /// <summary>Whether it is a message of a table and action.</summary>
    public bool Is(string table, string action) =>
        Kind == BitMexLineKind.Received && Text.StartsWith($"{{\"table\":\"{table}\",\"action\":\"{action}\"", StringComparison.Ordinal);

    /// <summary>The line at hand.</summary>
    public static unsafe KeptLine Of(BitMexLines lines) =>
        new(lines.Kind, lines.Time, lines.HasGoodTime, Encoding.UTF8.GetString(lines.Data, lines.Length), lines.Bytes);
}

/// <summary>A simulated venue on the loopback address and a connection to it, with short waits.</summary>
internal sealed class LiveSession : IDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(40);

    private int _partials;

    private LiveSession(BitMexServer server, BitMexConnection connection)
    {
        Server = server;
        Connection = connection;
    }

    public BitMexServer Server { get; }

    public BitMexConnection Connection { get; }

    public BitMexLiveCounters Counters => Connection.Counters;

    public BitMexLiveOptions Options() => Options(Server);

    /// <summary>Every line read so far.</summary>
    public List<KeptLine> Lines { get; } = [];

    /// <summary>Called for every line, at its reading.</summary>
    public Action<BitMexLines>? OnLine { get; set; }

    public IEnumerable<BitMexLineKind> Kinds => Lines.Select(line => line.Kind);

    /// <summary>Both, started.</summary>
    public static LiveSession Start(BitMexServerOptions? serverOptions = null, Func<BitMexLiveOptions, BitMexLiveOptions>? change = null)
    {
        BitMexServer server = new(serverOptions ?? new BitMexServerOptions(), new WallClock());
        server.Start();
        return Follow(server, change);
    }

    /// <summary>A connection to a server that the caller keeps, started.</summary>
    public static LiveSession Follow(BitMexServer server, Func<BitMexLiveOptions, BitMexLiveOptions>? change = null)
    {
        BitMexLiveOptions options = Options(server);
        LiveSession session = new(server, new BitMexConnection(change?.Invoke(options) ?? options, new WallClock()));
        session.Connection.Start();
        return session;
    }

    /// <summary>Waits of milliseconds; silence is left at seconds, so that a busy machine is not taken for a silent server.</summary>
    public static BitMexLiveOptions Options(BitMexServer server) => new()
    {
        WebSocket = server.WebSocket,
        Symbols = [.. BitMexSymbol.Usual.Select(symbol => symbol.Name)],
        FirstWait = TimeSpan.FromMilliseconds(5),
        LongestWait = TimeSpan.FromMilliseconds(40),
        LookEvery = TimeSpan.FromMilliseconds(2),
        ResubscribeEvery = TimeSpan.FromMilliseconds(1),
        RingBytes = 1 << 20,
        MessageBytesMax = 1 << 18,
    };

    /// <summary>Reads until something holds; fails after a deadline that no working session comes near.</summary>
    public void Until(Func<bool> holds, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!holds())
        {
            if (Next() == BitMexNext.Line)
            {
                continue;
            }

            if (Stopwatch.GetElapsedTime(start) > s_deadline)
            {
                Assert.Fail($"{what} did not come within {s_deadline}; lines: {string.Join(' ', Kinds)}");
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>Waits, without reading, until something holds.</summary>
    public static void Await(Func<bool> holds, string what) =>
        Assert.That(SpinWait.SpinUntil(holds, s_deadline), Is.True, $"{what} did not come within {s_deadline}");

    /// <summary>Reads until everything that the server has to say to this client has come.</summary>
    public void UntilQuiet(long since = 0) => Until(() => Tables >= Server.Counts.Messages - since, "the server's last message");

    /// <summary>Reads until partials of every topic have come as often as asked.</summary>
    public void UntilPartials(int times = 1) =>
        Until(() => _partials >= 12 * times, "the partials");

    /// <summary>Data messages read.</summary>
    public long Tables { get; private set; }

    public BitMexNext Next()
    {
        BitMexNext next = Connection.Next();
        if (next == BitMexNext.Line)
        {
            OnLine?.Invoke(Connection);
            KeptLine line = KeptLine.Of(Connection);
            Lines.Add(line);
            Tables += line.Kind == BitMexLineKind.Received && line.Text.StartsWith("{\"table\"", StringComparison.Ordinal) ? 1 : 0;
            _partials += line.Text.Contains("\"action\":\"partial\"", StringComparison.Ordinal) ? 1 : 0;
        }

        return next;
    }

    public void Dispose()
    {
        Connection.Dispose();
        Server.Dispose();
    }
}
