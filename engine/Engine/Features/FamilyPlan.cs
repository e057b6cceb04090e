using System.Runtime.CompilerServices;
using Engine.Features.Families;

namespace Engine.Features;

/// <summary>
/// The families of a contract by what they are, each at most once: what happens is told, and a row is written, in straight runs
/// without a virtual call.
/// </summary>
internal sealed class FamilyPlan
{
    private readonly LevelDistance[] _distances;
    private readonly TradedVolume[] _traded;
    private readonly ulong _distanceBits, _volumeBits, _tradedBits, _liquidityBits;
    private readonly Imbalance? _imbalance;
    private readonly Shape? _shape;
    private readonly ReferencePrices? _reference;
    private readonly Health? _health;
    private readonly LevelVolume? _bidVolume, _askVolume;
    private readonly LiquidityFlow? _bidAdded, _bidRemoved, _askAdded, _askRemoved;

    /// <param name="families">The families, in contract order.</param>
    /// <param name="spareAt">Offset in an instrument's block of room for a column that nobody reads, bytes.</param>
    public FamilyPlan(FeatureFamily[] families, int spareAt)
    {
        _distances = [.. families.OfType<LevelDistance>()];
        _traded = [.. families.OfType<TradedVolume>()];
        _bidVolume = families.OfType<LevelVolume>().SingleOrDefault(f => !f.IsAsk);
        _askVolume = families.OfType<LevelVolume>().SingleOrDefault(f => f.IsAsk);
        LiquidityFlow? Flow(bool ask, bool added) => families.OfType<LiquidityFlow>().SingleOrDefault(f => f.IsAsk == ask && f.IsAdded == added);
        (_bidAdded, _bidRemoved) = (Flow(ask: false, added: true), Flow(ask: false, added: false));
        (_askAdded, _askRemoved) = (Flow(ask: true, added: true), Flow(ask: true, added: false));
        (_distanceBits, _tradedBits) = (Bits(_distances), Bits(_traded));
        (_volumeBits, _liquidityBits) = (Bits([_bidVolume, _askVolume]), Bits([_bidAdded, _bidRemoved, _askAdded, _askRemoved]));
        _imbalance = One<Imbalance>(families);
        _shape = One<Shape>(families);
        _reference = One<ReferencePrices>(families);
        _health = One<Health>(families);
        Traded = new TradedColumns(_traded, spareAt);
        ReadsDepths = _imbalance is not null || _shape is not null;
        OrderFlow = One<OrderFlowImbalance>(families);
        Return = One<MidReturn>(families);
        Volatility = One<Volatility>(families);
        Activity = One<Activity>(families);
        Queues = One<TouchQueues>(families);
        Pressure = One<CancelPressure>(families);
        Lifetime = One<OrderLifetime>(families);
    }

    /// <summary>The columns of what traded.</summary>
    public TradedColumns Traded { get; }

    /// <summary>Whether a family reads the quantity of several levels.</summary>
    public bool ReadsDepths { get; }

    /// <summary>Order-flow imbalance.</summary>
    public OrderFlowImbalance? OrderFlow { get; }

    /// <summary>Lagged returns.</summary>
    public MidReturn? Return { get; }

    /// <summary>Realised volatility.</summary>
    public Volatility? Volatility { get; }

    /// <summary>Activity.</summary>
    public Activity? Activity { get; }

    /// <summary>The queues at the touch.</summary>
    public TouchQueues? Queues { get; }

    /// <summary>Cancellations against trades.</summary>
    public CancelPressure? Pressure { get; }

    /// <summary>How long orders last.</summary>
    public OrderLifetime? Lifetime { get; }

    /// <summary>The quantities of a side's levels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LevelVolume? Volumes(bool ask) => ask ? _askVolume : _bidVolume;

    /// <summary>What is added to a side, or removed from it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LiquidityFlow? Liquidity(bool ask, bool added) => ask ? added ? _askAdded : _askRemoved : added ? _bidAdded : _bidRemoved;

    /// <summary>Writes the columns of the families that may differ.</summary>
    /// <param name="dirty">The families, a bit each.</param>
    /// <param name="view">The instrument.</param>
    /// <param name="row">The row.</param>
    public void Write(ulong dirty, in InstrumentView view, Span<float> row)
    {
        if ((dirty & (_distanceBits | _volumeBits)) != 0)
        {
            WritePrices(dirty, view, row);
        }

        if (Has(dirty, _imbalance))
        {
            _imbalance.Write(view, _imbalance.In(row));
        }

        if (Has(dirty, _shape))
        {
            _shape.Write(view, _shape.In(row));
        }

        WriteFlows(dirty, view, row);
        if (Has(dirty, _reference))
        {
            _reference.Write(view, _reference.In(row));
        }

        Activity?.Write(view, Activity.In(row));
        Queues?.Write(view, Queues.In(row));
        _health?.Write(view, _health.In(row));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteFlows(ulong dirty, in InstrumentView view, Span<float> row)
    {
        if ((dirty & _tradedBits) != 0)
        {
            WriteTraded(dirty, view, row);
        }

        if ((dirty & _liquidityBits) != 0)
        {
            WriteLiquidity(dirty, view, row);
        }

        if (Has(dirty, OrderFlow))
        {
            OrderFlow.Write(view, OrderFlow.In(row));
        }

        if (Has(dirty, Return))
        {
            Return.Write(view, Return.In(row));
        }

        if (Has(dirty, Volatility))
        {
            Volatility.Write(view, Volatility.In(row));
        }

        if (Has(dirty, Pressure))
        {
            Pressure.Write(view, Pressure.In(row));
        }

        if (Has(dirty, Lifetime))
        {
            Lifetime.Write(view, Lifetime.In(row));
        }
    }

    private void WritePrices(ulong dirty, in InstrumentView view, Span<float> row)
    {
        foreach (LevelDistance family in _distances)
        {
            if ((dirty & family.Bit) != 0)
            {
                family.Write(view, family.In(row));
            }
        }

        if (Has(dirty, _bidVolume))
        {
            _bidVolume.Write(view, _bidVolume.In(row));
        }

        if (Has(dirty, _askVolume))
        {
            _askVolume.Write(view, _askVolume.In(row));
        }
    }

    private void WriteTraded(ulong dirty, in InstrumentView view, Span<float> row)
    {
        foreach (TradedVolume family in _traded)
        {
            if ((dirty & family.Bit) != 0)
            {
                family.Write(view, family.In(row));
            }
        }
    }

    private void WriteLiquidity(ulong dirty, in InstrumentView view, Span<float> row)
    {
        if (Has(dirty, _bidAdded))
        {
            _bidAdded.Write(view, _bidAdded.In(row));
        }

        if (Has(dirty, _bidRemoved))
        {
            _bidRemoved.Write(view, _bidRemoved.In(row));
        }

        if (Has(dirty, _askAdded))
        {
            _askAdded.Write(view, _askAdded.In(row));
        }

        if (Has(dirty, _askRemoved))
        {
            _askRemoved.Write(view, _askRemoved.In(row));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Has(ulong dirty, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] FeatureFamily? family) =>
        family is not null && (dirty & family.Bit) != 0;

    private static T? One<T>(FeatureFamily[] families)
        where T : FeatureFamily => families.OfType<T>().SingleOrDefault();

    private static ulong Bits(IEnumerable<FeatureFamily?> families) => families.Aggregate(0UL, (bits, f) => bits | (f?.Bit ?? 0));
}
