using System.CommandLine;
using System.Globalization;
using Engine.Core.Events;
using Engine.Simulator;
using Engine.Simulator.Wire;

namespace Engine.Lab.Commands;

/// <summary><c>lab sim</c>: writes a simulated exchange day as a capture.</summary>
internal static class SimCommand
{
    private const long UsualMessages = 200_000;

    private static readonly Option<ulong> s_seed = new("--seed") { Description = "Seed of the day", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> s_out = new("--out", "-o") { Description = "Capture to write; .gz compresses it" };
    private static readonly Option<long?> s_messages = new("--messages", "-n")
    {
        Description = $"Messages until the market closes (default {UsualMessages} without --end)",
    };
    private static readonly Option<int> s_instruments = new("--instruments")
    {
        Description = "Number of instruments", DefaultValueFactory = _ => 8,
    };
    private static readonly Option<string> s_date = new("--date")
    {
        Description = "Day, US Eastern, yyyy-MM-dd", DefaultValueFactory = _ => "2026-01-05",
    };
    private static readonly Option<string> s_start = new("--start")
    {
        Description = "First message, US Eastern, HH:mm:ss", DefaultValueFactory = _ => "09:29:50",
    };
    private static readonly Option<string?> s_end = new("--end") { Description = "Last message, US Eastern, HH:mm:ss" };
    private static readonly Option<double?> s_rate = new("--rate") { Description = "Mean messages per second (default 250 or more)" };
    private static readonly Option<double> s_signal = new("--signal")
    {
        Description = "Strength of the planted signal, 0 to 3", DefaultValueFactory = _ => 1,
    };
    private static readonly Option<double?> s_alpha = new("--alpha")
    {
        Description = "Instead: a day whose best forecast is known; strength of its drift, 0 to 3, 1 being usual (see 'lab truth')",
    };
    private static readonly Option<double?> s_spoof = new("--spoof")
    {
        Description = "Instead: a tape of spoofing episodes and honest ones that look alike; episodes a minute and instrument, up to 30",
    };
    private static readonly Option<string> s_venue = new("--venue")
    {
        Description = "In whose messages and packets: itch50, xdp or iex-deep", DefaultValueFactory = _ => "itch50",
    };
    private static readonly Option<string> s_xdpVersion = new("--xdp-version")
    {
        Description = "xdp: message sizes of Pillar 2.5 or XDP 2.1", DefaultValueFactory = _ => "2.5",
    };
    private static readonly Option<int> s_channels = new("--channels")
    {
        Description = "xdp: channels that share the instruments, 1 or 2", DefaultValueFactory = _ => 1,
    };
    private static readonly Option<int> s_lines = new("--lines") { Description = "1: line A; 2: A and B", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> s_loss = new("--loss") { Description = "Probability that a line loses a packet" };
    private static readonly Option<double> s_duplicate = new("--duplicate")
    {
        Description = "Probability that a packet arrives twice on a line",
    };
    private static readonly Option<double> s_reorder = new("--reorder")
    {
        Description = "Probability that a packet goes a longer way (20 µs and more) and is overtaken on its line",
    };
    private static readonly Option<double> s_delaySpike = new("--delay-spike")
    {
        Description = "Probability that a line stands still (1 ms on average) before a packet",
    };
    private static readonly Option<string> s_format = new("--format")
    {
        Description = "pcap or binaryfile", DefaultValueFactory = _ => "pcap",
    };
    private static readonly Option<string?> s_truth = new("--truth")
    {
        Description = "Also write the hidden pressure as csv; with --alpha or --spoof the day's truth (usual: the capture's name with .truth.csv)",
    };
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "Overwrite existing files" };
    private static readonly Option<bool> s_json = new("--json") { Description = "Summary as one JSON object on standard output" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        const string Description = "Write a simulated exchange day as pcap: NASDAQ ITCH 5.0 in MoldUDP64, NYSE Integrated in XDP, or IEX DEEP in IEX-TP.";
        var command = new Command("sim", Description)
        {
            s_seed, s_out, s_venue, s_messages, s_instruments, s_date, s_start, s_end, s_rate, s_signal, s_alpha, s_spoof, s_xdpVersion, s_channels,
            s_lines, s_loss, s_duplicate, s_reorder, s_delaySpike, s_format, s_truth, s_force, s_json,
        };
        foreach (Option option in SimLiveCommand.Options)
        {
            command.Options.Add(option);
        }

        command.SetAction(parsed => Run(parsed, output, error));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter output, TextWriter error)
    {
        SimulationOptions options = Options(parsed);
        if (options.HasKnownTruth && parsed.GetResult(s_signal) is { Implicit: false })
        {
            throw new UsageException("--signal belongs to the usual day, and another was asked for; drop one of the two");
        }

        if (options.Problem() is string problem)
        {
            throw new UsageException(problem);
        }

        bool overwrite = parsed.GetValue(s_force);
        if (SimLiveCommand.IsAsked(parsed))
        {
            RefuseFiles(parsed);
            return SimLiveCommand.Run(parsed, options, overwrite, parsed.GetValue(s_json), output, error);
        }

        if (SimLiveCommand.Stray(parsed) is string stray)
        {
            throw new UsageException($"{stray} means nothing without --live; add --live or drop it");
        }

        string path = parsed.GetValue(s_out) ?? throw new UsageException("--out is missing; name the capture to write, or use --live");
        string? truthPath = parsed.GetValue(s_truth) ?? (options.HasKnownTruth ? TruthPath(path) : null);
        if (truthPath is not null && Path.GetFullPath(truthPath) == Path.GetFullPath(path))
        {
            throw new UsageException($"--truth and --out both name '{path}'; give two files");
        }

        // The truth file is compressed or not by its own ending, exactly as the capture is.
        using OutputFile capture = OutputFile.Create(path, overwrite);
        using OutputFile? truth = truthPath is null ? null : OutputFile.Create(truthPath, overwrite);
        SimulationResult result;
        using (StreamWriter? truthText = truth is null ? null : new StreamWriter(truth.Stream, leaveOpen: true))
        {
            result = Simulation.Run(options, capture.Stream, truthText);
        }

        long fileBytes = capture.Commit();
        truth?.Commit();
        SimSummary.WriteText(error, options, result, path, fileBytes);
        if (parsed.GetValue(s_json))
        {
            SimSummary.WriteJson(output, options, result, path, fileBytes);
        }

        return 0;
    }

    private static void RefuseFiles(ParseResult parsed)
    {
        foreach (Option option in (Option[])[s_out, s_truth, s_format, s_lines])
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                throw new UsageException($"{option.Name} describes a file, and --live writes none; drop one of them");
            }
        }
    }

    // day.pcap.gz → day.truth.csv.gz
    private static string TruthPath(string capture)
    {
        const string Compressed = ".gz";
        bool isCompressed = capture.EndsWith(Compressed, StringComparison.OrdinalIgnoreCase);
        string plain = isCompressed ? capture[..^Compressed.Length] : capture;
        return Path.ChangeExtension(plain, ".truth.csv") + (isCompressed ? Compressed : "");
    }

    private static SimulationOptions Options(ParseResult parsed)
    {
        TimeSpan? end = parsed.GetValue(s_end) is string text ? Time("--end", text) : null;
        return new SimulationOptions
        {
            Seed = parsed.GetValue(s_seed),
            Date = Date(parsed.GetValue(s_date)!),
            Start = Time("--start", parsed.GetValue(s_start)!),
            End = end,
            Messages = parsed.GetValue(s_messages) ?? (end is null ? UsualMessages : null),
            Instruments = parsed.GetValue(s_instruments),
            RatePerSecond = parsed.GetValue(s_rate),
            Signal = parsed.GetValue(s_signal),
            Alpha = parsed.GetValue(s_alpha),
            SpoofsPerMinute = parsed.GetValue(s_spoof),
            Lines = parsed.GetValue(s_lines),
            Loss = parsed.GetValue(s_loss),
            Venue = Venue(parsed.GetValue(s_venue)!),
            XdpVersion = Version(parsed.GetValue(s_xdpVersion)!),
            Channels = parsed.GetValue(s_channels),
            Duplicate = parsed.GetValue(s_duplicate),
            Reorder = parsed.GetValue(s_reorder),
            DelaySpike = parsed.GetValue(s_delaySpike),
            Format = Format(parsed.GetValue(s_format)!),
        };
    }

    private static DateOnly Date(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
            ? date
            : throw new UsageException($"--date '{text}' is not a day; write it as 2026-01-05");

    private static TimeSpan Time(string option, string text) =>
        TimeSpan.TryParseExact(text, @"hh\:mm\:ss", CultureInfo.InvariantCulture, out TimeSpan time)
            ? time
            : throw new UsageException($"{option} '{text}' is not a time of day; write it as 09:29:50");

    private static Venue Venue(string text) =>
        Enum.GetValues<Venue>().FirstOrDefault(venue => EventNames.Of(venue) == text) is not Core.Events.Venue.None and var named
            ? named
            : throw new UsageException($"--venue '{text}' is unknown; use itch50, xdp or iex-deep");

    private static XdpVersion Version(string text) => text switch
    {
        "2.5" => XdpVersion.Pillar25,
        "2.1" => XdpVersion.Xdp21,
        _ => throw new UsageException($"--xdp-version '{text}' is unknown; use 2.5 or 2.1"),
    };

    private static OutputFormat Format(string text) => text switch
    {
        "pcap" => OutputFormat.Pcap,
        "binaryfile" => OutputFormat.BinaryFile,
        _ => throw new UsageException($"--format '{text}' is unknown; use pcap or binaryfile"),
    };
}
