namespace Engine.Features.Families;

/// <summary>
/// Quantity that was added to, or removed without a trade from, each of the best levels of one side, within bucketed windows. A level is
/// a rank: what is removed counts where its price stood before the event, what is added where it stands after it. What traded is in neither.
/// Of a feed by levels, whatever a level loses counts as removed.
/// </summary>
/// <remarks>Limit-order arrivals and cancellations by distance from the touch: Cont, Stoikov and Talreja, "A stochastic model for order book
/// dynamics" (2010).</remarks>
internal sealed unsafe class LiquidityFlow : FeatureFamily
{
    private readonly Signals _listens;
    private readonly BucketedSums _sums;
    private readonly int _levels;

    /// <param name="ask">The ask side; otherwise the bid side.</param>
    /// <param name="added">What was added; otherwise what was removed.</param>
    /// <param name="levels">Levels from the best.</param>
    /// <param name="windows">Lengths of the windows, ns.</param>
    public LiquidityFlow(bool ask, bool added, int levels, IReadOnlyList<long> windows)
    {
        _levels = levels;
        _listens = ask ? (added ? Signals.AskAdded : Signals.AskRemoved) : added ? Signals.BidAdded : Signals.BidRemoved;
        _sums = new BucketedSums(levels, windows);
        string name = $"{(ask ? "ask" : "bid")}_{(added ? "added" : "removed")}_liquidity";
        Specs = [.. windows.SelectMany(w => Columns.ByLevel(name, levels).Select(n => new FeatureSpec(Columns.OfWindow(n, w), name, w, "shares")))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override Signals Listens => _listens;

    /// <inheritdoc/>
    public override BucketedSums Sums => _sums;

    /// <inheritdoc/>
    public override bool On(Signals signal, InstrumentEvent e)
    {
        if (e.Rank >= _levels)
        {
            return false;
        }

        // SAFETY: the event's block is that of its instrument, as long as the layout says.
        _sums.Add(e.Block, e.Rank, Math.Abs(e.Change.Delta));
        return true;
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output) => _sums.Write(view.Block, output);
}
