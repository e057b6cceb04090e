using Engine.Core.Numerics;
using Engine.Features;
using Engine.TestKit;

namespace Engine.Tests.Features;

/// <summary>The best levels under changes, against a sorted list.</summary>
public sealed unsafe class TopLevelTests
{
    [Test]
    public void Changes_leave_what_a_sorted_list_has_as_far_as_is_known([Values(4, 12, 30)] int prices)
    {
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            var book = new SortedDictionary<long, long>(Comparer<long>.Create((a, b) => b.CompareTo(a)));
            InstrumentHead head = default;
            TopLevels* top = &head.Bid;
            top->Clear();
            for (int step = 0; step < 20_000; step++)
            {
                int known = TopLevels.Depth;
                for (int change = random.Next(1, 3); change > 0; change--)
                {
                    long key = random.Next(-prices, 0);
                    long held = book.GetValueOrDefault(key);
                    long delta = held > 0 && random.Chance(0.55) ? -(random.Chance(0.7) ? held : random.Next(1, (int)held + 1)) : random.Next(1, 50);
                    book[key] = held + delta;
                    if (book[key] == 0)
                    {
                        book.Remove(key);
                    }

                    Assert.That(top->Take(key, delta, ref known), Is.True, $"seed {seed}, step {step}");
                }

                Assert.That(Text(top, known), Is.EqualTo(Text(book, known)), $"seed {seed}, step {step}");
                Fill(top, book);
            }
        }
    }

    [Test]
    public void A_change_of_what_is_not_held_is_refused()
    {
        InstrumentHead head = default;
        TopLevels* top = &head.Ask;
        top->Clear();
        int known = TopLevels.Depth;
        Assert.That(top->Take(-7, 5, ref known), Is.True);
        Assert.That(top->Take(-7, -6, ref known), Is.False, "more than is there");
        Assert.That(top->Take(-6, -1, ref known), Is.False, "a level that is not there");
        Assert.That((top->Key(0), top->Quantity(0), top->Key(1)), Is.EqualTo((-7L, 5L, TopLevels.NoLevel)));
    }

    private static string Text(TopLevels* top, int known) =>
        string.Join(' ', Enumerable.Range(0, known).Where(i => top->Key(i) != TopLevels.NoLevel).Select(i => $"{top->Key(i)}:{top->Quantity(i)}"));

    private static string Text(SortedDictionary<long, long> book, int known) => string.Join(' ', book.Take(known).Select(l => $"{l.Key}:{l.Value}"));

    /// <summary>What a book's read does: every place is right again.</summary>
    private static void Fill(TopLevels* top, SortedDictionary<long, long> book)
    {
        top->Clear();
        foreach ((long key, long quantity) in book.Take(TopLevels.Depth).Reverse())
        {
            int known = TopLevels.Depth;
            _ = top->Take(key, quantity, ref known);
        }
    }
}
