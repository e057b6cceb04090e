using Engine.Feeds.Network.Live;
using Engine.Host.Configuration;

namespace Engine.Host.Commands;

/// <summary>From a configuration to a live feed.</summary>
internal static class LiveFeed
{
    /// <summary>Where the feed comes from, and where it is recorded.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="recordPath">File that takes everything that comes in; null for none.</param>
    /// <param name="overwrite">Whether that file may exist.</param>
    /// <param name="stop">Ends the feed.</param>
    public static LiveOptions Options(LiveConfiguration configuration, string? recordPath, bool overwrite, StopSignal stop)
    {
        if (recordPath is not null && !overwrite && Path.Exists(recordPath))
        {
            throw new HostException(ExitCodes.Usage, $"{recordPath} exists already; give -f to overwrite it, or another file");
        }

        UdpConfiguration udp = configuration.Udp!;
        return new LiveOptions
        {
            Lines = udp.Lines,
            ReceiveBufferBytes = udp.ReceiveBufferBytes,
            BusyPollMicros = udp.BusyPollMicros,
            Parks = udp.Parks,
            RequestServer = udp.RequestServer,
            XdpRequests = udp.XdpRequests,
            Snapshots = udp.Snapshots,
            RecordPath = recordPath,
            MustEnd = () => stop.IsSet,
        };
    }
}
