using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Engine.Host.Commands;

namespace Engine.Host.Configuration;

/// <summary>Reads a configuration file as JSON: UTF-8, comments and trailing commas allowed.</summary>
internal static class ConfigurationFile
{
    private const int MaxBytes = 1 << 20;

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads and parses a file, or a pipe.</summary>
    /// <exception cref="HostException">It cannot be read, is too long, no UTF-8 or no JSON; the message names the line.</exception>
    public static JsonDocument Parse(string path)
    {
        InputFile.MustExist(path);
        ReadOnlyMemory<byte> bytes = Read(path);
        bytes = bytes.Span.StartsWith(Mark) ? bytes[Mark.Length..] : bytes;
        if (Utf8.ToUtf16(bytes.Span, new char[bytes.Length], out int good, out _, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            throw new HostException(ExitCodes.Usage, string.Create(
                CultureInfo.InvariantCulture, $"{path}: is not UTF-8 at line {bytes.Span[..good].Count((byte)'\n') + 1}; save it as UTF-8"));
        }

        try
        {
            return JsonDocument.Parse(bytes, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException e)
        {
            throw new HostException(ExitCodes.Usage, string.Create(
                CultureInfo.InvariantCulture, $"{path}: is not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {e.Message.Split(". LineNumber")[0]}"));
        }
    }

    /// <summary>A pipe or a device says no length, so no more is read than may be.</summary>
    private static byte[] Read(string path)
    {
        byte[] bytes = new byte[MaxBytes + 1];
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= MaxBytes ? bytes[..length]
            : throw new HostException(ExitCodes.Usage, string.Create(CultureInfo.InvariantCulture, $"{path}: is longer than {MaxBytes:N0} bytes; this is no configuration"));
    }
}
