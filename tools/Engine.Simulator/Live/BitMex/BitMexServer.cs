using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using Engine.Core.Time;

namespace Engine.Simulator.Live.BitMex;

/// <summary>
/// A simulated BitMEX venue on the loopback address: the websocket at <c>/realtime</c> (orderBookL2, quote, trade and instrument of
/// its symbols) and REST at <c>/api/v1/instrument/active</c>, with faults on demand. Any thread may call it.
/// </summary>
public sealed class BitMexServer : IDisposable
{
    private const string SocketPath = "/realtime", RestPath = "/api/v1/instrument/active";
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(10);

    private readonly BitMexServerOptions _options;
    private readonly BitMexVenue _venue;
    private readonly BitMexFaultSwitch _faults = new();
    private readonly BitMexTally _tally = new();
    private readonly IClock _clock;
    private CancellationTokenSource? _stop;
    private Task _running = Task.CompletedTask;

    /// <param name="options">How it behaves.</param>
    /// <param name="clock">Stamps its messages.</param>
    public BitMexServer(BitMexServerOptions options, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _clock = clock;
        _venue = new BitMexVenue(options, clock, _tally);
        Port = options.Port;
    }

    /// <summary>The port; known after the first <see cref="Start"/>, and kept.</summary>
    public int Port { get; private set; }

    /// <summary>The websocket's address.</summary>
    public Uri WebSocket => Address(_options.Certificate is null ? "ws" : "wss", SocketPath);

    /// <summary>The REST address.</summary>
    public Uri Rest => Address(_options.Certificate is null ? "http" : "https", RestPath);

    /// <summary>What it has done so far.</summary>
    public BitMexServerCounts Counts => _tally.Now();

    /// <summary>Clients there are.</summary>
    public int ClientCount => _venue.Clients().Length;

    /// <summary>Opens the port. After <see cref="Stop"/> it opens the same one again; the markets are where they were.</summary>
    /// <exception cref="SocketException">The port cannot be had.</exception>
    public void Start()
    {
        if (_stop is not null)
        {
            throw new InvalidOperationException("The server runs already.");
        }

        TcpListener listener = new(IPAddress.Loopback, Port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _stop = new CancellationTokenSource();
        _running = Task.WhenAll(AcceptAsync(listener, _stop.Token), PaceAsync(_stop.Token));
    }

    /// <summary>Closes the port and every connection, without a word.</summary>
    public void Stop()
    {
        if (_stop is { } stop)
        {
            stop.Cancel();
            _running.Wait();
            stop.Dispose();
            _stop = null;
        }
    }

    /// <summary>Makes steps at once.</summary>
    public void Step(int count) => _venue.Step(count);

    /// <summary>Answers every HTTP request by a status from here on, the websocket's among them.</summary>
    /// <param name="status">For instance 503.</param>
    /// <param name="retryAfterSeconds">What Retry-After says; 0 leaves it out.</param>
    public void Refuse(int status, int retryAfterSeconds = 0)
    {
        _faults.RetryAfterSeconds = retryAfterSeconds;
        _faults.RefuseStatus = status;
    }

    /// <summary>Ends <see cref="Refuse"/>.</summary>
    public void Accept() => _faults.RefuseStatus = 0;

    /// <summary>Says nothing to anybody, keeps the connections, and answers no ping; or ends that.</summary>
    public void Stall(bool isStalled) => _faults.IsStalled = isStalled;

    /// <summary>Cuts the next data message of every client in the middle and ends the connection there.</summary>
    public void CutNextMessage() => _faults.Cut++;

    /// <summary>Ends every connection in the polite way.</summary>
    public void CloseClients(WebSocketCloseStatus status, string words) =>
        Array.ForEach(_venue.Clients(), client => client.Close(status, words));

    /// <summary>Loses an insert of a symbol's book on the way: clients then see the update of a level that they do not know.</summary>
    public void LoseInsert(string symbol) => _venue.LoseInsert(symbol);

    /// <summary>Loses the delete of a symbol's best ask: clients then see a crossed book.</summary>
    public void LoseDelete(string symbol) => _venue.LoseDelete(symbol);

    /// <summary>The levels of a side as they are, best first: the price as the feed writes it, and the size.</summary>
    public IReadOnlyList<(string Price, long Size)> Book(string symbol, bool isBuy) => _venue.Book(symbol, isBuy);

    /// <summary>Index, mark price and funding of a symbol as they are.</summary>
    public BitMexReferenceTexts Reference(string symbol) => _venue.Reference(symbol);

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private Uri Address(string scheme, string path) => new(string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{Port}{path}"));

    private async Task AcceptAsync(TcpListener listener, CancellationToken stop)
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                TcpClient connection = await listener.AcceptTcpClientAsync(stop).ConfigureAwait(false);
                serving.RemoveAll(task => task.IsCompleted);
                serving.Add(Task.Run(() => ServeAsync(connection, stop), CancellationToken.None));
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
        finally
        {
            listener.Stop();
        }

        await Task.WhenAll(serving).ConfigureAwait(false);
    }

    private async Task ServeAsync(TcpClient connection, CancellationToken stop)
    {
        using (connection)
        {
            try
            {
                connection.NoDelay = true;
                Stream stream = connection.GetStream();
                if (_options.Certificate is { } certificate)
                {
                    SslStream secure = new(stream);
                    await secure.AuthenticateAsServerAsync(
                        new SslServerAuthenticationOptions { ServerCertificate = certificate }, stop).ConfigureAwait(false);
                    stream = secure;
                }

                if (await BitMexHttp.ReadAsync(stream, stop).ConfigureAwait(false) is { } request)
                {
                    await AnswerAsync(stream, request.Line, request.Fields, stop).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException
                or ObjectDisposedException or WebSocketException)
            {
                // That client is gone; the others stay.
            }
        }
    }

    private async Task AnswerAsync(Stream stream, string line, Dictionary<string, string> fields, CancellationToken stop)
    {
        string[] words = line.Split(' ');
        string path = words.Length > 1 ? words[1] : "";
        bool isHeadOnly = words[0] == "HEAD";
        int refuse = _faults.RefuseStatus;
        if (refuse != 0)
        {
            Interlocked.Increment(ref _tally.Refused);
            int seconds = _faults.RetryAfterSeconds;
            string retry = seconds > 0 ? string.Create(CultureInfo.InvariantCulture, $"Retry-After: {seconds}\r\n") : "";
            await BitMexHttp.AnswerAsync(stream, refuse, retry, "{}"u8.ToArray(), isHeadOnly, stop).ConfigureAwait(false);
        }
        else if (path == SocketPath && fields.TryGetValue("sec-websocket-key", out string? key))
        {
            await BitMexHttp.UpgradeAsync(stream, key, stop).ConfigureAwait(false);
            await FollowAsync(stream, stop).ConfigureAwait(false);
        }
        else
        {
            bool isKnown = path == RestPath;
            Interlocked.Add(ref _tally.RestAnswers, isKnown ? 1 : 0);
            byte[] body = isKnown ? _venue.Instruments() : "{}"u8.ToArray();
            await BitMexHttp.AnswerAsync(stream, isKnown ? 200 : 404, "", body, isHeadOnly, stop).ConfigureAwait(false);
        }
    }

    private async Task FollowAsync(Stream stream, CancellationToken stop)
    {
        using BitMexClient client = new(stream, _venue, _faults, _tally, _options, stop);
        Interlocked.Increment(ref _tally.Connections);
        client.Put($"{{\"info\":\"Welcome to a simulated venue.\",\"version\":\"1\",\"timestamp\":\"{BitMexMessages.Stamp(_clock.NowNanos)}\",\"limit\":{{\"remaining\":39}}}}");
        _venue.Add(client);
        try
        {
            await client.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            _venue.Remove(client);
        }
    }

    private async Task PaceAsync(CancellationToken stop)
    {
        if (_options.StepsPerSecond <= 0)
        {
            return;
        }

        using PeriodicTimer timer = new(s_period);
        long start = MonotonicTimer.NowNanos;
        long made = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                long due = (long)((MonotonicTimer.NowNanos - start) * 1e-9 * _options.StepsPerSecond);
                _venue.Step((int)(due - made));
                made = due;
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
