using System.Globalization;
using System.Text;
using Engine.Core.Numerics;

namespace Engine.Bench.Feeds;

/// <summary>
/// A generated BitMEX session: ten books of 200 levels a side, then single-row changes of them (insert 35 %, delete 35 %, update 20 %),
/// quotes (6 %) and trades (4 %), in the shape of a real session.
/// </summary>
public static class BitMexWorkload
{
    private const int Symbols = 10;
    private const int Levels = 200;
    private const int Mid = 100_000;

    /// <summary>Writes a session.</summary>
    /// <param name="path">The file.</param>
    /// <param name="messages">How many, beside the partials.</param>
    public static void Write(string path, int messages)
    {
        SeededRandom random = new(1);
        using StreamWriter text = new(path, false, new UTF8Encoding(false)) { NewLine = "\n" };
        long micros = 1_700_000_000_000_000;
        bool[][] isThere = [.. Enumerable.Range(0, Symbols).Select(_ => new bool[2 * Levels])];
        for (int s = 0; s < Symbols; s++)
        {
            Array.Fill(isThere[s], true);
            Line(text, micros++, Partial("orderBookL2", s, string.Join(',', Enumerable.Range(0, 2 * Levels).Select(l => Row(s, l, 100 + l, true)))));
            Line(text, micros++, Partial("quote", s, ""));
            Line(text, micros++, Partial("trade", s, ""));
        }

        for (int i = 0; i < messages; i++, micros += random.Next(1, 900))
        {
            int s = random.Next(Symbols);
            int dice = random.Next(100);
            int level = random.Next(2 * Levels);
            bool there = isThere[s][level];
            if (dice < 4)
            {
                Line(text, micros, Rows("trade", "insert", $$"""{"timestamp":"2023-11-14T22:13:20.123Z","symbol":"{{Name(s)}}","side":"Buy","size":{{random.Next(1, 999)}},"price":{{Price(Levels)}},"tickDirection":"PlusTick","trdMatchID":"6cfc8b9c-1b2f-00ff-aaaa-bbbbbbbbbbbb","grossValue":123456,"homeNotional":0.001,"foreignNotional":12.5}"""));
            }
            else if (dice < 10)
            {
                Line(text, micros, Rows("quote", "insert", $$"""{"timestamp":"2023-11-14T22:13:20.123Z","symbol":"{{Name(s)}}","bidSize":{{random.Next(1, 999)}},"bidPrice":{{Price(Levels - 1)}},"askPrice":{{Price(Levels)}},"askSize":{{random.Next(1, 999)}}}"""));
            }
            else
            {
                string action = there ? dice < 40 ? "update" : "delete" : "insert";
                isThere[s][level] = action != "delete";
                Line(text, micros, Rows("orderBookL2", action, Row(s, level, action == "delete" ? null : random.Next(1, 9_999), action == "insert")));
            }
        }
    }

    private static void Line(StreamWriter text, long micros, string json) =>
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{micros / 1_000_000}.{micros % 1_000_000:D6}: {json}"));

    private static string Partial(string table, int symbol, string rows) =>
        $$$"""{"table":"{{{table}}}","action":"partial","keys":["symbol","id","side"],"filter":{"symbol":"{{{Name(symbol)}}}"},"data":[{{{rows}}}]}""";

    private static string Rows(string table, string action, string rows) => $$"""{"table":"{{table}}","action":"{{action}}","data":[{{rows}}]}""";

    private static string Row(int symbol, int level, int? size, bool withPrice) =>
        $$"""{"symbol":"{{Name(symbol)}}","id":{{(symbol * 1_000_000_000L) + 8_000_000_000 + level}},"side":"{{(level < Levels ? "Buy" : "Sell")}}"{{(size is null ? "" : $",\"size\":{size}")}}{{(withPrice ? $",\"price\":{Price(level)}" : "")}}}""";

    private static string Name(int symbol) => "BENCH" + (char)('A' + symbol) + "USD";

    private static string Price(int level) => ((Mid + level) * 0.5m).ToString(CultureInfo.InvariantCulture);
}
