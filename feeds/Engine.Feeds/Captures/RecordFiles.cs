using Engine.Core.Events;
using Engine.Feeds.Dbn;
using Engine.Feeds.Lobster;

namespace Engine.Feeds.Captures;

/// <summary>Opens captures that are files of records.</summary>
internal static class RecordFiles
{
    private const string Gzip = ".gz";

    /// <summary>Databento DBN.</summary>
    public static DbnFileSource OpenDbn(List<CaptureFile> files, FeedOptions options)
    {
        CheckVenue(files, options, Venue.Dbn, "Databento DBN");
        if (options.Date is not null)
        {
            throw new CaptureException($"{files[0].Path}: dbn carries whole times; leave the date out", 2);
        }

        DbnStream[] streams = [.. files.Select((file, index) => new DbnStream(file, index))];
        CheckSchemas(streams);
        return new DbnFileSource(streams, options);
    }

    /// <summary>Schemas tell the same market twice, in orders, levels and trades: in one run books and trades would count double.</summary>
    private static void CheckSchemas(DbnStream[] streams)
    {
        DbnStream[] feeds = [.. streams.Where(stream => stream.Metadata.Schema is "mbo" or "mbp-10" or "trades")];
        if (Array.Find(feeds, stream => stream.Metadata.Schema != feeds[0].Metadata.Schema) is { } other)
        {
            throw new CaptureException(
                $"{other.File.Path}: is DBN of schema {other.Metadata.Schema} and {feeds[0].File.Path} of {feeds[0].Metadata.Schema}; read them in separate runs", 2);
        }
    }

    /// <summary>
    /// LOBSTER. The order-book file beside a message file is read with it, whether it was named or not; either all message files have
    /// one or none has.
    /// </summary>
    public static LobsterFileSource OpenLobster(List<CaptureFile> files, FeedOptions options)
    {
        CheckVenue(files, options, Venue.Lobster, "LOBSTER");
        List<CaptureFile> messages = [.. files.Where(file => !IsBook(file))];
        Dictionary<string, CaptureFile> named = files.Where(IsBook).ToDictionary(file => Path.GetFullPath(file.Path), StringComparer.Ordinal);
        List<LobsterStream> streams = [];
        foreach (CaptureFile file in messages)
        {
            LobsterName name = LobsterName.Of(file.Path);
            LobsterBook? book = OpenBook(name.BookPath, named, files);
            streams.Add(new LobsterStream(file, streams.Count, name, options.Date ?? name.Date, book));
        }

        if (named.Count > 0)
        {
            throw new CaptureException(
                $"{named.Values.First().Path}: is a LOBSTER orderbook file; name the message file that lies beside it, …_message_N.csv", 2);
        }

        CheckAlike(streams);
        return new LobsterFileSource([.. streams], options);
    }

    private static unsafe bool IsBook(CaptureFile file)
    {
        // SAFETY: the head is within the mapped content.
        ReadOnlySpan<byte> head = new(file.Start, (int)Math.Min(file.Length, CaptureFormat.HeadSize));
        return !LobsterLine.IsMessages(head);
    }

    private static LobsterBook? OpenBook(string? path, Dictionary<string, CaptureFile> named, List<CaptureFile> files)
    {
        if (path is null)
        {
            return null;
        }

        // One of the two files may be compressed and the other not.
        string[] places = [path, path.EndsWith(Gzip, StringComparison.Ordinal) ? path[..^Gzip.Length] : path + Gzip];
        foreach (string place in places)
        {
            if (named.Remove(Path.GetFullPath(place), out CaptureFile? file))
            {
                return new LobsterBook(file);
            }
        }

        if (Array.Find(places, File.Exists) is not { } found)
        {
            return null;
        }

        // Entered with the files, so that whoever closes them on a fault closes it too.
        files.Add(CaptureFile.Open(found));
        return new LobsterBook(files[^1]);
    }

    private static void CheckAlike(List<LobsterStream> streams)
    {
        LobsterStream first = streams[0];
        foreach (LobsterStream stream in streams)
        {
            if (stream.Book is null != first.Book is null)
            {
                (LobsterStream with, LobsterStream without) = stream.Book is null ? (first, stream) : (stream, first);
                throw new CaptureException(
                    $"{with.File.Path}: has its orderbook file beside it and {without.File.Path} has not; read them in separate runs", 2);
            }

            if (stream.Date is null != first.Date is null)
            {
                LobsterStream dateless = stream.Date is null ? stream : first;
                throw new CaptureException($"{dateless.File.Path}: has no date in its name, as the others have; give --date or read it alone", 2);
            }
        }
    }

    private static void CheckVenue(List<CaptureFile> files, FeedOptions options, Venue venue, string what)
    {
        if (options.Venue != Venue.None && options.Venue != venue)
        {
            throw new CaptureException($"{files[0].Path}: is {what}; the venue is {EventNames.Of(venue)}, not {EventNames.Of(options.Venue)}", 2);
        }
    }
}
