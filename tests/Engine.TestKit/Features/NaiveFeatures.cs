using System.Globalization;
using Engine.Books;
using Engine.Core.Events;
using Engine.TestKit.Books;

namespace Engine.TestKit.Features;

/// <summary>
/// Every column of the contracts from its definition: prices in currency units, doubles, and the whole history of trades
/// searched for each window. Answers by name, so that it knows nothing of the order of columns.
/// </summary>
public sealed class NaiveFeatures(NaiveBooks books)
{
    private static readonly double[] s_windowSeconds = [0.1, 0.5, 1.5, 5, 15, 60];

    private readonly Dictionary<int, List<(long Time, bool Buy, long Quantity)>> _trades = [];
    private readonly Dictionary<int, List<long>> _times = [];
    private readonly Dictionary<int, Venue> _venue = [];
    private readonly List<(Venue Venue, int Instrument, long Time)> _gaps = [];

    /// <summary>Events that came with a time before an earlier one of their instrument.</summary>
    public long TimeReversals { get; private set; }

    /// <summary>Trades that no side could be told for.</summary>
    public long UnclassifiedTrades { get; private set; }

    /// <summary>Instruments that had an event, with the venue of the first.</summary>
    public IReadOnlyDictionary<int, Venue> Instruments => _venue;

    /// <summary>The time of the instrument's last event, never running backwards.</summary>
    public long LastTime(int instrument) => _times[instrument][^1];

    /// <summary>Notes an event that was applied to the books. True when it may make a row.</summary>
    public bool OnEvent(in MarketEvent e, BookStatus status)
    {
        if (e.Kind == EventKind.Gap)
        {
            _gaps.Add((e.Venue, e.Instrument, e.ExchangeTime));
        }

        if (e.Instrument < 0 || status == BookStatus.InstrumentLimit)
        {
            return false;
        }

        _venue.TryAdd(e.Instrument, e.Venue);
        if (!_times.TryGetValue(e.Instrument, out List<long>? times))
        {
            _times[e.Instrument] = times = [];
        }

        TimeReversals += times.Count > 0 && e.ExchangeTime < times[^1] ? 1 : 0;
        times.Add(times.Count > 0 ? Math.Max(times[^1], e.ExchangeTime) : e.ExchangeTime);
        if (e.Kind == EventKind.Trade || (e.Kind == EventKind.Execute && status == BookStatus.Applied))
        {
            Trade(e, times[^1]);
        }

        return status == BookStatus.Applied || e.Kind == EventKind.Trade;
    }

    /// <summary>The row right after the instrument's last event.</summary>
    public Dictionary<string, double> Row(int instrument)
    {
        List<long> times = _times[instrument];
        return Row(instrument, times[^1], times.Count > 1 ? times[^2] : times[^1]);
    }

    /// <summary>The row at a time after the instrument's last event and before its next.</summary>
    public Dictionary<string, double> RowAt(int instrument, long time) => Row(instrument, time, LastTime(instrument));

    private Dictionary<string, double> Row(int instrument, long time, long previousEvent)
    {
        var row = new Dictionary<string, double>();
        Book(row, instrument);
        Windows(row, instrument, time);
        row["staleness"] = (time - previousEvent) / 1e9;
        IEnumerable<long> gaps = _gaps
            .Where(g => g.Instrument == instrument || (g.Instrument == MarketEvent.AllInstruments && g.Venue == _venue[instrument]))
            .Select(g => g.Time);
        row["gap_age"] = gaps.Any() ? Math.Clamp((time - gaps.Max()) / 1e9, 0, 3600) : 3600;
        row["trust"] = (double)books.Trust(instrument);
        return row;
    }

    private void Book(Dictionary<string, double> row, int instrument)
    {
        (double Price, double Quantity)[] asks = Top(instrument, Side.Sell);
        (double Price, double Quantity)[] bids = Top(instrument, Side.Buy);
        bool touch = asks.Length > 0 && bids.Length > 0;
        double mid = touch ? (asks[0].Price + bids[0].Price) / 2 : double.NaN;
        for (int i = 0; i < 10; i++)
        {
            row[$"ask_distance_level{i}"] = i < asks.Length ? 1e4 * (asks[i].Price - mid) / mid : double.NaN;
            row[$"bid_distance_level{i}"] = i < bids.Length ? 1e4 * (mid - bids[i].Price) / mid : double.NaN;
            row[$"ask_volume_level{i}"] = i < asks.Length ? asks[i].Quantity : 0;
            row[$"bid_volume_level{i}"] = i < bids.Length ? bids[i].Quantity : 0;
        }

        foreach (int depth in (int[])[1, 3, 5, 10])
        {
            double bid = bids.Take(depth).Sum(l => l.Quantity);
            double ask = asks.Take(depth).Sum(l => l.Quantity);
            row[$"imbalance_depth{depth}"] = touch ? (bid - ask) / (bid + ask) : double.NaN;
        }

        double micro = touch
            ? ((asks[0].Price * bids[0].Quantity) + (bids[0].Price * asks[0].Quantity)) / (asks[0].Quantity + bids[0].Quantity)
            : double.NaN;
        row["micro_price_offset"] = 1e4 * (micro - mid) / mid;
        row["spread"] = touch ? 1e4 * (asks[0].Price - bids[0].Price) / mid : double.NaN;
    }

    private void Windows(Dictionary<string, double> row, int instrument, long time)
    {
        List<(long Time, bool Buy, long Quantity)> trades = _trades.GetValueOrDefault(instrument, []);
        foreach (double seconds in s_windowSeconds)
        {
            string name = seconds.ToString("F6", CultureInfo.InvariantCulture);
            long from = time - (long)Math.Round(seconds * 1e9);
            var inside = trades.Where(t => t.Time > from && t.Time <= time).ToList();
            row[$"buy_volume_{name}"] = inside.Where(t => t.Buy).Sum(t => t.Quantity);
            row[$"sell_volume_{name}"] = inside.Where(t => !t.Buy).Sum(t => t.Quantity);
            row[$"buy_count_{name}"] = inside.Count(t => t.Buy);
            row[$"sell_count_{name}"] = inside.Count(t => !t.Buy);
        }
    }

    private void Trade(in MarketEvent e, long time)
    {
        if (e.Flags.HasFlag(EventFlags.NonPrintable) || e.Quantity <= 0)
        {
            return;
        }

        bool? buy = e.Kind == EventKind.Execute ? e.Side == Side.Sell
            : e.Venue == Venue.BitMex && e.Side != Side.None ? e.Side == Side.Buy : Aggressor(e);
        if (buy is null)
        {
            UnclassifiedTrades++;
            return;
        }

        if (!_trades.TryGetValue(e.Instrument, out List<(long, bool, long)>? trades))
        {
            _trades[e.Instrument] = trades = [];
        }

        trades.Add((time, buy.Value, e.Quantity));
    }

    /// <summary>Above the mid-price a buyer, below it a seller; no answer at it, without a price, a side or a touch.</summary>
    private bool? Aggressor(in MarketEvent e)
    {
        (double Price, double Quantity)[] asks = Top(e.Instrument, Side.Sell);
        (double Price, double Quantity)[] bids = Top(e.Instrument, Side.Buy);
        if (asks.Length == 0 || bids.Length == 0 || e.Side == Side.None || e.Price <= 0)
        {
            return null;
        }

        decimal mid = ((decimal)asks[0].Price + (decimal)bids[0].Price) / 2;
        decimal price = e.Price / 1e9m;
        return price == mid ? null : price > mid;
    }

    private (double Price, double Quantity)[] Top(int instrument, Side side) =>
        [.. books.Levels(instrument, side).Take(10).Select(l => (l.Price / 1e9, (double)l.Queue.Sum(o => o.Quantity)))];
}
