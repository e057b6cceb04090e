namespace Engine.TestKit.Labels;

/// <summary>
/// Labels stated a second time, each by looking at every entry of the tape: no order is used, nothing is kept from row to row.
/// </summary>
public static class NaiveLabels
{
    /// <summary>The label of one row.</summary>
    /// <param name="kind">return, max_up, max_down, max_abs, direction, move or triple_barrier.</param>
    /// <param name="tape">All entries of the day.</param>
    /// <param name="row">The row.</param>
    /// <param name="nanos">The horizon in time; 0 for one in events.</param>
    /// <param name="events">The horizon in events.</param>
    /// <param name="up">Upper barrier, or the dead zone.</param>
    /// <param name="down">Lower barrier.</param>
    /// <param name="endOfData">The latest time of the day.</param>
    public static NaiveLabel Of(string kind, IReadOnlyList<NaiveQuote> tape, NaiveRow row, long nanos, int events, double up, double down, long endOfData)
    {
        List<NaiveQuote> behind = [];
        for (int i = row.Place; i < tape.Count; i++)
        {
            if (tape[i].Instrument == row.Quote.Instrument)
            {
                behind.Add(tape[i]);
            }
        }

        long start = row.Quote.Time;
        bool isCut = nanos > 0 ? start + nanos > endOfData : behind.Count < events;
        List<NaiveQuote> span = nanos > 0 ? behind.FindAll(q => q.Time <= start + nanos) : behind.GetRange(0, Math.Min(events, behind.Count));
        long end = nanos > 0 ? start + nanos : Math.Max(start, isCut ? endOfData : span[^1].Time);
        if (!row.Quote.IsGood || row.Quote.TwiceMid is not > 0)
        {
            return new NaiveLabel(float.NaN, end, row.Quote.IsGood ? "own_price" : "own_book");
        }

        double Return(NaiveQuote quote) => (double)(quote.TwiceMid!.Value - row.Quote.TwiceMid!.Value) / row.Quote.TwiceMid!.Value;
        if (kind == "triple_barrier" && Barrier(span, Return, up, down) is { } met)
        {
            return new NaiveLabel(Return(met) > 0 ? 1 : -1, Math.Max(start, met.Time), "");
        }

        bool isAtEnd = kind is "return" or "direction" or "move";
        string missing = span.Exists(q => !q.IsGood) ? "distrust"
            : (isAtEnd ? span.TakeLast(1) : span).Any(q => q.TwiceMid is null) ? "one_sided"
            : isCut ? "end_of_data"
            : kind == "move" && Math.Abs(Return(span.Count > 0 ? span[^1] : row.Quote)) <= up ? "no_move"
            : "";
        return missing.Length > 0 ? new NaiveLabel(float.NaN, end, missing) : new NaiveLabel((float)Value(kind, [row.Quote, .. span], Return, up), end, "");
    }

    private static double Value(string kind, List<NaiveQuote> path, Func<NaiveQuote, double> value, double deadZone) => kind switch
    {
        "return" => value(path[^1]),
        "max_up" => path.Max(value),
        "max_down" => path.Min(value),
        "max_abs" => path.Max(q => Math.Abs(value(q))),
        "move" => Math.Sign(value(path[^1])),
        "direction" => Math.Abs(value(path[^1])) <= deadZone ? 0 : Math.Sign(value(path[^1])),
        _ => 0,
    };

    /// <summary>The first entry at or beyond a barrier, if nothing before it breaks the path.</summary>
    private static NaiveQuote? Barrier(List<NaiveQuote> span, Func<NaiveQuote, double> value, double up, double down)
    {
        foreach (NaiveQuote quote in span)
        {
            if (!quote.IsGood || quote.TwiceMid is null)
            {
                return null;
            }

            if (value(quote) >= up || value(quote) <= -down)
            {
                return quote;
            }
        }

        return null;
    }
}
