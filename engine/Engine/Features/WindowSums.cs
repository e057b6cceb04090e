namespace Engine.Features;

/// <summary>What traded inside one window.</summary>
/// <param name="BuyVolume">Quantity bought by aggressors.</param>
/// <param name="SellVolume">Quantity sold by aggressors.</param>
/// <param name="BuyCount">Number of aggressive buys.</param>
/// <param name="SellCount">Number of aggressive sells.</param>
public readonly record struct WindowSums(long BuyVolume, long SellVolume, long BuyCount, long SellCount);

/// <summary>Whose trades entered or left a window.</summary>
[Flags]
internal enum TradeSides
{
    /// <summary>Nobody's.</summary>
    None = 0,

    /// <summary>Aggressive buyers'.</summary>
    Buy = 1,

    /// <summary>Aggressive sellers'.</summary>
    Sell = 2,
}
