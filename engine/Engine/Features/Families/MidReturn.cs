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
    private const int Buckets = WindowClock.Buckets;
    private const int MaxWindows = Contracts.ContractLimits.MaxWindows;

    private readonly long[] _windows;
    private int[] _clocksAt = [];

    /// <param name="windows">Lengths of the windows, ns.</param>
    public MidReturn(IReadOnlyList<long> windows)
    {
        _windows = [.. windows];
        Specs = [.. Columns.ByWindow("return", "return", windows, "bps")];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override Signals Reads => Signals.Time;

    /// <inheritdoc/>
    public override Signals Listens => Signals.Mid;

    /// <inheritdoc/>
    public override IReadOnlyList<long> OtherWindows => _windows;

    /// <inheritdoc/>
    public override int StateBytes => _windows.Length * ((1 + Buckets) * sizeof(long));

    /// <inheritdoc/>
    public override bool On(Signals signal, InstrumentEvent e)
    {
        long* changed = Changed(e.Block);
        for (int w = 0; w < _windows.Length; w++)
        {
            // SAFETY: the state has a ring a window; slots are below Buckets. The buckets since the last change ended with the mid-price that goes now.
            long now = Clock(e.Block, w)->Bucket;
            long* ends = Ends(e.Block, w);
            for (long bucket = Math.Max(changed[w], now - Buckets); bucket < now; bucket++)
            {
                ends[bucket & (Buckets - 1)] = e.TwiceMidBefore;
            }

            changed[w] = now;
        }

        return true;
    }

    /// <inheritdoc/>
    public override void Start(byte* block)
    {
        for (int w = 0; w < _windows.Length; w++)
        {
            // SAFETY: as On.
            Changed(block)[w] = Clock(block, w)->Bucket;
        }
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        long mid = view.Head.TwiceMid;
        long* changed = Changed(view.Block);
        long* references = stackalloc long[MaxWindows];
        for (int w = 0; w < output.Length; w++)
        {
            // SAFETY: as On. The window began where the bucket sixteen before this one ended; since the last change, with what the mid-price is.
            long bucket = Clock(view.Block, w)->Bucket;
            references[w] = bucket - Buckets >= changed[w] ? mid : Ends(view.Block, w)[bucket & (Buckets - 1)];
        }

        for (int w = 0; w < output.Length; w += Vector256<long>.Count)
        {
            // SAFETY: the references are whole vectors long.
            Vector256<long> reference = Vector256.Load(references + w);
            Vector256<double> moved = Vector256.ConvertToDouble(Vector256.Create(mid) - reference) * 1e4 / Vector256.ConvertToDouble(reference);
            Vector256<long> missing = mid == 0 ? Vector256<long>.AllBitsSet : Vector256.Equals(reference, Vector256<long>.Zero);
            moved = Vector256.ConditionalSelect(missing.AsDouble(), Vector256.Create(double.NaN), moved);
            Columns.Store(Vector256.Narrow(moved, moved), default, output[w..Math.Min(w + Vector256<long>.Count, output.Length)]);
        }
    }

    /// <inheritdoc/>
    public override void Place(BlockLayout layout) => _clocksAt = [.. _windows.Select(w => layout.StoreOf(w).ClockAt)];

    private WindowClock* Clock(byte* block, int window)
    {
        // SAFETY: a block has the clock of every window.
        return (WindowClock*)(block + _clocksAt[window]);
    }

    // Mid-prices are doubled; 0 is none. | buckets of the last change: a word a window | ends: Buckets words a window |

    /// <summary>The bucket in which the mid-price last changed, by window: later ones ended with what it is.</summary>
    private long* Changed(byte* block) => (long*)(block + StateAt);

    /// <summary>The mid-price at the end of buckets before that, by bucket modulo <see cref="Buckets"/>.</summary>
    private long* Ends(byte* block, int window) => Changed(block) + _windows.Length + (window * Buckets);
}
