using System.Globalization;
using System.Text.Json;
using Engine.Core.Events;
using Engine.Core.Threads;
using Engine.Feeds.Network;
using Engine.Feeds.Network.Live;
using Engine.Feeds.Network.Recovery;
using Engine.Host.Commands;
using Engine.Host.Replay;

namespace Engine.Host.Configuration;

/// <summary>What a configuration file of `engine live` and `engine record` says, every default filled in.</summary>
internal sealed record LiveConfiguration
{
    /// <summary>The venue as options spell it.</summary>
    public required string Venue { get; init; }

    /// <summary>The session's date in New York, yyyy-MM-dd; null takes it from the clock of the packets.</summary>
    public string? Date { get; init; }

    /// <summary>Symbols to watch, sorted; null watches all.</summary>
    public string[]? Symbols { get; init; }

    /// <summary>Model files.</summary>
    public string[] Models { get; init; } = [];

    /// <summary>Which contract's rows are made.</summary>
    public required LiveContract Contract { get; init; }

    /// <summary>`native`, `ort` or `both`.</summary>
    public required string Inference { get; init; }

    /// <summary>Which threads do what.</summary>
    public Topology Topology { get; init; }

    /// <summary>CPUs of the threads.</summary>
    public int[] Pins { get; init; } = [];

    /// <summary>CPU of a thread for the models' background work; null leaves it to the thread that predicts.</summary>
    public int? BackgroundPin { get; init; }

    /// <summary>Real-time priority of the hot threads; 0 for none.</summary>
    public int FifoPriority { get; init; }

    /// <summary>Whether the process's memory is locked.</summary>
    public bool LockMemory { get; init; }

    /// <summary>Whether predictions from suspect books are withheld.</summary>
    public bool SuppressSuspect { get; init; }

    /// <summary>Folder of the prediction log, the summary and the histograms; null for none.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>File that takes everything that comes in; null for none.</summary>
    public string? RecordPath { get; init; }

    /// <summary>The lines and servers of a UDP venue; null for another.</summary>
    public UdpConfiguration? Udp { get; init; }

    /// <summary>The session of BitMEX; null for another venue.</summary>
    public BitMexConfiguration? BitMex { get; init; }

    /// <summary>What is done about missing messages.</summary>
    public GapPolicy Gaps => Udp?.Gaps ?? GapPolicy.None;

    /// <summary>Reads a file.</summary>
    /// <exception cref="HostException">It cannot be read, or says something that cannot be.</exception>
    public static LiveConfiguration Read(string path)
    {
        using JsonDocument document = ConfigurationFile.Parse(path);
        try
        {
            return Read(new ConfigurationSection(path, "", document.RootElement));
        }
        catch (InvalidOperationException)
        {
            // The parser leaves texts unread until they are asked for; what cannot be read then is half of a pair of escapes.
            throw new HostException(ExitCodes.Usage, $"{path}: holds a text that is not Unicode; look for an escape from \\ud800 to \\udfff without its other half");
        }
    }

    /// <summary>The configuration as it holds, every default filled in: one line of JSON with a fixed order of keys.</summary>
    public string CanonicalJson => ConfigurationText.Write(this);

    private static LiveConfiguration Read(ConfigurationSection root)
    {
        string venue = root.OneOf("venue", null, [.. LiveVenues]);
        CheckSections(root, venue);
        string[] models = root.Texts("models") ?? [];
        Topology topology = root.OneOf("topology", "auto", "auto", "fused", "split") switch
        {
            "split" => Topology.Split,
            "auto" when Environment.ProcessorCount >= 4 => Topology.Split,
            _ => Topology.Fused,
        };
        LiveConfiguration configuration = new()
        {
            Venue = venue,
            Date = ReadDate(root),
            Symbols = ReadSymbols(root),
            Models = models,
            Contract = LiveContract.Read(root, models.Length > 0),
            Inference = root.OneOf("inference", "native", "native", "ort", "both"),
            Topology = topology,
            Pins = ReadPins(root, topology),
            BackgroundPin = ReadBackgroundPin(root),
            FifoPriority = (int)root.Number("fifo", 0, 0, 99),
            LockMemory = root.Flag("lock_memory", false),
            SuppressSuspect = root.Flag("suppress_suspect", false),
            OutputFolder = root.Name("out"),
            RecordPath = root.Name("record"),
            Udp = root.Section("udp") is { } udp ? UdpConfiguration.Read(udp, venue) : null,
            BitMex = root.Section("bitmex") is { } bitMex ? BitMexConfiguration.Read(bitMex) : null,
        };
        root.Finish();
        return configuration.BitMex is null ? configuration : CheckBitMex(root, configuration);
    }

    private static string? ReadDate(ConfigurationSection root)
    {
        if (root.Text("date") is not { } text)
        {
            return null;
        }

        try
        {
            return CaptureOptions.ParseDate(text).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }
        catch (HostException)
        {
            throw root.Wrong("date", $"is {ConfigurationSection.Shown(text)}; write a day as yyyy-MM-dd, such as 2019-12-30");
        }
    }

    private static string[]? ReadSymbols(ConfigurationSection root)
    {
        string[]? symbols = root.Texts("symbols");
        return symbols is { Length: 0 } ? throw root.Wrong("symbols", "is empty; name at least one, or leave it out to watch all")
            : Array.Find(symbols ?? [], s => s.Contains(',', StringComparison.Ordinal) || s.Trim() != s) is { } odd
                ? throw root.Wrong("symbols", $"has {ConfigurationSection.Shown(odd)}; write each symbol as a text of its own, without commas and blanks around it")
            : symbols is null ? null : CaptureOptions.ParseSymbols(string.Join(',', symbols));
    }

    private static int[] ReadPins(ConfigurationSection root, Topology topology)
    {
        int[] pins = root.Numbers("pin");
        int[] cpus = CpuPlacement.Available();
        int most = topology == Topology.Fused ? 2 : 3;
        return pins.Length > most ? throw root.Wrong("pin", $"has {pins.Length} CPUs; {(topology == Topology.Fused ? "fused takes two, compute and record" : "split takes three, receive, compute and record")}")
            : Array.Exists(pins, pin => !cpus.Contains(pin)) ? throw root.Wrong("pin", $"names CPU {pins.First(pin => !cpus.Contains(pin))}; this process may use {string.Join(", ", cpus)}")
            : pins;
    }

    private static int? ReadBackgroundPin(ConfigurationSection root)
    {
        int pin = (int)root.Number("background_pin", -1, 0, CpuPlacement.MaxCpus - 1);
        int[] cpus = CpuPlacement.Available();
        return pin < 0 ? null
            : cpus.Contains(pin) ? pin
            : throw root.Wrong("background_pin", $"names CPU {pin}; this process may use {string.Join(", ", cpus)}");
    }

    /// <summary>Just the one section that the venue needs must be there.</summary>
    private static void CheckSections(ConfigurationSection root, string venue)
    {
        (string wanted, string words, string other, string others) = venue == BitMexVenue
            ? ("bitmex", "say which symbols to follow", "udp", string.Join(", ", UdpVenues))
            : ("udp", "say which lines to listen to", "bitmex", $"venue {BitMexVenue}");
        if (root.Has(other))
        {
            throw root.Wrong(other, $"is for {others}; leave it out for {venue}");
        }

        if (!root.Has(wanted))
        {
            throw root.Missing(wanted, words);
        }
    }

    private static LiveConfiguration CheckBitMex(ConfigurationSection root, LiveConfiguration configuration)
    {
        if (configuration.Date is not null)
        {
            throw root.Wrong("date", $"is for a venue whose times count from midnight; leave it out for {BitMexVenue}");
        }

        return configuration.Symbols?.FirstOrDefault(s => !configuration.BitMex!.Session.Symbols.Contains(s)) is { } stranger
            ? throw root.Wrong("symbols", $"has {stranger}, which bitmex.symbols has not; nothing of it would come")
            : configuration;
    }

    private static string BitMexVenue => EventNames.Of(Core.Events.Venue.BitMex);

    private static IEnumerable<string> UdpVenues => new[] { Core.Events.Venue.Itch50, Core.Events.Venue.Xdp, Core.Events.Venue.IexDeep }.Select(EventNames.Of);

    private static IEnumerable<string> LiveVenues => UdpVenues.Append(BitMexVenue);
}
