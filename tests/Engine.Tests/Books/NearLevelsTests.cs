using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.TestKit;

namespace Engine.Tests.Books;

/// <summary>The arithmetic of a side's window, and books at its edges.</summary>
public sealed unsafe class NearLevelsTests
{
    private const long Cent = BookMaker.Cent;

    /// <summary>Against a division, for bids and asks: only whole ticks within the window have a place.</summary>
    [Test]
    public void A_place_is_the_distance_in_ticks()
    {
        ulong seed = Seeds.Take(1).First();
        var random = new SeededRandom(seed);
        int placed = 0;
        for (int i = 0; i < 200_000; i++)
        {
            bool ask = random.Chance(0.5);
            long from = random.Next(-100, 1_000_000) * Cent;
            BookSide side = new() { Scale = ask ? -NearLevels.Scale : NearLevels.Scale };
            side.Origin = NearLevels.Scaled(&side, from);
            long away = random.Chance(0.5) ? random.Next(-100, 100) * Cent : random.Next(-1_000_000_000, 1_000_000_000);
            long price = i % 100 == 0 ? (long)(random.NextUInt64() >> 1) : from + away;
            long distance = ask ? from - price : price - from;
            bool has = distance % Cent == 0 && distance / Cent is >= 0 and < NearLevels.Window;
            ulong place = NearLevels.Place(&side, price);
            placed += has ? 1 : 0;
            int room = NearLevels.RoomOf(NearLevels.Scaled(&side, price));
            bool isRoom = !has || (room == NearLevels.RoomOf(side.Origin, (long)place) && (NearLevels.PlaceIn(&side, (1 << 20) + room) & 63) == (int)place);
            if ((has ? place != (ulong)(distance / Cent) : place < NearLevels.Window) || !isRoom || NearLevels.BaseKey(&side) != (ask ? -from : from))
            {
                Assert.Fail($"seed {seed}: price {price} from {from} has place {place}");
            }
        }

        Assert.That(placed, Is.GreaterThan(10_000));
    }

    /// <summary>Two windows meet when their best levels do, wherever the windows are.</summary>
    [Test]
    public void Windows_meet_as_their_best_levels_do()
    {
        ulong seed = Seeds.Take(1).First();
        var random = new SeededRandom(seed);
        int met = 0;
        for (int i = 0; i < 100_000; i++)
        {
            long bid = random.Next(1_000, 1_200) * Cent, ask = bid + (random.Next(-20, 220) * Cent);
            BookHead head = default;
            head.Bid.Near = 1UL << random.Next(64);
            head.Ask.Near = 1UL << random.Next(64);
            head.Reach = NearLevels.Reach(bid, -ask);
            bool meet = bid + (NearLevels.BestPlace(head.Bid.Near) * Cent) >= ask - (NearLevels.BestPlace(head.Ask.Near) * Cent);
            met += meet ? 1 : 0;
            if (NearLevels.MayMeet(&head) != meet)
            {
                Assert.Fail($"seed {seed}: {bid} {head.Bid.Near:x}, {ask} {head.Ask.Near:x}");
            }
        }

        Assert.That(met, Is.InRange(10_000, 90_000));
    }

    /// <summary>A price far better than all others takes the window with it, and gives it back when it goes.</summary>
    [TestCase(Side.Buy)]
    [TestCase(Side.Sell)]
    public void A_window_follows_the_touch_and_back(Side side)
    {
        using var books = new OrderBooks(new EngineLimits { Instruments = 2, Orders = 1_024, Levels = 512, LevelsPerSide = 512, WindowTrades = 64 });
        int better = side == Side.Buy ? 1 : -1;
        var expected = new List<long>();
        ulong id = 0;
        void Add(long price)
        {
            Assert.That(books.Add(++id, side, price, 1), Is.EqualTo(BookStatus.Applied));
            expected.Add(price);
            expected.Sort((a, b) => b.CompareTo(a) * better);
            Assert.That(books.Prices(side), Is.EqualTo(expected));
        }

        for (int i = 0; i < 100; i++)
        {
            Add((10_000 + (better * i)) * Cent);
        }

        Assert.That(books.Nearness(0, side), Is.EqualTo((NearLevels.Touch + 15, false)), "a window holds what is near the touch");
        Add((10_000 + (better * 5_000)) * Cent);
        Assert.That(books.Nearness(0, side), Is.EqualTo((1, false)));
        ulong stub = id;
        Add((10_000 + (better * 99)) * Cent + (better * 1));
        Add((10_000 - (better * 200)) * Cent);
        Assert.That(books.Apply(EventKind.Delete, stub), Is.EqualTo(BookStatus.Applied));
        expected.Remove((10_000 + (better * 5_000)) * Cent);
        Add((10_000 + (better * 101)) * Cent);
        Add((10_000 + (better * 60)) * Cent + (better * 7));
        Assert.That(books.Nearness(0, side).Near, Is.InRange(2, NearLevels.Window), "levels are in the window again");
        Assert.That(books.TryTouchQueue(0, side, out TouchQueue touch), Is.True);
        Assert.That((touch.Quantity, touch.Orders), Is.EqualTo((1L, 1)));
    }

    /// <summary>Levels that leave the window and come back keep their queues: every order can be taken from wherever its level lies.</summary>
    [TestCase(Side.Buy)]
    [TestCase(Side.Sell)]
    public void Queues_follow_their_level_out_of_the_window_and_back(Side side)
    {
        using var books = new OrderBooks(new EngineLimits { Instruments = 2, Orders = 1_024, Levels = 512, LevelsPerSide = 512, WindowTrades = 64 });
        int better = side == Side.Buy ? 1 : -1;
        long PriceOf(int i) => (10_000 + (better * i)) * Cent;
        for (ulong id = 1; id <= 180; id++)
        {
            Assert.That(books.Add(id, side, PriceOf((int)(id - 1) % 60), (long)id), Is.EqualTo(BookStatus.Applied));
        }

        // Twice: out when a better price comes, back when it goes.
        for (int round = 0; round < 2; round++)
        {
            int before = books.Nearness(0, side).Near;
            Assert.That(books.Add(1_000, side, PriceOf(500), 1), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Nearness(0, side).Near, Is.EqualTo(1), "all others are in the ladder");
            Assert.That(books.Apply(EventKind.Execute, (ulong)(10 + round), 3), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Add((ulong)(200 + round), side, PriceOf(9 + round), 7), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Apply(EventKind.Delete, 1_000), Is.EqualTo(BookStatus.Applied));
            Assert.That(books.Nearness(0, side).Near, Is.InRange(before - 13, before), "the window is back");
        }

        Assert.That(books.Queue(0, side, 60 - 1 - 9), Is.EqualTo(((ulong, long)[])[(10, 7), (70, 70), (130, 130), (200, 7)]));
        Assert.That(books.Queue(0, side, 60 - 1 - 10), Is.EqualTo(((ulong, long)[])[(11, 8), (71, 71), (131, 131), (201, 7)]));
        for (ulong id = 1; id <= 201; id += id == 180 ? 20UL : 1)
        {
            Assert.That(books.Apply(EventKind.Delete, id), Is.EqualTo(BookStatus.Applied), $"order {id}");
        }

        Assert.That((books.LiveOrders, books.LiveLevels), Is.EqualTo((0, 0)));
    }

    /// <summary>On a grid of quarters a window holds few levels; when the last of them goes, it moves to the next.</summary>
    [TestCase(Side.Buy)]
    [TestCase(Side.Sell)]
    public void An_empty_window_goes_to_the_touch(Side side)
    {
        const long Quarter = 25 * Cent;
        using var books = new OrderBooks(new EngineLimits { Instruments = 2, Orders = 256, Levels = 128, LevelsPerSide = 128, WindowTrades = 64 });
        for (int i = 0; i < 40; i++)
        {
            Assert.That(books.Add((ulong)i + 1, side, (400 + i) * Quarter, 1), Is.EqualTo(BookStatus.Applied));
        }

        foreach (int i in side == Side.Buy ? Enumerable.Range(0, 39).Reverse() : Enumerable.Range(0, 39))
        {
            ulong best = side == Side.Buy ? (ulong)i + 2 : (ulong)i + 1;
            Assert.That(books.Apply(EventKind.Delete, best), Is.EqualTo(BookStatus.Applied));
            (int near, bool isLoose) = books.Nearness(0, side);
            Assert.That((near > 0, isLoose), Is.EqualTo((true, false)), $"after order {best}");
        }
    }

    /// <summary>Where thousands of levels would have to be shifted, a window stays, and the book is right.</summary>
    [Test]
    public void A_window_beside_a_long_ladder_stays()
    {
        using var books = new OrderBooks(new EngineLimits { Instruments = 2, Orders = 1_024, Levels = 512, LevelsPerSide = 512, WindowTrades = 64 });
        for (int i = 0; i <= NearLevels.LongestLadder; i++)
        {
            books.Add((ulong)i + 1, Side.Buy, (10_000 * Cent) + 1 + i, 1);
        }

        books.Add(1_000, Side.Buy, 20_000 * Cent, 1);
        Assert.Multiple(() =>
        {
            Assert.That(books.Nearness(0, Side.Buy), Is.EqualTo((0, true)));
            Assert.That(books.Prices(Side.Buy)[0], Is.EqualTo(20_000 * Cent));
            Assert.That(books.Add(1_001, Side.Sell, 20_000 * Cent, 1), Is.EqualTo(BookStatus.Applied));
            Assert.That((books.IsCrossed(0), books.CrossedEvents), Is.EqualTo((true, 1L)));
        });
    }

    /// <summary>Every order of a level that leaves the window has to be told: a window stays where they are too many for one event, whether they would leave
    /// it or come in, and the book is right.</summary>
    [TestCase(NearLevels.MostMoved, true)]
    [TestCase(NearLevels.MostMoved + 1, false)]
    public void A_window_moves_no_long_queue(int orders, bool moves)
    {
        using var books = new OrderBooks(new EngineLimits { Instruments = 2, Orders = 1_024, Levels = 512, LevelsPerSide = 512, WindowTrades = 64 });
        for (int i = 1; i <= orders; i++)
        {
            Assert.That(books.Add((ulong)i, Side.Buy, 10_000 * Cent, i), Is.EqualTo(BookStatus.Applied));
        }

        Assert.That(books.Add(1_000, Side.Buy, 10_100 * Cent, 1), Is.EqualTo(BookStatus.Applied));
        Assert.That(books.Nearness(0, Side.Buy), Is.EqualTo((1, !moves)), "out of the window");
        Assert.That(books.Prices(Side.Buy), Is.EqualTo((long[])[10_100 * Cent, 10_000 * Cent]));
        Assert.That(books.Apply(EventKind.Delete, 1_000), Is.EqualTo(BookStatus.Applied));
        Assert.That(books.Nearness(0, Side.Buy), Is.EqualTo((1, false)), "back into it");

        // In the ladder, one order more than may come in: the touch is found there.
        Assert.That(books.Add(1_000, Side.Buy, 10_100 * Cent, 1), Is.EqualTo(BookStatus.Applied));
        Assert.That(books.Add(1_001, Side.Buy, 10_000 * Cent, 1), Is.EqualTo(BookStatus.Applied));
        Assert.That(books.Apply(EventKind.Delete, 1_000), Is.EqualTo(BookStatus.Applied));
        Assert.That(books.Nearness(0, Side.Buy), Is.EqualTo(moves ? (0, true) : (1, false)));
        Assert.That(books.TryTouchQueue(0, Side.Buy, out TouchQueue touch), Is.True);
        Assert.That((touch.Orders, books.Queue(0, Side.Buy, 0).Count, books.Prices(Side.Buy)[0]), Is.EqualTo((orders + 1, orders + 1, 10_000 * Cent)));
    }
}
