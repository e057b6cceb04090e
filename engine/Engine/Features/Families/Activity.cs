using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Engine.Core.Events;

namespace Engine.Features.Families;

/// <summary>
/// How busy the instrument is. `event_rate_W`: changes of its book and trades in a bucketed window, by second. `time_since_trade`: seconds
/// since a trade last entered the traded windows. `time_since_ask_move`, `time_since_bid_move`: seconds since a change of the book last
/// moved the best price of that side, or made it come or go. Times since end at 3,600, which also stands for never.
/// </summary>
/// <remarks>Durations between events: Engle and Russell, "Autoregressive Conditional Duration" (1998).</remarks>
internal sealed unsafe class Activity : FeatureFamily
{
    private readonly BucketedSums _sums;
    private readonly double[] _perSecond;

    /// <param name="windows">Lengths of the windows, ns.</param>
    public Activity(IReadOnlyList<long> windows)
    {
        _sums = new BucketedSums(1, windows);
        _perSecond = [.. windows.Select(w => 1e9 / w), 0, 0, 0];
        Specs =
        [
            .. Columns.ByWindow("event_rate", "activity", windows, "1/s"),
            new FeatureSpec("time_since_trade", "activity", 0, "seconds"),
            new FeatureSpec("time_since_ask_move", "activity", 0, "seconds"),
            new FeatureSpec("time_since_bid_move", "activity", 0, "seconds"),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override Signals Reads => Signals.Time;

    /// <inheritdoc/>
    public override BucketedSums Sums => _sums;

    /// <summary>The book changed, or a trade happened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Happened(byte* block)
    {
        // SAFETY: the block is the instrument's, which has what the layout placed.
        _sums.Add(block, 0, 1);
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        int windows = _sums.Windows;
        for (int w = 0; w < windows; w += Vector256<double>.Count)
        {
            Vector256<double> rates = Vector256.ConvertToDouble(_sums.FourSums(view.Block, w)) * Vector256.Create<double>(_perSecond.AsSpan(w));
            Columns.Store(rates, output[w..windows]);
        }

        ref readonly InstrumentHead head = ref view.Head;
        Vector256<long> since = Vector256.Create(head.LastTrade, head.LastAskMove, head.LastBidMove, MarketEvent.Absent);
        Columns.Store(InstrumentHead.SecondsSince(view.Time, since), output[windows..]);
    }
}
