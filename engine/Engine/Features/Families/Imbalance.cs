using System.Globalization;

namespace Engine.Features.Families;

/// <summary>
/// Where the weight of the book lies. `imbalance_depthK` = (B − A) / (B + A) with B and A the bid and ask quantity of the best K
/// levels. `micro_price_offset` = 10⁴ · (micro − mid) / mid with micro = (ask · B₁ + bid · A₁) / (A₁ + B₁), which by algebra is
/// 10⁴ · (B₁ − A₁) / (B₁ + A₁) · (ask − bid) / (ask + bid). `spread` = 10⁴ · (ask − bid) / mid. NaN without both sides.
/// </summary>
/// <remarks>Micro-price: Gatheral and Oomen, "Zero-intelligence realized variance estimation" (2010).</remarks>
public sealed class Imbalance : FeatureFamily
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
    public override void Write(BookView view, Span<float> output)
    {
        if (!view.HasTouch)
        {
            output.Fill(float.NaN);
            return;
        }

        long bid = 0;
        long ask = 0;
        int level = 0;
        for (int d = 0; d < s_depths.Length; d++)
        {
            for (; level < s_depths[d]; level++)
            {
                bid += level < view.BidCount ? view.BidQuantity[level] : 0;
                ask += level < view.AskCount ? view.AskQuantity[level] : 0;
            }

            output[d] = (float)((double)(bid - ask) / (bid + ask));
        }

        double touch = (double)(view.BidQuantity[0] - view.AskQuantity[0]) / (view.BidQuantity[0] + view.AskQuantity[0]);
        double width = (double)(view.AskPrice[0] - view.BidPrice[0]) / view.TwiceMid;
        output[s_depths.Length] = (float)(1e4 * touch * width);
        output[s_depths.Length + 1] = (float)(2e4 * width);
    }
}
