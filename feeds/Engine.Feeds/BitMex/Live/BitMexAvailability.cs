using System.Globalization;
using System.Net;
using Engine.Core.Time;

namespace Engine.Feeds.BitMex.Live;

/// <summary>
/// Asks the venue's REST address again and again, only to learn whether it answers: under load it does so by 503. Each refusal is
/// a line that says for how long; what is not answered at all is counted.
/// </summary>
/// <param name="context">The session.</param>
internal sealed class BitMexAvailability(BitMexLinkContext context)
{
    /// <summary>Asks until it is told to stop.</summary>
    /// <param name="address">What to ask.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(Uri address, CancellationToken stop)
    {
        using SocketsHttpHandler handler = new() { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = context.Options.CheckCertificate;
        using HttpClient client = new(handler) { Timeout = context.Options.ConnectWithin };
        using PeriodicTimer timer = new(context.Options.PollEvery);
        long since = 0, looked = 0;
        try
        {
            do
            {
                long asked = MonotonicTimer.NowNanos;
                HttpStatusCode? status = await AskAsync(client, address, stop).ConfigureAwait(false);
                long now = MonotonicTimer.NowNanos;
                bool answers = status is { } code && (int)code < 400;
                context.Counters.UnavailableNanos += since != 0 ? now - looked : answers ? 0 : now - asked;
                since = answers ? 0 : since == 0 ? asked : since;
                looked = now;
                if (!answers && status is { } refused)
                {
                    await TellAsync(address, refused, now - since, stop).ConfigureAwait(false);
                }
            }
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The session ends.
        }
    }

    private async Task<HttpStatusCode?> AskAsync(HttpClient client, Uri address, CancellationToken stop)
    {
        context.Counters.Polls++;
        try
        {
            using HttpResponseMessage answer =
                await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
            context.Counters.PollsRefused += (int)answer.StatusCode >= 400 ? 1 : 0;
            return answer.StatusCode;
        }
        catch (Exception fault) when (BitMexFaults.IsOfConnection(fault) && !stop.IsCancellationRequested)
        {
            context.Counters.PollsFailed++;
            return null;
        }
    }

    private ValueTask TellAsync(Uri address, HttpStatusCode status, long forNanos, CancellationToken stop)
    {
        string words = string.Create(
            CultureInfo.InvariantCulture,
            $"{BitMexFaults.Status(status)} ({address.AbsolutePath}, for {forNanos / 1e9:F3} s)");
        return context.Inlet.WriteAsync(BitMexLineKind.Refused, context.Clock.NowNanos, BitMexLineWriter.Reason(words), stop);
    }
}
