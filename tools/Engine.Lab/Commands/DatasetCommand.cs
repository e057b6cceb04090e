using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Core.Events;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Feeds.Network.Recovery;
using Engine.Training.Datasets;

namespace Engine.Lab.Commands;

/// <summary><c>lab dataset</c>: captures become a folder of feature rows, a file a day.</summary>
internal static class DatasetCommand
{
    private const int MostDeflate = 9;
    private const long NanosPerMicro = 1_000;

    private static readonly Argument<string[]> s_captures = new("CAPTURE")
    {
        Description = "A day each: a capture file, or several of the same day as A,B, merged by receive time (pcap, pcapng, BinaryFILE, BitMEX text, DBN, LOBSTER; also gzipped)",
        Arity = ArgumentArity.OneOrMore,
    };
    private static readonly Option<string> s_out = new("--out", "-o") { Description = "Folder of the data set; days that it has are kept", Required = true };
    private static readonly Option<string> s_contract = ContractChoice.Contract();
    private static readonly Option<string?> s_sampling = ContractChoice.Sampling();
    private static readonly Option<string?> s_symbols = new("--symbols") { Description = "The symbols to follow, as A,B; default all" };
    private static readonly Option<string> s_venue = new("--venue")
    {
        Description = "auto, itch50, xdp, iex-deep, bitmex, dbn or lobster", DefaultValueFactory = _ => "auto",
    };
    private static readonly Option<string?> s_date = new("--date") { Description = "The session's date in New York, yyyy-MM-dd, where a capture has no clock of its own" };
    private static readonly Option<int?> s_gapWait = new("--gap-wait") { Description = "How long a missing message is waited for, in µs of receive time; default as `engine`" };
    private static readonly Option<int> s_deflate = new("--deflate") { Description = "Compress, 1 (fast) to 9 (small); 0 not at all" };
    private static readonly Option<bool> s_allowCut = new("--allow-cut") { Description = "Keep the rows of a capture up to where it is damaged, and say so in dataset.json" };
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "Make days anew, and a data set that was made otherwise" };
    private static readonly Option<bool> s_json = new("--json") { Description = "Summary as one JSON object on standard output" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("dataset", "Make feature rows of captures, a file a day, by the engine's own pipeline. Can be stopped and run again.")
        {
            s_captures, s_out, s_contract, s_sampling, s_symbols, s_venue, s_date, s_gapWait, s_deflate, s_allowCut, s_force, s_json,
        };
        command.SetAction(parsed => Run(parsed, output, error));
        return command;
    }

    /// <summary>The files of a day: the argument itself where there is such a file, else its parts.</summary>
    public static string[] FilesOf(string capture)
    {
        if (capture.StartsWith('-') && !File.Exists(capture))
        {
            throw new UsageException($"unknown option '{capture}'; see 'lab dataset --help' (standard input is read once and has no name, so it makes no day)");
        }

        string[] parts = File.Exists(capture) ? [capture] : capture.Split(',', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length > 0 ? parts : throw new UsageException($"'{capture}' names no file");
    }

    private static int Run(ParseResult parsed, TextWriter output, TextWriter error)
    {
        string folder = parsed.GetValue(s_out)!;
        string[][] days = [.. parsed.GetValue(s_captures)!.Select(FilesOf)];
        if (days.GroupBy(DatasetBuilder.IdOf, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new UsageException($"two days would both be {twice.Key}: {string.Join(" and ", twice.Select(d => d[0]))}; rename one, or write A,B for captures of one day");
        }

        var builder = new DatasetBuilder(folder, Options(parsed), parsed.GetValue(s_force));
        int kept = 0;
        using (var status = new StatusLine(error))
        {
            foreach (string[] captures in days)
            {
                BuiltDay built = builder.Add(captures, p => status.Show(string.Create(CultureInfo.InvariantCulture, $"{p.Id}  {p.Share,5:P0}  {p.Rows:N0} rows")));
                status.Clear();
                kept += built.IsKept ? 1 : 0;
                WriteDay(error, built);
            }
        }

        DatasetManifest manifest = builder.Manifest;
        error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{folder}: {manifest.Days.Count} days, {manifest.Rows:N0} rows of contract {manifest.ContractName} {manifest.ContractHash}"));
        if (parsed.GetValue(s_json))
        {
            output.WriteLine(Json(folder, manifest, kept));
        }

        return 0;
    }

    private static void WriteDay(TextWriter error, BuiltDay built)
    {
        DatasetDay day = built.Day;
        error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(built.IsKept ? "kept " : "made ")}{day.FileName}: {day.Date}, {day.Rows:N0} rows, {day.Quotes:N0} quotes{(day.Fault is { } fault ? $", cut: {fault}" : "")}"));
    }

    private static DatasetOptions Options(ParseResult parsed)
    {
        (ContractDefinition contract, Sampling sampling) = ContractChoice.Read(parsed.GetValue(s_contract)!, parsed.GetValue(s_sampling));
        int deflate = parsed.GetValue(s_deflate);
        return new DatasetOptions
        {
            Contract = contract,
            Sampling = sampling,
            Symbols = Symbols(parsed.GetValue(s_symbols)),
            Venue = Venue(parsed.GetValue(s_venue)!),
            Date = parsed.GetValue(s_date) is { } date ? Date(date) : null,
            Gaps = Gaps(parsed.GetValue(s_gapWait)),
            Deflate = deflate is >= 0 and <= MostDeflate ? deflate : throw new UsageException($"--deflate {deflate}: 0 to {MostDeflate}"),
            AllowsCut = parsed.GetValue(s_allowCut),
            ToolVersion = LabVersion.Text,
        };
    }

    private static string[]? Symbols(string? text)
    {
        if (text is null)
        {
            return null;
        }

        string[] symbols = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return symbols.Length > 0 ? symbols : throw new UsageException("--symbols is empty; write it as --symbols A,B");
    }

    private static Venue Venue(string text) => text == "auto" ? Core.Events.Venue.None
        : Enum.GetValues<Venue>().FirstOrDefault(v => v != Core.Events.Venue.None && EventNames.Of(v) == text) is not Core.Events.Venue.None and var named ? named
        : throw new UsageException($"--venue '{text}' is unknown; use auto, itch50, xdp, iex-deep, bitmex, dbn or lobster");

    private static DateOnly Date(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date) && date.Year is >= 1970 and <= 2261
            ? date
            : throw new UsageException($"--date '{text}' is not a day; write it as 2026-01-05");

    private static GapPolicy? Gaps(int? micros) => micros switch
    {
        null => null,
        >= 0 when micros <= GapPolicy.MaxWaitNanos / NanosPerMicro => new GapPolicy { WaitNanos = micros.Value * NanosPerMicro },
        _ => throw new UsageException($"--gap-wait {micros}: 0 to {GapPolicy.MaxWaitNanos / NanosPerMicro} µs"),
    };

    private static string Json(string folder, DatasetManifest manifest, int kept)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("folder", folder);
            json.WriteNumber("days", manifest.Days.Count);
            json.WriteNumber("kept", kept);
            json.WriteNumber("rows", manifest.Rows);
            json.WriteNumber("quotes", manifest.Days.Sum(d => d.Quotes));
            json.WriteString("contract", manifest.ContractName);
            json.WriteString("contract_hash", manifest.ContractHash);
            json.WriteString("configuration_hash", manifest.ConfigurationHash);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
