using System.IO.Compression;
using System.Text;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Core.Time;
using Engine.Feeds.Captures;
using Engine.Feeds.Tests.Dbn;
using Engine.TestKit;
using Engine.TestKit.Captures;

namespace Engine.Feeds.Tests.Lobster;

public class LobsterFileTests
{
    private const string Name = "AAPL_2012-06-21_34200000_57600000_message_5.csv";
    private const string BookName = "AAPL_2012-06-21_34200000_57600000_orderbook_5.csv";

    private static readonly long s_midnight = UsEastern.MidnightUtcNanos(new DateOnly(2012, 6, 21));

    private static IEnumerable<ulong> FlowSeeds() => Seeds.Take(3);

    [Test]
    public void Messages_alone_are_orders()
    {
        LobsterWriter writer = new();
        writer.Message("34200.000000001", 1, 11, 100, 5_000_000, 1).Message("34200.5", 2, 11, 30, 5_000_000, 1).Message("34201", 4, 11, 20, 5_000_000, 1);
        writer.Message("34201", 3, 11, 50, 5_000_000, 1).Message("34201", 5, 0, 7, 5_000_050, -1).Message("34202", 6, 0, 900, 5_000_000, 1);
        writer.Message("34203", 7, 0, 0, -1, -1);
        Feed.Result result = Read(writer.Messages, null);
        Assert.That(result.Events.Select(e => EventText.Of(e).Replace($"{MarketEvent.Absent}", "-", StringComparison.Ordinal)), Is.EqualTo(new[]
        {
            Line("Add Buy", 100, 500_000_000_000, 11, 34_200_000_000_001, 1),
            Line("Cancel Buy", 30, 500_000_000_000, 11, 34_200_500_000_000, 2),
            Line("Execute Buy", 20, 500_000_000_000, 11, 34_201_000_000_000, 3),
            Line("Delete Buy", 50, 500_000_000_000, 11, 34_201_000_000_000, 4),
            Line("Trade Sell", 7, 500_005_000_000, 0, 34_201_000_000_000, 5),
            Line("Trade None", 900, 500_000_000_000, 0, 34_202_000_000_000, 6),
            Line("Status Sell", null, null, 0, 34_203_000_000_000, 7),
        }));
        Assert.Multiple(() =>
        {
            Assert.That(result.Instruments.Symbol(0), Is.EqualTo("AAPL"));
            Assert.That((result.Date, result.DateSource), Is.EqualTo((new DateOnly(2012, 6, 21), "capture")));
            Assert.That(result.Format, Is.EqualTo("LOBSTER messages"));
            Assert.That(result.Statistics.MessagesByType['1'], Is.EqualTo(1));
            Assert.That(result.Statistics.Irregularities(), Is.Empty);
            Assert.That(result.Fault, Is.Null);
            Assert.That(result.Statistics.Bytes, Is.EqualTo(writer.Messages.Length));
        });
    }

    [TestCaseSource(nameof(FlowSeeds))]
    public void Messages_alone_give_the_book_they_make(ulong seed)
    {
        LobsterWriter writer = LobsterWriter.Random(seed, 3_000);
        Check(Read(writer.Messages, null), writer, seed, BookTrust.Recovering);
    }

    [TestCaseSource(nameof(FlowSeeds))]
    public void With_the_rows_the_book_is_that_of_the_rows(ulong seed)
    {
        LobsterWriter writer = LobsterWriter.Random(seed, 3_000, 5, 60);
        Feed.Result result = Read(writer.Messages, writer.Rows);
        Assert.That(result.Format, Is.EqualTo("LOBSTER messages and 5 levels"));
        Assert.That(result.Statistics.Bytes, Is.EqualTo(writer.Messages.Length + writer.Rows.Length));
        Check(result, writer, seed, BookTrust.Good);
    }

    [Test]
    public void Orders_from_before_the_first_message_are_counted_as_unknown()
    {
        LobsterWriter writer = LobsterWriter.Random(3, 2_000, 5, 60);
        using OrderBooks books = new(new EngineLimits { Instruments = 4 });
        foreach (MarketEvent e in Read(writer.Messages, null).Events)
        {
            MarketEvent copy = e;
            books.Apply(ref copy);
        }

        Assert.That(books.Count(BookStatus.UnknownOrder), Is.GreaterThan(40));
        Assert.That(books.Trust(0), Is.EqualTo(BookTrust.Recovering));
    }

    [Test]
    public void A_trade_comes_before_the_levels_that_it_changed()
    {
        LobsterWriter writer = new LobsterWriter(2).Rest(1, 100, 5).Rest(-1, 120, 5).Rest(-1, 130, 5);
        writer.Message("34200.1", 1, 1, 5, 100, 1).Rest(-1, 120, -5).Message("34200.2", 4, 9, 5, 120, -1).Message("34200.3", 3, 9, 5, 90, 1);
        Feed.Result result = Read(writer.Messages, writer.Rows);
        Assert.That(string.Join(' ', result.Events.Select(e => $"{(e.Flags.HasFlag(EventFlags.LastOfEvent) ? "*" : "")}{e.Kind}:{e.Side}:{e.Price / 100_000}:{e.Quantity}")), Is.EqualTo(
            "LevelSet:Buy:100:5 LevelSet:Sell:120:5 *LevelSet:Sell:130:5 Trade:Sell:120:5 *LevelSet:Sell:120:0 *LevelSet:Buy:100:5"));
        Assert.That(result.Events[0].Flags.HasFlag(EventFlags.SessionStart));
    }

    [Test]
    public void Malformed_lines_and_rows_are_counted_with_the_first_ones_number()
    {
        LobsterWriter writer = LobsterWriter.Random(4, 50);
        string[] lines = Encoding.ASCII.GetString(writer.Messages).Split('\n');
        string[] rows = Encoding.ASCII.GetString(writer.Rows).Split('\n');
        lines[6] = "not a line";
        lines[20] = lines[20].Replace(",1,", ",9,", StringComparison.Ordinal).Replace(",2,", ",9,", StringComparison.Ordinal);
        Feed.Result alone = Read(Join(lines), null);
        Assert.That((alone.Statistics.BadLines, alone.Statistics.FirstBadLine, alone.Statistics.MessagesByType['?']), Is.EqualTo((1, 7, 1)));
        Assert.That(alone.Statistics.Messages, Is.EqualTo(50).And.EqualTo(alone.Events.Count + alone.Statistics.MalformedMessages));
        Assert.That(alone.Fault, Is.Null);

        rows[30] = "1,2,3";
        Feed.Result both = Read(Join(lines), Join(rows));
        Assert.That((both.Statistics.BadLines, both.Statistics.BadRows, both.Statistics.FirstBadLine), Is.EqualTo((1, 1, 7)));
        Assert.That(both.Events.Count(e => e.Kind == EventKind.Gap), Is.EqualTo(1));
        Assert.That(both.Fault, Is.Null);
        Dictionary<(Side, long), long> book = Book(both.Events);
        (List<(long Price, long Size)> bids, List<(long Price, long Size)> asks) = writer.Tops[^1];
        Assert.That(book, Is.EquivalentTo(Pairs(bids, Side.Buy).Concat(Pairs(asks, Side.Sell))), "the row after a bad one makes it good");
    }

    [TestCase(-1, "goes on when its orderbook file has ended after 19 rows, at byte")]
    [TestCase(1, "ends after 20 lines, when its orderbook file goes on, at byte")]
    public void Files_that_do_not_pair_up_are_a_fault(int more, string words)
    {
        LobsterWriter writer = LobsterWriter.Random(5, 20);
        string[] rows = Encoding.ASCII.GetString(writer.Rows).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] wrong = more < 0 ? rows[..^1] : [.. rows, rows[^1]];
        Feed.Result result = Read(writer.Messages, Join([.. wrong, ""]));
        Assert.That(result.Fault!.Sentence, Does.Contain(words));
        Assert.That(result.Statistics.Messages, Is.EqualTo(more < 0 ? 19 : 20));
    }

    [Test]
    public void A_message_file_cut_at_any_byte_keeps_its_whole_lines()
    {
        byte[] whole = LobsterWriter.Random(6, 12).Messages;
        for (int length = 45; length <= whole.Length; length++)
        {
            Feed.Result result = Read(whole[..length], null);
            int lines = whole.AsSpan(0, length).Count((byte)'\n');
            int start = whole.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
            string rest = Encoding.ASCII.GetString(whole, start, length - start);
            bool isWhole = rest.Length == 0 || (rest.Count(c => c == ',') == 5 && rest[^1] == '1');
            Assert.That(result.Events, Has.Count.EqualTo(lines + (isWhole && rest.Length > 0 ? 1 : 0)), $"byte {length}");
            Assert.That(result.Fault?.Offset, Is.EqualTo(isWhole ? null : start), $"byte {length}");
            Assert.That(isWhole || result.Fault!.Sentence.Contains("is cut in the middle of the line at byte", StringComparison.Ordinal));
        }
    }

    [Test]
    public void An_orderbook_file_cut_at_any_byte_keeps_the_messages_of_its_whole_rows()
    {
        LobsterWriter writer = LobsterWriter.Random(7, 8, 2);
        int first = Array.IndexOf(writer.Rows, (byte)'\n') + 1;
        for (int length = first; length < writer.Rows.Length; length++)
        {
            Feed.Result result = Read(writer.Messages, writer.Rows[..length]);
            int rows = writer.Rows.AsSpan(0, length).Count((byte)'\n');
            Assert.That(result.Statistics.Messages, Is.EqualTo(rows), $"byte {length}");
            Assert.That(result.Fault!.Sentence, Does.Contain($"orderbook file has ended after {rows} rows"));
        }
    }

    [Test]
    public void Several_days_are_merged_and_each_begins_a_book_anew()
    {
        string first = Feed.File(Name, LobsterWriter.Random(8, 40).Messages);
        string second = Feed.File(Name.Replace("06-21", "06-22", StringComparison.Ordinal), LobsterWriter.Random(9, 40).Messages);
        using MarketDataSource source = CaptureSource.Open([second, first], Feed.Options());
        Feed.Result result = Feed.ReadAll(source);
        Assert.That(result.Events, Has.Count.EqualTo(81));
        Assert.That(result.Events.Select(e => e.ExchangeTime), Is.Ordered);
        Assert.That(result.Instruments.Count, Is.EqualTo(1));
    }

    [Test]
    public void Dates_come_from_the_option_before_the_name_and_a_nameless_file_has_none()
    {
        byte[] bytes = LobsterWriter.Random(10, 20).Messages;
        using MarketDataSource named = CaptureSource.Open([Feed.File(Name, bytes)], Feed.Options(new DateOnly(2012, 12, 3)));
        Assert.That((named.Date, named.DateSource), Is.EqualTo((new DateOnly(2012, 12, 3), "option")));
        using MarketDataSource nameless = CaptureSource.Open([Feed.File("x.csv", Feed.Gzip(bytes))], Feed.Options() with { Venue = Venue.Lobster });
        Feed.Result result = Feed.ReadAll(nameless);
        Assert.That((result.Date, result.DateSource), Is.EqualTo(((DateOnly?)null, "none")));
        Assert.That(result.Events[0].ExchangeTime, Is.EqualTo(34_200_000_000_000));
        Assert.That(result.Format, Is.EqualTo("gzip / LOBSTER messages"));
    }

    [Test]
    public void Orderbook_files_may_be_named_too_and_alone_are_refused()
    {
        LobsterWriter writer = LobsterWriter.Random(11, 20);
        string book = Feed.File(BookName, writer.Rows);
        CaptureException alone = Assert.Throws<CaptureException>(() => CaptureSource.Open([book], Feed.Options()))!;
        Assert.That(alone.Message, Does.Contain("is a LOBSTER orderbook file; name the message file"));
        string messages = Feed.File(Name, writer.Messages);
        using MarketDataSource source = CaptureSource.Open([messages, book], Feed.Options());
        Assert.That(source.Captures.Select(c => c.Path), Is.EqualTo(new[] { messages, book }));
        Assert.That(Feed.ReadAll(source).Fault, Is.Null);
        string other = Feed.File(Name.Replace("AAPL", "MSFT", StringComparison.Ordinal), writer.Messages);
        CaptureException mixed = Assert.Throws<CaptureException>(() => CaptureSource.Open([messages, other], Feed.Options()))!;
        Assert.That((mixed.ExitCode, mixed.Message), Is.EqualTo((2, mixed.Message)));
        Assert.That(mixed.Message, Does.Contain("has its orderbook file beside it and"));
        Feed.File(BookName, "no,row\n"u8.ToArray());
        CaptureException wrong = Assert.Throws<CaptureException>(() => CaptureSource.Open([messages], Feed.Options()))!;
        Assert.That(wrong.Message, Does.Contain("is no LOBSTER orderbook file"));
    }

    [TestCase(Name, BookName + ".gz")]
    [TestCase(Name + ".gz", BookName)]
    public void One_of_the_two_files_may_be_compressed_alone(string messages, string book)
    {
        LobsterWriter writer = LobsterWriter.Random(12, 20);
        Feed.File(book, Packed(book, writer.Rows));
        using MarketDataSource source = CaptureSource.Open([Feed.File(messages, Packed(messages, writer.Messages))], Feed.Options());
        Assert.That(source.Format, Does.EndWith("LOBSTER messages and 5 levels"));
        Assert.That(Feed.ReadAll(source).Fault, Is.Null);
    }

    private static byte[] Packed(string name, byte[] content)
    {
        if (!name.EndsWith(".gz", StringComparison.Ordinal))
        {
            return content;
        }

        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, true))
        {
            gzip.Write(content);
        }

        return target.ToArray();
    }

    [Test]
    public void Columns_show_as_they_are()
    {
        using MarketDataSource source = CaptureSource.Open([Feed.File(Name, "34200.5,7,0,0,-1,-1,nu;ll\r\n"u8.ToArray())], Feed.Options());
        Assert.That(source.Read(new MarketEvent[4]), Is.EqualTo(1));
        var text = new StringWriter();
        source.WriteDetail(0, text);
        Assert.That((source.TypeText(0), text.ToString()), Is.EqualTo(("7", "venue_order_id=0;size=0;wire_price=-1;direction=-1;extra=nu\\x3bll")));
    }

    [TestCaseSource(nameof(FlowSeeds))]
    public void Mutated_files_end_and_add_up(ulong seed)
    {
        SeededRandom random = new(seed);
        LobsterWriter writer = LobsterWriter.Random(seed, 25, 3);
        int opened = 0;
        for (int round = 0; round < 150; round++)
        {
            Feed.File(BookName, Mutate(random, writer.Rows));
            string name = random.Chance(0.5) ? Name : "alone.csv";
            opened += DbnDamageTests.Survives(Mutate(random, writer.Messages), $"seed {seed}, round {round}", name) ? 1 : 0;
        }

        Assert.That(opened, Is.GreaterThan(75), $"seed {seed}");
    }

    private static byte[] Mutate(SeededRandom random, byte[] whole)
    {
        byte[] bytes = (byte[])whole.Clone();
        for (int i = random.Next(0, 10); i > 0; i--)
        {
            bytes[random.Next(50, bytes.Length)] = random.Chance(0.5) ? (byte)"0123456789,.-\n\r"[random.Next(15)] : (byte)random.Next(256);
        }

        return bytes[..random.Next(bytes.Length / 2, bytes.Length + 1)];
    }

    private static string Line(string what, long? size, long? price, ulong order, long time, int sequence) =>
        $"{what} [LastOfEvent, BadReceiveTime, Watched] i0 q{size?.ToString() ?? "-"} p{price?.ToString() ?? "-"} o{order} r0 t{s_midnight + time} x{s_midnight + time} s{sequence} Lobster";

    private static Feed.Result Read(byte[] messages, byte[]? rows)
    {
        string path = Feed.File(Name, messages);
        string book = path.Replace("_message_", "_orderbook_", StringComparison.Ordinal);
        File.Delete(book);
        if (rows is not null)
        {
            File.WriteAllBytes(book, rows);
        }

        using MarketDataSource source = CaptureSource.Open([path], Feed.Options());
        return Feed.ReadAll(source);
    }

    private static void Check(Feed.Result result, LobsterWriter writer, ulong seed, BookTrust trust)
    {
        using OrderBooks books = new(new EngineLimits { Instruments = 4 });
        var prices = new long[5];
        var sizes = new long[5];
        int line = 0;
        foreach (MarketEvent e in result.Events)
        {
            MarketEvent copy = e;
            Assert.That(books.Apply(ref copy), Is.EqualTo(BookStatus.Applied).Or.EqualTo(BookStatus.NotABookEvent), $"seed {seed}, line {line + 1}");
            if (!e.Flags.HasFlag(EventFlags.LastOfEvent))
            {
                continue;
            }

            foreach ((Side side, List<(long Price, long)> expected) in (ReadOnlySpan<(Side, List<(long, long)>)>)
                [(Side.Buy, writer.Tops[line].Bids), (Side.Sell, writer.Tops[line].Asks)])
            {
                int count = books.Top(0, side, prices, sizes);
                Assert.That(
                    Enumerable.Range(0, count).Select(i => (prices[i] / 100_000, sizes[i])).SequenceEqual(expected), Is.True, $"seed {seed}, line {line + 1}, {side}");
            }

            line++;
        }

        Assert.That(line, Is.EqualTo(writer.Tops.Count).And.EqualTo(result.Statistics.Messages));
        Assert.That(books.Trust(0), Is.EqualTo(trust));
        Assert.That(result.Statistics.Irregularities(), Is.Empty);
        Assert.That(result.Fault, Is.Null);
    }

    private static Dictionary<(Side, long), long> Book(IEnumerable<MarketEvent> events)
    {
        Dictionary<(Side, long), long> book = [];
        foreach (MarketEvent e in events.Where(e => e.Kind == EventKind.LevelSet))
        {
            book[(e.Side, e.Price / 100_000)] = e.Quantity;
        }

        return book.Where(p => p.Value > 0).ToDictionary();
    }

    private static IEnumerable<KeyValuePair<(Side, long), long>> Pairs(List<(long Price, long Size)> levels, Side side) =>
        levels.Select(level => KeyValuePair.Create((side, level.Price), level.Size));

    private static byte[] Join(string[] lines) => Encoding.ASCII.GetBytes(string.Join('\n', lines));
}
