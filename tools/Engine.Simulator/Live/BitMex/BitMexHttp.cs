using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Engine.Simulator.Live.BitMex;

/// <summary>The little of HTTP/1.1 that the venue needs: one request's head, one answer. Layout: RFC 9112; the upgrade: RFC 6455, 4.2.</summary>
internal static class BitMexHttp
{
    private const int HeadBytesMax = 16_384;
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Reads a request's head, to its empty line and no further.</summary>
    /// <returns>The request line and the fields by their lower-case names; null where none came.</returns>
    public static async Task<(string Line, Dictionary<string, string> Fields)?> ReadAsync(Stream stream, CancellationToken stop)
    {
        byte[] head = new byte[HeadBytesMax];
        int length = 0;
        while (!head.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            if (length == head.Length || await stream.ReadAsync(head.AsMemory(length, 1), stop).ConfigureAwait(false) == 0)
            {
                return null;
            }

            length++;
        }

        string[] lines = Encoding.ASCII.GetString(head, 0, length).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, string> fields = [];
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                fields[line[..colon].Trim().ToLowerInvariant()] = line[(colon + 1)..].Trim();
            }
        }

        return lines.Length == 0 ? null : (lines[0], fields);
    }

    /// <summary>Turns the connection into a websocket.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="key">The request's Sec-WebSocket-Key.</param>
    /// <param name="stop">Ends it.</param>
    public static Task UpgradeAsync(Stream stream, string key, CancellationToken stop)
    {
        // The protocol asks for this hash; it guards nothing.
#pragma warning disable CA5350
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));
#pragma warning restore CA5350
        string head = $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n";
        return stream.WriteAsync(Encoding.ASCII.GetBytes(head), stop).AsTask();
    }

    /// <summary>Answers and announces the end of the connection.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="status">The status.</param>
    /// <param name="fields">Further lines of the head, each with its line end.</param>
    /// <param name="body">The body's bytes.</param>
    /// <param name="isHeadOnly">Whether the request wanted the head alone.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task AnswerAsync(
        Stream stream, int status, string fields, ReadOnlyMemory<byte> body, bool isHeadOnly, CancellationToken stop)
    {
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {(HttpStatusCode)status}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n{fields}Connection: close\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), stop).ConfigureAwait(false);
        if (!isHeadOnly)
        {
            await stream.WriteAsync(body, stop).ConfigureAwait(false);
        }

        await stream.FlushAsync(stop).ConfigureAwait(false);
    }
}
