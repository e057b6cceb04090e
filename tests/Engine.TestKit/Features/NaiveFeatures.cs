using Engine.Books;
using Engine.Core.Events;
using Engine.Features;
using Engine.TestKit.Books;

namespace Engine.TestKit.Features;

/// <summary>
/// Every column from its definition: prices in currency units, doubles, and the whole history of an instrument searched for each
/// window. Answers by name, so that it knows nothing of the order of columns.
/// </summary>
/// <param name="books">The books, empty; events go to them through <see cref="Apply"/>.</param>
/// <param name="columns">The columns to answer, with any windows and levels; null for the default contract's.</param>
public sealed class NaiveFeatures(NaiveBooks books, IEnumerable<FeatureSpec>? columns = null)
{
    private readonly FeatureSpec[] _columns = [.. columns ?? NaiveContract.Default];
    private readonly Dictionary<int, NaiveHistory> _histories = [];
    private readonly Dictionary<int, Venue> _venues = [];
    private readonly Dictionary<int, NaiveReference> _references = [];
    private readonly List<(Venue Venue, int Instrument, long Time)> _gaps = [];

    /// <summary>Events that came with a time before an earlier one of their instrument.</summary>
    public long TimeReversals { get; private set; }

    /// <summary>Trades that no side could be told for.</summary>
    public long UnclassifiedTrades { get; private set; }

    /// <summary>Instruments that had an event, with the venue of the first.</summary>
    public IReadOnlyDictionary<int, Venue> Instruments => _venues;

    /// <summary>Whether an instrument had an event.</summary>
    public bool Has(int instrument) => _histories.ContainsKey(instrument);

    /// <summary>The time of the instrument's last event, never running backwards.</summary>
    public long LastTime(int instrument) => _histories[instrument].Times[^1];

    /// <summary>Applies an event to the books and notes what it did. True when it may make a row.</summary>
    public bool Apply(ref MarketEvent e)
    {
        if (e.Instrument >= 0)
        {
            _references.TryAdd(e.Instrument, new NaiveReference());
            _references[e.Instrument].OnEvent(e);
        }

        // A snapshot is no happening: it says what is.
        bool isHappening = !e.Flags.HasFlag(EventFlags.FromSnapshot);
        if (isHappening && e.Kind == EventKind.Gap)
        {
            (int of, Venue venue) = (e.Instrument, e.Venue);
            List<long> times = [.. _histories.Where(h => h.Key == of || (of < 0 && h.Value.Venue == venue)).Select(h => h.Value.Times[^1])];
            if (HasTime(e) || times.Count > 0)
            {
                _gaps.Add((e.Venue, e.Instrument, HasTime(e) ? e.ExchangeTime : times.Max()));
            }
        }

        if (isHappening && e.Instrument >= 0 && HasTime(e))
        {
            return Happen(ref e);
        }

        books.Apply(ref e);
        return false;
    }

    /// <summary>Whether an event tells what time it is: by the exchange's word, or since something happened then and there is no better.</summary>
    public static bool HasTime(in MarketEvent e) => !e.Flags.HasFlag(EventFlags.BadExchangeTime)
        || e.Kind is not (EventKind.Gap or EventKind.Status or EventKind.Clear or EventKind.TradeBreak or EventKind.SnapshotBegin or EventKind.SnapshotEnd);

    /// <summary>The row right after the instrument's last event.</summary>
    public Dictionary<string, double> Row(int instrument)
    {
        List<long> times = _histories[instrument].Times;
        return Row(Moment(instrument, times[^1], times.Count > 1 ? times[^2] : times[^1]));
    }

    /// <summary>The row at a time after the instrument's last event and before its next.</summary>
    public Dictionary<string, double> RowAt(int instrument, long time)
    {
        NaiveHistory history = _histories[instrument];
        history.NoteMid(time, new NaiveBookState(books, instrument).TwiceMid);
        history.LatestRow = history.EntryTime(time);
        return Row(Moment(instrument, time, LastTime(instrument)));
    }

    /// <summary>
    /// For a column that sums over buckets, right after the instrument's last event: its sum, the sum over the exact window (t − w, t], and the
    /// most by which the two can differ: all that happened within (t − w, t − w + δ]. Of volatility the sums are of r².
    /// </summary>
    public (double Bucketed, double Ideal, double Bound) Bounds(int instrument, FeatureSpec column)
    {
        NaiveMoment now = Moment(instrument, LastTime(instrument), LastTime(instrument));
        long window = column.WindowNanos;
        long oldest = now.Time - window;
        List<(long Entry, double Amount)> amounts = [.. NaiveFlowColumns.Amounts(column, now, oldest - window)];
        return (
            amounts.Where(a => NaiveWindow.IsInBuckets(a.Entry, now.Time, window)).Sum(a => a.Amount),
            amounts.Where(a => NaiveWindow.IsInside(a.Entry, now.Time, window)).Sum(a => a.Amount),
            amounts.Where(a => a.Entry > oldest && a.Entry <= oldest + NaiveWindow.BucketLength(window)).Sum(a => Math.Abs(a.Amount)));
    }

    private bool Happen(ref MarketEvent e)
    {
        int instrument = e.Instrument;
        if (!_histories.TryGetValue(instrument, out NaiveHistory? history))
        {
            _histories[instrument] = history = new NaiveHistory(e.Venue);
            _venues.Add(instrument, e.Venue);
        }

        long latest = history.Times.Count > 0 ? history.Times[^1] : e.ExchangeTime;
        TimeReversals += e.ExchangeTime < latest ? 1 : 0;
        long time = Math.Max(latest, e.ExchangeTime);
        history.Times.Add(time);
        var before = new NaiveBookState(books, instrument);
        history.NoteMid(time, before.TwiceMid);
        if (e.Flags.HasFlag(EventFlags.SessionStart))
        {
            // The start empties books and is no change; what the event itself does is measured from there.
            var start = new MarketEvent { Kind = EventKind.Status, Flags = e.Flags, Venue = e.Venue, Instrument = MarketEvent.AllInstruments };
            books.Apply(ref start);
            before = new NaiveBookState(books, instrument);
        }

        BookStatus status = books.Apply(ref e);
        if (status == BookStatus.Applied && NaiveChange.Between(e, time, history.EntryTime(time), before, new NaiveBookState(books, instrument)) is NaiveChange change)
        {
            history.Changes.Add(change);
        }

        if (status != BookStatus.Applied && e.Kind != EventKind.Trade)
        {
            return false;
        }

        history.Active.Add(history.EntryTime(time));
        if (e.Kind is EventKind.Trade or EventKind.Execute)
        {
            Trade(e, time, history);
        }

        return true;
    }

    private NaiveMoment Moment(int instrument, long time, long previousEvent)
    {
        NaiveHistory history = _histories[instrument];
        List<long> gaps =
        [
            .. _gaps.Where(g => g.Instrument == instrument || (g.Instrument == MarketEvent.AllInstruments && g.Venue == history.Venue)).Select(g => g.Time),
        ];
        return new NaiveMoment(books, history, _references[instrument], instrument, time)
        {
            PreviousEvent = previousEvent,
            LastGap = gaps.Count > 0 ? gaps.Max() : null,
        };
    }

    private Dictionary<string, double> Row(NaiveMoment now) => _columns.ToDictionary(c => c.Name, c => Column(c, now));

    private static double Column(FeatureSpec column, NaiveMoment now)
    {
        string name = column.Name;
        switch (column.Family)
        {
            case "ask_distance" or "bid_distance":
                return NaiveBookColumns.Distance(name, NaiveNames.Number(name, "_level"), now);
            case "ask_volume" or "bid_volume":
                return NaiveBookColumns.Volume(name, NaiveNames.Number(name, "_level"), now);
            case "imbalance":
                return NaiveBookColumns.Imbalance(name, now);
            case "shape":
                return NaiveBookColumns.Shape(name, now);
            case "queue":
                return NaiveBookColumns.Queue(name, now);
            case "buy_volume" or "sell_volume" or "buy_count" or "sell_count":
                return NaiveFlowColumns.Traded(column, now);
            case "cancel_pressure":
                return NaiveFlowColumns.CancelRatio(column, now);
            case "return":
                return NaiveTimeColumns.Return(column, now);
            case "lifetime":
                return NaiveTimeColumns.Lifetime(column, now);
            case "reference":
                return NaiveTimeColumns.Reference(name, now);
            case "health":
                return NaiveTimeColumns.Health(name, now);
            case "activity" when column.WindowNanos == 0:
                return NaiveTimeColumns.Since(name, now);
            default:
                double sum = NaiveFlowColumns.Amounts(column, now, NaiveWindow.Start(now.Time, column.WindowNanos))
                    .Where(a => NaiveWindow.IsInBuckets(a.Entry, now.Time, column.WindowNanos)).Sum(a => a.Amount);
                return NaiveFlowColumns.Value(column, sum);
        }
    }

    private void Trade(in MarketEvent e, long time, NaiveHistory history)
    {
        if (e.Flags.HasFlag(EventFlags.NonPrintable) || e.Quantity <= 0)
        {
            return;
        }

        // An execution takes from the order it names, and so does a trade where the feed names the order that rested.
        bool namesResting = e.Kind == EventKind.Execute || (e.Venue == Venue.Lobster && e.OrderId != 0 && e.Side != Side.None);
        bool namesAggressor = e.Venue is Venue.BitMex or Venue.Dbn && e.Side != Side.None;
        bool? buy = e.Quantity > 35_184_372_088_832 ? null : namesResting ? e.Side == Side.Sell : namesAggressor ? e.Side == Side.Buy : Aggressor(e);
        if (buy is null)
        {
            UnclassifiedTrades++;
            return;
        }

        history.Trades.Add((time, history.EntryTime(time), buy.Value, e.Quantity));
    }

    /// <summary>Above the mid-price a buyer, below it a seller; no answer at it, without a price, a side or a touch.</summary>
    private bool? Aggressor(in MarketEvent e)
    {
        if (new NaiveBookState(books, e.Instrument).TwiceMid is not long twiceMid || e.Side == Side.None || e.Price <= 0)
        {
            return null;
        }

        decimal mid = twiceMid / 2m;
        return e.Price == mid ? null : e.Price > mid;
    }
}
