namespace Engine.Simulator.Wire;

/// <summary>What an I message tells about a coming auction.</summary>
/// <param name="PairedShares">Shares that would trade at the reference price.</param>
/// <param name="ImbalanceShares">Shares left over on one side.</param>
/// <param name="Direction">B buy, S sell, N none.</param>
/// <param name="FarPrice">Clearing price of auction orders alone, 1e-4 dollars.</param>
/// <param name="NearPrice">Clearing price with the continuous book, 1e-4 dollars.</param>
/// <param name="ReferencePrice">Price at which the imbalance is measured, 1e-4 dollars.</param>
/// <param name="CrossType">O opening, C closing.</param>
public readonly record struct AuctionImbalance(
    ulong PairedShares,
    ulong ImbalanceShares,
    char Direction,
    uint FarPrice,
    uint NearPrice,
    uint ReferencePrice,
    char CrossType);
