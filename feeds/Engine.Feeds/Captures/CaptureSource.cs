using Engine.Core.Events;
using Engine.Feeds.Itch;

namespace Engine.Feeds.Captures;

/// <summary>Opens captures as a market data source.</summary>
public static class CaptureSource
{
    /// <summary>Most captures in one run.</summary>
    public const int MaxCaptures = 64;

    /// <summary>
    /// Opens captures and finds out what they are. pcap and pcapng files are merged by receive time, BinaryFILEs by exchange time; the two
    /// do not mix. <c>-</c> is standard input; gzip is decompressed into an unnamed temporary file first.
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

            return Detect(files, options.Venue != Venue.None) == CaptureKind.Pcap ? OpenPackets(files, options) : OpenFiles(files, options);
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

        if (options.Venue is not (Venue.None or Venue.Itch50))
        {
            throw new CaptureException($"{paths[0]}: venue {EventNames.Of(options.Venue)} is not read yet; itch50 is", 2);
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

    private static ItchPacketSource OpenPackets(List<CaptureFile> files, FeedOptions options)
    {
        PacketReader[] readers = [.. files.Select(PacketReader.Open)];
        string format = Words(readers.Select(reader => (reader.Format, reader.File.IsCompressed)));
        return new ItchPacketSource(new PcapMerge(readers), options, format);
    }

    private static ItchFileSource OpenFiles(List<CaptureFile> files, FeedOptions options) =>
        new([.. files], options, Words(files.Select(file => ("BinaryFILE", file.IsCompressed))));

    private static string Words(IEnumerable<(string Format, bool IsCompressed)> files) =>
        string.Join(" + ", files.Select(file => (file.IsCompressed ? "gzip / " : "") + file.Format).Distinct());

    private static string Name(CaptureKind kind) => kind == CaptureKind.Pcap ? "packet capture" : "BinaryFILE";
}
