using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Features.Families;

/// <summary>Total quantity resting on each level of one side, in the venue's unit; 0 where there is no such level.</summary>
internal sealed unsafe class LevelVolume : FeatureFamily
{
    private readonly bool _ask;
    private readonly int _levels;

    /// <param name="ask">The ask side; otherwise the bid side.</param>
    /// <param name="levels">Levels from the best.</param>
    public LevelVolume(bool ask, int levels)
    {
        (_ask, _levels) = (ask, levels);
        string name = ask ? "ask_volume" : "bid_volume";
        Specs = [.. Columns.ByLevel(name, levels).Select(n => new FeatureSpec(n, name, 0, "shares"))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <inheritdoc/>
    public override Signals Reads => _ask ? Signals.AskPrices : Signals.BidPrices;

    /// <summary>The ask side; otherwise the bid side.</summary>
    public bool IsAsk => _ask;

    /// <summary>The quantity of one level changed: so does one column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Changed(InstrumentHead* head, int rank, long quantity)
    {
        if (rank < _levels)
        {
            // SAFETY: the block is the instrument's, which has what the layout placed.
            Kept((byte*)head)[rank] = (float)(double)quantity;
        }
    }

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        ReadOnlySpan<long> quantities = view.Side(_ask).Quantities;
        Columns.Store(
            Vector256.Narrow(Four(quantities), Four(quantities[4..])),
            Vector256.Narrow(Four(quantities[8..]), Four(quantities[12..])),
            output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Four(ReadOnlySpan<long> quantities) => Vector256.ConvertToDouble(Vector256.Create(quantities));
}
