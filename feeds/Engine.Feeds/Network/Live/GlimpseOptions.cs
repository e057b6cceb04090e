using System.Net;

namespace Engine.Feeds.Network.Live;

/// <summary>A snapshot server, and the limits of an attempt.</summary>
/// <param name="Server">Address and TCP port.</param>
/// <param name="User">Up to six letters.</param>
/// <param name="Password">Up to ten.</param>
internal sealed record GlimpseOptions(IPEndPoint Server, string User, string Password)
{
    /// <summary>The session to ask for, up to ten letters; empty is the server's current one.</summary>
    public string Session { get; init; } = "";

    /// <summary>Longest wait for the connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest silence; servers send a heartbeat each second.</summary>
    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time from the connection to the end of the snapshot.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between our own heartbeats.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Most bytes of a snapshot, each message with its two bytes of length.</summary>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>The server and the user; never the password.</summary>
    public override string ToString() => $"snapshot server {Server} as {User}";

    /// <exception cref="LiveFeedException">A text that does not fit its field, or a limit that is not positive.</exception>
    public void Check()
    {
        if (!SoupBinTcp.Fits(User, SoupBinTcp.UserSize) || !SoupBinTcp.Fits(Password, SoupBinTcp.PasswordSize) || !SoupBinTcp.Fits(Session, SoupBinTcp.SessionSize))
        {
            throw new LiveFeedException(
                $"snapshot server {Server}: a user has at most {SoupBinTcp.UserSize} letters of ASCII, password and session at most {SoupBinTcp.PasswordSize}: shorten them");
        }

        if (ConnectTimeout <= TimeSpan.Zero || SilenceTimeout <= TimeSpan.Zero || TotalTimeout <= TimeSpan.Zero || HeartbeatInterval <= TimeSpan.Zero || MaxBytes <= 0)
        {
            throw new LiveFeedException($"snapshot server {Server}: every limit must be above 0");
        }
    }
}
