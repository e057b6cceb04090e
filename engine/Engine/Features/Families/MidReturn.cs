using System.Runtime.Intrinsics;

namespace Engine.Features.Families;

/// <summary>
/// How far the mid-price has come within bucketed windows: 10⁴ · (mid − ref) / ref, ref being the mid-price in force when the instrument's
/// clock passed the window's start. So the lag lies between 15/16 of w and w. NaN without a mid-price now or then, and before the instrument
/// has a past that long.
/// </summary>
/// <remarks>Lagged simple returns; in force: previous-tick interpolation, Dacorogna et al., "An Introduction to High-Frequency Finance" (2001).</remarks>
internal sealed unsafe class MidReturn : FeatureFamily
{
    private readonly BucketedSums _mid;

    /// <param name="windows">Lengths of the windows, ns.</param>
    public MidReturn(IReadOnlyList<long> windows)
    {
        _mid = new BucketedSums(1, windows);
        Specs = [.. Columns.ByWindow("return", "return", windows, "bps")];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <summary>One total, twice the mid-price: a window's oldest bucket remembers what it was when the window began.</summary>
    public override BucketedSums Sums => _mid;

    /// <summary>The mid-price changed, came or went.</summary>
    public void Moved(InstrumentEvent e)
    {
        // SAFETY: there is one total.
        *_mid.Totals(e.Block) = e.Head->TwiceMid;
        e.Head->Dirty |= Bit;
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        long mid = view.Head.TwiceMid;
        if (mid == 0)
        {
            output.Fill(float.NaN);
            return;
        }

        for (int w = 0; w < output.Length; w += Vector256<long>.Count)
        {
            Vector256<long> reference = _mid.FourBases(view.Block, w);
            Vector256<double> moved = Vector256.ConvertToDouble(Vector256.Create(mid) - reference) * 1e4 / Vector256.ConvertToDouble(reference);
            Vector256<double> missing = Vector256.Equals(reference, Vector256<long>.Zero).AsDouble();
            Columns.Store(Vector256.ConditionalSelect(missing, Vector256.Create(double.NaN), moved), output[w..]);
        }
    }
}
