using System.Globalization;
using System.Text;
using Engine.Core.Numerics;

namespace Engine.Fuzz.Generators;

/// <summary>Lines of BitMEX sessions: real-looking messages, absurd ones, and what is no message.</summary>
internal sealed class BitMexGenerator
{
    private const int MaxLines = 40, MaxRows = 8, DeepestNesting = 2_000;
    private static readonly string[] s_tables = ["orderBookL2", "orderBookL2", "orderBookL2", "orderBookL2_25", "trade", "quote", "instrument", "funding"];
    private static readonly string[] s_actions = ["partial", "insert", "insert", "update", "update", "delete", "noaction"];

    private static readonly string[] s_numbers =
    [
        "0", "-0", "1", "-1", "1e3", "1E+3", "1e-9", "1e-10", "0.0000000001", "1e400", "-1e400", "9223372036854775807", "9223372036854775808", "1e99999999999",
        "0.1", "12345678901234567890.123456789", "null", "true", "\"5\"", "[]", "{}", "1.", "01", ".5", "-", "1e", "0.50000000000000000000000000000000",
    ];

    private static readonly string[] s_texts =
        ["XBT", "", "\\u0058BT", "\\ud83d\\ude00", "\\ud83d", "\\uZZZZ", "\\", "a\\\"b", "\u0001", "\u00ff", "2023-11-14T22:13:20.000Z", "2023-99-99T99:99:99.999Z", "0000-00-00T00:00:00Z"];

    private static readonly string[] s_kinds =
        ["pong", "ping", "{\"info\":\"Welcome\"}", "{\"success\":true,\"subscribe\":\"trade\"}", "{\"error\":\"no\",\"status\":400}", "[]", "5", "{}", "", "null", "{\"table\":\"trade\"}"];

    private readonly StringBuilder _text = new();
    private long _millis;

    /// <summary>Writes a session.</summary>
    /// <returns>Its bytes.</returns>
    public int Write(SeededRandom random, Span<byte> file)
    {
        _text.Clear();
        _millis = 1_700_000_000_000;
        if (random.Chance(0.8))
        {
            _text.Append("wss://v/realtime <-> ").Append(Stamp(random)).Append('\n');
        }

        for (int i = random.Next(1, MaxLines); i > 0; i--)
        {
            Line(random);
            _text.Append(random.Chance(0.95) ? "\n" : "\r\n");
        }

        int length = _text.Length - (random.Chance(0.2) ? 1 : 0);
        _text.Length = Math.Min(length, file.Length / 2);
        return Encoding.Latin1.GetBytes(_text.ToString(), file);
    }

    private void Line(SeededRandom random)
    {
        switch (random.Next(60))
        {
            case 0:
                _text.Append("wss://v/realtime <").Append(random.Chance(0.5) ? "-> " : "!> ").Append(Stamp(random)).Append(random.Chance(0.7) ? ": gone" : "");
                return;
            case 1:
                _text.Append("https://v/api <!> ").Append(Stamp(random)).Append(": 503 Service Unavailable");
                return;
            case 2:
                _text.Append("wss://v/realtime <- ").Append(Stamp(random)).Append(": {\"op\":\"subscribe\"}");
                return;
            case 3:
                _text.Append(random.Chance(0.5) ? "" : "no line at all");
                return;
        }

        _text.Append(Stamp(random)).Append(": ");
        int kind = random.Next(40);
        if (kind == 0)
        {
            _text.Append(s_kinds[random.Next(s_kinds.Length)]);
        }
        else if (kind == 1)
        {
            Nest(random);
        }
        else if (kind == 2)
        {
            _text.Append('[').Append(Row(random, "instrument", "partial")).Append(']');
        }
        else
        {
            Message(random);
        }
    }

    private void Message(SeededRandom random)
    {
        string table = random.Chance(0.97) ? s_tables[random.Next(s_tables.Length)] : $"table{random.Next(60)}";
        string action = s_actions[random.Next(random.Chance(0.97) ? 6 : 7)];
        _text.Append("{\"table\":\"").Append(table).Append("\",\"action\":\"").Append(action).Append('"');
        if (action == "partial")
        {
            _text.Append(random.Chance(0.9) ? ",\"keys\":[\"symbol\",\"id\",\"side\"]" : ",\"keys\":[\"symbol\"]");
            _text.Append(random.Chance(0.7) ? $",\"filter\":{{\"symbol\":\"{Symbol(random)}\"}}" : "");
        }

        _text.Append(random.Chance(0.97) ? ",\"data\":[" : ",\"data\":{},\"data\":[");
        for (int i = random.Next(MaxRows); i > 0; i--)
        {
            _text.Append(random.Chance(0.99) ? Row(random, table, action) : s_numbers[random.Next(s_numbers.Length)]).Append(i > 1 ? "," : "");
        }

        _text.Append("]}");
    }

    private string Row(SeededRandom random, string table, string action)
    {
        string symbol = $"\"symbol\":\"{Symbol(random)}\"";
        string side = random.Chance(0.98) ? random.Chance(0.5) ? "Buy" : "Sell" : Word(random);
        string row = table switch
        {
            "orderBookL2" or "orderBookL2_25" =>
                $"{symbol},\"id\":{Id(random)},\"side\":\"{side}\"{(action == "delete" ? "" : $",\"size\":{Number(random, 500)}")}{(action is "delete" or "update" ? "" : $",\"price\":{Price(random)}")}",
            "trade" =>
                $"\"timestamp\":\"{Time(random)}\",{symbol},\"side\":\"{side}\",\"size\":{Number(random, 99)},\"price\":{Price(random)},\"trdMatchID\":\"{Match(random)}\"",
            "quote" =>
                $"\"timestamp\":\"{Time(random)}\",{symbol},\"bidSize\":{Number(random, 9)},\"bidPrice\":{Price(random)},\"askPrice\":{Price(random)},\"askSize\":{Number(random, 9)}",
            _ => symbol + Sparse(random, "markPrice", Price(random)) + Sparse(random, "fundingRate", (random.Chance(0.3) ? "-" : "") + Number(random, 2))
                + Sparse(random, "fundingTimestamp", $"\"{Time(random)}\"") + Sparse(random, "indicativeSettlePrice", Price(random)),
        };
        return random.Chance(0.98) ? $"{{{row}}}" : $"{{{row},{symbol}}}";
    }

    /// <summary>A column that most rows have, some as null.</summary>
    private static string Sparse(SeededRandom random, string name, string value) =>
        random.Chance(0.3) ? "" : $",\"{name}\":{(random.Chance(0.1) ? "null" : value)}";

    private void Nest(SeededRandom random)
    {
        int depth = random.Chance(0.5) ? random.Next(20, 40) : random.Next(DeepestNesting);
        bool isArray = random.Chance(0.5);
        for (int i = 0; i < depth; i++)
        {
            _text.Append(isArray ? "[" : "{\"a\":");
        }

        _text.Append('1').Append(isArray ? ']' : '}', random.Chance(0.8) ? depth : random.Next(depth + 1));
    }

    private static string Symbol(SeededRandom random) => random.Next(40) switch
    {
        0 => Word(random),
        1 => new string('L', random.Next(1, 100)),
        2 => $"SYM{random.Next(1_000)}",
        _ => $"SYM{random.Next(4)}",
    };

    private static string Word(SeededRandom random) => s_texts[random.Next(s_texts.Length)];

    private static string Id(SeededRandom random) => random.Chance(0.98) ? Text(random.Next(random.Chance(0.8) ? 40 : 2_000)) : Number(random, 9);

    private static string Number(SeededRandom random, int most) =>
        random.Chance(0.98) ? Text(random.Next(most + 1)) : s_numbers[random.Next(s_numbers.Length)];

    private static string Price(SeededRandom random) => random.Chance(0.98) ? $"{Text(random.Next(90, 110))}.5" : Number(random, 9) + (random.Chance(0.5) ? "0" : "");

    private static string Time(SeededRandom random) => random.Chance(0.95) ? "2023-11-14T22:13:20.123Z" : Word(random);

    private static string Match(SeededRandom random) => random.Chance(0.95) ? "00000000-0000-0000-0000-000000000001" : Word(random);

    private string Stamp(SeededRandom random)
    {
        _millis += random.Next(3);
        return random.Chance(0.98)
            ? string.Create(CultureInfo.InvariantCulture, $"{_millis / 1_000}.{_millis % 1_000:D3}")
            : random.Chance(0.5) ? "99999999999999999999.5" : "1700000000.0000000001";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
