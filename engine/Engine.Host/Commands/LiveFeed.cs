using Engine.Feeds.BitMex.Live;
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
    public static LiveSettings Settings(LiveConfiguration configuration, string? recordPath, bool overwrite, StopSignal stop)
    {
        if (recordPath is not null)
        {
            CheckRecord(recordPath, overwrite);
        }

        if (configuration.BitMex is { } bitMex)
        {
            return new BitMexLiveSettings
            {
                Session = bitMex.Session,
                Parks = bitMex.Parks,
                RecordPath = recordPath,
                OverwritesRecord = overwrite,
                MustEnd = () => stop.IsSet,
            };
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
            OverwritesRecord = overwrite,
            MustEnd = () => stop.IsSet,
        };
    }

    /// <summary>Refuses a recording that cannot be, before any socket is opened.</summary>
    private static void CheckRecord(string path, bool overwrite)
    {
        string? wrong = path == "-" ? "a recording is a file, which is closed whole; - (standard output) is none: name a file"
            : Directory.Exists(path) ? $"{path} is a folder; name a file in it"
            : !overwrite && Path.Exists(path) ? $"{path} exists already; give -f to overwrite it, or another file"
            : null;
        if (wrong is not null)
        {
            throw new HostException(ExitCodes.Usage, wrong);
        }
    }
}
