using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.TestKit;
using Engine.TestKit.Books;
using Engine.TestKit.Memory;

namespace Engine.Tests.Books;

/// <summary>The books put nothing on the collected heap; the same measurement catches a handler that does.</summary>
public sealed class BookAllocationTests
{
    private static readonly EngineLimits s_limits = new() { Instruments = 16, Orders = 4_096, Levels = 2_048, LevelsPerSide = 512, WindowTrades = 64 };

    [Test]
    public void A_long_flow_allocates_nothing()
    {
        ulong seed = Seeds.Take(1).First();
        using var books = new OrderBooks(s_limits);
        var handler = new ApplyHandler(books);
        long bytes = AllocationHarness.Measure(RandomFlow.Create(seed, 200_000), 20_000, ref handler);
        Assert.That(bytes, Is.Zero, $"seed {seed}");
        Assert.That(books.Count(BookStatus.Applied), Is.GreaterThan(150_000), $"seed {seed}");
    }

    [Test]
    public void An_allocating_handler_is_caught()
    {
        using var books = new OrderBooks(s_limits);
        var handler = new AllocatingHandler(books);
        long bytes = AllocationHarness.Measure(RandomFlow.Create(1, 3_000), 1_000, ref handler);
        Assert.That(bytes, Is.GreaterThanOrEqualTo(24), "one object in two thousand events");
    }

    private readonly struct ApplyHandler(OrderBooks books) : IEventHandler
    {
        public void OnEvent(ref MarketEvent e) => books.Apply(ref e);
    }

    /// <summary>Allocates once, on the 2,000th event.</summary>
    private struct AllocatingHandler(OrderBooks books) : IEventHandler
    {
        private int _events;
        private object? _kept;

        public void OnEvent(ref MarketEvent e)
        {
            books.Apply(ref e);
            _kept = ++_events == 2_000 ? new object() : _kept;
        }
    }
}
