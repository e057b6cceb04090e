namespace Engine.Features.Families;

/// <summary>
/// What traded within the last w seconds, (t − w, t], by the side of the aggressor: total quantity (`buy_volume_1.500000`) or
/// number of trades (`buy_count_1.500000`). Integer sums: exact whatever the order of additions.
/// </summary>
/// <remarks>The aggressor of an execution is opposite to the resting order; see <see cref="TradeWindows"/> for hidden trades.</remarks>
internal sealed unsafe class TradedVolume : FeatureFamily
{
    private readonly TradeWindows _trades;
    private readonly bool _buy;
    private readonly bool _count;

    /// <param name="trades">The sums this family reads.</param>
    /// <param name="windows">Lengths of the windows that it shows, ns, each one of <paramref name="trades"/>.</param>
    /// <param name="buy">Aggressive buys; otherwise sells.</param>
    /// <param name="count">Number of trades; otherwise quantity.</param>
    public TradedVolume(TradeWindows trades, IReadOnlyList<long> windows, bool buy, bool count)
    {
        _trades = trades;
        Windows = [.. windows.Select(w => trades.LengthsNanos.IndexOf(w))];
        _buy = buy;
        _count = count;
        string name = $"{(buy ? "buy" : "sell")}_{(count ? "count" : "volume")}";
        Specs = [.. Columns.ByWindow(name, name, windows, count ? "trades" : "shares")];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureSpec> Specs { get; }

    /// <summary>Aggressive buys; otherwise sells.</summary>
    public bool IsBuy => _buy;

    /// <summary>Number of trades; otherwise quantity.</summary>
    public bool IsCount => _count;

    /// <summary>The window of each column.</summary>
    public int[] Windows { get; }

    /// <inheritdoc/>
    public override Signals Reads => Signals.Traded;

    /// <inheritdoc/>
    public override void Write(in InstrumentView view, Span<float> output)
    {
        // SAFETY: the windows are the sums' own, and have four each.
        int sum = TradeWindows.SumOf(_buy, _count);
        for (int i = 0; i < output.Length; i++)
        {
            output[i] = _trades.Sums(view.Instrument, Windows[i])[sum];
        }
    }
}
