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
    private const long FleetingMicros = 100_000;

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
    public void Left(InstrumentEvent e)
    {
        // SAFETY: the block is the instrument's, which has what the layout placed.
        e.Head->Dirty |= Bit;
        if (e.Change.Cause == Books.ChangeCause.Executed)
        {
            _sums.Add(e.Block, Filled, 1);
            return;
        }

        long micros = Math.Max(0, e.Time - e.Change.EntryTime) / 1_000;
        _sums.Add(e.Block, Lifetime, micros);
        _sums.Add(e.Block, Removed, 1);
        _sums.Add(e.Block, Fleeting, micros <= FleetingMicros ? 1 : 0);
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        int windows = _sums.WindowNanos.Count;
        for (int w = 0; w < windows; w++)
        {
            long removed = _sums.Sum(view.Block, w, Removed);
            long filled = _sums.Sum(view.Block, w, Filled);
            long left = removed + filled;
            output[w] = removed == 0 ? float.NaN : (float)(_sums.Sum(view.Block, w, Lifetime) / (removed * 1e6));
            output[windows + w] = removed == 0 ? float.NaN : (float)((double)_sums.Sum(view.Block, w, Fleeting) / removed);
            output[(2 * windows) + w] = left == 0 ? float.NaN : (float)((double)filled / left);
        }
    }
}
