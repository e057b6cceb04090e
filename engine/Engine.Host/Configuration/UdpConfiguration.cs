using System.Net;
using Engine.Core.Events;
using Engine.Feeds.Network;
using Engine.Feeds.Network.Live;
using Engine.Feeds.Network.Recovery;

namespace Engine.Host.Configuration;

/// <summary>The part of a configuration about lines and servers of a UDP venue.</summary>
internal sealed record UdpConfiguration
{
    private const long NanosPerMicro = 1_000, NanosPerMilli = 1_000_000;
    private const int MaxUser = 6, MaxPassword = 10, MaxSourceId = 10, MaxName = 64, LastPort = 65_535;

    /// <summary>The lines.</summary>
    public required IReadOnlyList<LiveLine> Lines { get; init; }

    /// <summary>Receive buffer asked of the kernel, bytes a line.</summary>
    public int ReceiveBufferBytes { get; init; }

    /// <summary>µs that the kernel polls the device for.</summary>
    public int BusyPollMicros { get; init; }

    /// <summary>Whether the receiving thread parks while nothing comes.</summary>
    public bool Parks { get; init; }

    /// <summary>What is done about missing messages.</summary>
    public required GapPolicy Gaps { get; init; }

    /// <summary>Where missing messages of ITCH are requested.</summary>
    public IPEndPoint? RequestServer { get; init; }

    /// <summary>Where missing messages of XDP are requested.</summary>
    public LiveXdpRequests? XdpRequests { get; init; }

    /// <summary>Where snapshots come from.</summary>
    public LiveSnapshots? Snapshots { get; init; }

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="venue">The venue: not each has servers to ask.</param>
    public static UdpConfiguration Read(ConfigurationSection section, string venue)
    {
        bool isItch = venue == EventNames.Of(Venue.Itch50);
        bool isXdp = venue == EventNames.Of(Venue.Xdp);
        LiveLine[] lines = ReadLines(section);
        ConfigurationSection? request = section.Section("request");
        ConfigurationSection? snapshot = section.Section("snapshot");
        if (snapshot is not null && !isItch)
        {
            throw section.Wrong("snapshot", $"is for {EventNames.Of(Venue.Itch50)}; leave it out for {venue}");
        }

        if (request is not null && !isItch && !isXdp)
        {
            throw section.Wrong("request", $"is for {EventNames.Of(Venue.Itch50)} and {EventNames.Of(Venue.Xdp)}; leave it out for {venue}");
        }

        long wait = section.Number("gap_wait_us", 500, 0, GapPolicy.MaxWaitNanos / NanosPerMicro);
        if (wait == 0 && request is not null)
        {
            throw section.Wrong("gap_wait_us", "is 0, so nothing is waited for and nothing requested; give it a time, or leave request out");
        }

        UdpConfiguration udp = new()
        {
            Lines = lines,
            ReceiveBufferBytes = (int)section.Number("receive_buffer_bytes", 32 << 20, 4_096, int.MaxValue / 2),
            BusyPollMicros = (int)section.Number("busy_poll_us", 0, 0, 1_000_000),
            Parks = section.OneOf("wait", Environment.ProcessorCount > 1 ? "spin" : "park", "spin", "park") == "park",
            Gaps = new GapPolicy
            {
                WaitNanos = wait * NanosPerMicro,
                Requests = request is null ? 0 : (int)request.Number("retries", 3, 1, GapPolicy.MaxRequests),
                RequestTimeoutNanos = (request?.Number("timeout_ms", 50, 1, GapPolicy.MaxWaitNanos / NanosPerMilli) ?? 0) * NanosPerMilli,
                UsesSnapshots = snapshot is not null,
            },
            RequestServer = isItch ? request?.EndPoint("address") : null,
            XdpRequests = isXdp && request is not null ? ReadXdp(request) : null,
            Snapshots = snapshot is null ? null : new LiveSnapshots(snapshot.EndPoint("address"), Short(snapshot, "user", MaxUser), Short(snapshot, "password", MaxPassword),
                snapshot.OneOf("session", "same", "same", "any") == "any"),
        };
        request?.Finish();
        snapshot?.Finish();
        section.Finish();
        string? twice = lines.Concat(udp.XdpRequests?.Lines ?? []).GroupBy(l => l.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;
        return twice is null ? udp : throw section.Wrong("lines", $"has two lines named {twice}; give each its own name");
    }

    private static LiveLine[] ReadLines(ConfigurationSection section)
    {
        LiveLine[] lines = [.. section.Sections("lines").Select(ReadLine)];
        return lines.Length <= LiveOptions.MaxLines ? lines
            : throw section.Wrong("lines", $"has {lines.Length:N0} lines; at most {LiveOptions.MaxLines} are received by one thread");
    }

    /// <summary>A request server of one channel: a venue's answers do not say which channel they are of.</summary>
    private static LiveXdpRequests ReadXdp(ConfigurationSection request)
    {
        string source = request.RequiredText("source_id");
        if (source.Length > MaxSourceId || !source.All(c => char.IsAscii(c) && !char.IsControl(c)))
        {
            throw request.Wrong("source_id", $"is '{source}'; it has at most {MaxSourceId} ASCII letters");
        }

        return new LiveXdpRequests(
            request.EndPoint("address"), source, Byte(request, "product"), Byte(request, "channel"), [.. request.Sections("lines").Select(ReadLine)]);
    }

    private static byte Byte(ConfigurationSection section, string key)
    {
        long number = section.Number(key, -1, 0, byte.MaxValue);
        return number >= 0 ? (byte)number : throw section.Wrong(key, "is missing; write the one number of the channel that all lines carry, 0 to 255");
    }

    private static LiveLine ReadLine(ConfigurationSection line)
    {
        string name = line.RequiredText("name");
        IPAddress group = line.Address("group") ?? throw line.Missing("group", "write the multicast group, such as 239.192.1.1");
        int port = (int)line.Number("port", 0, 1, LastPort);
        string? on = line.Name("interface");
        IPAddress? source = line.Address("source");
        line.Finish();
        bool isMulticast = group.GetAddressBytes()[0] is >= 224 and < 240;
        return port == 0 ? throw line.Wrong("port", $"is missing; it must lie in 1 to {LastPort}")
            : name.StartsWith(LiveOptions.KeptNames, StringComparison.Ordinal) ? throw line.Wrong("name", $"is {ConfigurationSection.Shown(name)}; names that begin with {LiveOptions.KeptNames} are kept for recordings")
            : name.Length > MaxName ? throw line.Wrong("name", $"is longer than {MaxName} letters; shorten it")
            : !isMulticast && source is not null ? throw line.Wrong("source", $"is for a multicast group, and {group} is none; leave it out")
            : source is not null && !ConfigurationSection.IsOneHost(source) ? throw line.Wrong("source", $"is {source}; write the address of the one host that sends")
            : new LiveLine(name, group, port, on, source);
    }

    /// <summary>A text that fits a field of a login.</summary>
    private static string Short(ConfigurationSection section, string key, int most)
    {
        string text = section.Text(key, "")!;
        return text.Length <= most && text.All(c => c is > ' ' and <= '~')
            ? text
            : throw section.Wrong(key, $"does not fit; a SoupBinTCP {key} has at most {most} ASCII letters, digits and signs, and no blank");
    }
}
