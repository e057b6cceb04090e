namespace Engine.Books;

/// <summary>What became of an event that was given to the books.</summary>
public enum BookStatus : byte
{
    /// <summary>The book changed.</summary>
    Applied = 0,

    /// <summary>The event does not concern a book (status, trade, gap).</summary>
    NotABookEvent,

    /// <summary>It names an order that was never seen, or is gone.</summary>
    UnknownOrder,

    /// <summary>It removes a price level that is not there.</summary>
    UnknownLevel,

    /// <summary>It names an order that replaced one never seen: its side is not known, so it rests in no book.</summary>
    SidelessOrder,

    /// <summary>It adds an order whose id is already live; the first order stays.</summary>
    DuplicateOrder,

    /// <summary>It takes more from an order than is left; the order is removed.</summary>
    ExceedsOrder,

    /// <summary>Price or quantity is missing, zero or negative where the event needs one.</summary>
    BadValue,

    /// <summary>The order it names belongs to another instrument.</summary>
    WrongInstrument,

    /// <summary><see cref="Engine.Core.Memory.EngineLimits.Orders"/> are live already.</summary>
    OrderLimit,

    /// <summary><see cref="Engine.Core.Memory.EngineLimits.Levels"/>, or the levels of one side, are in use already.</summary>
    LevelLimit,

    /// <summary>The instrument has no room in the table.</summary>
    InstrumentLimit,

    /// <summary>It sets a level that orders make up, or rests an order at a level that was set: a level is one or the other.</summary>
    MixedLevel,

    /// <summary>An order of more than 2³² − 1: no feed that names orders can tell one, and the book has no room for it. A level of more than
    /// <see cref="OrderBooks.LargestLevel"/>.</summary>
    QuantityLimit,
}
