using Engine.Feeds;
using Engine.Recording;

namespace Engine.Host.Commands;

/// <summary>The captures of a run as logs and files of rows name them.</summary>
internal static class LoggedFiles
{
    /// <summary>Names, sizes and hashes; reads every capture once.</summary>
    public static LoggedFile[] Of(MarketDataSource source) =>
        [.. source.Captures.Select(c => new LoggedFile(c.Path == "-" ? "-" : Path.GetFileName(c.Path), c.SizeBytes, c.ComputeSha256()))];
}
