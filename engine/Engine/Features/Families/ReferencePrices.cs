using Engine.Core.Events;

namespace Engine.Features.Families;

/// <summary>
/// Where the venue says that the price should be. `index_difference`, `mark_difference`: 10⁴ · (mid − index) / index, and the same of the mark price.
/// `funding_rate`: of the next funding, basis points. `time_to_funding`: seconds until then, at least 0. NaN where the venue has not said so, and the
/// differences without a mid-price.
/// </summary>
/// <remarks>Perpetual swaps: BitMEX, "Perpetual Contracts Guide": index, mark price and funding tie the swap to its underlying.</remarks>
internal sealed class ReferencePrices : FeatureFamily
{
    private const double RateScale = 1e4 / MarketEvent.PriceScale;

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; } =
    [
        new FeatureSpec("index_difference", "reference", 0, "bps"),
        new FeatureSpec("mark_difference", "reference", 0, "bps"),
        new FeatureSpec("funding_rate", "reference", 0, "bps"),
        new FeatureSpec("time_to_funding", "reference", 0, "seconds"),
    ];

    /// <inheritdoc/>
    public override Signals Reads => Signals.Mid | Signals.Reference | Signals.FundingTime;

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        ref readonly InstrumentHead head = ref view.Head;
        output[0] = Difference(head.TwiceMid, head.IndexPrice);
        output[1] = Difference(head.TwiceMid, head.MarkPrice);
        output[2] = head.FundingRate == MarketEvent.Absent ? float.NaN : (float)(head.FundingRate * RateScale);
        output[3] = head.FundingTime == MarketEvent.Absent ? float.NaN : (float)Math.Max(0, (head.FundingTime - view.Time) * 1e-9);
    }

    private static float Difference(long twiceMid, long price) =>
        twiceMid == 0 || price <= 0 ? float.NaN : (float)((twiceMid - (2 * price)) * 1e4 / (2.0 * price));
}
