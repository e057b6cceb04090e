using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Features.Families;

/// <summary>
/// How far each level of one side is from the mid-price, in basis points of the mid-price, away from the touch positive:
/// ask 10⁴ · (price − mid) / mid, bid 10⁴ · (mid − price) / mid. NaN where the level, or the other side, is missing.
/// </summary>
/// <remarks>Level prices relative to the mid-price, as in Cont, Kukanov and Stoikov, "The Price Impact of Order Book Events" (2014).</remarks>
internal sealed class LevelDistance : FeatureFamily
{
    private readonly bool _ask;

    /// <param name="ask">The ask side; otherwise the bid side.</param>
    /// <param name="levels">Levels from the best.</param>
    public LevelDistance(bool ask, int levels)
    {
        _ask = ask;
        string name = ask ? "ask_distance" : "bid_distance";
        Specs = [.. Columns.ByLevel(name, levels).Select(n => new FeatureSpec(n, name, 0, "bps"))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override Signals Reads => Signals.Mid | (_ask ? Signals.AskPrices : Signals.BidPrices);

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        long twiceMid = view.Head.TwiceMid;
        if (twiceMid == 0)
        {
            output.Fill(float.NaN);
            return;
        }

        // A key is the price for bids and its negative for asks: both distances are ±2·mid − 2·key.
        ReadOnlySpan<long> keys = view.Side(_ask).Keys;
        Vector256<long> middle = Vector256.Create(_ask ? -twiceMid : twiceMid);
        Vector256<double> scale = Vector256.Create(view.Head.BasisPoints);
        Columns.Store(
            Vector256.Narrow(Four(keys, middle, scale), Four(keys[4..], middle, scale)),
            Vector256.Narrow(Four(keys[8..], middle, scale), Four(keys[12..], middle, scale)),
            output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Four(ReadOnlySpan<long> keys, Vector256<long> middle, Vector256<double> scale)
    {
        Vector256<long> key = Vector256.Create(keys);
        Vector256<double> distance = Vector256.ConvertToDouble(middle - key - key) * scale;
        Vector256<double> missing = Vector256.Equals(key, Vector256.Create(TopLevels.NoLevel)).AsDouble();
        return Vector256.ConditionalSelect(missing, Vector256.Create(double.NaN), distance);
    }
}
