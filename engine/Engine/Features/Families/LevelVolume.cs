using System.Globalization;

namespace Engine.Features.Families;

/// <summary>Total quantity resting on each level of one side, in the venue's unit; 0 where there is no such level.</summary>
public sealed class LevelVolume : FeatureFamily
{
    private readonly bool _ask;

    /// <param name="ask">The ask side; otherwise the bid side.</param>
    public LevelVolume(bool ask)
    {
        _ask = ask;
        string name = ask ? "ask_volume" : "bid_volume";
        Specs = [.. Enumerable.Range(0, BookView.Depth).Select(i =>
            new FeatureSpec(string.Create(CultureInfo.InvariantCulture, $"{name}_level{i}"), name, 0, "shares"))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override void Write(BookView view, Span<float> output)
    {
        long[] quantities = _ask ? view.AskQuantity : view.BidQuantity;
        int count = _ask ? view.AskCount : view.BidCount;
        for (int i = 0; i < output.Length; i++)
        {
            output[i] = i < count ? quantities[i] : 0f;
        }
    }
}
