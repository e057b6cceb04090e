using System.Globalization;
using System.Runtime.Intrinsics;

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

        Vector256<double> ratios = Vector256.ConvertToDouble(head.BidDepths - head.AskDepths) / Vector256.ConvertToDouble(head.BidDepths + head.AskDepths);
        Columns.Singles(ratios).CopyTo(output);

        output[4] = CanonicalBits.Of((float)(1e4 * ratios.ToScalar() * head.HalfSpread));
        output[5] = (float)(2e4 * head.HalfSpread);
    }
}
