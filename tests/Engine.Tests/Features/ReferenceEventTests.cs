using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Tests.Books;

namespace Engine.Tests.Features;

/// <summary>Index price, mark price and funding: no book changes by them and no row comes of them alone, but their instrument's time goes on.</summary>
public sealed class ReferenceEventTests
{
    private static readonly EngineLimits s_limits = new() { Instruments = 4, Orders = 64, Levels = 64, LevelsPerSide = 32, WindowTrades = 256 };

    [TestCase(EventKind.IndexPrice)]
    [TestCase(EventKind.MarkPrice)]
    [TestCase(EventKind.Funding)]
    public void They_move_the_clock_unless_of_a_snapshot(EventKind kind)
    {
        using FeatureSet set = FeatureSet.Create(FeatureSet.DefaultName, Sampling.EveryEvent, s_limits);
        using OrderBooks books = new(s_limits);
        using FeatureBuilder features = new(books, set, s_limits);
        MarketEvent level = BookMaker.Event(EventKind.LevelSet, 0, 5, 100, 1);
        (level.Venue, level.Side, level.ExchangeTime, level.Flags) = (Venue.BitMex, Side.Buy, 1_000, EventFlags.LastOfEvent);
        Assert.That(features.OnEvent(level, books.Apply(ref level)), Is.True);
        BookDigest digest = books.Digest;

        foreach ((long price, EventFlags flags, long time) in ((long, EventFlags, long)[])
        [
            (-12_000, EventFlags.LastOfEvent, 2_000), (MarketEvent.Absent, EventFlags.LastOfEvent, 3_000), (7, EventFlags.LastOfEvent | EventFlags.FromSnapshot, 3_000),
        ])
        {
            MarketEvent e = BookMaker.Event(kind, 0, MarketEvent.Absent, price, 1);
            (e.Venue, e.ExchangeTime, e.Flags) = (Venue.BitMex, (flags & EventFlags.FromSnapshot) != 0 ? 9_000 : time, flags);
            BookStatus status = books.Apply(ref e);
            Assert.That(status, Is.EqualTo(BookStatus.NotABookEvent));
            Assert.That(features.OnEvent(e, status), Is.False);
            Assert.That(features.LastTime(1), Is.EqualTo(time));
            Assert.That((e.Price, e.Quantity), Is.EqualTo((price, MarketEvent.Absent)), "the books complete nothing");
        }

        Assert.That(books.Digest.Value, Is.EqualTo(digest.Value));
        Assert.That(features.TimeReversals, Is.Zero);
    }
}
