using Engine.Core.Events;

namespace Engine.TestKit.Books;

/// <summary>An order as the naive book keeps it.</summary>
public sealed class NaiveOrder
{
    /// <summary>Its id.</summary>
    public required ulong Id { get; init; }

    /// <summary>Its instrument.</summary>
    public required int Instrument { get; init; }

    /// <summary>Its side.</summary>
    public required Side Side { get; init; }

    /// <summary>Its price, 1e-9.</summary>
    public required long Price { get; init; }

    /// <summary>What is left of it.</summary>
    public long Quantity { get; set; }

    /// <summary>Exchange time of the event that gave it its place in its queue, ns.</summary>
    public long EntryTime { get; init; }

    /// <summary>It is no order but what a feed said that a level holds.</summary>
    public bool IsLevel { get; init; }
}
