namespace Engine.Feeds.BitMex.Live;

/// <summary>How a live BitMEX session is kept. Every wait, size and row has its bound here.</summary>
public sealed record BitMexLiveOptions
{
    /// <summary>Most symbols of one session.</summary>
    public const int SymbolsMax = 4_096;

    /// <summary>Most bytes of a symbol's name.</summary>
    public const int SymbolBytesMax = Instruments.SymbolNames.MaxBytes;

    /// <summary>The websocket, <c>wss://</c> or <c>ws://</c>.</summary>
    public Uri WebSocket { get; init; } = new("wss://ws.bitmex.com/realtime");

    /// <summary>What is asked every <see cref="PollEvery"/> to learn whether the venue answers; null asks nothing.</summary>
    public Uri? Rest { get; init; }

    /// <summary>The symbols, at least one.</summary>
    public required IReadOnlyList<string> Symbols { get; init; }

    /// <summary>The table of order books.</summary>
    public string BookTable { get; init; } = "orderBookL2";

    /// <summary>The other tables, of the same symbols.</summary>
    public IReadOnlyList<string> OtherTables { get; init; } = ["quote", "trade", "instrument"];

    /// <summary>Most topics in one request.</summary>
    public int TopicsPerRequest { get; init; } = 20;

    /// <summary>Bytes between the connection and the thread that reads it, a power of two.</summary>
    public int RingBytes { get; init; } = 1 << 25;

    /// <summary>Longest message, bytes; at most half of the ring less a head. A longer one ends the connection.</summary>
    public int MessageBytesMax { get; init; } = 1 << 22;

    /// <summary>Longest time to get a connection.</summary>
    public TimeSpan ConnectWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence after which the server is pinged.</summary>
    public TimeSpan SilenceBeforePing { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time for the server to say something after a ping; also the longest a send may take.</summary>
    public TimeSpan PongWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often silence and requests are looked at.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The first wait before another attempt.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest wait before another attempt.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A connection that lasted as long sets the wait back to the first.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Attempts in a row, none of them stable, after which the session ends with a fault.</summary>
    public int AttemptsMax { get; init; } = 10_000;

    /// <summary>A symbol's book is asked for again at most this often.</summary>
    public TimeSpan ResubscribeEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often <see cref="Rest"/> is asked.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Seed of the jitter.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Whether the thread that reads gives its core away while no line comes.</summary>
    public bool Parks { get; init; }

    /// <summary>Whether the session is to end cleanly: asked every <see cref="LookEvery"/>, on a thread of the pool. Null never asks.</summary>
    public Func<bool>? MustEnd { get; init; }

    /// <summary>Judges the server's certificate in place of the system's rules; null leaves it to them.</summary>
    internal System.Net.Security.RemoteCertificateValidationCallback? CheckCertificate { get; init; }

    /// <summary>The first thing that is wrong, as one line; null when all is well.</summary>
    public string? Problem()
    {
        if (WebSocket is not { IsAbsoluteUri: true, Scheme: "ws" or "wss" })
        {
            return $"the websocket '{WebSocket}' is not an address that begins with ws:// or wss://";
        }

        if (Rest is not null and not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            return $"the REST address '{Rest}' does not begin with http:// or https://";
        }

        if (Symbols is null || Symbols.Count is 0 or > SymbolsMax)
        {
            return $"{Symbols?.Count ?? 0} symbols; give 1 to {SymbolsMax}";
        }

        string? bad = Symbols.Concat(OtherTables).Append(BookTable).FirstOrDefault(name => !IsName(name));
        if (bad is not null)
        {
            return $"'{bad}' is not a symbol or table: letters, digits, '.', '_' and '-', at most {SymbolBytesMax}";
        }

        if (Symbols.Distinct(StringComparer.Ordinal).Count() != Symbols.Count)
        {
            return "a symbol is named twice";
        }

        return SizeProblem() ?? TimeProblem();
    }

    /// <summary>Whether a text can be the name of a symbol or table.</summary>
    public static bool IsName(string? name) =>
        name is { Length: > 0 and <= SymbolBytesMax } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private string? SizeProblem()
    {
        if (!int.IsPow2(RingBytes) || RingBytes is < LineRing.CapacityMin or > LineRing.CapacityMax)
        {
            return $"a ring of {RingBytes} bytes; give a power of two from {LineRing.CapacityMin} to {LineRing.CapacityMax}";
        }

        int most = RingBytes / 2 - LineRing.HeadBytes;
        return MessageBytesMax is < 1 || MessageBytesMax > most ? $"messages of {MessageBytesMax} bytes; give 1 to {most}"
            : TopicsPerRequest < 1 ? $"{TopicsPerRequest} topics in a request; give at least 1"
            : AttemptsMax < 1 ? $"{AttemptsMax} attempts; give at least 1"
            : null;
    }

    private string? TimeProblem()
    {
        TimeSpan[] times =
        [
            ConnectWithin, SilenceBeforePing, PongWithin, LookEvery, FirstWait, LongestWait, StableAfter, ResubscribeEvery, PollEvery,
        ];
        return times.Any(time => time < TimeSpan.FromMilliseconds(1) || time > TimeSpan.FromDays(1)) ? "a time is not between 1 ms and a day"
            : FirstWait > LongestWait ? $"the first wait, {FirstWait}, is longer than the longest, {LongestWait}"
            : null;
    }
}
