using System.Globalization;
using System.Text.Json;
using Engine.Core.Events;
using Engine.Feeds;
using Engine.Feeds.BitMex;

namespace Engine.Host.Replay;

/// <summary>What a run over a BitMEX session says beside every run's summary.</summary>
internal static class BitMexSummary
{
    /// <summary>Writes it for people; nothing of another feed.</summary>
    public static void Write(MarketDataSource source, Action<string, string> line)
    {
        if (source.Statistics.BitMex is not { } s)
        {
            return;
        }

        BitMexQuoteCheck quotes = s.Quotes;
        line("quote check", string.Create(CultureInfo.InvariantCulture,
            $"{quotes.Agreed:N0} quotes agree with the rebuilt books, {quotes.Differed:N0} differ, {quotes.Unsettled:N0} not settled"));
        foreach (BitMexDifference d in quotes.Differences)
        {
            line("  differs", string.Create(CultureInfo.InvariantCulture,
                $"{source.Instruments.Symbol(d.Instrument)} at {d.Time} ns: quote {Text(d.Quote)}, book {Text(d.Book)}"));
        }

        line("losses", string.Create(CultureInfo.InvariantCulture,
            $"{s.UnknownIds:N0} unknown ids, {s.KnownIds:N0} ids inserted twice, {s.CrossedMessages:N0} crossed books, {s.RowsBeforePartial:N0} rows before their partial"));
        line("connection", string.Create(CultureInfo.InvariantCulture,
            $"{s.Opened:N0} opened, {s.Closed:N0} closed, {s.Refused:N0} refused; {s.Outages:N0} outages, {s.OutageNanos / 1e9:F3} s{(s.IsInOutage ? ", the last not over" : "")}"));
    }

    /// <summary>Writes its members into an object; nothing of another feed.</summary>
    public static void Write(Utf8JsonWriter json, MarketDataSource source)
    {
        if (source.Statistics.BitMex is not { } s)
        {
            return;
        }

        json.WriteStartObject("tables");
        foreach ((string table, IReadOnlyList<(string Action, long Count)> actions) in s.Tables.Counts(source.Statistics.MessagesByType))
        {
            json.WriteStartObject(table);
            foreach ((string action, long count) in actions)
            {
                json.WriteNumber(action, count);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("admin");
        foreach ((string kind, long count) in BitMexTables.Others(source.Statistics.MessagesByType))
        {
            json.WriteNumber(kind, count);
        }

        json.WriteEndObject();
        json.WriteNumber("rows_read", s.Rows);
        json.WriteNumber("unknown_ids", s.UnknownIds);
        json.WriteNumber("crossed", s.CrossedMessages);
        Quotes(json, source, s.Quotes);
        json.WriteStartObject("outages");
        json.WriteNumber("count", s.Outages);
        json.WriteNumber("total_ns", s.OutageNanos);
        json.WriteBoolean("open", s.IsInOutage);
        json.WriteNumber("opened", s.Opened);
        json.WriteNumber("closed", s.Closed);
        json.WriteNumber("refused", s.Refused);
        json.WriteEndObject();
    }

    private static void Quotes(Utf8JsonWriter json, MarketDataSource source, BitMexQuoteCheck quotes)
    {
        json.WriteStartObject("quote_check");
        json.WriteNumber("agreed", quotes.Agreed);
        json.WriteNumber("differed", quotes.Differed);
        json.WriteNumber("unsettled", quotes.Unsettled);
        json.WriteStartObject("by_symbol");
        for (int i = 0; i < source.Instruments.Count; i++)
        {
            (long agreed, long differed, long unsettled) = quotes.Of(i);
            if (agreed + differed + unsettled > 0)
            {
                json.WriteStartObject(source.Instruments.Symbol(i) ?? "");
                json.WriteNumber("agreed", agreed);
                json.WriteNumber("differed", differed);
                json.WriteNumber("unsettled", unsettled);
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
        json.WriteStartArray("differences");
        foreach (BitMexDifference d in quotes.Differences)
        {
            json.WriteStartObject();
            json.WriteString("symbol", source.Instruments.Symbol(d.Instrument));
            json.WriteNumber("time_ns", d.Time);
            json.WriteString("quote", Text(d.Quote));
            json.WriteString("book", Text(d.Book));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Text(in BitMexTouch t) => $"{Side(t.BidPrice, t.BidSize)} / {Side(t.AskPrice, t.AskSize)}";

    private static string Side(long price, long size) =>
        price == MarketEvent.Absent ? "-" : string.Create(CultureInfo.InvariantCulture, $"{size} @ {price / (decimal)MarketEvent.PriceScale:0.#########}");
}
