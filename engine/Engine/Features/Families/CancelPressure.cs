using System.Runtime.Intrinsics;

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
    public override Signals Listens => Signals.AskRemoved | Signals.BidRemoved | Signals.Trade;

    /// <inheritdoc/>
    public override BucketedSums Sums => _sums;

    /// <inheritdoc/>
    public override bool On(Signals signal, InstrumentEvent e)
    {
        if (signal == Signals.Trade)
        {
            // A buyer takes from the ask side.
            _sums.Add(e.Block, e.IsBuy ? AskTraded : BidTraded, e.Quantity);
            return true;
        }

        if (e.Rank >= Levels)
        {
            return false;
        }

        _sums.Add(e.Block, e.Ask ? AskCancelled : BidCancelled, -e.Change.Delta);
        return true;
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        int windows = _sums.WindowNanos.Count;
        for (int w = 0; w < windows; w++)
        {
            // SAFETY: there are SumCount totals.
            Vector256<long> sums = Vector256.Load(_sums.Totals(view.Block)) - Vector256.Load(_sums.Base(view.Block, w));
            output[w] = Ratio(sums.GetElement(AskCancelled), sums.GetElement(AskTraded));
            output[windows + w] = Ratio(sums.GetElement(BidCancelled), sums.GetElement(BidTraded));
        }
    }

    private static float Ratio(long cancelled, long traded) =>
        cancelled + traded == 0 ? float.NaN : (float)((double)cancelled / (cancelled + traded));
}
