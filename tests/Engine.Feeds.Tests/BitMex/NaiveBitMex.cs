using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>
/// A session read in the simplest way that could be right: regular expressions, JSON documents, decimals and dictionaries.
/// </summary>
internal sealed partial class NaiveBitMex
{
    /// <summary>Books: symbol → (id, side) → price, size.</summary>
    public Dictionary<string, Dictionary<(ulong Id, string Side), (decimal Price, long Size)>> Books { get; } = [];

    /// <summary>Messages by <c>table/action</c> or, of those without a table, by their first property.</summary>
    public Dictionary<string, long> Messages { get; } = [];

    /// <summary>Rows by <c>table/action</c>.</summary>
    public Dictionary<string, long> Rows { get; } = [];

    /// <summary>Rows that name an id they must not, or lack one they must have.</summary>
    public long Contradictions { get; private set; }

    /// <summary>Lines of the client.</summary>
    public long Sent { get; private set; }

    /// <summary>What the quotes say of a symbol, with exchange and receive time: all of them in the order of the wire.</summary>
    public List<(string Symbol, DateTime Time, decimal Receive, decimal Bid, long BidSize, decimal Ask, long AskSize)> Quotes { get; } = [];

    /// <summary>What the instrument table says, and what each row of it changes.</summary>
    public NaiveInstruments Instruments { get; } = new();

    /// <summary>The symbol's best levels.</summary>
    public (decimal Bid, long BidSize, decimal Ask, long AskSize) Top(string symbol)
    {
        (decimal Price, long Size) bid = Side(symbol, "Buy").FirstOrDefault();
        (decimal Price, long Size) ask = Side(symbol, "Sell").FirstOrDefault();
        return (bid.Price, bid.Size, ask.Price, ask.Size);
    }

    /// <summary>One side of a book, best first.</summary>
    public IEnumerable<(decimal Price, long Size)> Side(string symbol, string side)
    {
        IEnumerable<(decimal Price, long Size)> levels = Books.GetValueOrDefault(symbol, []).Where(l => l.Key.Side == side).Select(l => l.Value);
        return side == "Buy" ? levels.OrderByDescending(l => l.Price) : levels.OrderBy(l => l.Price);
    }

    /// <summary>Takes a line.</summary>
    /// <returns>The symbols whose books it concerns.</returns>
    public IReadOnlyCollection<string> Line(string line)
    {
        if (ReceivedLine().Match(line) is not { Success: true } parts)
        {
            Sent += line.Contains(" <- ", StringComparison.Ordinal) ? 1 : 0;
            return [];
        }

        using JsonDocument document = JsonDocument.Parse(parts.Groups[2].Value);
        JsonElement root = document.RootElement;
        if (!root.TryGetProperty("table", out JsonElement table))
        {
            Count(Messages, root.EnumerateObject().First().Name, 1);
            return [];
        }

        string action = root.GetProperty("action").GetString()!;
        string kind = $"{table.GetString()}/{action}";
        Count(Messages, kind, 1);
        Count(Rows, kind, root.GetProperty("data").GetArrayLength());
        var symbols = new HashSet<string>();
        decimal receive = decimal.Parse(parts.Groups[1].Value, CultureInfo.InvariantCulture);
        if (kind == "orderBookL2/partial")
        {
            // Every partial here is of one symbol, which it names even where it has no rows.
            string only = root.GetProperty("filter").GetProperty("symbol").GetString()!;
            Books[only] = [];
            symbols.Add(only);
        }

        foreach (JsonElement row in root.GetProperty("data").EnumerateArray())
        {
            string symbol = row.GetProperty("symbol").GetString()!;
            if (table.GetString() == "orderBookL2")
            {
                symbols.Add(symbol);
                Book(Books[symbol], action, row);
            }
            else if (table.GetString() == "quote")
            {
                Quotes.Add((symbol, row.GetProperty("timestamp").GetDateTime().ToUniversalTime(), receive, row.GetProperty("bidPrice").GetDecimal(),
                    row.GetProperty("bidSize").GetInt64(), row.GetProperty("askPrice").GetDecimal(), row.GetProperty("askSize").GetInt64()));
            }
            else if (table.GetString() == "instrument")
            {
                Instruments.Row(symbol, action, row);
            }
        }

        return symbols;
    }

    private void Book(Dictionary<(ulong Id, string Side), (decimal Price, long Size)> book, string action, JsonElement row)
    {
        (ulong, string) key = (row.GetProperty("id").GetUInt64(), row.GetProperty("side").GetString()!);
        bool isNew = action is "partial" or "insert";
        if (book.ContainsKey(key) == isNew)
        {
            Contradictions++;
            return;
        }

        if (action == "delete")
        {
            book.Remove(key);
        }
        else
        {
            book[key] = (isNew ? row.GetProperty("price").GetDecimal() : book[key].Price, row.GetProperty("size").GetInt64());
        }
    }

    private static void Count(Dictionary<string, long> counts, string key, long by) => counts[key] = counts.GetValueOrDefault(key) + by;

    [GeneratedRegex(@"^([0-9.]+): (.*)$")]
    private static partial Regex ReceivedLine();
}
