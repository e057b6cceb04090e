namespace Engine.Core.Events;

/// <summary>What a <see cref="MarketEvent"/> says. Spelled in lower case with underscores in text output: <see cref="EventNames"/>.</summary>
public enum EventKind : byte
{
    /// <summary>Not an event; never published.</summary>
    None = 0,

    /// <summary>A new order rests: side, price, quantity, order id.</summary>
    Add = 1,

    /// <summary>An order changes its quantity (and maybe price) and is named by the same id.</summary>
    Modify = 2,

    /// <summary>Part of an order is cancelled; quantity is what was taken away.</summary>
    Cancel = 3,

    /// <summary>An order leaves the book; quantity is what was left of it.</summary>
    Delete = 4,

    /// <summary>An order trades; quantity is what was executed, price the order's unless the message carries its own.</summary>
    Execute = 5,

    /// <summary>An order leaves and a new one, <see cref="MarketEvent.Reference"/>, takes its side and instrument.</summary>
    Replace = 6,

    /// <summary>A price level now holds this quantity; 0 removes it.</summary>
    LevelSet = 7,

    /// <summary>A trade that does not touch the visible book (hidden, cross, or a feed by level).</summary>
    Trade = 8,

    /// <summary>An earlier trade or execution, named by its match id, did not stand.</summary>
    TradeBreak = 9,

    /// <summary>The books concerned are empty from here on and their content is unknown until the feed rebuilds it.</summary>
    Clear = 10,

    /// <summary>Anything administrative: directory, halts, auctions' indications, system events.</summary>
    Status = 11,

    /// <summary>A snapshot of the instrument's book begins: what was there goes. Of all instruments it says nothing about any book.</summary>
    SnapshotBegin = 12,

    /// <summary>The snapshot is complete: the book is as the venue has it. Of all instruments: as above.</summary>
    SnapshotEnd = 13,

    /// <summary>Messages are missing; quantity says how many.</summary>
    Gap = 14,

    /// <summary>The price of the index that an instrument follows; <see cref="MarketEvent.Absent"/> where it is not known any more.</summary>
    IndexPrice = 15,

    /// <summary>The price at which the venue values positions; <see cref="MarketEvent.Absent"/> where it is not known any more.</summary>
    MarkPrice = 16,

    /// <summary>The next payment between longs and shorts of a perpetual: price is its rate in units of 1e-9, of any sign, quantity when it
    /// is due, ns since the Unix epoch; each <see cref="MarketEvent.Absent"/> where it is not known.</summary>
    Funding = 17,
}
