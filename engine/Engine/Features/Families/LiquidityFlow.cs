using System.Runtime.CompilerServices;

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
    private readonly BucketedSums _sums;
    private readonly int _levels;

    /// <param name="ask">The ask side; otherwise the bid side.</param>
    /// <param name="added">What was added; otherwise what was removed.</param>
    /// <param name="levels">Levels from the best.</param>
    /// <param name="windows">Lengths of the windows, ns.</param>
    public LiquidityFlow(bool ask, bool added, int levels, IReadOnlyList<long> windows)
    {
        _levels = levels;
        (IsAsk, IsAdded) = (ask, added);
        _sums = new BucketedSums(levels, windows);
        string name = $"{(ask ? "ask" : "bid")}_{(added ? "added" : "removed")}_liquidity";
        Specs = [.. windows.SelectMany(w => Columns.ByLevel(name, levels).Select(n => new FeatureSpec(Columns.OfWindow(n, w), name, w, "shares")))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <summary>The ask side; otherwise the bid side.</summary>
    public bool IsAsk { get; }

    /// <summary>What was added; otherwise what was removed.</summary>
    public bool IsAdded { get; }

    /// <inheritdoc/>
    public override BucketedSums Sums => _sums;

    /// <summary>What it counts happened on its side: one column of each window differs.</summary>
    /// <param name="block">The instrument's block.</param>
    /// <param name="rank">Rank of the level.</param>
    /// <param name="quantity">How much came or went.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Flowed(byte* block, int rank, long quantity)
    {
        if (rank < _levels)
        {
            // SAFETY: the block is the instrument's, which has what the layout placed.
            _sums.AddAndWrite(block, rank, quantity, Kept(block));
        }
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output) => _sums.Write(view.Block, output);
}
