using System.Net.WebSockets;
using Engine.Core.Time;

namespace Engine.Feeds.BitMex.Live;

/// <summary>
/// One websocket from its opening to its end: a task that receives whole messages, and one that sends, pings and watches.
/// </summary>
internal sealed class BitMexLink : IDisposable
{
    private const string Ping = "ping";
    private static readonly byte[] s_ping = "ping"u8.ToArray();

    private readonly ClientWebSocket _socket;
    private readonly BitMexLinkContext _context;
    private readonly CancellationToken _stop;
    private readonly CancellationToken _kill;
    private long _lastHeard;
    private volatile string? _reason;
    private volatile bool _isEndedHere;

    /// <param name="socket">An open websocket; owned from here on.</param>
    /// <param name="context">What it shares with the links before and after it.</param>
    /// <param name="stop">Asks for a clean end.</param>
    /// <param name="kill">Ends everything at once.</param>
    public BitMexLink(ClientWebSocket socket, BitMexLinkContext context, CancellationToken stop, CancellationToken kill)
    {
        _socket = socket;
        _context = context;
        _stop = stop;
        _kill = kill;
    }

    /// <summary>Whether this side was asked to end it, and said goodbye.</summary>
    public bool IsEndedHere => _isEndedHere;

    private BitMexLiveOptions Options => _context.Options;

    private BitMexLiveCounters Counters => _context.Counters;

    /// <summary>Serves the connection to its end.</summary>
    /// <returns>Why it ended, in words.</returns>
    public async Task<string> RunAsync()
    {
        Volatile.Write(ref _lastHeard, MonotonicTimer.NowNanos);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(_kill);
        Task keeping = KeepAsync(over.Token);
        try
        {
            string reason = await ReceiveAsync().ConfigureAwait(false);
            return _reason ?? reason;
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await keeping.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>Receives until the end; the reason is the one that this side of the connection saw.</summary>
    private async Task<string> ReceiveAsync()
    {
        byte[] buffer = _context.Message;
        int length = 0;
        int pieces = 0;
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult piece = await _socket.ReceiveAsync(buffer.AsMemory(length), _kill).ConfigureAwait(false);
                Volatile.Write(ref _lastHeard, MonotonicTimer.NowNanos);
                if (piece.MessageType == WebSocketMessageType.Close)
                {
                    return ServersReason();
                }

                length += piece.Count;
                pieces++;
                if (piece.EndOfMessage)
                {
                    long time = _context.Clock.NowNanos;
                    Counters.JoinedMessages += pieces > 1 ? 1 : 0;
                    await TakeAsync(piece.MessageType, buffer.AsMemory(0, length), time).ConfigureAwait(false);
                    length = pieces = 0;
                    Volatile.Write(ref _lastHeard, MonotonicTimer.NowNanos);
                }
                else if (length == buffer.Length)
                {
                    Counters.OverlongMessages++;
                    Give($"a message of more than {buffer.Length} bytes");
                    return "";
                }
            }
        }
        catch (Exception fault) when (BitMexFaults.IsOfConnection(fault))
        {
            return length > 0
                ? $"lost in the middle of a message: {BitMexFaults.Words(fault)}"
                : $"lost: {BitMexFaults.Words(fault)}";
        }
    }

    private ValueTask TakeAsync(WebSocketMessageType type, Memory<byte> message, long time)
    {
        if (type != WebSocketMessageType.Text)
        {
            Counters.BinaryMessages++;
            return default;
        }

        Span<byte> text = message.Span;
        if (text.SequenceEqual("pong"u8))
        {
            Counters.Pongs++;
            return default;
        }

        if (text.IsEmpty)
        {
            Counters.EmptyMessages++;
            return default;
        }

        // JSON has raw line ends between its tokens only, where a blank says the same.
        for (int at; (at = text.IndexOfAny((byte)'\n', (byte)'\r')) >= 0; text = text[(at + 1)..])
        {
            text[at] = (byte)' ';
            Counters.LineEndsInside++;
        }

        Counters.Messages++;
        Counters.MessageBytes += message.Length;
        return _context.Inlet.WriteAsync(BitMexLineKind.Received, time, message, _kill);
    }

    private async Task KeepAsync(CancellationToken over)
    {
        try
        {
            _context.Requests.TakeAll();
            foreach (byte[] request in _context.Requests.Subscriptions)
            {
                await RequestAsync(request, over).ConfigureAwait(false);
            }

            await WatchAsync(over).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The receiving task saw the end first.
        }
        catch (OperationCanceledException)
        {
            Give("the server takes nothing more");
        }
        catch (Exception fault) when (BitMexFaults.IsOfConnection(fault))
        {
            // The receiving task meets the same loss, and the abort makes sure of it.
            _socket.Abort();
        }
    }

    private async Task WatchAsync(CancellationToken over)
    {
        using PeriodicTimer timer = new(Options.LookEvery);
        long pinged = 0;
        while (await timer.WaitForNextTickAsync(over).ConfigureAwait(false))
        {
            if (_stop.IsCancellationRequested)
            {
                await CloseAsync(over).ConfigureAwait(false);
                return;
            }

            // While the reading thread is behind, silence says nothing about the server.
            if (_context.Inlet.IsWaiting)
            {
                continue;
            }

            await ResubscribeAsync(over).ConfigureAwait(false);
            long heard = Volatile.Read(ref _lastHeard);
            long now = MonotonicTimer.NowNanos;
            if (pinged != 0 && heard > pinged)
            {
                pinged = 0;
            }

            if (pinged == 0 && now - heard >= Options.SilenceBeforePing.TotalNanoseconds)
            {
                pinged = now;
                Counters.Pings++;
                await SendAsync(s_ping, over).ConfigureAwait(false);
            }
            else if (pinged != 0 && now - pinged >= Options.PongWithin.TotalNanoseconds)
            {
                Give($"silent, and no answer to a {Ping} within {Options.PongWithin.TotalSeconds:0.###} s");
                return;
            }
        }
    }

    private async Task ResubscribeAsync(CancellationToken over)
    {
        while (_context.Requests.TryTake(MonotonicTimer.NowNanos, out byte[] unsubscribe, out byte[] subscribe))
        {
            Counters.Resubscriptions++;
            await RequestAsync(unsubscribe, over).ConfigureAwait(false);
            await RequestAsync(subscribe, over).ConfigureAwait(false);
        }
    }

    /// <summary>The line goes first, so that no answer stands before it.</summary>
    private async Task RequestAsync(byte[] text, CancellationToken over)
    {
        await _context.Inlet.WriteAsync(BitMexLineKind.Sent, _context.Clock.NowNanos, text, over).ConfigureAwait(false);
        Counters.Requests++;
        await SendAsync(text, over).ConfigureAwait(false);
    }

    private async Task SendAsync(byte[] text, CancellationToken over)
    {
        using CancellationTokenSource within = CancellationTokenSource.CreateLinkedTokenSource(over);
        within.CancelAfter(Options.PongWithin);
        await _socket.SendAsync(text.AsMemory(), WebSocketMessageType.Text, true, within.Token).ConfigureAwait(false);
    }

    /// <summary>Says goodbye and gives the server a moment to do so too.</summary>
    private async Task CloseAsync(CancellationToken over)
    {
        _isEndedHere = true;
        using (CancellationTokenSource within = CancellationTokenSource.CreateLinkedTokenSource(over))
        {
            within.CancelAfter(Options.PongWithin);
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, within.Token).ConfigureAwait(false);
        }

        await Task.Delay(Options.PongWithin, over).ConfigureAwait(false);
        _socket.Abort();
    }

    /// <summary>Ends the connection for a reason of this side.</summary>
    private void Give(string reason)
    {
        _reason ??= reason;
        _socket.Abort();
    }

    private string ServersReason()
    {
        string code = _socket.CloseStatus is { } status ? $"{(int)status} {BitMexFaults.Spaced(status.ToString())}" : "no code";
        return string.IsNullOrEmpty(_socket.CloseStatusDescription)
            ? $"the server closed: {code}"
            : $"the server closed: {code}: {_socket.CloseStatusDescription}";
    }
}
