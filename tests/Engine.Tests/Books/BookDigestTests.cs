using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.TestKit;
using Engine.TestKit.Books;

namespace Engine.Tests.Books;

/// <summary>The rolling hash: equal for equal flows, different for anything else, and honest about nothing.</summary>
public sealed class BookDigestTests
{
    private static readonly EngineLimits s_limits = new() { Instruments = 16, Orders = 4_096, Levels = 2_048, LevelsPerSide = 512, WindowTrades = 64 };

    [Test]
    public void Nothing_shows_as_nothing()
    {
        using var books = new OrderBooks(s_limits);
        books.FoldFullState();
        books.Apply(EventKind.Trade, 0, 1, 1);
        Assert.Multiple(() =>
        {
            Assert.That(books.Digest.Events, Is.Zero);
            Assert.That(books.Digest.Value, Is.Zero);
            Assert.That(books.Digest.ToString(), Is.Empty);
            books.Add(1, Side.Buy, 100, 1);
            Assert.That(books.Digest.Events, Is.EqualTo(1));
            Assert.That(books.Digest.ToString(), Has.Length.EqualTo(16).And.EqualTo(books.Digest.Value.ToString("x16")));
        });
    }

    [Test]
    public void Equal_flows_have_equal_digests_and_one_changed_quantity_shows()
    {
        foreach (ulong seed in Seeds.Take(3))
        {
            MarketEvent[] events = RandomFlow.Create(seed, 25_000);
            BookDigest digest = Run(events);
            Assert.That(digest.Events, Is.GreaterThan(20_000), $"seed {seed}");
            Assert.That(Run(events), Is.EqualTo(digest), $"seed {seed}");
            foreach (int at in (int[])[0, 1, 7_777, 24_000])
            {
                MarketEvent[] changed = [.. events];
                int add = Array.FindIndex(changed, at, e => e.Kind == EventKind.Add && e.Quantity > 0 && e.Price > 0);
                changed[add].Quantity++;
                Assert.That(Run(changed).Value, Is.Not.EqualTo(digest.Value), $"seed {seed}, quantity of event {add}");
            }
        }
    }

    [Test]
    public void Every_word_of_a_change_shows()
    {
        BookDigest one = After(BookMaker.Event(EventKind.Add, 1, 10, 100));
        Assert.Multiple(() =>
        {
            Assert.That(After(BookMaker.Event(EventKind.Add, 1, 10, 100)), Is.EqualTo(one));
            Assert.That(After(BookMaker.Event(EventKind.Add, 2, 10, 100)).Value, Is.Not.EqualTo(one.Value), "id");
            Assert.That(After(BookMaker.Event(EventKind.Add, 1, 11, 100)).Value, Is.Not.EqualTo(one.Value), "quantity");
            Assert.That(After(BookMaker.Event(EventKind.Add, 1, 10, 101)).Value, Is.Not.EqualTo(one.Value), "price");
            Assert.That(After(BookMaker.Event(EventKind.Add, 1, 10, 100, 1)).Value, Is.Not.EqualTo(one.Value), "instrument");
            Assert.That(After(BookMaker.Event(EventKind.Add, 1, 10, 100), Side.Sell).Value, Is.Not.EqualTo(one.Value), "side");
        });
    }

    [Test]
    public void The_kind_of_a_change_shows()
    {
        ulong Left(EventKind kind)
        {
            using var books = new OrderBooks(s_limits);
            books.Add(1, Side.Buy, 100, 10);
            books.Apply(kind, 1, 4);
            return books.Digest.Value;
        }

        Assert.That(Left(EventKind.Cancel), Is.Not.EqualTo(Left(EventKind.Execute)));
    }

    /// <summary>What was folded at the end covers the resting state: a run that never folds it, or folds another state, differs.</summary>
    [Test]
    public void The_full_state_enters_the_digest()
    {
        using var books = new OrderBooks(s_limits);
        books.Add(1, Side.Buy, 100, 10);
        books.Add(2, Side.Sell, 110, 10, instrument: 3);
        ulong before = books.Digest.Value;
        long events = books.Digest.Events;
        books.FoldFullState();
        Assert.Multiple(() =>
        {
            Assert.That(books.Digest.Value, Is.Not.EqualTo(before));
            Assert.That(books.Digest.Events, Is.EqualTo(events), "a state is no event");
        });
    }

    /// <summary>Ten thousand changes of one order, followed by a digest of the same changes alone: only the full state, which is due
    /// then, tells them apart.</summary>
    [Test]
    public void The_full_state_is_folded_every_ten_thousand_events()
    {
        using var books = new OrderBooks(s_limits);
        var changes = default(BookDigest);
        for (int i = 0; i < 10_000; i++)
        {
            Assert.That(books.Digest.Value, Is.EqualTo(changes.Value), $"after {i} events");
            EventKind kind = i == 0 ? EventKind.Add : EventKind.Cancel;
            Assert.That(i == 0 ? books.Add(7, Side.Buy, 100, 20_000) : books.Apply(kind, 7, 1), Is.EqualTo(BookStatus.Applied));
            changes.Fold((ulong)kind << 40, 100, 20_000 - i, 1, 7, 20_000 - i);
        }

        Assert.That(books.Digest.Events, Is.EqualTo(10_000));
        Assert.That(books.Digest.Value, Is.Not.EqualTo(changes.Value));
    }

    private static BookDigest After(MarketEvent add, Side side = Side.Buy)
    {
        using var books = new OrderBooks(s_limits);
        add.Side = side;
        Assert.That(books.Apply(ref add), Is.EqualTo(BookStatus.Applied));
        return books.Digest;
    }

    private static BookDigest Run(MarketEvent[] events)
    {
        using var books = new OrderBooks(s_limits);
        foreach (MarketEvent given in events)
        {
            MarketEvent e = given;
            books.Apply(ref e);
        }

        return books.Digest;
    }
}
