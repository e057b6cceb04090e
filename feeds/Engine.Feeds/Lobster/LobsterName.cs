using System.Globalization;

namespace Engine.Feeds.Lobster;

/// <summary>
/// What the name of a LOBSTER message file says: <c>SYMBOL_yyyy-MM-dd_start_end_message_levels.csv</c>. A file of another name has its
/// name up to the first dot as its symbol (standard input: LOBSTER), no date and no order-book file.
/// </summary>
/// <param name="Symbol">The symbol.</param>
/// <param name="Date">The day; null when the name has none.</param>
/// <param name="BookPath">Where the order-book file would be; null when the name does not tell.</param>
internal sealed record LobsterName(string Symbol, DateOnly? Date, string? BookPath)
{
    private const string Message = "_message_";
    private const string Book = "_orderbook_";
    private const int PartsBehindSymbol = 3;

    /// <summary>Reads a path.</summary>
    public static LobsterName Of(string path)
    {
        string name = Path.GetFileName(path);
        int at = name.LastIndexOf(Message, StringComparison.Ordinal);
        if (at <= 0)
        {
            int dot = name.IndexOf('.', StringComparison.Ordinal);
            string stem = dot > 0 ? name[..dot] : name;
            return new LobsterName(path == "-" || stem.Length == 0 ? "LOBSTER" : stem, null, null);
        }

        string book = Path.Combine(Path.GetDirectoryName(path) ?? "", name[..at] + Book + name[(at + Message.Length)..]);
        string[] parts = name[..at].Split('_');
        DateOnly day = default;
        bool dated = parts.Length > PartsBehindSymbol && DateOnly.TryParseExact(
            parts[^PartsBehindSymbol], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day) && day.Year is >= 1970 and <= 2261;
        string symbol = dated ? string.Join('_', parts[..^PartsBehindSymbol]) : parts[0];
        return new LobsterName(symbol.Length == 0 ? "LOBSTER" : symbol, dated ? day : null, book);
    }
}
