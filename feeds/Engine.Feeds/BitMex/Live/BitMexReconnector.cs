using System.Net.WebSockets;
using Engine.Core.Numerics;
using Engine.Core.Time;

namespace Engine.Feeds.BitMex.Live;

/// <summary>Connects, serves the connection to its end, waits, and connects again.</summary>
/// <param name="context">The session.</param>
/// <param name="stop">Asks for a clean end.</param>
/// <param name="kill">Ends everything at once.</param>
internal sealed class BitMexReconnector(BitMexLinkContext context, CancellationTokenSource stop, CancellationTokenSource kill)
{
    private readonly ReconnectBackoff _backoff = new(
        context.Options.FirstWait, context.Options.LongestWait, context.Options.StableAfter, new SeededRandom(context.Options.Seed));

    private volatile bool _isOver;
    private volatile SourceFault? _fault;

    /// <summary>Whether no line comes any more.</summary>
    public bool IsOver
    {
        get => _isOver;
        private set => _isOver = value;
    }

    /// <summary>Why the session ended by itself.</summary>
    public SourceFault? Fault
    {
        get => _fault;
        private set => _fault = value;
    }

    /// <summary>Connects until it is told to stop, and tells the REST address's refusals meanwhile. Never throws.</summary>
    public async Task RunAsync()
    {
        Task polling = context.Options.Rest is { } address
            ? new BitMexAvailability(context).RunAsync(address, stop.Token)
            : Task.CompletedTask;
        Task asking = context.Options.MustEnd is { } mustEnd ? AskForTheEndAsync(mustEnd) : Task.CompletedTask;
        try
        {
            await ConnectAgainAndAgainAsync().ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
            await polling.ConfigureAwait(false);
            await asking.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (kill.IsCancellationRequested)
        {
            // Disposed: nobody reads on.
        }
        catch (Exception fault)
        {
            Fault = new SourceFault(context.Options.WebSocket.AbsoluteUri, -1, $"the live session failed: {BitMexFaults.Words(fault)}");
        }
        finally
        {
            IsOver = true;
        }
    }

    private async Task AskForTheEndAsync(Func<bool> mustEnd)
    {
        using PeriodicTimer timer = new(context.Options.LookEvery);
        try
        {
            while (!mustEnd())
            {
                await timer.WaitForNextTickAsync(stop.Token).ConfigureAwait(false);
            }

            await stop.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The session ends.
        }
    }

    private async Task ConnectAgainAndAgainAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            (TimeSpan openFor, TimeSpan asked) = await ConnectAsync().ConfigureAwait(false);
            _backoff.Ended(openFor);
            if (_backoff.Attempts >= context.Options.AttemptsMax)
            {
                Fault = new SourceFault(
                    context.Options.WebSocket.AbsoluteUri, -1,
                    $"{context.Options.WebSocket}: {_backoff.Attempts} attempts in a row did not last; check the address and the network");
                return;
            }

            try
            {
                await Task.Delay(_backoff.Wait(asked), stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One attempt, and the connection that comes of it to its end. An end that this side asked for is no line: the books
    /// stay as the last message left them.</summary>
    /// <returns>How long it was open, and how long the server asked to stay away.</returns>
    private async Task<(TimeSpan OpenFor, TimeSpan Asked)> ConnectAsync()
    {
        ClientWebSocket socket = new();
        using BitMexLink link = new(socket, context, stop.Token, kill.Token);
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.RemoteCertificateValidationCallback = context.Options.CheckCertificate;
        context.Counters.Attempts++;
        try
        {
            using CancellationTokenSource within = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            within.CancelAfter(context.Options.ConnectWithin);
            await socket.ConnectAsync(context.Options.WebSocket, within.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (BitMexFaults.IsOfConnection(fault))
        {
            return (TimeSpan.Zero, stop.IsCancellationRequested ? TimeSpan.Zero : await TellAsync(socket, fault).ConfigureAwait(false));
        }

        context.Counters.Opened++;
        long opened = MonotonicTimer.NowNanos;
        await WriteAsync(BitMexLineKind.Opened, "").ConfigureAwait(false);
        string reason = await link.RunAsync().ConfigureAwait(false);
        TimeSpan openFor = TimeSpan.FromTicks((MonotonicTimer.NowNanos - opened) / TimeSpan.NanosecondsPerTick);
        if (!link.IsEndedHere)
        {
            context.Counters.Closed++;
            await CloseAsync(reason).ConfigureAwait(false);
        }

        return (openFor, TimeSpan.Zero);
    }

    /// <summary>Tells why there was no connection.</summary>
    /// <returns>How long the server asked to stay away.</returns>
    private async Task<TimeSpan> TellAsync(ClientWebSocket socket, Exception fault)
    {
        if (socket.HttpStatusCode is not (0 or System.Net.HttpStatusCode.SwitchingProtocols))
        {
            context.Counters.Refused++;
            await WriteAsync(BitMexLineKind.Refused, BitMexFaults.Status(socket.HttpStatusCode)).ConfigureAwait(false);
            return BitMexFaults.RetryAfter(socket.HttpResponseHeaders);
        }

        context.Counters.Closed++;
        string words = fault is OperationCanceledException
            ? $"no connection within {context.Options.ConnectWithin.TotalSeconds:0.###} s"
            : $"no connection: {BitMexFaults.Words(fault)}";
        await CloseAsync(words).ConfigureAwait(false);
        return TimeSpan.Zero;
    }

    private ValueTask CloseAsync(string reason)
    {
        context.Problems.Add($"{context.Options.WebSocket}: {reason}");
        return WriteAsync(BitMexLineKind.Closed, reason);
    }

    private ValueTask WriteAsync(BitMexLineKind kind, string reason) =>
        context.Inlet.WriteAsync(kind, context.Clock.NowNanos, BitMexLineWriter.Reason(reason), kill.Token);
}
