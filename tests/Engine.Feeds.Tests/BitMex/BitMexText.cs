using System.Globalization;
using System.Text;
using Engine.Core.Events;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>Writes the lines of a session, a millisecond apart.</summary>
internal sealed class BitMexText
{
    /// <summary>Time of the first line, ns.</summary>
    public const long Start = 1_700_000_000_000_000_000;

    private readonly StringBuilder _text = new();
    private long _millis = Start / 1_000_000;

    /// <summary>Time of the last line, ns.</summary>
    public long Time => (_millis - 1) * 1_000_000;

    public BitMexText Wait(long millis)
    {
        _millis += millis;
        return this;
    }

    public BitMexText Raw(string line)
    {
        _text.Append(line).Append('\n');
        return this;
    }

    public BitMexText Json(string json) => Raw($"{Stamp()}: {json}");

    public BitMexText Sent(string json) => Raw($"wss://venue/realtime <- {Stamp()}: {json}");

    public BitMexText Opened() => Raw($"wss://venue/realtime <-> {Stamp()}");

    public BitMexText Closed(string reason = "gone") => Raw($"wss://venue/realtime <!> {Stamp()}: {reason}");

    public BitMexText Refused(string reason = "503 Service Unavailable") => Raw($"https://venue/api <!> {Stamp()}: {reason}");

    public BitMexText Partial(string table, string symbol, params string[] rows) => Json(
        $$$"""{"table":"{{{table}}}","action":"partial","keys":["symbol","id","side"],"types":{"symbol":"symbol"},"filter":{"symbol":"{{{symbol}}}"},"data":[{{{string.Join(",", rows)}}}]}""");

    public BitMexText Rows(string table, string action, params string[] rows) =>
        Json($$"""{"table":"{{table}}","action":"{{action}}","data":[{{string.Join(",", rows)}}]}""");

    /// <summary>A book of one level a side: id 1 sells 20 at 101, id 2 buys 10 at 100.</summary>
    public BitMexText Book(string symbol = "XBT", string table = "orderBookL2") =>
        Partial(table, symbol, Level(1, "Sell", 20, "101", symbol), Level(2, "Buy", 10, "100", symbol));

    public BitMexText Insert(params string[] rows) => Rows("orderBookL2", "insert", rows);

    public BitMexText Update(params string[] rows) => Rows("orderBookL2", "update", rows);

    public BitMexText Delete(params string[] rows) => Rows("orderBookL2", "delete", rows);

    public static string Level(int id, string side, int? size, string? price, string symbol = "XBT") =>
        $$"""{"symbol":"{{symbol}}","id":{{id}},"side":"{{side}}"{{(size is null ? "" : $",\"size\":{size}")}}{{(price is null ? "" : $",\"price\":{price}")}}}""";

    /// <summary>A quote with the time of the line that comes next.</summary>
    public string Quote(int bidSize, string bid, string ask, int askSize, string symbol = "XBT", long late = 0) =>
        $$"""{"timestamp":"{{Iso(_millis - late)}}","symbol":"{{symbol}}","bidSize":{{bidSize}},"bidPrice":{{bid}},"askPrice":{{ask}},"askSize":{{askSize}}}""";

    public static string Iso(long millis) =>
        DateTime.UnixEpoch.AddMilliseconds(millis).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public byte[] ToArray() => Encoding.UTF8.GetBytes(_text.ToString());

    public override string ToString() => _text.ToString();

    public Feed.Result Read() => Feed.Read(ToArray());

    /// <summary>Kinds, sides, prices and sizes of events in short: what a test compares.</summary>
    public static string Short(IEnumerable<MarketEvent> events) => string.Join(" ", events.Select(Short));

    private static string Short(MarketEvent e)
    {
        string level = e.Kind is EventKind.LevelSet or EventKind.Trade
            ? $":{(e.Side == Side.Buy ? "b" : e.Side == Side.Sell ? "s" : "?")}{Amount(e.Quantity, 1)}@{Amount(e.Price, MarketEvent.PriceScale)}"
            : e.Kind is EventKind.IndexPrice or EventKind.MarkPrice ? $":{Amount(e.Price, MarketEvent.PriceScale)}"
            : e.Kind == EventKind.Funding ? $":{Amount(e.Price, MarketEvent.PriceScale)}/{Amount(e.Quantity, 1_000_000_000)}"
            : e.Kind == EventKind.Status && e.Quantity != MarketEvent.Absent ? $":{e.Quantity}" : "";
        string where = e.Instrument == MarketEvent.AllInstruments ? "(all)" : e.Instrument == 0 ? "" : $"({e.Instrument})";
        return $"{e.Kind}{where}{level}{(e.Flags.HasFlag(EventFlags.LastOfEvent) ? "." : "")}";
    }

    private static string Amount(long value, long scale) =>
        value == MarketEvent.Absent ? "-" : (value / (decimal)scale).ToString("0.#########", CultureInfo.InvariantCulture);

    private string Stamp()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{_millis / 1_000}.{_millis % 1_000:D3}");
        _millis++;
        return text;
    }
}
