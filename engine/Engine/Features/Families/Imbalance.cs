using System.Globalization;

namespace Engine.Features.Families;

/// <summary>
/// Where the weight of the book lies. `imbalance_depthK` = (B − A) / (B + A) with B and A the bid and ask quantity of the best K
/// levels. `micro_price_offset` = 10⁴ · (micro − mid) / mid with micro = (ask · B₁ + bid · A₁) / (A₁ + B₁), which by algebra is
/// 10⁴ · (B₁ − A₁) / (B₁ + A₁) · (ask − bid) / (ask + bid). `spread` = 10⁴ · (ask − bid) / mid. NaN without both sides.
/// </summary>
/// <remarks>Micro-price: Gatheral and Oomen, "Zero-intelligence realized variance estimation" (2010).</remarks>
internal sealed class Imbalance : FeatureFamily
{
    private static readonly int[] s_depths = [1, 3, 5, 10];

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; } =
    [
        .. s_depths.Select(k => new FeatureSpec(string.Create(CultureInfo.InvariantCulture, $"imbalance_depth{k}"), "imbalance", 0, "ratio")),
        new FeatureSpec("micro_price_offset", "imbalance", 0, "bps"),
        new FeatureSpec("spread", "imbalance", 0, "bps"),
    ];

    /// <inheritdoc/>
    public override Signals Reads => Signals.BidLevels | Signals.AskLevels | Signals.Mid;

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        ref readonly InstrumentHead head = ref view.Head;
        if (head.TwiceMid == 0)
        {
            output.Fill(float.NaN);
            return;
        }

        ReadOnlySpan<long> bids = head.Bid.Quantities;
        ReadOnlySpan<long> asks = head.Ask.Quantities;
        long bid1 = bids[0];
        long ask1 = asks[0];
        long bid3 = bid1 + bids[1] + bids[2];
        long ask3 = ask1 + asks[1] + asks[2];
        long bid5 = bid3 + bids[3] + bids[4];
        long ask5 = ask3 + asks[3] + asks[4];
        long bid10 = bid5 + bids[5] + bids[6] + bids[7] + bids[8] + bids[9];
        long ask10 = ask5 + asks[5] + asks[6] + asks[7] + asks[8] + asks[9];
        double touch = Ratio(bid1, ask1);
        output[0] = (float)touch;
        output[1] = (float)Ratio(bid3, ask3);
        output[2] = (float)Ratio(bid5, ask5);
        output[3] = (float)Ratio(bid10, ask10);

        // An ask's key is minus its price.
        double width = (double)(-head.Ask.Key(0) - head.Bid.Key(0)) / head.TwiceMid;
        output[4] = CanonicalBits.Of((float)(1e4 * touch * width));
        output[5] = (float)(2e4 * width);
    }

    private static double Ratio(long bid, long ask) => (double)(bid - ask) / (bid + ask);
}
