using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Text;

namespace Engine.Feeds.BitMex.Live;

/// <summary>What goes wrong with a connection, in words. Cold.</summary>
internal static class BitMexFaults
{
    /// <summary>Whether an exception says that a connection failed, and not that the program is wrong.</summary>
    public static bool IsOfConnection(Exception fault) =>
        fault is WebSocketException or IOException or SocketException or HttpRequestException or OperationCanceledException
            or ObjectDisposedException or AuthenticationException;

    /// <summary>The innermost reason.</summary>
    public static string Words(Exception fault)
    {
        Exception inner = fault;
        for (int depth = 0; depth < 8 && inner.InnerException is not null; depth++)
        {
            inner = inner.InnerException;
        }

        return inner.Message.TrimEnd('.');
    }

    /// <summary>An HTTP answer: <c>503 Service Unavailable</c>.</summary>
    public static string Status(HttpStatusCode status) => Enum.IsDefined(status)
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)status} {Spaced(status.ToString())}")
        : ((int)status).ToString(CultureInfo.InvariantCulture);

    /// <summary>How long an HTTP answer asks to stay away, in whole seconds; zero where it does not say.</summary>
    public static TimeSpan RetryAfter(IReadOnlyDictionary<string, IEnumerable<string>>? headers) =>
        headers is not null && headers.TryGetValue("Retry-After", out IEnumerable<string>? values)
            && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.Zero;

    /// <summary>A name of joined words as words.</summary>
    public static string Spaced(string name)
    {
        StringBuilder words = new();
        foreach (char c in name)
        {
            if (words.Length > 0 && char.IsAsciiLetterUpper(c) && char.IsAsciiLetterLower(words[^1]))
            {
                words.Append(' ');
            }

            words.Append(c);
        }

        return words.ToString();
    }
}
