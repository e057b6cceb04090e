using System.Text.Json;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.BitMex;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>Half a minute of ten instruments, against a reading by JSON documents after every line.</summary>
[Category("RealData")]
public class BitMexRealDataTests
{
    private const int Deepest = 2_000;

    private static readonly KeyValuePair<string, long>[] s_recordersLine = [new("malformed_lines", 1)];

    private static string Session => RealDataTests.Find("bitmex/BITMEX.ws.17.0_202104");

    private static string Active => RealDataTests.Find("bitmex/BITMEX.0_202104");

    [Test]
    public void Every_table_and_action_is_counted_as_documents_count_them()
    {
        var naive = new NaiveBitMex();
        foreach (string line in File.ReadLines(Session))
        {
            naive.Line(line);
        }

        using MarketDataSource source = CaptureSource.Open([Session], Feed.Options());
        Feed.Result result = Feed.ReadAll(source);
        long[] counts = result.Statistics.MessagesByType;
        Dictionary<string, long> got = Enumerable.Range(0, counts.Length).Where(t => counts[t] > 0).ToDictionary(source.TypeName, t => counts[t]);
        Assert.Multiple(() =>
        {
            Assert.That(got, Is.EquivalentTo(naive.Messages));
            Assert.That(naive.Messages, Has.Count.EqualTo(10), "the session has four book kinds, two of quotes, two of trades, and two more");
            Assert.That(result.Statistics.BitMex!.Rows, Is.EqualTo(naive.Rows.Values.Sum()));
            Assert.That(result.Statistics.BitMex.SentLines, Is.EqualTo(naive.Sent).And.EqualTo(3));
            Assert.That(result.Statistics.Irregularities(), Is.Empty);
            Assert.That(naive.Contradictions, Is.Zero);
            Assert.That(result.Fault, Is.Null);
            Assert.That(result.Date, Is.EqualTo(new DateOnly(2021, 4, 17)));
            Assert.That(result.Events.Count(e => e.Kind == EventKind.LevelSet),
                Is.EqualTo(naive.Rows.Where(r => r.Key.StartsWith("orderBookL2", StringComparison.Ordinal)).Sum(r => r.Value)));
            Assert.That(result.Events.Count(e => e.Kind == EventKind.Trade && !e.Flags.HasFlag(EventFlags.FromSnapshot)), Is.EqualTo(naive.Rows["trade/insert"]));
        });
    }

    [Test]
    public void Every_book_agrees_with_the_naive_one_after_every_line()
    {
        var naive = new NaiveBitMex();
        var limits = new EngineLimits { Instruments = 16, Levels = 1 << 14, Orders = 16 };
        using var books = new OrderBooks(limits);
        using MarketDataSource source = CaptureSource.Open([Session], Feed.Options());
        MarketEvent[] events = new MarketEvent[1_024];
        int compared = 0, lines = 0;
        foreach (string line in File.ReadLines(Session).Where(line => line.Length > 0))
        {
            IReadOnlyCollection<string> symbols = naive.Line(line);
            int count = source.Read(events);
            Assert.That(count, Is.InRange(0, events.Length - 1), line[..40]);
            foreach (ref MarketEvent e in events.AsSpan(0, count))
            {
                BookStatus status = books.Apply(ref e);
                Assert.That(status, Is.EqualTo(e.Kind == EventKind.LevelSet ? BookStatus.Applied : BookStatus.NotABookEvent), line[..40]);
            }

            foreach (string symbol in symbols)
            {
                int instrument = source.Instruments.Find(symbol);
                Assert.That(Side(books, instrument, Engine.Core.Events.Side.Buy), Is.EqualTo(naive.Side(symbol, "Buy")), line[..40]);
                Assert.That(Side(books, instrument, Engine.Core.Events.Side.Sell), Is.EqualTo(naive.Side(symbol, "Sell")), line[..40]);
                Assert.That(books.IsCrossed(instrument), Is.False, line[..40]);
                Assert.That(books.Trust(instrument), Is.EqualTo(BookTrust.Good), line[..40]);
                compared++;
            }

            lines++;
        }

        Assert.That(source.Read(events), Is.EqualTo(-1));
        Assert.That((lines, compared), Is.EqualTo((2_025, 1_862)));
    }

    [Test]
    public void The_books_agree_with_every_settled_quote_of_every_symbol()
    {
        using MarketDataSource source = CaptureSource.Open([Session], Feed.Options());
        Feed.Result result = Feed.ReadAll(source);
        BitMexQuoteCheck quotes = result.Statistics.BitMex!.Quotes;
        Assert.Multiple(() =>
        {
            Assert.That(quotes.Differed, Is.Zero);
            Assert.That(quotes.Seen, Is.EqualTo(429));
            Assert.That(quotes.Unsettled, Is.EqualTo(19), "ten before their book, nine not long enough after it");
            for (int i = 0; i < 10; i++)
            {
                Assert.That(quotes.Of(i).Agreed, Is.GreaterThanOrEqualTo(9), source.Instruments.Symbol(i));
            }
        });
    }

    /// <summary>The check's own rule, told again over the whole session at once: the settled quotes of a symbol are, in order, tops of its
    /// naive book.</summary>
    [Test]
    public void The_quotes_are_in_order_among_the_tops_of_the_naive_books()
    {
        var naive = new NaiveBitMex();
        var tops = new Dictionary<string, List<(decimal, long, decimal, long)>>();
        foreach (string line in File.ReadLines(Session))
        {
            foreach (string symbol in naive.Line(line))
            {
                tops.TryAdd(symbol, []);
                tops[symbol].Add(naive.Top(symbol));
            }
        }

        foreach (var quotes in naive.Quotes.GroupBy(q => q.Symbol))
        {
            int at = 0, unmatched = 0;
            foreach (var q in quotes)
            {
                int found = tops[q.Symbol].IndexOf((q.Bid, q.BidSize, q.Ask, q.AskSize), at);
                unmatched += found < 0 ? 1 : 0;
                at = found < 0 ? at : found + 1;
            }

            // Those of the first second are older than the book that came late.
            Assert.That(unmatched, Is.LessThanOrEqualTo(3), quotes.Key);
        }
    }

    /// <summary>Proof that the check can fail.</summary>
    [Test]
    public void One_changed_size_makes_the_check_differ()
    {
        string text = File.ReadAllText(Session);
        const string Was = "\"id\":52499998733,\"side\":\"Sell\",\"size\":330,";
        int at = text.IndexOf(Was, StringComparison.Ordinal);
        Assert.That(at, Is.Positive, "the level that becomes the best ask");
        string changed = text[..at] + Was.Replace("330", "331", StringComparison.Ordinal) + text[(at + Was.Length)..];
        using MarketDataSource source = CaptureSource.Open([Feed.File("changed", System.Text.Encoding.UTF8.GetBytes(changed))], Feed.Options());
        Feed.Result result = Feed.ReadAll(source);
        BitMexQuoteCheck quotes = result.Statistics.BitMex!.Quotes;
        Assert.That(quotes.Differed, Is.Positive);
        BitMexDifference first = quotes.Differences[0];
        Assert.Multiple(() =>
        {
            Assert.That(result.Instruments.Symbol(first.Instrument), Is.EqualTo("EOSM21"));
            Assert.That(first.Quote.AskSize, Is.EqualTo(330));
            Assert.That(quotes.Of(result.Instruments.Find("LTCUSD")).Differed, Is.Zero);
            Assert.That(result.Statistics.Irregularities().Select(i => i.Key), Is.EqualTo(new[] { "quotes_differed" }));
        });
    }

    [Test]
    public void The_active_instruments_are_a_partial_of_the_instrument_table()
    {
        using MarketDataSource source = CaptureSource.Open([Active], Feed.Options());
        Feed.Result result = Feed.ReadAll(source);
        var bitmex = (BitMexSource)source;
        int doge = source.Instruments.Find("DOGEUSDT");
        Assert.Multiple(() =>
        {
            Assert.That(source.TypeName(Array.FindIndex(result.Statistics.MessagesByType, c => c > 0)), Is.EqualTo("instrument/partial"));
            Assert.That(result.Statistics.Irregularities(), Is.EqualTo(s_recordersLine), "its last line is the recorder's own");
            Assert.That(source.Instruments.Count, Is.EqualTo(24));
            Assert.That(doge, Is.GreaterThanOrEqualTo(0));
            Assert.That(bitmex.Values(doge).MarkPrice, Is.Positive);
            Assert.That(bitmex.Values(doge).FundingRate, Is.Not.EqualTo(MarketEvent.Absent));
            Assert.That(bitmex.Values(source.Instruments.Find("LINKUSDTM21")).IndexPrice, Is.EqualTo(41_019_100_000));
            Assert.That(bitmex.Values(source.Instruments.Find("LINKUSDTM21")).MarkPrice, Is.EqualTo(56_638_600_000));
            Assert.That(bitmex.Values(source.Instruments.Find("LINKUSDTM21")).FundingRate, Is.EqualTo(MarketEvent.Absent));
        });
    }

    [Test]
    public void The_active_instruments_tell_index_mark_and_funding_as_documents_do()
    {
        string text = File.ReadAllText(Active);
        using JsonDocument document = JsonDocument.Parse(text[text.IndexOf('[')..text.IndexOf('\n')]);
        var naive = new NaiveInstruments();
        foreach (JsonElement row in document.RootElement.EnumerateArray())
        {
            naive.Row(row.GetProperty("symbol").GetString()!, "partial", row);
        }

        using MarketDataSource source = CaptureSource.Open([Active], Feed.Options());
        Feed.Result result = Feed.ReadAll(source);
        Assert.That(NaiveInstruments.Of(result), Is.EqualTo(naive.Told));
        Assert.That(naive.Told.CountBy(t => t.Kind).ToDictionary(), Is.EquivalentTo(
            new Dictionary<EventKind, int> { [EventKind.IndexPrice] = 24, [EventKind.MarkPrice] = 24, [EventKind.Funding] = 13 }));
        Assert.That(naive.Told.Count(t => t.Kind == EventKind.Funding && t.Price < 0), Is.EqualTo(0), "all paid by longs that day");
        Assert.That(result.Events.Where(e => e.Flags.HasFlag(EventFlags.LastOfEvent)).Select(e => e.Instrument), Is.EquivalentTo(Enumerable.Range(0, 24)));
        Assert.That(result.Events, Has.Count.EqualTo(24 + 24 + 13 + 23), "all but the last have a status behind them");
    }

    [Test]
    public void Both_files_are_read_together_by_their_times()
    {
        using MarketDataSource source = CaptureSource.Open([Session, Active], Feed.Options());
        Feed.Result result = Feed.ReadAll(source);
        Assert.That(result.Events[0].ReceiveTime, Is.EqualTo(1_618_677_659_604_420_200), "the instruments came first");
        Assert.That(result.Events.Zip(result.Events.Skip(1)).All(pair => pair.First.ReceiveTime <= pair.Second.ReceiveTime));
        Assert.That(result.Statistics.BitMex!.Quotes.Agreed, Is.EqualTo(410));
        Assert.That(result.Statistics.Irregularities(), Is.EqualTo(s_recordersLine));
    }

    [Test]
    public void A_small_buffer_gives_the_same_events([Values(1, 7)] int room)
    {
        using MarketDataSource whole = CaptureSource.Open([Session], Feed.Options());
        using MarketDataSource parts = CaptureSource.Open([Session], Feed.Options());
        Assert.That(Feed.ReadAll(parts, room).Events.Select(e => EventText.Of(e)), Is.EqualTo(Feed.ReadAll(whole).Events.Select(e => EventText.Of(e))));
    }

    private static List<(decimal Price, long Size)> Side(OrderBooks books, int instrument, Side side)
    {
        long[] prices = new long[Deepest];
        long[] sizes = new long[Deepest];
        int count = books.Top(instrument, side, prices, sizes);
        return [.. prices.Take(count).Zip(sizes, (p, s) => (p / 1_000_000_000m, s))];
    }
}
