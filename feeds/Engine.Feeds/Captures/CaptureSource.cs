using Engine.Core.Events;
using Engine.Feeds.BitMex;
using Engine.Feeds.IexDeep;
using Engine.Feeds.Itch;
using Engine.Feeds.Network;
using Engine.Feeds.Xdp;

namespace Engine.Feeds.Captures;

/// <summary>Opens captures as a market data source.</summary>
public static class CaptureSource
{
    /// <summary>Most captures in one run.</summary>
    public const int MaxCaptures = 64;

    /// <summary>
    /// Opens captures and finds out what they are. pcap and pcapng files are merged by receive time, BinaryFILEs by exchange time,
    /// BitMEX sessions by the time of each line; the three do not mix. Without a named venue, the first packets tell it; all captures must be of one. <c>-</c> is standard input; gzip is decompressed into an unnamed temporary file first.
    /// </summary>
    /// <param name="paths">The captures; at least one.</param>
    /// <param name="options">How to read them.</param>
    /// <exception cref="CaptureException">A capture that cannot be read, in one line.</exception>
    public static MarketDataSource Open(IReadOnlyList<string> paths, FeedOptions options)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(options);
        Check(paths, options);
        List<CaptureFile> files = [];
        try
        {
            foreach (string path in paths)
            {
                files.Add(CaptureFile.Open(path));
            }

            return Detect(files, options.Venue == Venue.Itch50) switch
            {
                CaptureKind.Pcap => OpenPackets(files, options),
                CaptureKind.BitMexText => OpenBitMex(files, options),
                _ => OpenFiles(files, options),
            };
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    private static void Check(IReadOnlyList<string> paths, FeedOptions options)
    {
        if (paths.Count is 0 or > MaxCaptures)
        {
            throw new CaptureException($"name 1 to {MaxCaptures} captures; {paths.Count} were named", 2);
        }

        if (paths.Count(path => path == "-") > 1)
        {
            throw new CaptureException("-: standard input can be read only once", 2);
        }

        if (options.Venue is not (Venue.None or Venue.Itch50 or Venue.Xdp or Venue.IexDeep or Venue.BitMex))
        {
            throw new CaptureException($"{paths[0]}: venue {EventNames.Of(options.Venue)} is not read yet; itch50, xdp, iex-deep and bitmex are", 2);
        }
    }

    private static unsafe CaptureKind Detect(List<CaptureFile> files, bool isNamed)
    {
        CaptureKind? first = null;
        foreach (CaptureFile file in files)
        {
            // SAFETY: the head is within the mapped content.
            CaptureKind kind = CaptureFormat.Detect(
                file.Path, new ReadOnlySpan<byte>(file.Start, (int)Math.Min(file.Length, CaptureFormat.HeadSize)), isNamed);
            first ??= kind;
            if (kind != first)
            {
                throw new CaptureException($"{file.Path}: is a {Name(kind)} and {files[0].Path} a {Name(first.Value)}; read them in separate runs", 2);
            }
        }

        return first!.Value;
    }

    private static PacketSource OpenPackets(List<CaptureFile> files, FeedOptions options)
    {
        if (options.Venue == Venue.BitMex)
        {
            throw new CaptureException($"{files[0].Path}: is a packet capture; {EventNames.Of(options.Venue)} comes in lines of text", 2);
        }

        PacketReader[] readers = [.. files.Select(PacketReader.Open)];
        string format = Words(readers.Select(reader => (reader.Format, reader.File.IsCompressed)));
        Venue venue = options.Venue == Venue.None ? VenueProbe.Find(files) : options.Venue;
        if (options.Date is not null && venue != Venue.Itch50)
        {
            throw new CaptureException($"{files[0].Path}: {EventNames.Of(venue)} carries whole times; leave the date out", 2);
        }

        PcapMerge merge = new(readers);
        FeedStatistics statistics = new();
        PacketFeed feed = venue switch
        {
            Venue.Xdp => new XdpFeed(options, statistics, merge.IsEnded),
            Venue.IexDeep => new IexFeed(options, statistics, merge.IsEnded),
            _ => new ItchFeed(options, statistics, merge.IsEnded),
        };
        return new PacketSource(merge, options, format, feed, statistics);
    }

    private static ItchFileSource OpenFiles(List<CaptureFile> files, FeedOptions options)
    {
        if (options.Venue is not (Venue.None or Venue.Itch50))
        {
            throw new CaptureException($"{files[0].Path}: is a NASDAQ BinaryFILE; {EventNames.Of(options.Venue)} comes in {(options.Venue == Venue.BitMex ? "lines of text" : "pcap")}", 2);
        }

        return new([.. files], options, Words(files.Select(file => ("BinaryFILE", file.IsCompressed))));
    }

    private static BitMexSource OpenBitMex(List<CaptureFile> files, FeedOptions options)
    {
        if (options.Venue is not (Venue.None or Venue.BitMex))
        {
            throw new CaptureException($"{files[0].Path}: holds the lines of a BitMEX session; {EventNames.Of(options.Venue)} does not come in those", 2);
        }

        if (options.Date is not null)
        {
            throw new CaptureException($"{files[0].Path}: {EventNames.Of(Venue.BitMex)} carries whole times; leave the date out", 2);
        }

        FeedStatistics statistics = new() { BitMex = new BitMexStatistics() };
        string format = Words(files.Select(file => ("text", file.IsCompressed))) + " / BitMEX";
        return new BitMexSource(new BitMexTextLines(files, format, statistics.BitMex), options, statistics);
    }

    private static string Words(IEnumerable<(string Format, bool IsCompressed)> files) =>
        string.Join(" + ", files.Select(file => (file.IsCompressed ? "gzip / " : "") + file.Format).Distinct());

    private static string Name(CaptureKind kind) => kind switch
    {
        CaptureKind.Pcap => "packet capture",
        CaptureKind.BitMexText => "BitMEX session",
        _ => "BinaryFILE",
    };
}
