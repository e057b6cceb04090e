using System.IO.Compression;

namespace Engine.Lab;

/// <summary>
/// A file that appears under its name only when it is complete: it is written beside it and renamed by <see cref="Commit"/>;
/// without that, disposal removes it. An ending of <c>.gz</c> compresses it to the smallest size.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _path;
    private readonly string _partialPath;
    private readonly bool _overwrite;
    private readonly FileStream _file;
    private bool _isClosed;

    private OutputFile(string path, bool overwrite)
    {
        _path = path;
        _partialPath = path + ".partial";
        _overwrite = overwrite;
        _file = new FileStream(_partialPath, FileMode.Create, FileAccess.Write);
        Stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(_file, CompressionLevel.SmallestSize, leaveOpen: true)
            : _file;
    }

    /// <summary>Its final name without folders.</summary>
    public string Name => Path.GetFileName(_path);

    /// <summary>Where to write.</summary>
    public Stream Stream { get; }

    /// <summary>Begins a file.</summary>
    /// <param name="path">Its final name.</param>
    /// <param name="overwrite">Whether one of that name may be replaced.</param>
    /// <exception cref="UsageException">It exists already, or cannot be written.</exception>
    public static OutputFile Create(string path, bool overwrite)
    {
        if (Directory.Exists(path))
        {
            throw new UsageException($"'{path}' is a folder; name a file in it");
        }

        if (File.Exists(path) && !overwrite)
        {
            throw new UsageException($"'{path}' exists already; pass -f to overwrite it or choose another name");
        }

        try
        {
            return new OutputFile(path, overwrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"cannot write '{path}' ({e.GetType().Name}); create its folder or choose another name");
        }
    }

    /// <summary>Closes the file and gives it its name.</summary>
    /// <returns>Its size in bytes.</returns>
    public long Commit()
    {
        Close();
        File.Move(_partialPath, _path, _overwrite);
        return new FileInfo(_path).Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isClosed)
        {
            try
            {
                Close();
            }
            finally
            {
                File.Delete(_partialPath);
            }
        }
    }

    private void Close()
    {
        _isClosed = true;
        if (!ReferenceEquals(Stream, _file))
        {
            Stream.Dispose();
        }

        _file.Dispose();
    }
}
