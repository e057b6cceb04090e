using Engine.Core.Events;
using Engine.Feeds.Dbn;
using Engine.Feeds.Lobster;

namespace Engine.Feeds.Captures;

/// <summary>Opens captures that are files of records.</summary>
internal static class RecordFiles
{
    /// <summary>Databento DBN.</summary>
    public static DbnFileSource OpenDbn(List<CaptureFile> files, FeedOptions options)
    {
        CheckVenue(files, options, Venue.Dbn, "Databento DBN");
        if (options.Date is not null)
        {
            throw new CaptureException($"{files[0].Path}: dbn carries whole times; leave the date out", 2);
        }

        return new DbnFileSource([.. files.Select((file, index) => new DbnStream(file, index))], options);
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

        if (!named.Remove(Path.GetFullPath(path), out CaptureFile? file))
        {
            if (!File.Exists(path))
            {
                return null;
            }

            // Entered with the files, so that whoever closes them on a fault closes it too.
            file = CaptureFile.Open(path);
            files.Add(file);
        }

        return new LobsterBook(file);
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
