using Engine.Books;

namespace Engine.Training.Labels;

/// <summary>A row as a label sees it.</summary>
/// <param name="Time">Exchange time, ns.</param>
/// <param name="Bid">Best bid as the row saw it, or absent.</param>
/// <param name="Ask">Best ask as the row saw it, or absent.</param>
/// <param name="Place">How many entries the day's tape had when the row was made.</param>
/// <param name="Trust">Trust of the book.</param>
public readonly record struct LabelledRow(long Time, long Bid, long Ask, long Place, byte Trust);

/// <summary>A row's label.</summary>
/// <param name="Value">It; NaN where there is none.</param>
/// <param name="End">End of the span that it looks at, ns; not before the row.</param>
/// <param name="Missing">Why there is none.</param>
public readonly record struct LabelValue(float Value, long End, MissingCause Missing);

/// <summary>
/// Labels of rows from the best bid and ask that come after them.
/// </summary>
/// <remarks>
/// <para>
/// The price is the mid-price, (best bid + best ask) / 2, of a crossed book too; nothing is said of what it costs to trade at it. m is the
/// mid-price that the row itself saw. M(s) is the one in force at time s: of the instrument's last entry on the tape with a time of at
/// most s. Only entries behind the row on the tape count, so that what the row saw is never its own future; those are of later times, or of
/// the row's own time where the exchange tells more in the same instant. r(s) = M(s) / m − 1, a simple relative return: 0.0001 is one
/// basis point. The span is (t, t + h] for a horizon h in time; for one of n events it ends with the n-th change of the best bid or ask
/// behind the row.
/// </para>
/// <code>
///  return          r(end)
///  max_up          max(0, max of r over the span)
///  max_down        min(0, min of r over the span)
///  max_abs         max(max_up, −max_down)
///  direction       1 where r(end) &gt; d, −1 where r(end) &lt; −d, else 0; d is the dead zone
///  move            the same, and no label where direction is 0
///  triple_barrier  1 where r ≥ up is met before r ≤ −down within the span, −1 for the reverse, 0 where none is met
/// </code>
/// <para>
/// A span ends at t + h, or with its n-th event; that of triple_barrier where a barrier is met. There is no label (NaN) where, in this order:
/// the row's own book was not good (<see cref="MissingCause.OwnBook"/>); it had no mid-price above 0 (<see cref="MissingCause.OwnPrice"/>);
/// the book was not good at any time of the span, which a gap, a clear, a snapshot and a new session make it
/// (<see cref="MissingCause.Distrust"/>); a side was empty at any time of the span, for return, direction and move at its end
/// (<see cref="MissingCause.OneSided"/>); the streams that told of the instrument end before the span does (<see cref="MissingCause.EndOfData"/>); the price has
/// not moved, for move (<see cref="MissingCause.NoMove"/>). For triple_barrier only
/// what comes before a barrier is met counts. The end of a row without a label is that of the span as far as the data goes, and t + h in time.
/// </para>
/// <para>Cost: a search and an answer of the tree of extremes a row, O(log n) in the instrument's entries.</para>
/// </remarks>
/// <param name="definition">What the label says.</param>
/// <param name="tape">The day's tape.</param>
public sealed class Labeller(LabelDefinition definition, QuoteTape tape)
{
    /// <summary>The label of one row.</summary>
    /// <param name="instrument">The row's instrument, as the tape numbers it.</param>
    /// <param name="row">The row.</param>
    public LabelValue Of(int instrument, in LabelledRow row)
    {
        InstrumentTape quotes = tape.Of(instrument);
        Span span = SpanOf(quotes, row, tape.EndOf(instrument));
        long own = QuoteTape.TwiceMid(row.Bid, row.Ask);
        return row.Trust != (byte)BookTrust.Good ? Missing(span, MissingCause.OwnBook)
            : own is QuoteTape.NoMid or <= 0 ? Missing(span, MissingCause.OwnPrice)
            : definition.Kind switch
            {
                LabelKind.TripleBarrier => Barrier(quotes, span, own, row.Time),
                LabelKind.Return or LabelKind.Direction or LabelKind.Move => AtEnd(quotes, span, own),
                _ => Extreme(quotes, span, own),
            };
    }

    /// <summary>The relative return between two mid-prices.</summary>
    public static double Ratio(long twiceMid, long own) => (double)(twiceMid - own) / own;

    private static LabelValue Missing(in Span span, MissingCause cause) => new(float.NaN, span.End, cause);

    private static bool IsDistrusted(InstrumentTape quotes, in Span span) => quotes.NextDistrust(span.From) < span.To;

    private Span SpanOf(InstrumentTape quotes, in LabelledRow row, long dataEnd)
    {
        int from = quotes.FirstAt(row.Place);
        if (definition.Horizon.IsTime)
        {
            long end = row.Time <= long.MaxValue - definition.Horizon.Nanos ? row.Time + definition.Horizon.Nanos : long.MaxValue;
            return new Span(from, Math.Max(from, quotes.FirstAfter(end)), end, end > dataEnd);
        }

        bool isCut = definition.Horizon.Events > quotes.Count - from;
        int to = isCut ? quotes.Count : from + definition.Horizon.Events;
        return new Span(from, to, Math.Max(row.Time, isCut ? dataEnd : quotes.Time(to - 1)), isCut);
    }

    private LabelValue AtEnd(InstrumentTape quotes, in Span span, long own)
    {
        if (IsDistrusted(quotes, span))
        {
            return Missing(span, MissingCause.Distrust);
        }

        long last = span.To > span.From ? quotes.TwiceMid(span.To - 1) : own;
        if (last == QuoteTape.NoMid || span.IsCut)
        {
            return Missing(span, last == QuoteTape.NoMid ? MissingCause.OneSided : MissingCause.EndOfData);
        }

        double value = Ratio(last, own);
        value = definition.Kind == LabelKind.Return ? value : value > definition.DeadZone ? 1 : value < -definition.DeadZone ? -1 : 0;
        return value == 0 && definition.Kind == LabelKind.Move ? Missing(span, MissingCause.NoMove) : new LabelValue((float)value, span.End, MissingCause.None);
    }

    private LabelValue Extreme(InstrumentTape quotes, in Span span, long own)
    {
        bool isOneSided = quotes.NextOneSided(span.From) < span.To;
        if (IsDistrusted(quotes, span) || isOneSided || span.IsCut)
        {
            return Missing(span, IsDistrusted(quotes, span) ? MissingCause.Distrust : isOneSided ? MissingCause.OneSided : MissingCause.EndOfData);
        }

        (long high, long low) = quotes.Range(span.From, span.To);
        double up = Ratio(Math.Max(own, high), own);
        double down = Ratio(Math.Min(own, low), own);
        double value = definition.Kind switch
        {
            LabelKind.MaxUp => up,
            LabelKind.MaxDown => down,
            _ => Math.Max(up, -down),
        };
        return new LabelValue((float)value, span.End, MissingCause.None);
    }

    private LabelValue Barrier(InstrumentTape quotes, in Span span, long own, long time)
    {
        int broken = Math.Min(quotes.NextDistrust(span.From), quotes.NextOneSided(span.From));
        int met = quotes.FirstBeyond(span.From, Upper(own, definition.Up), Lower(own, definition.Down));
        if (met < Math.Min(broken, span.To))
        {
            return new LabelValue(quotes.TwiceMid(met) > own ? 1 : -1, Math.Max(time, quotes.Time(met)), MissingCause.None);
        }

        return IsDistrusted(quotes, span) ? Missing(span, MissingCause.Distrust)
            : broken < span.To ? Missing(span, MissingCause.OneSided)
            : span.IsCut ? Missing(span, MissingCause.EndOfData)
            : new LabelValue(0, span.End, MissingCause.None);
    }

    /// <summary>The lowest price whose return is at least <paramref name="ratio"/>: the ratio decides, and the product is within a few units of it.</summary>
    private static long Upper(long own, double ratio)
    {
        long level = own + (long)Math.Ceiling(own * ratio);
        while (Ratio(level - 1, own) >= ratio)
        {
            level--;
        }

        while (Ratio(level, own) < ratio)
        {
            level++;
        }

        return level;
    }

    private static long Lower(long own, double ratio)
    {
        long level = own - (long)Math.Ceiling(own * ratio);
        while (Ratio(level + 1, own) <= -ratio)
        {
            level++;
        }

        while (Ratio(level, own) > -ratio)
        {
            level--;
        }

        return level;
    }

    /// <summary>Entries [From, To) of the instrument's tape, the end in time, and whether the data ends before it.</summary>
    private readonly record struct Span(int From, int To, long End, bool IsCut);
}
