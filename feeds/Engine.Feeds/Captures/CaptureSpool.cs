namespace Engine.Feeds.Captures;

/// <summary>Opens what the user named and copies what cannot be mapped into temporary files that have no name any more.</summary>
internal static class CaptureSpool
{
    private const int BufferSize = 1 << 16;

    /// <summary>The named file, seekable: standard input and pipes are copied first.</summary>
    /// <exception cref="CaptureException">It cannot be opened.</exception>
    public static FileStream OpenGiven(string path)
    {
        if (path == "-")
        {
            using Stream input = Console.OpenStandardInput();
            return Copy(path, input);
        }

        if (Directory.Exists(path))
        {
            throw new CaptureException($"{path}: is a directory; name the capture files in it", 2);
        }

        try
        {
            FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
            if (stream.CanSeek)
            {
                return stream;
            }

            using (stream)
            {
                return Copy(path, stream);
            }
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CaptureException($"{path}: no such file", 2);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CaptureException($"{path}: cannot be opened: {OneLine(fault.Message)}", 2);
        }
    }

    /// <summary>An empty temporary file whose name is gone already where the system allows it.</summary>
    public static FileStream CreateUnlinked(string forPath)
    {
        try
        {
            // The system picks a name that is free and creates the file at once, readable to its owner alone.
            string path = Path.GetTempFileName();
            FileOptions options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None;
            FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, BufferSize, options);
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(path);
            }

            return stream;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CaptureException($"{forPath}: needs a temporary copy, and {Path.GetTempPath()} refuses it: {OneLine(fault.Message)}", 2);
        }
    }

    /// <summary>Whether a seekable stream begins with the gzip magic; leaves it at its start.</summary>
    public static bool IsGzip(Stream stream)
    {
        stream.Position = 0;
        bool gzip = stream.ReadByte() == 0x1F && stream.ReadByte() == 0x8B;
        stream.Position = 0;
        return gzip;
    }

    /// <summary>Refuses an empty input.</summary>
    public static void ThrowIfEmpty(string path, long length, string what)
    {
        if (length == 0)
        {
            throw new CaptureException($"{path}: {what}; nothing to read", 2);
        }
    }

    private static FileStream Copy(string path, Stream input)
    {
        FileStream spool = CreateUnlinked(path);
        try
        {
            input.CopyTo(spool, BufferSize);
            spool.Flush();
            return spool;
        }
        catch (IOException fault)
        {
            spool.Dispose();
            throw new CaptureException($"{path}: cannot be copied to {Path.GetTempPath()}: {OneLine(fault.Message)}", 2);
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
