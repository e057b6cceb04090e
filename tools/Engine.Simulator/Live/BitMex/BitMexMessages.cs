using System.Globalization;
using System.Text;
using Engine.Core.Time;

namespace Engine.Simulator.Live.BitMex;

/// <summary>A message of the feed and who gets it.</summary>
/// <param name="Topic">The subscription it belongs to, <c>table:symbol</c>.</param>
/// <param name="Text">The JSON.</param>
public readonly record struct BitMexMessage(string Topic, byte[] Text);

/// <summary>
/// Makes the JSON of the venue's tables. Layout: the public websocket feed; the partials name keys and types, and neighbouring
/// changes of one kind share a message.
/// </summary>
/// <param name="clock">Stamps the messages.</param>
/// <param name="stampsBooks">Whether levels carry a time, as those of the venue do since 2022.</param>
public sealed class BitMexMessages(IClock clock, bool stampsBooks) : IBitMexJournal
{
    private const string Book = "orderBookL2";
    private const long NanosPerMillisecond = 1_000_000;
    private const string InstrumentHead =
        "\"keys\":[\"symbol\"],\"types\":{\"symbol\":\"symbol\",\"state\":\"symbol\",\"fundingTimestamp\":\"timestamp\",\"fundingRate\":\"float\",\"indicativeFundingRate\":\"float\",\"markPrice\":\"float\",\"indicativeSettlePrice\":\"float\",\"timestamp\":\"timestamp\"}";

    private static readonly string[] s_directions = ["MinusTick", "ZeroPlusTick", "PlusTick"];

    private readonly List<BitMexMessage> _messages = [];
    private readonly StringBuilder _rows = new();
    private string _rowsAction = "";
    private BitMexMarket? _rowsMarket;

    /// <summary>The tables that can be subscribed.</summary>
    public static IReadOnlyList<string> Tables { get; } = [Book, "quote", "trade", "instrument"];

    /// <summary>What has happened since the last call, as messages in order.</summary>
    public IReadOnlyList<BitMexMessage> Take()
    {
        CloseRows();
        BitMexMessage[] taken = [.. _messages];
        _messages.Clear();
        return taken;
    }

    /// <summary>The whole of a table for one symbol, as it comes first.</summary>
    public byte[] Partial(string table, BitMexMarket market)
    {
        ArgumentNullException.ThrowIfNull(market);
        string stamp = stampsBooks ? ",\"timestamp\":\"timestamp\"" : "";
        (string head, string data) = table switch
        {
            Book => ($"\"keys\":[\"symbol\",\"id\",\"side\"],\"types\":{{\"symbol\":\"symbol\",\"id\":\"long\",\"side\":\"symbol\",\"size\":\"long\",\"price\":\"float\"{stamp}}}", BookRows(market)),
            "quote" => ("\"keys\":[],\"types\":{\"timestamp\":\"timestamp\",\"symbol\":\"symbol\",\"bidSize\":\"long\",\"bidPrice\":\"float\",\"askPrice\":\"float\",\"askSize\":\"long\"}", QuoteRow(market)),
            "trade" => ("\"keys\":[],\"types\":{\"timestamp\":\"timestamp\",\"symbol\":\"symbol\",\"side\":\"symbol\",\"size\":\"long\",\"price\":\"float\"}", ""),
            _ => (InstrumentHead, InstrumentRow(market)),
        };
        return Bytes($"{{\"table\":\"{table}\",\"action\":\"partial\",{head},\"filter\":{{\"symbol\":\"{market.Symbol.Name}\"}},\"data\":[{data}]}}");
    }

    /// <summary>All instruments, as the REST address answers.</summary>
    public byte[] Instruments(IEnumerable<BitMexMarket> markets) => Bytes($"[{string.Join(',', markets.Select(InstrumentRow))}]");

    /// <summary>Tells the best levels.</summary>
    public void Quote(BitMexMarket market) => Add(market, "quote", "insert", QuoteRow(market));

    /// <summary>Tells the fields of the instrument that trades change.</summary>
    public void Trades(BitMexMarket market)
    {
        ArgumentNullException.ThrowIfNull(market);
        Instrument(market, Text($",\"lastPrice\":{market.Symbol.Price(market.LastTicks)},\"totalVolume\":{market.Volume}"));
    }

    /// <summary>Tells those fields of the instrument that changed, and no others, as the venue does.</summary>
    public void Reference(BitMexMarket market, BitMexColumns changed)
    {
        ArgumentNullException.ThrowIfNull(market);
        BitMexReference reference = market.Reference;
        string mark = market.Symbol.Price(reference.MarkTicks);
        Instrument(market,
            (changed.HasFlag(BitMexColumns.Funding) ? FundingColumns(reference) : "")
            + (changed.HasFlag(BitMexColumns.IndicativeRate) ? $",\"indicativeFundingRate\":{BitMexReference.Rate(reference.IndicativeMicros)}" : "")
            + (changed.HasFlag(BitMexColumns.Mark) ? $",\"fairPrice\":{mark},\"markPrice\":{mark}" : "")
            + (changed.HasFlag(BitMexColumns.Index) ? $",\"indicativeSettlePrice\":{market.Symbol.Price(reference.IndexTicks)}" : ""));
    }

    /// <inheritdoc/>
    public void Inserted(BitMexMarket market, bool isBuy, int ticks, long size) => Row(market, "insert", LevelRow(market, isBuy, ticks, size));

    /// <inheritdoc/>
    public void Updated(BitMexMarket market, bool isBuy, int ticks, long size) =>
        Row(market, "update", Text($"{Level(market, isBuy, ticks)},\"size\":{size}{Stamp()}}}"));

    /// <inheritdoc/>
    public void Deleted(BitMexMarket market, bool isBuy, int ticks) => Row(market, "delete", $"{Level(market, isBuy, ticks)}{Stamp()}}}");

    /// <inheritdoc/>
    public void Traded(BitMexMarket market, bool isBuy, int ticks, long size, int direction, ulong idHigh, ulong idLow)
    {
        string id = Text($"{idHigh >> 32:x8}-{(ushort)(idHigh >> 16):x4}-{(ushort)idHigh:x4}-{idLow >> 48:x4}-{idLow & 0xFFFF_FFFF_FFFF:x12}");
        Add(market, "trade", "insert", Text(
            $"{{\"timestamp\":\"{Now()}\",\"symbol\":\"{market.Symbol.Name}\",\"side\":\"{Side(isBuy)}\",\"size\":{size},\"price\":{market.Symbol.Price(ticks)},\"tickDirection\":\"{s_directions[direction + 1]}\",\"trdMatchID\":\"{id}\",\"grossValue\":{size},\"homeNotional\":{size},\"foreignNotional\":{size}}}"));
    }

    private static string Side(bool isBuy) => isBuy ? "Buy" : "Sell";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private string Now() => Stamp(clock.NowNanos);

    /// <summary>A time in the venue's way: ISO 8601 in UTC, to the millisecond.</summary>
    internal static string Stamp(long nanos) =>
        DateTime.UnixEpoch.AddMilliseconds(nanos / NanosPerMillisecond).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private string Stamp() => stampsBooks ? $",\"timestamp\":\"{Now()}\"" : "";

    private static string Level(BitMexMarket market, bool isBuy, int ticks) =>
        Text($"{{\"symbol\":\"{market.Symbol.Name}\",\"id\":{market.Id(ticks)},\"side\":\"{Side(isBuy)}\"");

    private string LevelRow(BitMexMarket market, bool isBuy, int ticks, long size) =>
        Text($"{Level(market, isBuy, ticks)},\"size\":{size},\"price\":{market.Symbol.Price(ticks)}{Stamp()}}}");

    private string BookRows(BitMexMarket market) => string.Join(',', market.Levels(false).Reverse()
        .Select(level => LevelRow(market, false, level.Key, level.Value))
        .Concat(market.Levels(true).Select(level => LevelRow(market, true, level.Key, level.Value))));

    private string QuoteRow(BitMexMarket market)
    {
        ((int bid, long bidSize), (int ask, long askSize)) = (market.Best(true), market.Best(false));
        return Text($"{{\"timestamp\":\"{Now()}\",\"symbol\":\"{market.Symbol.Name}\",\"bidSize\":{bidSize},\"bidPrice\":{market.Symbol.Price(bid)},\"askPrice\":{market.Symbol.Price(ask)},\"askSize\":{askSize}}}");
    }

    private static string FundingColumns(BitMexReference reference) =>
        $",\"fundingTimestamp\":\"{Stamp(reference.FundingTime)}\",\"fundingRate\":{BitMexReference.Rate(reference.RateMicros)}";

    private void Instrument(BitMexMarket market, string columns) =>
        Add(market, "instrument", "update", $"{{\"symbol\":\"{market.Symbol.Name}\"{columns},\"timestamp\":\"{Now()}\"}}");

    private string InstrumentRow(BitMexMarket market)
    {
        BitMexSymbol symbol = market.Symbol;
        BitMexReference reference = market.Reference;
        reference.Begin(clock.NowNanos);
        string mark = symbol.Price(reference.MarkTicks);
        string funding = symbol.HasFunding
            ? $"{FundingColumns(reference)},\"indicativeFundingRate\":{BitMexReference.Rate(reference.IndicativeMicros)}"
            : ",\"fundingTimestamp\":null,\"fundingRate\":null,\"indicativeFundingRate\":null";
        return Text($"{{\"symbol\":\"{symbol.Name}\",\"state\":\"Open\",\"lotSize\":1,\"tickSize\":{symbol.Price(1)}{funding},\"indicativeSettlePrice\":{symbol.Price(reference.IndexTicks)},\"lastPrice\":{symbol.Price(market.LastTicks)},\"fairPrice\":{mark},\"markPrice\":{mark},\"limitUpPrice\":null,\"totalVolume\":{market.Volume},\"timestamp\":\"{Now()}\"}}");
    }

    private void Row(BitMexMarket market, string action, string row)
    {
        if (_rowsMarket != market || _rowsAction != action)
        {
            CloseRows();
            (_rowsMarket, _rowsAction) = (market, action);
        }

        _rows.Append(_rows.Length > 0 ? "," : "").Append(row);
    }

    private void CloseRows()
    {
        if (_rowsMarket is { } market)
        {
            string rows = _rows.ToString();
            _rows.Clear();
            _rowsMarket = null;
            Add(market, Book, _rowsAction, rows);
        }
    }

    private void Add(BitMexMarket market, string table, string action, string rows)
    {
        CloseRows();
        _messages.Add(new BitMexMessage($"{table}:{market.Symbol.Name}", Bytes($"{{\"table\":\"{table}\",\"action\":\"{action}\",\"data\":[{rows}]}}")));
    }
}
