namespace Engine.Simulator.Wire;

/// <summary>
/// What an exchange tells the world, in the order in which it happens; each venue's writer says it in its own messages, and
/// leaves out what its messages have no word for. Instruments are known by their locate numbers, prices are in 1e-4 dollars.
/// </summary>
public interface IExchangeFeed
{
    /// <summary>The time of what is told next, nanoseconds since midnight US Eastern; never set backwards.</summary>
    long TimeNanos { get; set; }

    /// <summary>A phase of the day begins or ends.</summary>
    /// <param name="code">O S Q begin messages, system hours and market hours; M E C end market hours, system hours and messages.</param>
    void SystemEvent(char code);

    /// <summary>An instrument of the day; told before anything else of it.</summary>
    /// <param name="locate">The number that stands for it today.</param>
    /// <param name="stock">Its symbol, packed (see <see cref="ItchText"/>).</param>
    /// <param name="roundLotShares">Shares of a round lot.</param>
    void StockDirectory(ushort locate, ulong stock, uint roundLotShares);

    /// <summary>An instrument's trading state: T trading, H halted, P paused, Q quotation only.</summary>
    void TradingAction(ushort locate, ulong stock, char state, uint reason);

    /// <summary>Short sale restriction: 0 none, 1 by a fall in price today, 2 in effect.</summary>
    void ShortSaleRestriction(ushort locate, ulong stock, char action);

    /// <summary>A market participant's position in a stock.</summary>
    void ParticipantPosition(ushort locate, uint participant, ulong stock, bool isPrimary);

    /// <summary>An order is displayed.</summary>
    void AddOrder(ushort locate, ulong order, bool isBuy, uint shares, ulong stock, uint price);

    /// <summary>An order is displayed with its participant.</summary>
    void AddOrderAttributed(ushort locate, ulong order, bool isBuy, uint shares, ulong stock, uint price, uint participant);

    /// <summary>Shares of a displayed order trade at its price; with none left, it leaves.</summary>
    void OrderExecuted(ushort locate, ulong order, uint shares, ulong match);

    /// <summary>Shares of a displayed order trade at another price; not printable when the print comes otherwise.</summary>
    void OrderExecutedWithPrice(ushort locate, ulong order, uint shares, ulong match, bool isPrintable, uint price);

    /// <summary>Shares of an order are cancelled and some stay, at their place in the queue.</summary>
    void OrderCancel(ushort locate, ulong order, uint shares);

    /// <summary>An order leaves the book.</summary>
    void OrderDelete(ushort locate, ulong order);

    /// <summary>An order leaves and another of its side comes at the end of its price's queue.</summary>
    void OrderReplace(ushort locate, ulong oldOrder, ulong newOrder, uint shares, uint price);

    /// <summary>A trade with an order that was never displayed; the displayed book stays.</summary>
    void HiddenTrade(ushort locate, uint shares, ulong stock, uint price, ulong match);

    /// <summary>An auction's print: O opening, C closing.</summary>
    void CrossTrade(ushort locate, ulong shares, ulong stock, uint price, ulong match, char crossType);

    /// <summary>An earlier trade of the instrument is broken; no book changes.</summary>
    void BrokenTrade(ushort locate, ulong match);

    /// <summary>The net order imbalance before an auction.</summary>
    void Imbalance(ushort locate, ulong stock, in AuctionImbalance state);

    /// <summary>What one order or one decision has caused in an instrument has been told: its book may be read.</summary>
    void EndOfEvent(ushort locate);

    /// <summary>The session ends; writes out what is held.</summary>
    /// <param name="timeNanos">Time of the end, nanoseconds since midnight US Eastern.</param>
    void Finish(long timeNanos);
}
