using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Engine.Books;

namespace Engine.Features.Families;

/// <summary>
/// How long orders last, both sides together, within bucketed windows. Of the orders that were removed without trading to the end: their mean
/// age when they left (`mean_lifetime_W`, seconds; each in whole microseconds), and the share of those not older than 100 ms (`fleeting_share_W`).
/// `fill_share_W`: of all orders that left, those that left by trading. NaN where no such order left.
/// </summary>
/// <remarks>Fleeting orders: Hasbrouck and Saar, "Technology and liquidity provision: The blurring of traditional definitions" (2009).</remarks>
internal sealed unsafe class OrderLifetime : FeatureFamily
{
    private const int SumCount = 4;
    private const int Lifetime = 0;
    private const int Removed = 1;
    private const int Fleeting = 2;
    private const int Filled = 3;
    private const ulong FleetingMicros = 100_000;

    private readonly BucketedSums _sums;

    /// <param name="windows">Lengths of the windows, ns.</param>
    public OrderLifetime(IReadOnlyList<long> windows)
    {
        _sums = new BucketedSums(SumCount, windows);
        Specs =
        [
            .. Columns.ByWindow("mean_lifetime", "lifetime", windows, "seconds"),
            .. Columns.ByWindow("fleeting_share", "lifetime", windows, "ratio"),
            .. Columns.ByWindow("fill_share", "lifetime", windows, "ratio"),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override BucketedSums Sums => _sums;

    /// <summary>An order left its queue.</summary>
    /// <param name="head">The instrument.</param>
    /// <param name="time">When, ns.</param>
    /// <param name="change">What took it away.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Left(InstrumentHead* head, long time, in LevelChange change)
    {
        ulong micros = (ulong)Math.Max(0, time - change.EntryTime) / 1_000;
        Vector256<long> sums = change.Cause == ChangeCause.Executed
            ? Vector256.Create(0L, 0, 0, 1)
            : Vector256.Create((long)micros, 1, micros <= FleetingMicros ? 1 : 0, 0);

        // SAFETY: the block is the instrument's, which has what the layout placed.
        _sums.AddFour((byte*)head, sums);
        head->Dirty |= Bit;
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        int windows = _sums.Windows;
        for (int w = 0; w < windows; w++)
        {
            // By lane: the mean's sum over the removed, the fleeting over the removed, the filled over all that left.
            Vector256<long> sums = _sums.FirstFour(view.Block, w);
            Vector256<long> filled = Vector256.Shuffle(sums, Vector256.Create(Filled, Filled, Filled, (long)Filled));
            Vector256<long> of = Vector256.Shuffle(sums, Vector256.Create(Removed, Removed, Removed, (long)Removed))
                + (filled & Vector256.Create(0, 0, -1L, 0));
            Vector256<double> share = Vector256.ConvertToDouble(Vector256.Shuffle(sums, Vector256.Create(Lifetime, Fleeting, Filled, (long)Filled)))
                / (Vector256.ConvertToDouble(of) * Vector256.Create(1e6, 1, 1, 1));
            Vector256<double> none = Vector256.Equals(of, Vector256<long>.Zero).AsDouble();
            Vector128<float> columns = Columns.Singles(Vector256.ConditionalSelect(none, Vector256.Create(double.NaN), share));
            output[w] = columns.ToScalar();
            output[windows + w] = columns.GetElement(1);
            output[(2 * windows) + w] = columns.GetElement(2);
        }
    }
}
