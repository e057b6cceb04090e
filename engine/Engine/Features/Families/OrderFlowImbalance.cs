using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Features.Families;

/// <summary>
/// Order-flow imbalance of each of the best levels within bucketed windows. An event that changes the bid side adds, at level m with price
/// p and quantity q before it and p′, q′ after it: q′ where p′ is better, q′ − q where the price is the same, −q where it is worse. The ask side
/// counts with the opposite sign. A level that is missing is worse than any price and has quantity 0.
/// </summary>
/// <remarks>Cont, Kukanov and Stoikov, "The Price Impact of Order Book Events" (2014); by level: Xu, Gould and Howison, "Multi-Level Order-Flow
/// Imbalance in a Limit Order Book" (2019).</remarks>
internal sealed unsafe class OrderFlowImbalance : FeatureFamily
{
    private readonly BucketedSums _sums;
    private readonly int _levels;
    private readonly Vector512<long> _low, _high;

    /// <param name="levels">Levels from the best.</param>
    /// <param name="windows">Lengths of the windows, ns.</param>
    public OrderFlowImbalance(int levels, IReadOnlyList<long> windows)
    {
        _levels = levels;
        _low = Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)levels));
        _high = Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)levels - Vector512<long>.Count));
        _sums = new BucketedSums(levels, windows);
        const string Name = "order_flow_imbalance";
        Specs = [.. windows.SelectMany(w => Columns.ByLevel(Name, levels).Select(n => new FeatureSpec(Columns.OfWindow(n, w), Name, w, "shares")))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override BucketedSums Sums => _sums;

    /// <summary>The quantity of one level changed: so does one column of each window.</summary>
    /// <param name="block">The instrument's block.</param>
    /// <param name="rank">Rank of the level.</param>
    /// <param name="flow">What a bid's quantity grew by, or an ask's shrank by.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Changed(byte* block, int rank, long flow)
    {
        if (rank < _levels)
        {
            // SAFETY: the block is the instrument's, which has what the layout placed.
            _sums.AddAndWrite(block, rank, flow, Kept(block));
        }
    }

    /// <summary>Levels came or went.</summary>
    public void Restructured(InstrumentEvent e)
    {
        Vector512<long> low = Flow(e, 0) & _low;
        bool flows = low != Vector512<long>.Zero;
        if (flows)
        {
            _sums.AddAll(e.Block, 0, low);
        }

        if ((_levels > Vector512<long>.Count && Deep(e)) || flows)
        {
            e.Head->Dirty |= Bit;
        }
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output) => _sums.Write(view.Block, output);

    /// <summary>The levels behind the first vector.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Deep(InstrumentEvent e)
    {
        Vector512<long> high = Flow(e, Vector512<long>.Count) & _high;
        if (high == Vector512<long>.Zero)
        {
            return false;
        }

        _sums.AddAll(e.Block, Vector512<long>.Count, high);
        return true;
    }

    /// <summary>By level: what stands there now unless the price got worse, less what stood there unless it got better.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="first">The first level.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Flow(InstrumentEvent e, int first)
    {
        Vector512<long> was = Vector512.Create(e.Before.Keys[first..]);
        Vector512<long> now = Vector512.Create(e.After.Keys[first..]);
        Vector512<long> flow = Vector512.AndNot(Vector512.Create(e.After.Quantities[first..]), Vector512.LessThan(now, was))
            - Vector512.AndNot(Vector512.Create(e.Before.Quantities[first..]), Vector512.GreaterThan(now, was));
        return e.Ask ? -flow : flow;
    }
}
