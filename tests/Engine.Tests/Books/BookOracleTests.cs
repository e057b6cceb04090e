using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.TestKit;
using Engine.TestKit.Books;

namespace Engine.Tests.Books;

/// <summary>The books against the naive ones, after every event of random flows.</summary>
public sealed class BookOracleTests
{
    private const int EventsPerFlow = 45_000;
    private const int LongFlowStart = 60_000;

    private static IEnumerable<ulong> FlowSeeds() => Seeds.Take(2);

    [TestCaseSource(nameof(FlowSeeds))]
    public void A_busy_flow_agrees(ulong seed) => Agree(seed, EventsPerFlow, new FlowOptions { Outside = 64 }, new EngineLimits
    {
        Instruments = 64,
        Orders = 1 << 14,
        Levels = 1 << 13,
        LevelsPerSide = 1_000,
        WindowTrades = 64,
    });

    [TestCaseSource(nameof(FlowSeeds))]
    public void A_hostile_flow_agrees(ulong seed) => Agree(
        seed,
        EventsPerFlow,
        new FlowOptions { Instruments = 3, Orders = 150, Ticks = 12, Mischief = 0.4, Upheaval = 0.02, Outside = -1 },
        new EngineLimits { Instruments = 3, Orders = 1 << 12, Levels = 1 << 10, LevelsPerSide = 200, WindowTrades = 64 });

    [TestCaseSource(nameof(FlowSeeds))]
    public void A_flow_that_outgrows_every_limit_agrees(ulong seed) => Agree(
        seed,
        EventsPerFlow,
        new FlowOptions { Instruments = 7, Orders = 500, Ticks = 60, Outside = 6 },
        new EngineLimits { Instruments = 6, Orders = 256, Levels = 150, LevelsPerSide = 21, WindowTrades = 64 },
        BookStatus.OrderLimit,
        BookStatus.LevelLimit,
        BookStatus.InstrumentLimit);

    [TestCaseSource(nameof(FlowSeeds))]
    public void A_flow_with_snapshots_agrees(ulong seed) => Agree(
        seed,
        EventsPerFlow,
        new FlowOptions { Instruments = 4, Orders = 300, Ticks = 30, Upheaval = 0.002, Snapshots = 0.01 },
        new EngineLimits { Instruments = 8, Orders = 1 << 12, Levels = 1 << 11, LevelsPerSide = 500, WindowTrades = 64 });

    [TestCaseSource(nameof(FlowSeeds))]
    public void A_flow_of_orders_and_set_levels_agrees(ulong seed) => Agree(
        seed,
        EventsPerFlow / 3,
        new FlowOptions { Instruments = 5, LevelInstruments = 2, Orders = 200, Ticks = 15, Mischief = 0.2, Upheaval = 0.002, Snapshots = 0.005, Edits = 0.05, Starts = 0.001 },
        new EngineLimits { Instruments = 8, Orders = 1 << 12, Levels = 1 << 11, LevelsPerSide = 500, WindowTrades = 64 },
        BookStatus.UnknownLevel,
        BookStatus.MixedLevel);

    [TestCaseSource(nameof(FlowSeeds))]
    public void A_flow_that_wanders_between_and_beyond_the_ticks_agrees(ulong seed) => Agree(
        seed,
        EventsPerFlow,
        new FlowOptions { Instruments = 4, LevelInstruments = 1, Orders = 500, Ticks = 50, Far = 0.1, Between = 0.1, Moves = 0.02, Sweeps = 0.0005, Snapshots = 0.001 },
        new EngineLimits { Instruments = 4, Orders = 1 << 12, Levels = 1 << 11, LevelsPerSide = 500, WindowTrades = 64 });

    /// <summary>Prices under a dollar by cents and by hundredths of them, where the windows reach below nought, and prices a quarter apart.</summary>
    [TestCase(10_000_000, 60)]
    [TestCase(100_000, 5_000)]
    [TestCase(250_000_000, 4_000)]
    public void A_flow_on_another_grid_agrees(long tick, int middle) => Agree(
        Seeds.Take(1).First(),
        EventsPerFlow / 2,
        new FlowOptions { Instruments = 3, LevelInstruments = 1, Orders = 300, Ticks = 50, Moves = 0.02, Sweeps = 0.002, Tick = tick, Middle = middle },
        new EngineLimits { Instruments = 4, Orders = 1 << 12, Levels = 1 << 11, LevelsPerSide = 500, WindowTrades = 64 });

    [TestCaseSource(nameof(FlowSeeds))]
    public void A_flow_that_wanders_within_narrow_limits_agrees(ulong seed) => Agree(
        seed,
        EventsPerFlow,
        new FlowOptions { Instruments = 3, Orders = 700, Ticks = 90, Far = 0.2, Between = 0.2, Moves = 0.05 },
        new EngineLimits { Instruments = 4, Orders = 1 << 12, Levels = 300, LevelsPerSide = 70, WindowTrades = 64 },
        BookStatus.LevelLimit);

    /// <summary>The beginning of the long run that `Engine.Fuzz --target book-oracle` makes.</summary>
    [Test]
    public void The_long_flow_agrees_at_its_beginning()
    {
        ulong seed = Seeds.Take(1).First();
        using var run = new OracleRun(seed);
        for (int i = 0; i < LongFlowStart; i++)
        {
            string? difference = run.Next() ?? (i % (LongFlowStart / 4) == 0 ? run.Compare() : null);
            Assert.That(difference, Is.Null, $"seed {seed}");
        }

        Assert.That(run.Compare(), Is.Null, $"seed {seed}");
        Assert.That(run.Count(BookStatus.Applied), Is.GreaterThan(LongFlowStart / 2), $"seed {seed}");
        TestContext.Out.WriteLine($"seed {seed}: digest {run.Digest}");
    }

    private static void Agree(ulong seed, int count, FlowOptions options, EngineLimits limits, params BookStatus[] mustOccur)
    {
        using var books = new OrderBooks(limits);
        var naive = new NaiveBooks(limits);
        var flow = new RandomFlow(seed, options);
        int mostLevels = 0;
        for (int i = 0; i < count; i++)
        {
            MarketEvent e = flow.Next();
            MarketEvent copy = e;
            MarketEvent given = e;
            BookStatus status = books.Apply(ref e);
            BookStatus expected = naive.Apply(ref copy);
            string? difference = BookComparison.OfEvent(status, e, expected, copy);
            foreach (int instrument in Touched(given, i, limits))
            {
                difference ??= BookComparison.OfBook(books, naive, instrument, e.Price);
                difference ??= i % 512 == 0 ? BookComparison.OfQueues(books, naive, instrument) : null;
            }

            mostLevels = Math.Max(mostLevels, books.LiveLevels);
            if (difference is not null)
            {
                Assert.Fail($"seed {seed}, event {i}, {given.Kind} of order {given.OrderId} on {given.Instrument}: {difference}");
            }
        }

        Assert.Multiple(() =>
        {
            foreach (BookStatus status in Enum.GetValues<BookStatus>())
            {
                Assert.That(books.Count(status), Is.EqualTo(naive.Counts.GetValueOrDefault(status)), $"{status}, seed {seed}");
            }

            foreach (BookTrust trust in Enum.GetValues<BookTrust>())
            {
                Assert.That(books.CountTrust(trust), Is.EqualTo(naive.CountTrust(trust)), $"{trust}, seed {seed}");
            }

            // The flow must have been worth comparing.
            foreach (BookStatus status in (BookStatus[])[BookStatus.Applied, BookStatus.UnknownOrder, BookStatus.SidelessOrder, BookStatus.DuplicateOrder,
                BookStatus.ExceedsOrder, BookStatus.BadValue, BookStatus.WrongInstrument, .. mustOccur])
            {
                Assert.That(books.Count(status), Is.Positive, $"{status}, seed {seed}");
            }

            Assert.That(books.CrossedEvents, Is.EqualTo(naive.CrossedEvents).And.Positive, $"seed {seed}");
            Assert.That(mostLevels, Is.GreaterThan(20), $"seed {seed}");
        });
    }

    /// <summary>Every instrument now and then, and after an event that concerns a whole venue; else the event's own.</summary>
    private static IEnumerable<int> Touched(MarketEvent e, int number, EngineLimits limits) =>
        number % 512 == 0 || e.Instrument < 0 || e.Flags.HasFlag(EventFlags.SessionStart)
            ? Enumerable.Range(0, Math.Min(limits.Instruments, 8))
            : e.Instrument < limits.Instruments ? [e.Instrument] : [0];
}
