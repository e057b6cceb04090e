using System.IO.Compression;

namespace Engine.Feeds.Captures;

/// <summary>Decompresses gzip content and notices where it is cut or damaged.</summary>
internal static class GzipSpool
{
    private static readonly bool s_noticesCuts = NoticesCuts();

    /// <summary>Copies the decompressed content; what comes before damage is kept.</summary>
    /// <param name="compressed">The gzip file, from its first byte; seekable.</param>
    /// <param name="content">Receives the content.</param>
    /// <returns>Null when all of it was there, else what is wrong: <c>cut</c> or <c>damaged</c>.</returns>
    public static string? Decompress(Stream compressed, Stream content)
    {
        string? wrong = null;
        long written = 0;
        try
        {
            using GZipStream gzip = new(compressed, CompressionMode.Decompress, leaveOpen: true);
            byte[] buffer = new byte[1 << 16];
            int count;
            while ((count = gzip.Read(buffer)) > 0)
            {
                content.Write(buffer, 0, count);
                written += count;
            }
        }
        catch (InvalidDataException)
        {
            wrong = "damaged";
        }

        return wrong is null
            ? s_noticesCuts || TrailerSays(compressed, written) ? null : "cut"
            : EndsWithoutTrailer(compressed) ? "cut" : wrong;
    }

    /// <summary>The class library tells a cut stream from a whole one only when asked, and only before its first use.</summary>
    private static bool NoticesCuts()
    {
        AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);
        using MemoryStream whole = new();
        using (GZipStream gzip = new(whole, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write("a stream to cut"u8);
        }

        whole.SetLength(whole.Length - 8);
        whole.Position = 0;
        try
        {
            using GZipStream gzip = new(whole, CompressionMode.Decompress);
            while (gzip.ReadByte() >= 0)
            {
            }

            return false;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    /// <summary>The last four bytes of a gzip member are its content's length modulo 2^32 (RFC 1952).</summary>
    private static bool TrailerSays(Stream compressed, long length)
    {
        Span<byte> trailer = stackalloc byte[4];
        compressed.Seek(-4, SeekOrigin.End);
        compressed.ReadExactly(trailer);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(trailer) == (uint)length;
    }

    /// <summary>A decompressor that failed at the very end had nothing more to read: the file was cut.</summary>
    private static bool EndsWithoutTrailer(Stream compressed) => compressed.Position == compressed.Length;
}
