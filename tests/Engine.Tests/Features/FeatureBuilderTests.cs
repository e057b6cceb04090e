using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Tests.Books;

namespace Engine.Tests.Features;

/// <summary>Clocks and counters of the builder, by hand.</summary>
public sealed class FeatureBuilderTests
{
    private static readonly EngineLimits s_limits = new() { Instruments = 4, Orders = 64, Levels = 64, LevelsPerSide = 32, WindowTrades = 256 };

    [Test]
    public void Time_reversals_are_counted_and_do_not_turn_the_clock_back()
    {
        using var world = new World();
        world.Event(EventKind.Status, 0, time: 1_000);
        world.Event(EventKind.Status, 0, time: 2_000, instrument: 1);
        world.Event(EventKind.Status, 0, time: 900);
        world.Event(EventKind.Status, 0, time: 1_000);
        Assert.Multiple(() =>
        {
            Assert.That(world.Features.TimeReversals, Is.EqualTo(1));
            Assert.That(world.Features.LastTime(0), Is.EqualTo(1_000));
            Assert.That(world.Features.LastTime(1), Is.EqualTo(2_000));
            Assert.That(world.Features.HasEvents(2), Is.False);
            Assert.That(world.Features.HasEvents(99), Is.False);
        });
    }

    [Test]
    public void A_gap_ages_its_instrument_or_its_venue_and_no_other()
    {
        const long Second = 1_000_000_000;
        using var world = new World();
        for (int i = 0; i < 3; i++)
        {
            world.Event(EventKind.Status, 0, time: 100 * Second, instrument: i, venue: i == 2 ? Venue.Xdp : Venue.Itch50);
        }

        Assert.That(world.Column(0, "gap_age", 101 * Second), Is.EqualTo(3_600f), "never");
        world.Event(EventKind.Gap, 0, time: 102 * Second, instrument: 1);
        Assert.That(world.Column(0, "gap_age", 104 * Second), Is.EqualTo(3_600f));
        Assert.That(world.Column(1, "gap_age", 104 * Second), Is.EqualTo(2f));
        world.Event(EventKind.Gap, 0, time: 106 * Second, instrument: MarketEvent.AllInstruments);
        Assert.Multiple(() =>
        {
            Assert.That(world.Column(0, "gap_age", 107 * Second), Is.EqualTo(1f));
            Assert.That(world.Column(1, "gap_age", 107 * Second), Is.EqualTo(1f));
            Assert.That(world.Column(2, "gap_age", 107 * Second), Is.EqualTo(3_600f), "another venue");
            Assert.That(world.Column(0, "gap_age", 105 * Second), Is.Zero, "a clock behind the gap's");
            Assert.That(world.Column(0, "gap_age", 9_000 * Second), Is.EqualTo(3_600f));
            Assert.That(world.Column(1, "staleness", 105 * Second), Is.EqualTo(3f));
        });
    }

    [Test]
    public void Trades_that_tell_no_side_are_counted()
    {
        using var world = new World();
        Trade(world, 100, Side.Buy);
        Assert.That(world.Features.UnclassifiedTrades, Is.EqualTo(1), "no touch");
        world.Books.Add(1, Side.Buy, 90, 5);
        world.Books.Add(2, Side.Sell, 110, 5);
        Trade(world, 100, Side.Buy);
        Trade(world, 105, Side.None);
        Trade(world, MarketEvent.Absent, Side.Buy);
        Assert.That(world.Features.UnclassifiedTrades, Is.EqualTo(4), "at the mid, no side, no price");
        Trade(world, 101, Side.Buy);
        Trade(world, 99, Side.Buy);
        Assert.Multiple(() =>
        {
            Assert.That(world.Features.UnclassifiedTrades, Is.EqualTo(4));
            Assert.That(world.Column(0, "buy_count_0.100000", 1_000), Is.EqualTo(1f));
            Assert.That(world.Column(0, "sell_count_0.100000", 1_000), Is.EqualTo(1f));
        });
    }

    [Test]
    public void Where_the_feed_names_the_taker_nobody_guesses()
    {
        using var world = new World();
        world.Books.Add(1, Side.Buy, 90, 5);
        world.Books.Add(2, Side.Sell, 110, 5);
        world.Event(EventKind.Trade, 10, time: 1_000, venue: Venue.BitMex, price: 109, side: Side.Sell);
        world.Event(EventKind.Trade, 20, time: 1_000, venue: Venue.BitMex, price: 100, side: Side.Sell);
        world.Event(EventKind.Trade, 40, time: 1_000, venue: Venue.BitMex, price: 91, side: Side.Buy);
        world.Event(EventKind.Trade, 80, time: 1_000, venue: Venue.BitMex, price: 91, side: Side.None);
        Assert.Multiple(() =>
        {
            Assert.That(world.Column(0, "sell_volume_0.100000", 1_000), Is.EqualTo(30f));
            Assert.That(world.Column(0, "buy_volume_0.100000", 1_000), Is.EqualTo(40f));
            Assert.That(world.Features.UnclassifiedTrades, Is.EqualTo(1));
        });
    }

    [Test]
    public void Where_a_trade_names_the_order_that_rested_nobody_guesses()
    {
        using var world = new World();
        world.Books.Add(1, Side.Buy, 90, 5);
        world.Books.Add(2, Side.Sell, 110, 5);
        world.Event(EventKind.Trade, 10, time: 1_000, venue: Venue.Lobster, price: 100, side: Side.Sell, orderId: 7);
        world.Event(EventKind.Trade, 20, time: 1_000, venue: Venue.Lobster, price: 109, side: Side.Buy, orderId: 7);
        world.Event(EventKind.Trade, 40, time: 1_000, venue: Venue.Lobster, price: 109, side: Side.Sell);
        world.Event(EventKind.Trade, 80, time: 1_000, venue: Venue.Lobster, price: 109, side: Side.None, orderId: 7);
        Assert.Multiple(() =>
        {
            Assert.That(world.Column(0, "buy_volume_0.100000", 1_000), Is.EqualTo(50f), "a sell order at the mid-price, and a hidden one above it");
            Assert.That(world.Column(0, "sell_volume_0.100000", 1_000), Is.EqualTo(20f));
            Assert.That(world.Features.UnclassifiedTrades, Is.EqualTo(1), "a cross");
        });
    }

    [Test]
    public void A_snapshot_moves_no_clock_and_enters_no_window()
    {
        using var world = new World();
        world.Event(EventKind.Trade, 10, time: 500, venue: Venue.BitMex, price: 100, side: Side.Buy, flags: EventFlags.FromSnapshot);
        Assert.That(world.Features.HasEvents(0), Is.False);
        world.Event(EventKind.Trade, 20, time: 1_000, venue: Venue.BitMex, price: 100, side: Side.Buy);
        world.Event(EventKind.Trade, 40, time: 10, venue: Venue.BitMex, price: 100, side: Side.Buy, flags: EventFlags.FromSnapshot);
        Assert.Multiple(() =>
        {
            Assert.That(world.Column(0, "buy_volume_0.100000", 1_000), Is.EqualTo(20f));
            Assert.That(world.Features.TimeReversals, Is.Zero);
            Assert.That(world.Features.LastTime(0), Is.EqualTo(1_000));
        });
    }

    [Test]
    public void A_gap_whose_time_is_no_exchanges_moves_no_clock([Values(0, MarketEvent.AllInstruments)] int of)
    {
        const long Second = 1_000_000_000;
        using var world = new World();
        world.Event(EventKind.Gap, 3, time: 999_999 * Second, instrument: of, flags: EventFlags.BadExchangeTime);
        Assert.That(world.Features.HasEvents(0), Is.False);
        world.Event(EventKind.Status, 0, time: 100 * Second);
        world.Event(EventKind.Gap, 3, time: 200_000 * Second, instrument: of, flags: EventFlags.BadExchangeTime);
        world.Event(EventKind.Status, 0, time: 101 * Second);
        Assert.Multiple(() =>
        {
            Assert.That(world.Features.LastTime(0), Is.EqualTo(101 * Second));
            Assert.That(world.Features.TimeReversals, Is.Zero);
            Assert.That(world.Column(0, "gap_age", 110 * Second), Is.EqualTo(10f), "it came when the instrument's clock said 100 s");
        });
    }

    [Test]
    public void A_trade_of_more_than_a_level_may_hold_is_counted_and_enters_no_window()
    {
        using var world = new World();
        for (int i = 0; i < 3; i++)
        {
            world.Event(EventKind.Trade, long.MaxValue / 2, time: 1_000, venue: Venue.BitMex, price: 100, side: Side.Buy);
        }

        world.Event(EventKind.Trade, 7, time: 1_000, venue: Venue.BitMex, price: 100, side: Side.Buy);
        Assert.That(world.Column(0, "buy_volume_0.100000", 1_000), Is.EqualTo(7f));
        Assert.That(world.Features.UnclassifiedTrades, Is.EqualTo(3));
    }

    [TestCase(long.MaxValue)]
    [TestCase(long.MaxValue - 7_199_999_999_999)]
    [TestCase(-1L)]
    [TestCase(long.MinValue)]
    public void A_time_that_can_be_none_is_counted_and_leaves_the_clock_where_it_is(long time)
    {
        const long Second = 1_000_000_000;
        using var world = new World();
        world.Event(EventKind.Status, 0, time: 100 * Second, venue: Venue.BitMex);
        for (int i = 0; i < 2; i++)
        {
            // The first event of one of them.
            long has = i == 0 ? 100 * Second : 0;
            world.Event(EventKind.Trade, 7, time, i, Venue.BitMex, price: 100, side: Side.Buy);
            Assert.That(world.Features.LastTime(i), Is.EqualTo(has));
            Assert.That(world.Column(i, "buy_volume_0.100000", has), Is.EqualTo(7f));
            world.Event(EventKind.Trade, 5, 200 * Second, i, Venue.BitMex, price: 100, side: Side.Buy);
            Assert.That(world.Features.LastTime(i), Is.EqualTo(200 * Second));
            Assert.That(world.Column(i, "buy_volume_0.100000", 200 * Second), Is.EqualTo(5f));
        }

        world.Event(EventKind.Gap, 0, time, MarketEvent.AllInstruments, Venue.BitMex);
        Assert.That(world.Column(0, "gap_age", 210 * Second), Is.EqualTo(10f), "when its venue's clock said 200 s");
        world.Event(EventKind.Gap, 0, time, instrument: 1, venue: Venue.BitMex);
        Assert.That(world.Column(1, "gap_age", 210 * Second), Is.EqualTo(10f));
        Assert.That((world.Features.TimesOutOfRange, world.Features.TimeReversals), Is.EqualTo((4L, 0L)));
    }

    /// <summary>Twice as many of the largest returns as make a sum of squares wrap to something positive.</summary>
    [Test]
    public void A_sum_of_squared_returns_that_finds_no_room_is_NaN_and_nothing_else()
    {
        const long Second = 1_000_000_000;
        using var world = new World();
        world.Event(EventKind.LevelSet, 1, time: Second, venue: Venue.BitMex, price: 1_000, side: Side.Sell);
        var seen = new List<float>();
        for (int i = 0; i < 240_000; i++)
        {
            // The bid comes and goes far below the ask: the mid-price jumps by half, and is there in between by another bid.
            world.Event(EventKind.LevelSet, i % 2 == 0 ? 1 : 0, time: 10 * Second, venue: Venue.BitMex, price: 900, side: Side.Buy);
            if (i == 0)
            {
                world.Event(EventKind.LevelSet, 1, time: 10 * Second, venue: Venue.BitMex, price: 100, side: Side.Buy);
            }

            if (i % 1_000 == 999)
            {
                seen.Add(world.Column(0, "volatility_5.000000", 10 * Second));
            }
        }

        int nan = seen.FindIndex(float.IsNaN);
        Assert.Multiple(() =>
        {
            Assert.That(nan, Is.InRange(85, 95), "9.2e18 over 1e14");
            Assert.That(seen.Take(nan), Is.Ordered.And.All.Positive);
            Assert.That(seen.Skip(nan), Is.All.NaN);
            Assert.That(world.Column(0, "volatility_60.000000", 20 * Second), Is.NaN);
            Assert.That(world.Column(0, "volatility_5.000000", 20 * Second), Is.Zero, "it has left the window");
            Assert.That(world.Column(0, "volatility_60.000000", 80 * Second), Is.Zero);
        });
    }

    private static void Trade(World world, long price, Side side) => world.Event(EventKind.Trade, 10, time: 1_000, price: price, side: side);

    private sealed class World : IDisposable
    {
        private readonly FeatureSet _set = FeatureSet.Create(FeatureSet.DefaultName, Sampling.EveryEvent, s_limits);

        public World() => Features = new FeatureBuilder(Books, _set, s_limits);

        public OrderBooks Books { get; } = new(s_limits);

        public FeatureBuilder Features { get; }

        public void Event(EventKind kind, long quantity, long time, int instrument = 0, Venue venue = Venue.Itch50, long price = 0, Side side = Side.None,
            EventFlags flags = EventFlags.None, ulong orderId = 0)
        {
            MarketEvent e = BookMaker.Event(kind, orderId, quantity, price, instrument);
            (e.ExchangeTime, e.Venue, e.Side, e.Flags) = (time, venue, side, e.Flags | flags);
            BookStatus status = Books.Apply(ref e);
            Features.OnEvent(e, status);
        }

        public float Column(int instrument, string name, long time) => Features.RowAt(instrument, time)[_set.Contract.IndexOf(name)];

        public void Dispose()
        {
            Features.Dispose();
            Books.Dispose();
            _set.Dispose();
        }
    }
}
