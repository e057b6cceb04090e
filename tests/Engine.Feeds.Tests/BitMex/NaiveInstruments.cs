using System.Text.Json;
using Engine.Core.Events;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>An event of the instrument table, in decimals; null is what is not known.</summary>
/// <param name="Symbol">Whose.</param>
/// <param name="Kind">What.</param>
/// <param name="Price">The price, or the rate.</param>
/// <param name="Due">Of a funding: when it is.</param>
/// <param name="Time">The row's time; null where it has none.</param>
/// <param name="IsSnapshot">Whether a partial says it.</param>
internal sealed record ToldValue(string Symbol, EventKind Kind, decimal? Price, DateTime? Due, DateTime? Time, bool IsSnapshot);

/// <summary>The instrument table kept as the words of its columns: a row that is no update begins with none.</summary>
internal sealed class NaiveInstruments
{
    private static readonly (EventKind Kind, string Price, string Due)[] s_kinds =
    [
        (EventKind.IndexPrice, "indicativeSettlePrice", ""), (EventKind.MarkPrice, "markPrice", ""), (EventKind.Funding, "fundingRate", "fundingTimestamp"),
    ];

    private readonly Dictionary<(string Symbol, string Column), JsonElement> _columns = [];

    /// <summary>Everything that the rows so far have changed, and what partials have said anew.</summary>
    public List<ToldValue> Told { get; } = [];

    /// <summary>Takes a row.</summary>
    public void Row(string symbol, string action, JsonElement row)
    {
        row = row.Clone();
        var before = s_kinds.Select(k => Of(symbol, k)).ToList();
        if (action != "update")
        {
            _columns.Keys.Where(k => k.Symbol == symbol).ToList().ForEach(k => _columns.Remove(k));
        }

        foreach (JsonProperty column in row.EnumerateObject())
        {
            _columns[(symbol, column.Name)] = column.Value;
        }

        DateTime? time = row.TryGetProperty("timestamp", out JsonElement stamp) ? stamp.GetDateTime().ToUniversalTime() : null;
        for (int i = 0; i < s_kinds.Length; i++)
        {
            (decimal? price, DateTime? due) = Of(symbol, s_kinds[i]);
            if (before[i] != (price, due) || (action == "partial" && (price, due) != (null, null)))
            {
                Told.Add(new ToldValue(symbol, s_kinds[i].Kind, price, due, time, action == "partial"));
            }
        }
    }

    /// <summary>Events of a feed in the same form, others left out.</summary>
    public static List<ToldValue> Of(Feed.Result result) =>
    [
        .. result.Events.Where(e => e.Kind is EventKind.IndexPrice or EventKind.MarkPrice or EventKind.Funding).Select(e => new ToldValue(
            result.Instruments.Symbol(e.Instrument)!, e.Kind, e.Price == MarketEvent.Absent ? null : e.Price / 1_000_000_000m, Time(e.Quantity),
            e.Flags.HasFlag(EventFlags.BadExchangeTime) ? null : Time(e.ExchangeTime), e.Flags.HasFlag(EventFlags.FromSnapshot))),
    ];

    private static DateTime? Time(long nanos) => nanos == MarketEvent.Absent ? null : DateTime.UnixEpoch.AddTicks(nanos / 100);

    private (decimal? Price, DateTime? Due) Of(string symbol, (EventKind, string Price, string Due) kind) =>
        (_columns.TryGetValue((symbol, kind.Price), out JsonElement price) && price.ValueKind == JsonValueKind.Number ? price.GetDecimal() : null,
            _columns.TryGetValue((symbol, kind.Due), out JsonElement due) && due.ValueKind == JsonValueKind.String ? due.GetDateTime().ToUniversalTime() : null);
}
