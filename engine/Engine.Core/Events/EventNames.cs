namespace Engine.Core.Events;

/// <summary>The one spelling of kinds, sides and venues in text output and options.</summary>
public static class EventNames
{
    private static readonly string[] s_kinds =
    [
        "none", "add", "modify", "cancel", "delete", "execute", "replace", "level_set", "trade", "trade_break",
        "clear", "status", "snapshot_begin", "snapshot_end", "gap", "index_price", "mark_price", "funding",
    ];

    private static readonly string[] s_sides = ["", "buy", "sell"];

    private static readonly string[] s_venues = ["none", "itch50", "xdp", "iex-deep", "bitmex", "dbn", "lobster"];

    /// <summary>The kind in lower case; a value that is no kind gives its number.</summary>
    public static string Of(EventKind kind) => (int)kind < s_kinds.Length ? s_kinds[(int)kind] : $"kind_{(int)kind}";

    /// <summary>`buy`, `sell`, or empty.</summary>
    public static string Of(Side side) => (int)side < s_sides.Length ? s_sides[(int)side] : $"side_{(int)side}";

    /// <summary>The venue as the option spells it.</summary>
    public static string Of(Venue venue) => (int)venue < s_venues.Length ? s_venues[(int)venue] : $"venue_{(int)venue}";
}
