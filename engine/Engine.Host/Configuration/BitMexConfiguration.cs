using Engine.Feeds.BitMex.Live;

namespace Engine.Host.Configuration;

/// <summary>The part of a configuration about a BitMEX session.</summary>
internal sealed record BitMexConfiguration
{
    private const long MillisPerDay = 86_400_000;
    private const string FullBook = "orderBookL2", TopBook = "orderBookL2_25";

    private static readonly string[] s_tables = ["quote", "trade", "instrument"];

    /// <summary>What to connect to, and every bound.</summary>
    public required BitMexLiveOptions Session { get; init; }

    /// <summary>Whether the receiving thread parks while nothing comes.</summary>
    public bool Parks { get; init; }

    /// <summary>Reads the section.</summary>
    public static BitMexConfiguration Read(ConfigurationSection section)
    {
        BitMexLiveOptions usual = new() { Symbols = [] };
        BitMexConfiguration bitMex = new()
        {
            Session = usual with
            {
                WebSocket = Address(section, "websocket", "wss", "ws") ?? usual.WebSocket,
                Rest = Address(section, "rest", "https", "http"),
                Symbols = ReadSymbols(section),
                BookTable = section.OneOf("book", FullBook, FullBook, TopBook),
                OtherTables = ReadTables(section),
                ConnectWithin = Millis(section, "connect_within_ms", usual.ConnectWithin),
                SilenceBeforePing = Millis(section, "ping_after_ms", usual.SilenceBeforePing),
                PongWithin = Millis(section, "pong_within_ms", usual.PongWithin),
                LookEvery = Millis(section, "look_every_ms", usual.LookEvery),
                FirstWait = Millis(section, "first_wait_ms", usual.FirstWait),
                LongestWait = Millis(section, "longest_wait_ms", usual.LongestWait),
                StableAfter = Millis(section, "stable_after_ms", usual.StableAfter),
                AttemptsMax = (int)section.Number("attempts", usual.AttemptsMax, 1, int.MaxValue),
                ResubscribeEvery = Millis(section, "resubscribe_every_ms", usual.ResubscribeEvery),
                PollEvery = Millis(section, "poll_every_ms", usual.PollEvery),
                Seed = (ulong)section.Number("seed", (long)usual.Seed, 0, long.MaxValue),
            },
            Parks = section.OneOf("wait", Environment.ProcessorCount > 1 ? "spin" : "park", "spin", "park") == "park",
        };
        section.Finish();
        return bitMex.Session.FirstWait <= bitMex.Session.LongestWait
            ? bitMex
            : throw section.Wrong("first_wait_ms", FormattableString.Invariant(
                $"is {bitMex.Session.FirstWait.TotalMilliseconds}, more than longest_wait_ms, {bitMex.Session.LongestWait.TotalMilliseconds}"));
    }

    private static Uri? Address(ConfigurationSection section, string key, string scheme, string plainScheme)
    {
        if (section.Text(key) is not { } text)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && (address.Scheme == scheme || address.Scheme == plainScheme) && address.UserInfo.Length == 0
            ? address
            : throw section.Wrong(key, $"is '{text}'; write an address that begins with {scheme}:// or {plainScheme}://, without a user");
    }

    private static string[] ReadSymbols(ConfigurationSection section)
    {
        string[] symbols = section.Texts("symbols") ?? [];
        if (symbols.Length is 0 or > BitMexLiveOptions.SymbolsMax)
        {
            throw section.Wrong("symbols", FormattableString.Invariant(
                $"has {symbols.Length} symbols; name those of the session, 1 to {BitMexLiveOptions.SymbolsMax}, such as [\"XBTUSD\"]"));
        }

        return Array.Find(symbols, s => !BitMexLiveOptions.IsName(s)) is { } bad
            ? throw section.Wrong("symbols", FormattableString.Invariant(
                $"has '{bad}'; a symbol is letters, digits, '.', '_' and '-', at most {BitMexLiveOptions.SymbolBytesMax}"))
            : Once(section, "symbols", symbols);
    }

    private static string[] ReadTables(ConfigurationSection section)
    {
        string[] tables = section.Texts("tables") ?? s_tables;
        return Array.Find(tables, t => !s_tables.Contains(t)) is { } bad
            ? throw section.Wrong("tables", $"has '{bad}'; beside the book there are {string.Join(", ", s_tables)}")
            : Once(section, "tables", tables);
    }

    private static string[] Once(ConfigurationSection section, string key, string[] names) =>
        names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key is { } twice
            ? throw section.Wrong(key, $"has {twice} twice; keep one")
            : names;

    private static TimeSpan Millis(ConfigurationSection section, string key, TimeSpan otherwise) =>
        TimeSpan.FromMilliseconds(section.Number(key, (long)otherwise.TotalMilliseconds, 1, MillisPerDay));
}
