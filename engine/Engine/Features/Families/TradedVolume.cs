using System.Globalization;

namespace Engine.Features.Families;

/// <summary>
/// What traded within the last w seconds, (t − w, t], by the side of the aggressor: total quantity (`buy_volume_1.500000`) or
/// number of trades (`buy_count_1.500000`). Integer sums: exact whatever the order of additions.
/// </summary>
/// <remarks>The aggressor of an execution is opposite to the resting order; see <see cref="TradeWindows"/> for hidden trades.</remarks>
public sealed class TradedVolume : FeatureFamily
{
    private readonly TradeWindows _windows;
    private readonly bool _buy;
    private readonly bool _count;

    /// <param name="windows">The sums this family reads.</param>
    /// <param name="buy">Aggressive buys; otherwise sells.</param>
    /// <param name="count">Number of trades; otherwise quantity.</param>
    public TradedVolume(TradeWindows windows, bool buy, bool count)
    {
        _windows = windows;
        _buy = buy;
        _count = count;
        string name = $"{(buy ? "buy" : "sell")}_{(count ? "count" : "volume")}";
        Specs = [.. windows.LengthsNanos.ToArray().Select(w => new FeatureSpec(
            string.Create(CultureInfo.InvariantCulture, $"{name}_{w / 1e9:F6}"), name, w, count ? "trades" : "shares"))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override void Write(BookView view, Span<float> output)
    {
        ReadOnlySpan<WindowSums> sums = _windows.Sums(view.Instrument)[..output.Length];
        if (_count)
        {
            for (int w = 0; w < output.Length; w++)
            {
                output[w] = _buy ? sums[w].BuyCount : sums[w].SellCount;
            }
        }
        else
        {
            for (int w = 0; w < output.Length; w++)
            {
                output[w] = _buy ? sums[w].BuyVolume : sums[w].SellVolume;
            }
        }
    }
}
