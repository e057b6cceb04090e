using Engine.Simulator.Live;

namespace Engine.Simulator.Tests.Live;

/// <summary>Small venues, and what they are to publish.</summary>
internal static class Venues
{
    /// <summary>For waiting on something that happens in milliseconds, on a machine that may be busy with other things.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Options of a venue that publishes a few thousand messages in part of a second.</summary>
    public static SimulatedVenueOptions Small(ulong seed, LiveFaults? a = null, LiveFaults? b = null)
    {
        var usual = new SimulatedVenueOptions();
        return usual with
        {
            Day = new SimulationOptions { Seed = seed, Messages = 6_000, Instruments = 4 },
            FaultSeed = seed,
            MessagesPerSecond = 20_000,
            Hold = TimeSpan.FromMicroseconds(500),
            Heartbeat = TimeSpan.FromMilliseconds(20),
            Lines = [usual.Lines[0] with { Faults = a ?? new() }, usual.Lines[1] with { Faults = b ?? new() }],
        };
    }

    /// <summary>The messages of a venue's day, the first of which has sequence 1.</summary>
    public static List<byte[]> Messages(SimulatedVenueOptions options)
    {
        var list = new MessageList();
        Simulation.Run(options.Day, list);
        return [.. list.Messages.Select(m => m.Body)];
    }

    /// <summary>Opens a venue whose first message waits until its listeners are there.</summary>
    public static SimulatedVenue Open(SimulatedVenueOptions options)
    {
        var venue = new SimulatedVenue(options) { HoldAfter = 0 };
        venue.Start();
        return venue;
    }

    /// <summary>Lets the rest of the day out and waits for its end.</summary>
    public static void Finish(SimulatedVenue venue)
    {
        venue.HoldAfter = ulong.MaxValue;
        Assert.That(venue.WaitForPublished(ulong.MaxValue, Deadline), "the day ends");
    }
}
