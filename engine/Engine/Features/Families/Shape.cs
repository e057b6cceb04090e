namespace Engine.Features.Families;

/// <summary>
/// How fast the book deepens: the quantity of the best ten levels of a side over the distance of the deepest of them from the mid-price
/// (basis points). NaN without both sides, and where that distance is not positive.
/// </summary>
/// <remarks>The slope of the depth profile: Næs and Skjeltorp, "Order book characteristics and the volume-volatility relation" (2006).</remarks>
internal sealed class Shape : FeatureFamily
{
    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; } =
    [
        new FeatureSpec("ask_slope", "shape", 0, "shares/bps"),
        new FeatureSpec("bid_slope", "shape", 0, "shares/bps"),
    ];

    /// <inheritdoc/>
    public override Signals Reads => Signals.BidLevels | Signals.AskLevels | Signals.Mid;

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        output[0] = Slope(view.Head, ask: true);
        output[1] = Slope(view.Head, ask: false);
    }

    private static float Slope(in InstrumentHead head, bool ask)
    {
        ReadOnlySpan<long> quantities = ask ? head.Ask.Quantities : head.Bid.Quantities;
        long total = 0;
        int deepest = TopLevels.Depth - 1;
        for (int i = 0; i < TopLevels.Depth; i++)
        {
            total += quantities[i];
        }

        while (deepest > 0 && quantities[deepest] == 0)
        {
            deepest--;
        }

        double distance = LevelDistance.Of(head, ask, deepest);
        return distance > 0 ? (float)(total / distance) : float.NaN;
    }
}
