using System.Globalization;

namespace Engine.Features.Families;

/// <summary>
/// How far each level of one side is from the mid-price, in basis points of the mid-price, away from the touch positive:
/// ask 10⁴ · (price − mid) / mid, bid 10⁴ · (mid − price) / mid. NaN where the level, or the other side, is missing.
/// </summary>
/// <remarks>Level prices relative to the mid-price, as in Cont, Kukanov and Stoikov, "The Price Impact of Order Book Events" (2014).</remarks>
public sealed class LevelDistance : FeatureFamily
{
    private readonly bool _ask;

    /// <param name="ask">The ask side; otherwise the bid side.</param>
    public LevelDistance(bool ask)
    {
        _ask = ask;
        string name = ask ? "ask_distance" : "bid_distance";
        Specs = [.. Enumerable.Range(0, BookView.Depth).Select(i =>
            new FeatureSpec(string.Create(CultureInfo.InvariantCulture, $"{name}_level{i}"), name, 0, "bps"))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override void Write(BookView view, Span<float> output)
    {
        if (!view.HasTouch)
        {
            output.Fill(float.NaN);
            return;
        }

        long[] prices = _ask ? view.AskPrice : view.BidPrice;
        int count = _ask ? view.AskCount : view.BidCount;
        long twiceMid = view.TwiceMid;
        double scale = (_ask ? 1e4 : -1e4) / twiceMid;
        for (int i = 0; i < output.Length; i++)
        {
            output[i] = i < count ? (float)(((2 * prices[i]) - twiceMid) * scale) : float.NaN;
        }
    }
}
