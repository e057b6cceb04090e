using System.Globalization;
using Engine.Core.Events;

namespace Engine.Feeds.Tests.Vectors;

/// <summary>An event in the columns of `engine decode`, and its flags.</summary>
internal sealed record VectorRow(string[] Columns, EventFlags Flags)
{
    private static readonly string[] s_names =
    [
        "time_ns", "receive_ns", "symbol", "kind", "side", "price", "quantity", "order_id", "new_order_id", "match_id",
        "sequence", "type", "locate", "tracking", "detail",
    ];

    private const int DetailColumn = 14;

    public string Kind => Columns[3];

    /// <summary>The event at an index of the last read; the symbol as it is known at this moment.</summary>
    public static VectorRow Of(MarketDataSource source, in MarketEvent e, int index)
    {
        StringWriter detail = new();
        source.WriteDetail(index, detail);
        string locate = "", tracking = "";
        if (source.TryGetMessage(index, out ReadOnlySpan<byte> message) && source.Text!.TryGetIds(message, out long first, out long second))
        {
            (locate, tracking) = (Text(first), Text(second));
        }

        bool isPlain = e.Kind is EventKind.Status or EventKind.TradeBreak;
        bool hasPrice = !isPlain && e.Kind is not (EventKind.Gap or EventKind.Clear or EventKind.SnapshotBegin or EventKind.SnapshotEnd);
        bool hasMatch = e.Kind is EventKind.Execute or EventKind.Trade or EventKind.TradeBreak;
        return new VectorRow(
        [
            Text(e.ExchangeTime), Text(e.ReceiveTime), source.Instruments.Symbol(e.Instrument) ?? "", EventNames.Of(e.Kind), EventNames.Of(e.Side),
            hasPrice && e.Price != MarketEvent.Absent ? Price(e.Price) : "", !isPlain && e.Quantity != MarketEvent.Absent ? Text(e.Quantity) : "",
            e.OrderId == 0 ? "" : e.OrderId.ToString(CultureInfo.InvariantCulture), Id(e.Reference, e.Kind == EventKind.Replace), Id(e.Reference, hasMatch),
            e.Sequence.ToString(CultureInfo.InvariantCulture), source.TypeText(index), locate, tracking, detail.ToString(),
        ], e.Flags);
    }

    /// <summary>Where this event is not the expected one, in words; empty where it is.</summary>
    public string Differences(string[] expected)
    {
        List<string> all = [];
        for (int i = 0; i < s_names.Length; i++)
        {
            if (i == DetailColumn)
            {
                string[] fields = Columns[i].Split(';');
                all.AddRange(expected[i] == "?" ? [] : expected[i].Split(';').Where(f => !fields.Contains(f)).Select(f => $"detail lacks {f}: {Columns[i]}"));
            }
            else if (expected[i] != "?" && expected[i] != Columns[i])
            {
                all.Add($"{s_names[i]} {Columns[i]} instead of {expected[i]}");
            }
        }

        return string.Join(", ", all.Concat(FlagDifferences(expected[^1].Split(' '))));
    }

    private IEnumerable<string> FlagDifferences(string[] words)
    {
        (string Word, EventFlags Flag)[] named =
            [("last", EventFlags.LastOfEvent), ("snapshot", EventFlags.FromSnapshot), ("nonprintable", EventFlags.NonPrintable)];
        foreach ((string word, EventFlags flag) in named)
        {
            bool open = words.Contains("?") && !(word == "nonprintable" && words.Contains("printable"));
            if (!open && words.Contains(word) != ((Flags & flag) != 0))
            {
                yield return $"{word} is {(Flags & flag) != 0}";
            }
        }

        if (!words.Contains("?") && (Flags & (EventFlags.BadReceiveTime | EventFlags.BadExchangeTime)) != 0)
        {
            yield return $"flags {Flags}";
        }
    }

    private static string Id(ulong id, bool present) => present && id != 0 ? id.ToString(CultureInfo.InvariantCulture) : "";

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Price(long price) => ((decimal)price / MarketEvent.PriceScale).ToString("0.#########", CultureInfo.InvariantCulture);
}
