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

    /// <param name="levels">Levels from the best.</param>
    /// <param name="windows">Lengths of the windows, ns.</param>
    public OrderFlowImbalance(int levels, IReadOnlyList<long> windows)
    {
        _levels = levels;
        _sums = new BucketedSums(levels, windows.Count);
        BucketedWindows = windows;
        const string Name = "order_flow_imbalance";
        Specs = [.. windows.SelectMany(w => Columns.ByLevel(Name, levels).Select(n => new FeatureSpec(Columns.OfWindow(n, w), Name, w, "shares")))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override Signals Reads => Signals.None;

    /// <inheritdoc/>
    public override Signals Listens => Signals.BidLevels | Signals.AskLevels;

    /// <inheritdoc/>
    public override IReadOnlyList<long> BucketedWindows { get; }

    /// <inheritdoc/>
    public override int StateBytes => _sums.Bytes;

    /// <inheritdoc/>
    public override bool On(Signals signal, InstrumentEvent e, byte* state)
    {
        if (e.IsReload)
        {
            return false;
        }

        if (!e.IsStructural)
        {
            if (e.Rank >= _levels)
            {
                return false;
            }

            _sums.Add(state, e.Rank, e.Ask ? -e.Change.Delta : e.Change.Delta);
            return true;
        }

        ref readonly TopLevels before = ref e.Before;
        ref readonly TopLevels after = ref e.After;
        for (int m = 0; m < _levels; m++)
        {
            long was = before.Key(m);
            long now = after.Key(m);
            long flow = (now >= was ? after.Quantity(m) : 0) - (now <= was ? before.Quantity(m) : 0);
            if (flow != 0)
            {
                _sums.Add(state, m, e.Ask ? -flow : flow);
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Roll(byte* state, int window, long from, long to, in InstrumentHead head) => _sums.Roll(state, window, from, to);

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, byte* state, Span<float> output)
    {
        for (int w = 0; w < BucketedWindows.Count; w++)
        {
            // SAFETY: a window has one total a level.
            long* totals = _sums.Totals(state, w);
            for (int i = 0; i < _levels; i++)
            {
                output[(w * _levels) + i] = totals[i];
            }
        }
    }
}
