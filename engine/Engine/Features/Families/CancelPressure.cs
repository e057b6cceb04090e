using System.Runtime.CompilerServices;
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
    public override BucketedSums Sums => _sums;

    /// <summary>Quantity was taken away without a trade.</summary>
    /// <param name="head">The instrument.</param>
    /// <param name="ask">From the ask side; otherwise the bid side.</param>
    /// <param name="rank">Rank of the level.</param>
    /// <param name="quantity">How much.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Removed(InstrumentHead* head, bool ask, int rank, long quantity)
    {
        if (rank < Levels)
        {
            Add(head, ask ? AskCancelled : BidCancelled, quantity);
        }
    }

    /// <summary>A trade happened; a buyer takes from the ask side.</summary>
    public void Traded(InstrumentHead* head, bool isBuy, long quantity) => Add(head, isBuy ? AskTraded : BidTraded, quantity);

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        int windows = _sums.Windows;
        for (int w = 0; w < windows; w++)
        {
            Vector256<long> sums = Vector256.Shuffle(_sums.FirstFour(view.Block, w), Vector256.Create(AskCancelled, BidCancelled, AskTraded, (long)BidTraded));
            Vector128<long> cancelled = sums.GetLower();
            Vector128<long> all = cancelled + sums.GetUpper();
            Vector128<double> ratio = Vector128.ConvertToDouble(cancelled) / Vector128.ConvertToDouble(all);
            Vector128<double> none = Vector128.Equals(all, Vector128<long>.Zero).AsDouble();
            (output[w], output[windows + w]) = Columns.Two(Vector128.ConditionalSelect(none, Vector128.Create(double.NaN), ratio));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(InstrumentHead* head, int sum, long quantity)
    {
        // SAFETY: the block is the instrument's, which has what the layout placed.
        _sums.AddFour((byte*)head, Vector256.Equals(Vector256<long>.Indices, Vector256.Create((long)sum)) & Vector256.Create(quantity));
        head->Dirty |= Bit;
    }
}
