using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.BitMex;
using Engine.Feeds.IexDeep;
using Engine.Feeds.Itch;
using Engine.Feeds.Network.Recovery;
using Engine.Feeds.Network;
using Engine.Feeds.Xdp;

namespace Engine.Feeds.Captures;

/// <summary>Opens captures as a market data source.</summary>
public static class CaptureSource
{
    /// <summary>Most captures in one run.</summary>
    public const int MaxCaptures = 64;

    /// <summary>
    /// Opens captures and finds out what they are. pcap, pcapng and DBN files are merged by receive time, BitMEX sessions by the time of
    /// each line, BinaryFILEs and LOBSTER by exchange time; kinds do not mix. Without a named venue, the first packets tell it; all
    /// captures must be of one. <c>-</c> is standard input; gzip is decompressed into an unnamed temporary file first.
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

            return Open(files, options);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>Opens a capture that lies in memory.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="content">Its bytes, not compressed; the caller keeps them for as long as the capture is read.</param>
    /// <param name="options">How to read it.</param>
    /// <exception cref="CaptureException">A capture that cannot be read, in one line.</exception>
    public static unsafe MarketDataSource Open(string name, NativeBuffer<byte> content, FeedOptions options)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(options);
        Check([name], options);
        return Open([new CaptureFile(name, content.Pointer, content.Length)], options);
    }

    private static MarketDataSource Open(List<CaptureFile> files, FeedOptions options) =>
        Detect(files, options.Venue == Venue.Itch50) switch
        {
            CaptureKind.Pcap => OpenPackets(files, options),
            CaptureKind.BitMexText => OpenBitMex(files, options),
            CaptureKind.Dbn => RecordFiles.OpenDbn(files, options),
            CaptureKind.Lobster => RecordFiles.OpenLobster(files, options),
            _ => OpenFiles(files, options),
        };

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

        if (options.Venue is not (Venue.None or Venue.Itch50 or Venue.Xdp or Venue.IexDeep or Venue.BitMex or Venue.Dbn or Venue.Lobster))
        {
            throw new CaptureException($"{paths[0]}: venue {EventNames.Of(options.Venue)} has no captures", 2);
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
        if (options.Venue is Venue.BitMex or Venue.Dbn or Venue.Lobster)
        {
            throw new CaptureException($"{files[0].Path}: is a packet capture; {EventNames.Of(options.Venue)} comes in files of its own", 2);
        }

        PacketReader[] readers = [.. files.Select(PacketReader.Open)];
        string format = Words(readers.Select(reader => (reader.Format, reader.File.IsCompressed)));
        Venue venue = options.Venue == Venue.None ? VenueProbe.Find(files) : options.Venue;
        if (options.Date is not null && venue != Venue.Itch50)
        {
            throw new CaptureException($"{files[0].Path}: {EventNames.Of(venue)} carries whole times; leave the date out", 2);
        }

        PcapMerge merge = new(readers);
        options = options with { Gaps = options.Gaps ?? Recorded(readers) ?? GapPolicy.Merging };
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
            throw new CaptureException($"{files[0].Path}: is a NASDAQ BinaryFILE; {EventNames.Of(options.Venue)} comes in {(options.Venue is Venue.BitMex or Venue.Dbn or Venue.Lobster ? "files of its own" : "pcap")}", 2);
        }

        return new([.. files], options, Words(files.Select(file => ("BinaryFILE", file.IsCompressed))));
    }

    /// <summary>What the run that recorded the captures did about missing messages; null where none is a recording.</summary>
    /// <exception cref="CaptureException">Two recordings that say different things, or one that says what cannot be read.</exception>
    private static GapPolicy? Recorded(PacketReader[] readers)
    {
        PcapngReader[] recordings = [.. readers.OfType<PcapngReader>().Where(r => r.IsRecording)];
        if (recordings.Length == 0)
        {
            return null;
        }

        string comment = recordings[0].SectionComment;
        if (recordings.FirstOrDefault(r => r.SectionComment != comment) is { } other)
        {
            throw new CaptureException($"{other.File.Path}: was recorded with other settings than {recordings[0].File.Path} ({other.SectionComment}); give --gap-wait", 2);
        }

        return GapPolicy.TryParse(comment[RecordedInterface.CommentPrefix.Length..], out GapPolicy policy)
            ? policy
            : throw new CaptureException($"{recordings[0].File.Path}: says '{comment}', which this build does not understand; give --gap-wait", 2);
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
        CaptureKind.Dbn => "DBN file",
        CaptureKind.Lobster => "LOBSTER file",
        _ => "BinaryFILE",
    };
}
