using Engine.Simulator.Wire;

namespace Engine.Simulator;

/// <summary>
/// Counts what the exchange tells by instrument on its way to a venue's writer. One telling is one ITCH message, so the count
/// means the same on every venue.
/// </summary>
public sealed class FeedCounter : IExchangeFeed
{
    private readonly IExchangeFeed _next;
    private readonly long[] _byLocate = new long[SimulationOptions.InstrumentLimit + 1];

    /// <param name="next">The venue's writer.</param>
    public FeedCounter(IExchangeFeed next) => _next = next;

    /// <summary>Tellings so far.</summary>
    public long Total { get; private set; }

    /// <summary>Time of the first, nanoseconds since midnight.</summary>
    public long FirstNanos { get; private set; }

    /// <summary>Time of the latest, nanoseconds since midnight.</summary>
    public long LastNanos { get; private set; }

    /// <inheritdoc/>
    public long TimeNanos { get => _next.TimeNanos; set => _next.TimeNanos = value; }

    /// <summary>Tellings of an instrument; 0 counts those of none.</summary>
    public long OfLocate(int locate) => _byLocate[locate];

    /// <inheritdoc/>
    public void SystemEvent(char code) => Of(0).SystemEvent(code);

    /// <inheritdoc/>
    public void StockDirectory(ushort locate, ulong stock, uint roundLotShares) =>
        Of(locate).StockDirectory(locate, stock, roundLotShares);

    /// <inheritdoc/>
    public void TradingAction(ushort locate, ulong stock, char state, uint reason) =>
        Of(locate).TradingAction(locate, stock, state, reason);

    /// <inheritdoc/>
    public void ShortSaleRestriction(ushort locate, ulong stock, char action) =>
        Of(locate).ShortSaleRestriction(locate, stock, action);

    /// <inheritdoc/>
    public void ParticipantPosition(ushort locate, uint participant, ulong stock, bool isPrimary) =>
        Of(locate).ParticipantPosition(locate, participant, stock, isPrimary);

    /// <inheritdoc/>
    public void AddOrder(ushort locate, ulong order, bool isBuy, uint shares, ulong stock, uint price) =>
        Of(locate).AddOrder(locate, order, isBuy, shares, stock, price);

    /// <inheritdoc/>
    public void AddOrderAttributed(
        ushort locate, ulong order, bool isBuy, uint shares, ulong stock, uint price, uint participant) =>
        Of(locate).AddOrderAttributed(locate, order, isBuy, shares, stock, price, participant);

    /// <inheritdoc/>
    public void OrderExecuted(ushort locate, ulong order, uint shares, ulong match) =>
        Of(locate).OrderExecuted(locate, order, shares, match);

    /// <inheritdoc/>
    public void OrderExecutedWithPrice(ushort locate, ulong order, uint shares, ulong match, bool isPrintable, uint price) =>
        Of(locate).OrderExecutedWithPrice(locate, order, shares, match, isPrintable, price);

    /// <inheritdoc/>
    public void OrderCancel(ushort locate, ulong order, uint shares) => Of(locate).OrderCancel(locate, order, shares);

    /// <inheritdoc/>
    public void OrderDelete(ushort locate, ulong order) => Of(locate).OrderDelete(locate, order);

    /// <inheritdoc/>
    public void OrderReplace(ushort locate, ulong oldOrder, ulong newOrder, uint shares, uint price) =>
        Of(locate).OrderReplace(locate, oldOrder, newOrder, shares, price);

    /// <inheritdoc/>
    public void HiddenTrade(ushort locate, uint shares, ulong stock, uint price, ulong match) =>
        Of(locate).HiddenTrade(locate, shares, stock, price, match);

    /// <inheritdoc/>
    public void CrossTrade(ushort locate, ulong shares, ulong stock, uint price, ulong match, char crossType) =>
        Of(locate).CrossTrade(locate, shares, stock, price, match, crossType);

    /// <inheritdoc/>
    public void BrokenTrade(ushort locate, ulong match) => Of(locate).BrokenTrade(locate, match);

    /// <inheritdoc/>
    public void Imbalance(ushort locate, ulong stock, in AuctionImbalance state) =>
        Of(locate).Imbalance(locate, stock, state);

    /// <inheritdoc/>
    public void EndOfEvent(ushort locate) => _next.EndOfEvent(locate);

    /// <inheritdoc/>
    public void Finish(long timeNanos) => _next.Finish(timeNanos);

    private IExchangeFeed Of(ushort locate)
    {
        FirstNanos = Total == 0 ? TimeNanos : FirstNanos;
        LastNanos = TimeNanos;
        Total++;
        _byLocate[locate]++;
        return _next;
    }
}
