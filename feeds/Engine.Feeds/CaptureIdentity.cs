using Engine.Feeds.Captures;

namespace Engine.Feeds;

/// <summary>A capture file as it was given: its name, size and hash.</summary>
public sealed class CaptureIdentity
{
    private readonly CaptureFile _file;

    internal CaptureIdentity(CaptureFile file)
    {
        _file = file;
    }

    /// <summary>The path as the user named it; <c>-</c> is standard input.</summary>
    public string Path => _file.Path;

    /// <summary>Size of the file as given (compressed, if it is), bytes.</summary>
    public long SizeBytes => _file.GivenLength;

    /// <summary>Size of the content, decompressed, bytes.</summary>
    public long ContentBytes => _file.Length;

    /// <summary>SHA-256 of the file as given, 64 lower-case hexadecimal digits. Reads the whole file: a cold path.</summary>
    /// <exception cref="ObjectDisposedException">The source is closed.</exception>
    public string ComputeSha256() => _file.ComputeSha256();
}
