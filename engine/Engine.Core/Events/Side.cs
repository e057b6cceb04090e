namespace Engine.Core.Events;

/// <summary>Side of an order or level.</summary>
public enum Side : byte
{
    /// <summary>Unknown or not applicable.</summary>
    None = 0,

    /// <summary>Buy: the bid side of the book.</summary>
    Buy = 1,

    /// <summary>Sell: the ask side of the book.</summary>
    Sell = 2,
}
