namespace Engine.Features.Families;

/// <summary>
/// How far the mid-price has come within bucketed windows: 10⁴ · (mid − ref) / ref, ref being the mid-price in force when the instrument's
/// clock passed the window's start. So the lag lies between 15/16 of w and w. NaN without a mid-price now or then, and before the instrument
/// has a past that long.
/// </summary>
/// <remarks>Lagged simple returns; in force: previous-tick interpolation, Dacorogna et al., "An Introduction to High-Frequency Finance" (2001).</remarks>
internal sealed unsafe class MidReturn : FeatureFamily
{
    private const int Buckets = BucketedSums.Buckets;

    // A window: the reference, then twice the mid-price at the end of each of the last buckets, 0 without one.
    private const int Words = 1 + Buckets;

    /// <param name="windows">Lengths of the windows, ns.</param>
    public MidReturn(IReadOnlyList<long> windows)
    {
        BucketedWindows = windows;
        Specs = [.. Columns.ByWindow("return", "return", windows, "bps")];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override Signals Reads => Signals.Mid;

    /// <inheritdoc/>
    public override IReadOnlyList<long> BucketedWindows { get; }

    /// <inheritdoc/>
    public override int StateBytes => BucketedWindows.Count * Words * sizeof(long);

    /// <inheritdoc/>
    public override bool Roll(byte* state, int window, long from, long to, in InstrumentHead head)
    {
        // SAFETY: a window has Words words; slots are below Buckets.
        long* words = (long*)state + (window * Words);
        if (to - from >= Buckets)
        {
            new Span<long>(words + 1, Buckets).Fill(head.TwiceMid);
        }
        else
        {
            for (long bucket = from; bucket < to; bucket++)
            {
                words[1 + (bucket & (Buckets - 1))] = head.TwiceMid;
            }
        }

        long reference = words[1 + (to & (Buckets - 1))];
        bool moved = reference != words[0];
        words[0] = reference;
        return moved;
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, byte* state, Span<float> output)
    {
        long mid = view.Head.TwiceMid;

        // SAFETY: as Roll.
        long* words = (long*)state;
        for (int w = 0; w < output.Length; w++, words += Words)
        {
            long reference = words[0];
            output[w] = mid == 0 || reference == 0 ? float.NaN : (float)((mid - reference) * 1e4 / reference);
        }
    }
}
