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
    private const int SumCount = 4;
    private const int AskCancelled = 0;
    private const int AskTraded = 1;
    private const int BidCancelled = 2;
    private const int BidTraded = 3;

    private readonly BucketedSums _sums;

    /// <param name="windows">Lengths of the windows, ns.</param>
    public CancelPressure(IReadOnlyList<long> windows)
    {
        _sums = new BucketedSums(SumCount, windows);
        Specs =
        [
            .. Columns.ByWindow("ask_cancel_ratio", "cancel_pressure", windows, "ratio"),
            .. Columns.ByWindow("bid_cancel_ratio", "cancel_pressure", windows, "ratio"),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override BucketedSums Sums => _sums;

    /// <summary>Quantity was taken away without a trade.</summary>
    public void Removed(InstrumentEvent e)
    {
        if (e.Rank < Levels)
        {
            // SAFETY: the block is the instrument's, which has what the layout placed.
            _sums.Add(e.Block, e.Ask ? AskCancelled : BidCancelled, -e.Change.Delta);
            e.Head->Dirty |= Bit;
        }
    }

    /// <summary>A trade happened; a buyer takes from the ask side.</summary>
    public void Traded(InstrumentEvent e)
    {
        _sums.Add(e.Block, e.IsBuy ? AskTraded : BidTraded, e.Quantity);
        e.Head->Dirty |= Bit;
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        int windows = _sums.WindowNanos.Count;
        for (int w = 0; w < windows; w++)
        {
            output[w] = Ratio(_sums.Sum(view.Block, w, AskCancelled), _sums.Sum(view.Block, w, AskTraded));
            output[windows + w] = Ratio(_sums.Sum(view.Block, w, BidCancelled), _sums.Sum(view.Block, w, BidTraded));
        }
    }

    private static float Ratio(long cancelled, long traded) =>
        cancelled + traded == 0 ? float.NaN : (float)((double)cancelled / (cancelled + traded));
}
