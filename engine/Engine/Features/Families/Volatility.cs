using System.Runtime.Intrinsics;

namespace Engine.Features.Families;

/// <summary>
/// Realised volatility of the mid-price within bucketed windows: the square root of the sum of squared returns, one for each event that
/// moved the mid-price, in basis points (not annualised). A return is rounded to 10⁻⁸ and cut at ±10 %, so that sums are integers. NaN while a
/// return lies in the window that found no room in a sum: some 90,000 of the largest fill one.
/// </summary>
/// <remarks>Andersen, Bollerslev, Diebold and Labys, "Modeling and Forecasting Realized Volatility" (2003), sampled at every change.</remarks>
internal sealed unsafe class Volatility : FeatureFamily
{
    private const double Scale = 1e8;
    private const double MostReturn = 1e7;
    private const long MostSum = long.MaxValue - (long)(MostReturn * MostReturn);

    private readonly BucketedSums _sums;

    /// <param name="windows">Lengths of the windows, ns.</param>
    public Volatility(IReadOnlyList<long> windows)
    {
        _sums = new BucketedSums(1, windows);
        Specs = [.. Columns.ByWindow("volatility", "volatility", windows, "bps")];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override BucketedSums Sums => _sums;

    /// <inheritdoc/>
    public override int StateBytes => sizeof(LeftOut);

    /// <summary>The mid-price changed, came or went.</summary>
    public void Moved(InstrumentEvent e)
    {
        long was = e.TwiceMidBefore;
        long now = e.Head->TwiceMid;
        if (e.IsReload || was == 0 || now == 0)
        {
            return;
        }

        double exact = (now - was) * Scale / was;
        long rounded = (long)Math.Round(Math.Clamp(exact, -MostReturn, MostReturn));
        long square = rounded * rounded;
        for (int w = 0; w < _sums.Windows; w += Vector256<long>.Count)
        {
            if (Vector256.GreaterThanAny(_sums.FourSums(e.Block, w), Vector256.Create(MostSum)))
            {
                *StateOf(e.Block) = new LeftOut { Any = true, Time = e.Time };
                square = 0;
            }
        }

        _sums.Add(e.Block, 0, square);

        // SAFETY: the block is the instrument's, which has what the layout placed.
        e.Head->Dirty |= Bit;
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        for (int w = 0; w < output.Length; w += Vector256<long>.Count)
        {
            Columns.Store(Vector256.Sqrt(Vector256.ConvertToDouble(_sums.FourSums(view.Block, w))) * (1e4 / Scale), output[w..]);
        }

        // SAFETY: as StateOf.
        for (int w = 0; StateOf(view.Block)->Any && w < output.Length; w++)
        {
            output[w] = Lacks(view, w) ? float.NaN : output[w];
        }
    }

    /// <summary>Whether a return that was left out lies in a bucket of the window.</summary>
    private bool Lacks(in InstrumentView view, int window)
    {
        // SAFETY: as StateOf.
        LeftOut* last = StateOf(view.Block);
        long bucket = _sums.WindowNanos[window] / WindowTable.Buckets;
        return last->Any && (Math.Max(view.Time, last->Time) / bucket) - (last->Time / bucket) < WindowTable.Buckets;
    }

    // SAFETY: the state is StateBytes long.
    private LeftOut* StateOf(byte* block) => (LeftOut*)(block + StateAt);

    /// <summary>When a return was last left out.</summary>
    private struct LeftOut
    {
        public long Time;
        public bool Any;
    }
}
