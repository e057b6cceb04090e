using Engine.Core.Diagnostics;
using Engine.Core.Events;

namespace Engine.TestKit.Memory;

/// <summary>What an allocation run drives: one event at a time, as a stage of the hot thread gets it.</summary>
public interface IEventHandler
{
    /// <summary>Takes an event, which it may fill in.</summary>
    void OnEvent(ref MarketEvent e);
}

/// <summary>Measures what a handler puts on the collected heap while it runs over a flow, its warm-up not counted.</summary>
public static class AllocationHarness
{
    /// <summary>Bytes that the calling thread allocated after the warm-up.</summary>
    /// <param name="events">The whole flow; overwritten by the handler.</param>
    /// <param name="warmUp">Events before the count starts.</param>
    /// <param name="handler">What is measured.</param>
    public static long Measure<THandler>(MarketEvent[] events, int warmUp, ref THandler handler)
        where THandler : struct, IEventHandler
    {
        for (int i = 0; i < warmUp; i++)
        {
            handler.OnEvent(ref events[i]);
        }

        var meter = AllocationMeter.Start();
        for (int i = warmUp; i < events.Length; i++)
        {
            handler.OnEvent(ref events[i]);
        }

        return meter.AllocatedBytes;
    }
}
