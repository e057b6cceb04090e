using Engine.Core.Events;

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
    public override Signals Listens => Signals.Mid;

    /// <inheritdoc/>
    public override BucketedSums Sums => _sums;

    /// <inheritdoc/>
    public override int StateBytes => sizeof(long);

    /// <inheritdoc/>
    public override void Start(byte* block) => *LeftOut(block) = MarketEvent.Absent;

    /// <inheritdoc/>
    public override bool On(Signals signal, InstrumentEvent e)
    {
        long was = e.TwiceMidBefore;
        long now = e.Head->TwiceMid;
        if (e.IsReload || was == 0 || now == 0)
        {
            return false;
        }

        double exact = (now - was) * Scale / was;
        long rounded = (long)Math.Round(Math.Clamp(exact, -MostReturn, MostReturn), MidpointRounding.ToEven);
        long square = rounded * rounded;
        for (int w = 0; w < _sums.WindowNanos.Count; w++)
        {
            // SAFETY: a window has one total.
            if (*_sums.Totals(e.Block, w) > MostSum)
            {
                *LeftOut(e.Block) = e.Time;
                square = 0;
            }
        }

        _sums.Add(e.Block, 0, square);
        return true;
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        for (int w = 0; w < output.Length; w++)
        {
            // SAFETY: a window has one total.
            output[w] = Lacks(view, w) ? float.NaN : CanonicalBits.Of((float)(Math.Sqrt(*_sums.Totals(view.Block, w)) * (1e4 / Scale)));
        }
    }

    /// <summary>Whether a return that was left out lies in a bucket of the window.</summary>
    private bool Lacks(in InstrumentView view, int window)
    {
        long leftOut = *LeftOut(view.Block);
        long bucket = _sums.WindowNanos[window] / WindowClock.Buckets;
        return leftOut != MarketEvent.Absent && Math.Max(view.Time, leftOut) / bucket - (leftOut / bucket) < WindowClock.Buckets;
    }

    /// <summary>When a return was last left out, ns.</summary>
    // SAFETY: the state is StateBytes long.
    private long* LeftOut(byte* block) => (long*)(block + StateAt);
}
