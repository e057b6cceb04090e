using System.Security.Cryptography;
using Engine.Feeds.Captures;

namespace Engine.Feeds;

/// <summary>A capture file as it was given: its name, size and hash.</summary>
public sealed class CaptureIdentity
{
    private readonly CaptureFile? _file;

    /// <summary>A file that is read by other means than as a capture.</summary>
    /// <param name="path">The path as the user named it.</param>
    /// <exception cref="IOException">It cannot be asked for its size.</exception>
    public CaptureIdentity(string path)
    {
        Path = path;
        SizeBytes = ContentBytes = new FileInfo(path).Length;
    }

    internal CaptureIdentity(CaptureFile file)
    {
        _file = file;
        Path = file.Path;
        SizeBytes = file.GivenLength;
        ContentBytes = file.Length;
    }

    /// <summary>The path as the user named it; <c>-</c> is standard input.</summary>
    public string Path { get; }

    /// <summary>Size of the file as given (compressed, if it is), bytes.</summary>
    public long SizeBytes { get; }

    /// <summary>Size of the content, decompressed, bytes.</summary>
    public long ContentBytes { get; }

    /// <summary>SHA-256 of the file as given, 64 lower-case hexadecimal digits. Reads the whole file: a cold path.</summary>
    /// <exception cref="ObjectDisposedException">The source is closed.</exception>
    public string ComputeSha256()
    {
        if (_file is not null)
        {
            return _file.ComputeSha256();
        }

        using FileStream file = new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
