using Engine.Core.Events;

namespace Engine.Signals;

/// <summary>What is to happen between two events, on the thread that takes them.</summary>
public interface IEventInterrupt
{
    /// <summary>Called once, before anything is made of an event: its rows, at grid times too, follow from what is done here.</summary>
    /// <param name="number">Number of the event in the run, from 0.</param>
    /// <param name="e">The event.</param>
    void Before(long number, in MarketEvent e);
}
