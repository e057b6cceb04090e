using Engine.Core.Events;
using Engine.Feeds.Captures;
using Engine.Simulator;

namespace Engine.Feeds.Tests.Simulated;

/// <summary>Reading a whole simulated day allocates nothing once its instruments are named, faults of the lines included.</summary>
public class SimulatedAllocationTests
{
    [TestCase(Venue.Itch50, 1, 0)]
    [TestCase(Venue.Xdp, 1, 0)]
    [TestCase(Venue.Xdp, 2, 0.01)]
    [TestCase(Venue.IexDeep, 1, 0)]
    [TestCase(Venue.IexDeep, 1, 0.01)]
    public void A_whole_read_loop_allocates_nothing(Venue venue, int channels, double faults)
    {
        using var bytes = new MemoryStream();
        SimulationResult written = Simulation.Run(
            new SimulationOptions
            {
                Messages = 20_000, Venue = venue, Channels = channels, Lines = 2, Loss = faults, Duplicate = faults, Reorder = faults,
            },
            bytes);
        string path = Feed.File("day", bytes.ToArray());
        long allocated = AllocationTests.AllocatedBy(() => CaptureSource.Open([path], Feed.Options()), s => s.Statistics, out FeedStatistics seen);
        Assert.That(allocated, Is.Zero);
        Assert.That(seen.Messages + seen.Lost, Is.EqualTo(written.Messages));
    }
}
