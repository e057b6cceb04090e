namespace Engine.Simulator.Market;

/// <summary>The day's order and match numbers, unique over all instruments and rising.</summary>
public sealed class ExchangeNumbers
{
    private ulong _lastOrder = 1_000;
    private ulong _lastMatch = 10_000;

    /// <summary>A new order number.</summary>
    public ulong NextOrder() => ++_lastOrder;

    /// <summary>A new match number.</summary>
    public ulong NextMatch() => ++_lastMatch;
}
