using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Features.Families;

/// <summary>
/// How fast the book deepens: the quantity of the best ten levels of a side over the distance of the deepest of them from the mid-price
/// (basis points). NaN without both sides, and where that distance is not positive.
/// </summary>
/// <remarks>The slope of the depth profile: Næs and Skjeltorp, "Order book characteristics and the volume-volatility relation" (2006).</remarks>
internal sealed class Shape : FeatureFamily
{
    private const int Deepest = 3;

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
        ref readonly InstrumentHead head = ref view.Head;
        if (head.TwiceMid == 0)
        {
            output.Fill(float.NaN);
            return;
        }

        Vector128<long> total = Vector128.Create(head.AskDepths.GetElement(Deepest), head.BidDepths.GetElement(Deepest));
        Vector128<long> key = Vector128.Create(DeepestKey(head.Ask), DeepestKey(head.Bid));
        Vector128<double> distance = Vector128.ConvertToDouble(Vector128.Create(-head.TwiceMid, head.TwiceMid) - key - key) * head.BasisPoints;
        Vector128<double> slope = Vector128.ConvertToDouble(total) / distance;
        slope = Vector128.ConditionalSelect(Vector128.GreaterThan(distance, Vector128<double>.Zero), slope, Vector128.Create(double.NaN));
        (output[0], output[1]) = Columns.Two(slope);
    }

    /// <summary>The key of the deepest level held of a side that has one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long DeepestKey(in TopLevels side)
    {
        int deepest = TopLevels.Depth - 1;
        while (deepest > 0 && side.Quantity(deepest) == 0)
        {
            deepest--;
        }

        return side.Key(deepest);
    }
}
