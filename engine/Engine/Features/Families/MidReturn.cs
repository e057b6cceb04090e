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

    private readonly long[] _windows;

    /// <param name="windows">Lengths of the windows, ns.</param>
    public MidReturn(IReadOnlyList<long> windows)
    {
        _windows = [.. windows];
        Specs = [.. Columns.ByWindow("return", "return", windows, "bps")];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override Signals Listens => Signals.Mid;

    /// <inheritdoc/>
    public override IReadOnlyList<long> RolledWindows => _windows;

    /// <inheritdoc/>
    public override int StateBytes => _windows.Length * sizeof(Window);

    /// <inheritdoc/>
    public override bool On(Signals signal, InstrumentEvent e)
    {
        // SAFETY: the state holds a Window a window; slots are below Buckets.
        var window = (Window*)(e.Block + StateAt);
        for (int w = 0; w < _windows.Length; w++, window++)
        {
            // The buckets since the last change ended with the mid-price that goes now.
            for (long bucket = Math.Max(window->Changed, window->Bucket - Buckets); bucket < window->Bucket; bucket++)
            {
                window->Ends[bucket & (Buckets - 1)] = e.TwiceMidBefore;
            }

            window->Changed = window->Bucket;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Roll(InstrumentHead* head, int window, long from, long to)
    {
        // SAFETY: as On.
        Window* w = (Window*)((byte*)head + StateAt) + window;
        w->Bucket = to;
        if (to == from)
        {
            w->Changed = to;
            return true;
        }

        long reference = to - Buckets >= w->Changed ? head->TwiceMid : w->Ends[to & (Buckets - 1)];
        bool moved = reference != w->Reference;
        w->Reference = reference;
        return moved;
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        long mid = view.Head.TwiceMid;

        // SAFETY: as On.
        var window = (Window*)(view.Block + StateAt);
        for (int w = 0; w < output.Length; w++, window++)
        {
            long reference = window->Reference;
            output[w] = mid == 0 || reference == 0 ? float.NaN : (float)((mid - reference) * 1e4 / reference);
        }
    }

    /// <summary>A window of one instrument. Mid-prices are doubled; 0 is none.</summary>
    private struct Window
    {
        /// <summary>The mid-price at the window's start.</summary>
        public long Reference;

        /// <summary>The bucket at hand.</summary>
        public long Bucket;

        /// <summary>The bucket in which the mid-price last changed: later ones ended with what it is.</summary>
        public long Changed;

        /// <summary>The mid-price at the end of buckets before that, by bucket modulo <see cref="Buckets"/>.</summary>
        public fixed long Ends[Buckets];
    }
}
