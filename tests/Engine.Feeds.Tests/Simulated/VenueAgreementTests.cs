using Engine.Core.Events;
using Engine.Simulator;
using Engine.Simulator.Wire;
using Engine.TestKit;

namespace Engine.Feeds.Tests.Simulated;

/// <summary>One day told by three venues is one day: their books agree at every moment that is compared.</summary>
public class VenueAgreementTests
{
    private const int EventsBetweenComparisons = 97;
    private static readonly Side[] s_sides = [Side.Buy, Side.Sell];

    private static IEnumerable<ulong> SeedsOfDays() => Seeds.Take(2);

    [Test]
    public void Itch_and_xdp_have_the_same_orders(
        [ValueSource(nameof(SeedsOfDays))] ulong seed, [Values] XdpVersion version, [Values(1, 2)] int channels)
    {
        VenueDay itch = VenueDay.Of(Day(seed));
        VenueDay xdp = VenueDay.Of(Day(seed) with { Venue = Venue.Xdp, XdpVersion = version, Channels = channels });
        AssertNothingIrregular(itch);
        AssertNothingIrregular(xdp);
        Assert.That(xdp.Read.Format, Does.Contain("XDP"));
        int compared = Compare(itch, xdp, (books, symbol, side) => books.Orders(symbol, side));
        Assert.That(compared, Is.GreaterThan(5_000), "orders were compared");
    }

    [Test]
    public void Itch_and_deep_have_the_same_levels([ValueSource(nameof(SeedsOfDays))] ulong seed)
    {
        VenueDay itch = VenueDay.Of(Day(seed));
        VenueDay deep = VenueDay.Of(Day(seed) with { Venue = Venue.IexDeep });
        AssertNothingIrregular(deep);
        Assert.That(deep.Read.Format, Does.Contain("DEEP"));
        int compared = Compare(itch, deep, (books, symbol, side) => books.Levels(symbol, side));
        Assert.That(compared, Is.GreaterThan(5_000), "levels were compared");
    }

    [Test]
    public void Trades_agree([ValueSource(nameof(SeedsOfDays))] ulong seed)
    {
        VenueDay itch = VenueDay.Of(Day(seed));
        VenueDay xdp = VenueDay.Of(Day(seed) with { Venue = Venue.Xdp });
        VenueDay deep = VenueDay.Of(Day(seed) with { Venue = Venue.IexDeep });
        (string, long, ulong, long)[] executed = Trades(itch, EventKind.Execute);
        (string, long, ulong, long)[] others = Trades(itch, EventKind.Trade);
        Assert.That(executed, Is.Not.Empty);
        Assert.That(others, Is.Not.Empty);
        Assert.That(Trades(xdp, EventKind.Execute), Is.EqualTo(executed));
        Assert.That(Trades(xdp, EventKind.Trade), Is.EqualTo(others));
        Assert.That(Trades(xdp, EventKind.TradeBreak).Select(t => t.Match), Is.EqualTo(Trades(itch, EventKind.TradeBreak).Select(t => t.Match)));

        // DEEP reports an execution as a trade, unless it is printed otherwise.
        (string, long, ulong, long)[] reported = Trades(deep, EventKind.Trade);
        HashSet<(string, long, ulong, long)> all = [.. executed, .. others];
        Assert.That(reported.Where(trade => !all.Contains(trade)), Is.Empty);
        Assert.That(others.Except(reported), Is.Empty);
        Assert.That(reported, Has.Length.InRange(others.Length + (9 * executed.Length / 10), others.Length + executed.Length));
    }

    [Test]
    public void A_sweep_is_one_event_on_deep([ValueSource(nameof(SeedsOfDays))] ulong seed)
    {
        VenueDay deep = VenueDay.Of(Day(seed) with { Venue = Venue.IexDeep });
        int sweeps = 0;
        var open = new Dictionary<int, long>();
        foreach (MarketEvent e in deep.Read.Events.Where(e => e.Kind == EventKind.LevelSet))
        {
            long began = open.TryGetValue(e.Instrument, out long time) ? time : e.ExchangeTime;
            Assert.That(e.ExchangeTime, Is.EqualTo(began), "the updates of one event have one time");
            if ((e.Flags & EventFlags.LastOfEvent) == 0)
            {
                open[e.Instrument] = began;
            }
            else
            {
                sweeps += open.Remove(e.Instrument) ? 1 : 0;
            }
        }

        Assert.That(open, Is.Empty, "every event ends");
        Assert.That(sweeps, Is.GreaterThan(20), "some touch several levels");
    }

    private static SimulationOptions Day(ulong seed) => new() { Seed = seed, Messages = 8_000, Instruments = 5 };

    private static void AssertNothingIrregular(VenueDay day)
    {
        Assert.That(day.Irregularities(), Is.Empty);
        Assert.That(day.Statistics.Messages, Is.EqualTo(day.Written.Messages));
        Assert.That(day.Statistics.FeedPackets, Is.EqualTo(day.Written.Packets));
        Assert.That(day.Read.Fault, Is.Null);
    }

    /// <returns>Lines compared.</returns>
    private static int Compare(VenueDay itch, VenueDay other, Func<VenueDay.Books, string, Side, IEnumerable<string>> lines)
    {
        using VenueDay.Books expected = itch.Walk(), actual = other.Walk();
        int compared = 0;
        for (int at = EventsBetweenComparisons; at < itch.ByTime.Length + EventsBetweenComparisons; at += EventsBetweenComparisons)
        {
            long time = itch.ByTime[Math.Min(at, itch.ByTime.Length - 1)].ExchangeTime;
            expected.GoTo(time);
            actual.GoTo(time);
            foreach ((string symbol, long _) in itch.Written.MessagesByInstrument)
            {
                foreach (Side side in s_sides)
                {
                    string[] wanted = [.. lines(expected, symbol, side)];
                    Assert.That(lines(actual, symbol, side), Is.EqualTo(wanted), $"{symbol} at event {at}");
                    compared += wanted.Length;
                }
            }
        }

        return compared;
    }

    private static (string Symbol, long Quantity, ulong Match, long Price)[] Trades(VenueDay day, EventKind kind)
    {
        using var books = new Engine.Books.OrderBooks(new Core.Memory.EngineLimits { Instruments = 1_000 });
        var trades = new List<(string, long, ulong, long)>();
        foreach (MarketEvent original in day.ByTime)
        {
            MarketEvent e = original;
            books.Apply(ref e);
            if (e.Kind == kind)
            {
                trades.Add((day.Read.Instruments.Symbol(e.Instrument)!, e.Quantity, e.Reference, e.Price));
            }
        }

        return [.. trades];
    }
}
