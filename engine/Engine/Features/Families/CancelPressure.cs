namespace Engine.Features.Families;

/// <summary>
/// How much of what leaves a side near the touch leaves without trading: C / (C + X) within bucketed windows, C being the quantity removed from
/// the best three levels, X the quantity traded against the side. Close to 1 where quotes are shown and pulled. NaN where neither happened.
/// Of a feed by levels, what traded is in C too.
/// </summary>
/// <remarks>Cancellations against executions as a sign of spoofing: Lee, Eom and Park, "Microstructure-based manipulation" (2013).</remarks>
internal sealed unsafe class CancelPressure : FeatureFamily
{
    private const int Levels = 3;
    private const int Sums = 4;
    private const int AskCancelled = 0;
    private const int AskTraded = 1;
    private const int BidCancelled = 2;
    private const int BidTraded = 3;

    private readonly BucketedSums _sums;

    /// <param name="windows">Lengths of the windows, ns.</param>
    public CancelPressure(IReadOnlyList<long> windows)
    {
        _sums = new BucketedSums(Sums, windows.Count);
        BucketedWindows = windows;
        Specs =
        [
            .. Columns.ByWindow("ask_cancel_ratio", "cancel_pressure", windows, "ratio"),
            .. Columns.ByWindow("bid_cancel_ratio", "cancel_pressure", windows, "ratio"),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override Signals Reads => Signals.None;

    /// <inheritdoc/>
    public override Signals Listens => Signals.AskRemoved | Signals.BidRemoved | Signals.Trade;

    /// <inheritdoc/>
    public override IReadOnlyList<long> BucketedWindows { get; }

    /// <inheritdoc/>
    public override int StateBytes => _sums.Bytes;

    /// <inheritdoc/>
    public override bool On(Signals signal, InstrumentEvent e, byte* state)
    {
        if (signal == Signals.Trade)
        {
            // A buyer takes from the ask side.
            _sums.Add(state, e.IsBuy ? AskTraded : BidTraded, e.Quantity);
            return true;
        }

        if (e.Rank >= Levels)
        {
            return false;
        }

        _sums.Add(state, e.Ask ? AskCancelled : BidCancelled, -e.Change.Delta);
        return true;
    }

    /// <inheritdoc/>
    public override bool Roll(byte* state, int window, long from, long to, in InstrumentHead head) => _sums.Roll(state, window, from, to);

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, byte* state, Span<float> output)
    {
        int windows = BucketedWindows.Count;
        for (int w = 0; w < windows; w++)
        {
            // SAFETY: a window has Sums totals.
            long* totals = _sums.Totals(state, w);
            output[w] = Ratio(totals[AskCancelled], totals[AskTraded]);
            output[windows + w] = Ratio(totals[BidCancelled], totals[BidTraded]);
        }
    }

    private static float Ratio(long cancelled, long traded) =>
        cancelled + traded == 0 ? float.NaN : (float)((double)cancelled / (cancelled + traded));
}
