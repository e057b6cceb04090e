using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.TestKit;

namespace Engine.Tests.Books;

/// <summary>Sides of thousands of levels, and room that goes from one side to another.</summary>
public sealed class LadderTests
{
    [TestCase(Side.Buy)]
    [TestCase(Side.Sell)]
    public void A_side_of_thousands_of_levels_stays_sorted(Side side)
    {
        const int Levels = 4_096;
        ulong seed = Seeds.Take(1).First();
        var random = new SeededRandom(seed);
        using var books = new OrderBooks(new EngineLimits { Instruments = 2, Orders = 8_192, Levels = Levels, LevelsPerSide = Levels, WindowTrades = 64 });
        var expected = new SortedSet<long>();
        var ids = new Dictionary<long, ulong>();
        while (expected.Count < Levels)
        {
            long price = random.Next(1, 1_000_000) * BookMaker.Cent;
            if (expected.Add(price))
            {
                ids[price] = (ulong)expected.Count;
                Assert.That(books.Add(ids[price], side, price, 1), Is.EqualTo(BookStatus.Applied), $"level {expected.Count}, seed {seed}");
            }
        }

        Assert.That(books.Prices(side), Is.EqualTo(side == Side.Buy ? expected.Reverse() : expected), $"seed {seed}");
        Assert.That(books.Add(99_999, side, 1, 1), Is.EqualTo(BookStatus.LevelLimit));
        foreach (long price in expected.ToArray())
        {
            if (random.Chance(0.9))
            {
                expected.Remove(price);
                Assert.That(books.Apply(EventKind.Delete, ids[price]), Is.EqualTo(BookStatus.Applied));
            }
        }

        Assert.That(books.Prices(side), Is.EqualTo(side == Side.Buy ? expected.Reverse() : expected), $"seed {seed}");
    }

    /// <summary>Sides grow to the whole level budget and empty again, one after the other: live levels are never over the limit, so
    /// none of them may be refused.</summary>
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(3)]
    public void Room_that_one_side_gives_back_serves_the_next(int staying)
    {
        const int Levels = 1_000;
        const int Instruments = 40;
        using var books = new OrderBooks(new EngineLimits { Instruments = Instruments, Orders = 2_048, Levels = Levels, LevelsPerSide = 1_024, WindowTrades = 64 });
        for (int instrument = 0; instrument < Instruments; instrument++)
        {
            foreach (Side side in (Side[])[Side.Buy, Side.Sell])
            {
                int room = Levels - books.LiveLevels;
                ulong first = ((ulong)instrument * 10_000) + ((ulong)side * 2_000);
                for (int i = 0; i < room; i++)
                {
                    Assert.That(books.Add(first + (ulong)i, side, 1 + i, 1, instrument), Is.EqualTo(BookStatus.Applied),
                        $"instrument {instrument} {side} level {i} with {books.LiveLevels} levels alive");
                }

                for (int i = staying; i < room; i++)
                {
                    books.Apply(EventKind.Delete, first + (ulong)i, instrument: instrument);
                }

                Assert.That(books.Depth(instrument, side), Is.EqualTo(staying));
            }
        }
    }

    /// <summary>Random growth and shrinkage of many sides within the level limit never meets a refusal.</summary>
    [Test]
    public void Breathing_sides_never_run_out_of_room()
    {
        const int Levels = 600;
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            using var books = new OrderBooks(new EngineLimits { Instruments = 16, Orders = 1_024, Levels = Levels, LevelsPerSide = 512, WindowTrades = 64 });
            for (int step = 0; step < 40_000; step++)
            {
                int instrument = random.Next(16);
                Side side = random.Chance(0.5) ? Side.Buy : Side.Sell;
                bool grow = books.LiveLevels < Levels && books.Depth(instrument, side) < 512;
                for (int i = random.Next(1, 60); i > 0 && grow; i--)
                {
                    long price = random.Next(1, 4_000);
                    ulong id = ((ulong)instrument << 32) | ((ulong)side << 24) | (ulong)price;
                    BookStatus status = books.Add(id, side, price, 1, instrument);
                    Assert.That(status, Is.AnyOf(BookStatus.Applied, BookStatus.DuplicateOrder), $"seed {seed}, step {step}, {books.LiveLevels} levels");
                    grow = books.LiveLevels < Levels && books.Depth(instrument, side) < 512;
                }

                if (!grow || step % 8 == 0)
                {
                    Shrink(books, random);
                }
            }
        }
    }

    private static void Shrink(OrderBooks books, SeededRandom random)
    {
        int instrument = random.Next(16);
        Side side = random.Chance(0.5) ? Side.Buy : Side.Sell;
        foreach (long price in books.Prices(side, instrument))
        {
            if (random.Chance(0.95))
            {
                books.Apply(EventKind.Delete, ((ulong)instrument << 32) | ((ulong)side << 24) | (ulong)price, instrument: instrument);
            }
        }
    }
}
