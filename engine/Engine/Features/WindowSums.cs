namespace Engine.Features;

/// <summary>What traded inside one window.</summary>
/// <param name="BuyVolume">Quantity bought by aggressors.</param>
/// <param name="SellVolume">Quantity sold by aggressors.</param>
/// <param name="BuyCount">Number of aggressive buys.</param>
/// <param name="SellCount">Number of aggressive sells.</param>
public readonly record struct WindowSums(long BuyVolume, long SellVolume, long BuyCount, long SellCount);
