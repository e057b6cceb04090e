namespace Engine.Simulator.Wire;

/// <summary>A displayed order as a publisher knows it.</summary>
/// <param name="IsBuy">Whether it is a bid.</param>
/// <param name="Price">Its price, 1e-4 dollars.</param>
/// <param name="Shares">Shares still displayed.</param>
public readonly record struct DisplayedOrder(bool IsBuy, uint Price, uint Shares);

/// <summary>
/// The displayed orders of all instruments, and the shares of each price level, as a venue keeps them that tells more of an
/// order than its number, or levels only.
/// </summary>
public sealed class DisplayedOrders
{
    private readonly Dictionary<ulong, DisplayedOrder> _orders = [];
    private readonly Dictionary<(ushort Locate, bool IsBuy, uint Price), uint> _levels = [];

    /// <summary>Shares of a level, 0 for one without orders.</summary>
    public uint LevelShares(ushort locate, bool isBuy, uint price) => _levels.GetValueOrDefault((locate, isBuy, price));

    /// <summary>A live order.</summary>
    /// <exception cref="KeyNotFoundException">There is none of the number.</exception>
    public DisplayedOrder Find(ulong order) => _orders[order];

    /// <summary>An order comes.</summary>
    public void Add(ushort locate, ulong order, bool isBuy, uint shares, uint price)
    {
        _orders.Add(order, new DisplayedOrder(isBuy, price, shares));
        _levels[(locate, isBuy, price)] = LevelShares(locate, isBuy, price) + shares;
    }

    /// <summary>An order loses shares, and leaves with the last of them.</summary>
    /// <returns>The order as it is after that.</returns>
    public DisplayedOrder Reduce(ushort locate, ulong order, uint shares)
    {
        DisplayedOrder before = _orders[order];
        DisplayedOrder after = before with { Shares = checked(before.Shares - shares) };
        (ushort, bool, uint) key = (locate, before.IsBuy, before.Price);
        uint level = checked(_levels[key] - shares);
        if (after.Shares == 0)
        {
            _orders.Remove(order);
        }
        else
        {
            _orders[order] = after;
        }

        if (level == 0)
        {
            _levels.Remove(key);
        }
        else
        {
            _levels[key] = level;
        }

        return after;
    }

    /// <summary>An order leaves.</summary>
    /// <returns>The order as it was.</returns>
    public DisplayedOrder Remove(ushort locate, ulong order)
    {
        DisplayedOrder before = _orders[order];
        Reduce(locate, order, before.Shares);
        return before;
    }
}
