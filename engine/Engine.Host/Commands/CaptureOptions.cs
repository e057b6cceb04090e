using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;
using Engine.Recording;

namespace Engine.Host.Commands;

/// <summary>The options that say which captures are read and how; the same for every command.</summary>
internal sealed class CaptureOptions
{
    private const int FirstYear = 1970;
    private const int LastYear = 2261;

    private static readonly Venue[] s_readable = [Venue.Itch50, Venue.Xdp, Venue.IexDeep, Venue.BitMex, Venue.Dbn, Venue.Lobster];

    private readonly Argument<string[]> _captures = new("CAPTURE")
    {
        Description = "Capture files: pcap, pcapng, NASDAQ BinaryFILE, BitMEX text, Databento DBN, LOBSTER messages (each also gzipped); `-` is stdin. Several are merged by receive time.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _venue = new("--venue")
    {
        Description = $"auto, {string.Join(", ", s_readable.Select(EventNames.Of))}; auto goes by the first packets.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string?> _date = new("--date")
    {
        Description = "The session's date in New York, yyyy-MM-dd, where the capture has no clock of its own (BinaryFILE, LOBSTER).",
    };

    private readonly Option<int?> _gapWait = new("--gap-wait")
    {
        Description = "How long a missing message is waited for, in µs of receive time. Default: as the recording says, else 1000 where a stream comes on several lines.",
        HelpName = "µs",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_captures);
        command.Add(_venue);
        command.Add(_date);
        command.Add(_gapWait);
    }

    /// <summary>Refuses what says how a capture is read, where a file of feature rows is read in its place.</summary>
    public void RefuseFor(ParseResult parse, string rows)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[_venue, _date, _gapWait])
        {
            if (parse.GetResult(option) is { Implicit: false })
            {
                throw new HostException(ExitCodes.Usage, $"{option.Name}: {rows} is a file of feature rows, for which that is decided; leave it out");
            }
        }
    }

    /// <summary>What is done about missing messages; null goes by the captures.</summary>
    public GapPolicy? Gaps(ParseResult parse) => parse.GetValue(_gapWait) switch
    {
        null => null,
        { } wait when wait >= 0 && wait <= GapPolicy.MaxWaitNanos / 1_000 => new GapPolicy { WaitNanos = wait * 1_000L },
        { } wait => throw new HostException(ExitCodes.Usage, $"--gap-wait {wait}: 0 to {GapPolicy.MaxWaitNanos / 1_000} µs"),
    };

    /// <summary>The files.</summary>
    public string[] Captures(ParseResult parse) => parse.GetValue(_captures) ?? [];

    /// <summary>The venue as spelled.</summary>
    public string VenueText(ParseResult parse) => parse.GetValue(_venue) ?? "auto";

    /// <summary>The date as given, or null.</summary>
    public DateOnly? Date(ParseResult parse) => parse.GetValue(_date) is { } text ? ParseDate(text) : null;

    /// <summary>Opens the captures.</summary>
    /// <param name="parse">The parsed command line.</param>
    /// <param name="symbols">Symbols to watch; null for all.</param>
    /// <param name="limits">Bounds of the run.</param>
    public MarketDataSource Open(ParseResult parse, IReadOnlyCollection<string>? symbols, EngineLimits limits) =>
        CaptureSource.Open(Captures(parse), Feed(VenueText(parse), Date(parse), symbols, limits) with { Gaps = Gaps(parse) });

    /// <summary>How a run's configuration says that its feed is to be read.</summary>
    public static FeedOptions Feed(RunConfiguration configuration, EngineLimits limits) =>
        Feed(configuration.Venue, configuration.Date is { } date ? ParseDate(date) : null, configuration.Symbols, limits);

    /// <summary>How a feed is to be read, without a command line.</summary>
    public static FeedOptions Feed(string venue, DateOnly? date, IReadOnlyCollection<string>? symbols, EngineLimits limits) => new()
    {
        Venue = ParseVenue(venue),
        Date = date,
        Instruments = new InstrumentTable(limits.Instruments, symbols),
        Limits = limits,
    };

    /// <summary>Reads a date, of a year whose nanoseconds since 1970 fit into 64 bits.</summary>
    public static DateOnly ParseDate(string text)
    {
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date))
        {
            throw new HostException(ExitCodes.Usage, $"--date {text}: not a date; write it as yyyy-MM-dd, e.g. 2019-12-30");
        }

        return date.Year is >= FirstYear and <= LastYear
            ? date
            : throw new HostException(ExitCodes.Usage, $"--date {text}: the years are {FirstYear} to {LastYear}");
    }

    /// <summary>`A,B` as symbols; null where the option is absent.</summary>
    public static string[]? ParseSymbols(string? text)
    {
        if (text is null)
        {
            return null;
        }

        string[] symbols = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return symbols.Length > 0 ? symbols : throw new HostException(ExitCodes.Usage, "--symbols is empty; write it as --symbols A,B");
    }

    private static Venue ParseVenue(string text)
    {
        if (text == "auto")
        {
            return Venue.None;
        }

        foreach (Venue venue in s_readable)
        {
            if (text == EventNames.Of(venue))
            {
                return venue;
            }
        }

        throw new HostException(ExitCodes.Usage, $"--venue {text}: this build reads auto, {string.Join(", ", s_readable.Select(EventNames.Of))}");
    }
}
