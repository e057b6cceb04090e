using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Engine.Feeds.Captures;

/// <summary>
/// A capture as memory: the file itself mapped, or, for standard input, pipes and gzip, an unlinked temporary copy of the
/// content mapped. The file must not be shortened while it is read.
/// </summary>
internal sealed unsafe class CaptureFile : IDisposable
{
    private const int PageSize = 4_096;
    private const int Window = 4 << 20;

    /// <summary>MADV_POPULATE_READ, since Linux 5.14.</summary>
    private const int PopulateRead = 22;

    private readonly FileStream? _given;
    private readonly FileStream? _content;
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private byte* _mappedUntil;
    private bool _disposed;

    private CaptureFile(string path, FileStream given, FileStream content, bool compressed, string? damage)
    {
        Path = path;
        _given = given;
        _content = content;
        IsCompressed = compressed;
        Damage = damage;
        GivenLength = given.Length;
        Length = content.Length;
        _map = MemoryMappedFile.CreateFromFile(content, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        byte* start = null;

        // SAFETY: the view covers Length bytes and stays mapped until Dispose releases the pointer.
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start + _view.PointerOffset;
        _mappedUntil = Start;
    }

    /// <summary>A capture that lies in memory already.</summary>
    /// <param name="path">What to call it.</param>
    /// <param name="start">Its first byte; the caller keeps the memory for as long as the capture is read.</param>
    /// <param name="length">Its bytes.</param>
    public CaptureFile(string path, byte* start, long length)
    {
        Path = path;
        Start = start;
        GivenLength = Length = length;
        _mappedUntil = (byte*)nuint.MaxValue; // Nothing is mapped ahead.
    }

    /// <summary>The path as the user named it.</summary>
    public string Path { get; }

    /// <summary>First byte of the content.</summary>
    public byte* Start { get; }

    /// <summary>Bytes of the content, decompressed.</summary>
    public long Length { get; }

    /// <summary>Bytes of the file as given.</summary>
    public long GivenLength { get; }

    /// <summary>Whether the file as given is gzip.</summary>
    public bool IsCompressed { get; }

    /// <summary>What is wrong with the compression, in words that follow "the gzip is"; or null.</summary>
    public string? Damage { get; }

    /// <summary>Opens and maps a capture.</summary>
    /// <exception cref="CaptureException">Missing, a directory, unreadable, empty.</exception>
    public static CaptureFile Open(string path)
    {
        FileStream given = CaptureSpool.OpenGiven(path);
        FileStream content = given;
        try
        {
            CaptureSpool.ThrowIfEmpty(path, given.Length, "is empty");
            string? damage = null;
            bool compressed = CaptureSpool.IsGzip(given);
            if (compressed)
            {
                content = CaptureSpool.CreateUnlinked(path);
                damage = GzipSpool.Decompress(given, content);
                content.Flush();
                CaptureSpool.ThrowIfEmpty(path, content.Length, damage is null ? "holds nothing once decompressed" : $"holds nothing once decompressed, since its gzip is {damage}");
            }

            return new CaptureFile(path, given, content, compressed, damage);
        }
        catch
        {
            content.Dispose();
            given.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Enters the pages ahead of a reader at <paramref name="at"/> into the page table, a window at a time: one call to the
    /// kernel in place of a fault every 64 KiB. Only advice; where the kernel does not know it, pages come by faults as ever.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReadAhead(byte* at)
    {
        if (at >= _mappedUntil)
        {
            MapWindow(at);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MapWindow(byte* at)
    {
        // SAFETY: the window begins at a page of the mapping and is cut at its end.
        byte* page = (byte*)((nuint)at & ~(nuint)(PageSize - 1));
        nuint left = (nuint)(Start + Length - page);
        nuint window = Math.Min(left, (nuint)Window);
        _mappedUntil = left <= Window ? (byte*)nuint.MaxValue : page + window;
        if (OperatingSystem.IsLinux() && window > 0)
        {
            _ = Madvise(page, window, PopulateRead);
        }
    }

    [DllImport("libc", EntryPoint = "madvise")]
    private static extern int Madvise(void* address, nuint length, int advice);

    /// <summary>SHA-256 of the file as given, lower-case hexadecimal.</summary>
    public string ComputeSha256()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_given is null)
        {
            // SAFETY: the caller of the constructor keeps the memory.
            return Convert.ToHexStringLower(SHA256.HashData(new ReadOnlySpan<byte>(Start, checked((int)Length))));
        }

        _given.Position = 0;
        return Convert.ToHexStringLower(SHA256.HashData(_given));
    }

    /// <summary>Unmaps and closes; temporary copies vanish with it.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _map?.Dispose();
        _content?.Dispose();
        _given?.Dispose();
    }
}
