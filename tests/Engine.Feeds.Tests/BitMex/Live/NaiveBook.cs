using System.Globalization;
using System.Text.Json;
using Engine.Feeds.BitMex;

namespace Engine.Feeds.Tests.BitMex.Live;

/// <summary>A side of a book made of kept lines in the plainest way: a dictionary by id, sorted at the end.</summary>
internal static class NaiveBook
{
    /// <summary>The levels, best first: the price as the feed wrote it, and the size.</summary>
    public static IReadOnlyList<(string Price, long Size)> Of(IEnumerable<KeptLine> lines, string symbol, bool isBuy)
    {
        Dictionary<long, (string Price, long Size, bool IsBuy)>? levels = null;
        foreach (KeptLine line in lines)
        {
            if (line.Kind == BitMexLineKind.Closed)
            {
                levels = null;
            }
            else if (line.Text.StartsWith("{\"table\":\"orderBookL2\"", StringComparison.Ordinal) && line.Text.Contains($"\"{symbol}\"", StringComparison.Ordinal))
            {
                Apply(line.Text, ref levels);
            }
        }

        return [.. (levels ?? []).Values.Where(level => level.IsBuy == isBuy)
            .OrderBy(level => double.Parse(level.Price, CultureInfo.InvariantCulture) * (isBuy ? -1 : 1))
            .Select(level => (level.Price, level.Size))];
    }

    private static void Apply(string text, ref Dictionary<long, (string Price, long Size, bool IsBuy)>? levels)
    {
        using JsonDocument json = JsonDocument.Parse(text);
        string action = json.RootElement.GetProperty("action").GetString()!;
        levels = action == "partial" ? [] : levels;
        foreach (JsonElement row in json.RootElement.GetProperty("data").EnumerateArray())
        {
            long id = row.GetProperty("id").GetInt64();
            if (levels is null || (action == "update" && !levels.ContainsKey(id)))
            {
                continue;
            }

            if (action == "delete")
            {
                levels.Remove(id);
                continue;
            }

            string price = row.TryGetProperty("price", out JsonElement given) ? given.GetRawText() : levels[id].Price;
            levels[id] = (price, row.GetProperty("size").GetInt64(), row.GetProperty("side").GetString() == "Buy");
        }
    }
}
