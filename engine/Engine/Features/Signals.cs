namespace Engine.Features;

/// <summary>What can happen to an instrument, as far as features care: each is a bit, so that a family names those it follows.</summary>
[Flags]
internal enum Signals
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Price or quantity of one of the best bid levels changed.</summary>
    BidLevels = 1 << 0,

    /// <summary>Price or quantity of one of the best ask levels changed.</summary>
    AskLevels = 1 << 1,

    /// <summary>One of the best bid levels came or went.</summary>
    BidPrices = 1 << 2,

    /// <summary>One of the best ask levels came or went.</summary>
    AskPrices = 1 << 3,

    /// <summary>The queue at the best bid changed.</summary>
    BidTouch = 1 << 4,

    /// <summary>The queue at the best ask changed.</summary>
    AskTouch = 1 << 5,

    /// <summary>The mid-price changed, came or went.</summary>
    Mid = 1 << 6,

    /// <summary>Quantity was added to a bid level.</summary>
    BidAdded = 1 << 7,

    /// <summary>Quantity was added to an ask level.</summary>
    AskAdded = 1 << 8,

    /// <summary>Quantity was taken from a bid level without a trade.</summary>
    BidRemoved = 1 << 9,

    /// <summary>Quantity was taken from an ask level without a trade.</summary>
    AskRemoved = 1 << 10,

    /// <summary>An order left its queue.</summary>
    OrderLeft = 1 << 11,

    /// <summary>A trade entered the traded windows.</summary>
    Trade = 1 << 12,

    /// <summary>A trade left a traded window.</summary>
    TradeExpiry = 1 << 13,

    /// <summary>The book changed, or a trade happened.</summary>
    Event = 1 << 14,

    /// <summary>Time passed: raised for every row.</summary>
    Time = 1 << 15,
}
