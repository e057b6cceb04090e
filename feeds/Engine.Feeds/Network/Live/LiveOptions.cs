using System.Net;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Network.Live;

/// <summary>A line to listen to: see <see cref="UdpLine"/>.</summary>
/// <param name="Name">What it is called in reports and recordings.</param>
/// <param name="Group">Multicast group, or an address of this host for unicast.</param>
/// <param name="Port">UDP port.</param>
/// <param name="Interface">Interface to join on, by name or address; null leaves it to the routes.</param>
/// <param name="Source">The only sender wanted, or null.</param>
public sealed record LiveLine(string Name, IPAddress Group, int Port, string? Interface, IPAddress? Source);

/// <summary>A server of GLIMPSE snapshots.</summary>
/// <param name="Server">Where it listens.</param>
/// <param name="User">At most 6 letters.</param>
/// <param name="Password">At most 10 letters.</param>
/// <param name="AnySession">Whether its session may be named otherwise than the feed's.</param>
public sealed record LiveSnapshots(IPEndPoint Server, string User, string Password, bool AnySession = false);

/// <summary>A request server of one XDP channel, and the lines on which its answers come.</summary>
/// <param name="Server">Where it listens, by TCP.</param>
/// <param name="SourceId">The id that the venue gave, at most 10 letters.</param>
/// <param name="Product">The product's number.</param>
/// <param name="Channel">The channel's number.</param>
/// <param name="Lines">The retransmission groups of the channel; at least one.</param>
public sealed record LiveXdpRequests(IPEndPoint Server, string SourceId, byte Product, byte Channel, IReadOnlyList<LiveLine> Lines);

/// <summary>A live feed over UDP: where it comes from, and what is recorded of it.</summary>
public sealed record LiveOptions : LiveSettings
{
    /// <summary>Most lines: one more is for replies.</summary>
    public const int MaxLines = UdpReceiver.MaxLines - 1;

    /// <summary>How names begin that recordings keep for themselves; no line may be named so.</summary>
    public const string KeptNames = RecordedInterface.Prefix;

    /// <summary>The lines; at least one.</summary>
    public required IReadOnlyList<LiveLine> Lines { get; init; }

    /// <summary>Receive buffer asked of the kernel, bytes a line.</summary>
    public int ReceiveBufferBytes { get; init; } = 32 << 20;

    /// <summary>µs that the kernel polls the device for; 0 does not ask for it.</summary>
    public int BusyPollMicros { get; init; }

    /// <summary>Where missing messages of MoldUDP64 are requested; null for nowhere.</summary>
    public IPEndPoint? RequestServer { get; init; }

    /// <summary>Where missing messages of XDP are requested; then all lines are of that channel. Null for nowhere.</summary>
    public LiveXdpRequests? XdpRequests { get; init; }

    /// <summary>Where snapshots come from; null for nowhere.</summary>
    public LiveSnapshots? Snapshots { get; init; }

    /// <inheritdoc/>
    /// <remarks>Every socket is open then; nothing is received yet. The recording is pcapng.</remarks>
    public override MarketDataSource Open(FeedOptions options) => LiveSource.Open(this, options);
}
