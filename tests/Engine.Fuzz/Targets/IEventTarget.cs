using Engine.Core.Events;

namespace Engine.Fuzz.Targets;

/// <summary>Takes the events of a read.</summary>
internal delegate void EventTaker(ReadOnlySpan<MarketEvent> events);

/// <summary>A target that makes events.</summary>
internal interface IEventTarget : IFuzzTarget
{
    /// <summary>Takes the events, too; null for nobody.</summary>
    EventTaker? Taker { get; set; }

    /// <summary>Adds up what a target's sources have counted, by name, for tests of the generators; null where nobody asks.</summary>
    Dictionary<string, long>? Reach { get; set; }
}
