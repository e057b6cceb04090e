using Engine.Core.Events;
using Engine.Feeds.BitMex;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>When a quote agrees, differs, or cannot be compared.</summary>
public class BitMexQuoteCheckTests
{
    private const long Second = 1_000_000_000;
    private const long T = 100 * Second;

    private static readonly BitMexTouch s_a = Touch(1);
    private static readonly BitMexTouch s_b = Touch(2);
    private static readonly BitMexTouch s_c = Touch(3);

    [Test]
    public void Quotes_agree_in_the_order_of_the_tops_however_late_they_come()
    {
        using var check = Started();
        check.OnTop(0, T + Second, s_b);
        check.OnTop(0, T + Second, s_c);
        check.OnTop(0, T + Second, s_a);
        foreach (BitMexTouch quote in (BitMexTouch[])[s_a, s_b, s_a])
        {
            check.OnQuote(0, T + Second, T + (2 * Second), quote, true);
        }

        Assert.That(Counts(check), Is.EqualTo((3, 0, 0)));
    }

    [Test]
    public void A_quote_that_the_book_never_showed_differs_once_its_grace_is_over()
    {
        using var check = Started();
        check.OnQuote(0, T + Second, T + Second, s_b, true);
        Assert.That(Counts(check), Is.EqualTo((0, 0, 1)));
        check.OnTop(0, T + (2 * Second), s_c);
        Assert.That(Counts(check), Is.EqualTo((0, 0, 1)), "its grace is just not over");
        check.OnTop(0, T + (2 * Second) + 1, s_a);
        Assert.That(Counts(check), Is.EqualTo((0, 1, 0)));
        Assert.That(check.Differences.ToArray(), Is.EqualTo(new[] { new BitMexDifference(0, T + Second, s_b, s_c) }));

        check.OnQuote(0, T + (3 * Second), T + (3 * Second), s_a, true);
        Assert.That(Counts(check), Is.EqualTo((1, 1, 0)), "the place among the tops is not lost");
    }

    [Test]
    public void Any_of_the_four_values_tells()
    {
        foreach (BitMexTouch quote in (BitMexTouch[])[s_a with { BidPrice = 9 }, s_a with { BidSize = 9 }, s_a with { AskPrice = 9 }, s_a with { AskSize = 9 }])
        {
            using var check = Started();
            check.OnQuote(0, T + Second, T + Second, quote, true);
            check.End(T + (3 * Second));
            Assert.That(Counts(check), Is.EqualTo((0, 1, 0)));
        }
    }

    [Test]
    public void A_top_may_come_after_its_quote()
    {
        using var check = Started();
        check.OnQuote(0, T + Second, T + Second, s_b, true);
        check.OnQuote(0, T + Second + 1, T + Second, s_c, true);
        check.OnTop(0, T + Second + 5, s_b);
        check.OnTop(0, T + Second + 6, s_c);
        Assert.That(Counts(check), Is.EqualTo((2, 0, 0)));
    }

    [Test]
    public void The_order_counts()
    {
        using var check = Started();
        check.OnTop(0, T + 1, s_b);
        check.OnTop(0, T + 2, s_c);
        check.OnQuote(0, T + Second, T + Second, s_c, true);
        check.OnQuote(0, T + Second, T + Second, s_b, true);
        check.End(T + (5 * Second));
        Assert.That(Counts(check), Is.EqualTo((1, 1, 0)));
    }

    [Test]
    public void A_quote_that_repeats_the_last_says_nothing_else()
    {
        using var check = Started();
        check.OnQuote(0, T + Second, T + Second, s_a, true);
        check.OnQuote(0, T + Second + 1, T + Second, s_a, true);
        check.OnTop(0, T + Second, s_b);
        check.OnQuote(0, T + Second + 2, T + Second, s_b, true);
        Assert.That(Counts(check), Is.EqualTo((3, 0, 0)));
    }

    [Test]
    public void What_is_not_settled_is_not_compared()
    {
        using var check = new BitMexQuoteCheck(2);
        check.OnQuote(0, T, T, s_b, true);
        check.Start(0, T, s_a);
        check.OnQuote(0, T + BitMexQuoteCheck.MarginNanos - 1, T + Second, s_b, true);
        check.OnQuote(0, T + Second, T + Second, s_b, false);
        check.OnQuote(0, T + Second, T + Second, s_b, true);
        check.Stop(0);
        check.OnQuote(0, T + (2 * Second), T + (2 * Second), s_b, true);
        check.End(T + (9 * Second));
        Assert.That(Counts(check), Is.EqualTo((0, 0, 5)));
        Assert.That(check.Of(1), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public void More_tops_than_are_kept_make_a_quote_unsettled_until_the_next_match()
    {
        using var check = Started();
        for (int i = 0; i < BitMexQuoteCheck.KeptTops + 1; i++)
        {
            check.OnTop(0, T + Second, Touch(10 + i));
        }

        check.OnQuote(0, T + Second, T + Second, s_a, true);
        check.OnQuote(0, T + Second, T + Second + 1, Touch(20), true);
        check.End(T + (5 * Second));
        Assert.That(Counts(check), Is.EqualTo((1, 0, 1)));
        check.OnQuote(0, T + (9 * Second), T + (9 * Second), s_b, true);
        check.End(T + (19 * Second));
        Assert.That(Counts(check), Is.EqualTo((1, 1, 1)));
    }

    [Test]
    public void Tops_that_are_too_old_for_a_quote_need_not_be_kept_to_tell_that_it_differs()
    {
        using var check = Started();
        for (int i = 0; i < 3 * BitMexQuoteCheck.KeptTops; i++)
        {
            long time = T + ((1 + i) * Second / 50);
            check.OnTop(0, time, Touch(10 + i));
            check.OnQuote(0, time + (Second / 2), time + (Second / 2), s_b, true);
        }

        check.End(T + (100 * Second));
        Assert.That(Counts(check), Is.EqualTo((0, 3 * BitMexQuoteCheck.KeptTops, 0)));
    }

    [Test]
    public void A_crowd_of_waiting_quotes_gives_up_its_oldest_and_keeps_the_first_differences()
    {
        using var check = Started();
        for (int i = 0; i < BitMexQuoteCheck.MaxWaiting + 20; i++)
        {
            check.OnQuote(0, T + Second + i, T + Second, Touch(100 + i), true);
        }

        Assert.That(Counts(check), Is.EqualTo((0, 20, BitMexQuoteCheck.MaxWaiting)));
        Assert.That(check.Differences.Length, Is.EqualTo(BitMexQuoteCheck.MaxDifferences));
        Assert.That(check.Differences[15].Quote, Is.EqualTo(Touch(115)));
    }

    [Test]
    public void Symbols_beyond_the_most_are_not_settled()
    {
        using var check = new BitMexQuoteCheck(BitMexQuoteCheck.MaxSymbols + 1);
        for (int i = 0; i <= BitMexQuoteCheck.MaxSymbols; i++)
        {
            check.Start(i, T, s_a);
            check.OnTop(i, T, s_b);
            check.OnQuote(i, T + Second, T + Second, s_a, true);
        }

        Assert.That(Counts(check), Is.EqualTo((BitMexQuoteCheck.MaxSymbols, 0, 1)));
    }

    [Test]
    public void In_a_session_the_whole_message_counts_and_quotes_of_one_time_count_as_the_last()
    {
        var text = new BitMexText().Book().Partial("quote", "XBT").Wait(1_000)
            .Update(BitMexText.Level(2, "Buy", 11, null)).Update(BitMexText.Level(2, "Buy", 12, null));
        text.Rows("quote", "insert", text.Quote(11, "100", "101", 20, late: 1), text.Quote(5, "100", "101", 20), text.Quote(12, "100", "101", 20));
        text.Rows("quote", "insert", text.Quote(13, "100", "101", 20)).Wait(2_000).Update(BitMexText.Level(2, "Buy", 14, null));
        text.Rows("quote", "insert", """{"symbol":"XBT","bidSize":14,"bidPrice":100,"askPrice":101,"askSize":20}""");
        Feed.Result result = text.Read();
        BitMexQuoteCheck quotes = result.Statistics.BitMex!.Quotes;
        Assert.That(Counts(quotes), Is.EqualTo((2, 1, 2)), "5 is not the last of its time; the last has none");
        Assert.That(quotes.Differences[0].Quote, Is.EqualTo(new BitMexTouch(100_000_000_000, 13, 101_000_000_000, 20)));
    }

    [Test]
    public void An_empty_side_is_a_value_too()
    {
        var text = new BitMexText().Partial("orderBookL2", "XBT", BitMexText.Level(2, "Buy", 10, "100")).Partial("quote", "XBT").Wait(1_000);
        text.Rows("quote", "insert", text.Quote(10, "100", "null", 0));
        text.Insert(BitMexText.Level(1, "Sell", 3, "101")).Rows("quote", "insert", text.Quote(10, "100", "101", 3));
        Assert.That(Counts(text.Read().Statistics.BitMex!.Quotes), Is.EqualTo((2, 0, 0)));
    }

    private static BitMexQuoteCheck Started()
    {
        var check = new BitMexQuoteCheck(2);
        check.Start(0, T, s_a);
        return check;
    }

    private static BitMexTouch Touch(int size) => new(100 * MarketEvent.PriceScale, size, 101 * MarketEvent.PriceScale, size + 1);

    private static (long Agreed, long Differed, long Unsettled) Counts(BitMexQuoteCheck check) => (check.Agreed, check.Differed, check.Unsettled);
}
