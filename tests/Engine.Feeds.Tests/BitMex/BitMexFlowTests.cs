using System.Text;
using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Feeds.BitMex;
using Engine.Feeds.Captures;
using Engine.TestKit;

namespace Engine.Feeds.Tests.BitMex;

/// <summary>Random sessions: the books that events build, the tops that the feed keeps, and what damage does.</summary>
public class BitMexFlowTests
{
    [Test]
    public void Books_agree_with_the_naive_ones_after_every_message()
    {
        foreach (ulong seed in Seeds.Take(2))
        {
            string[] lines = new BitMexFlow(seed).Write(3_000).ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var naive = new NaiveBitMex();
            using var books = new OrderBooks(new EngineLimits { Instruments = 8, Levels = 4_096, Orders = 16 });
            using MarketDataSource source = CaptureSource.Open([Feed.File("flow", Encoding.ASCII.GetBytes(string.Join('\n', lines)))], Feed.Options());
            MarketEvent[] events = new MarketEvent[256];
            foreach (string line in lines)
            {
                IReadOnlyCollection<string> symbols = naive.Line(line);
                int count = source.Read(events);
                for (int i = 0; i < count; i++)
                {
                    BookStatus status = books.Apply(ref events[i]);
                    Assert.That(status, Is.EqualTo(events[i].Kind == EventKind.LevelSet ? BookStatus.Applied : BookStatus.NotABookEvent), $"seed {seed}: {line}");
                }

                foreach (string symbol in symbols)
                {
                    Compare(books, source.Instruments.Find(symbol), naive, symbol, $"seed {seed}: {line}");
                }
            }

            Assert.That(naive.Contradictions, Is.Zero);
            Assert.That(source.Statistics.Irregularities().Where(i => i.Key != "quotes_differed"), Is.Empty);
        }
    }

    /// <summary>The tops that the quote check sees come from the feed's own levels, which know nothing of the engine's books.</summary>
    [Test]
    public void The_best_levels_agree_with_all_levels_searched()
    {
        foreach (ulong seed in Seeds.Take(3))
        {
            var random = new SeededRandom(seed);
            using var levels = new BitMexLevels(new EngineLimits { Levels = 600, Instruments = 3 });
            var naive = new Dictionary<(int Instrument, ulong Id), (Side Side, long Price, long Size)>();
            int most = 0;
            for (int i = 0; i < 30_000; i++)
            {
                int instrument = random.Next(3);
                Step(random, levels, naive, instrument, i);
                most = Math.Max(most, naive.Count);
                foreach (Side side in (Side[])[Side.Buy, Side.Sell])
                {
                    var there = naive.Where(l => l.Key.Instrument == instrument && l.Value.Side == side && l.Value.Size > 0).Select(l => l.Value);
                    (long, long) best = !there.Any() ? (MarketEvent.Absent, 0)
                        : side == Side.Buy ? there.Select(l => (l.Price, l.Size)).MaxBy(l => l.Price) : there.Select(l => (l.Price, l.Size)).MinBy(l => l.Price);
                    Assert.That(levels.Best(instrument, side), Is.EqualTo(best), $"seed {seed}, step {i}");
                }

                Assert.That(levels.Count, Is.EqualTo(naive.Count), $"seed {seed}, step {i}");
            }

            Assert.That(most, Is.GreaterThan(150), $"seed {seed}");
        }
    }

    [Test]
    public void Damaged_sessions_end_and_add_up()
    {
        byte[] whole = new BitMexFlow(77).Write(60).ToArray();
        int ended = 0;
        foreach (ulong seed in Seeds.Take(2))
        {
            var random = new SeededRandom(seed);
            for (int round = 0; round < 40; round++)
            {
                byte[] bytes = Damage(random, whole);
                string path = Feed.File("damaged", bytes);
                using MarketDataSource source = CaptureSource.Open([path], Feed.Options() with { Limits = new EngineLimits { Levels = 200, Instruments = 64 }, Instruments = new InstrumentTable(20) });
                Check(source, bytes.Length, $"seed {seed}, round {round}");
                ended++;
            }
        }

        Assert.That(ended, Is.Positive);
    }

    [Test]
    public void Reading_a_session_allocates_nothing()
    {
        byte[] bytes = [.. new BitMexFlow(5).Write(4_000).ToArray(), .. "nonsense\n1.5: {\"table\":\n1.6: pong\nwss://a <!> 1700000060: gone\nwss://a <-> 1700000061\n"u8];
        string path = Feed.File("session", bytes);
        Assert.That(
            AllocationTests.AllocatedBy(() => CaptureSource.Open([path], Feed.Options()), source => source.Statistics.Messages, out long messages), Is.Zero);
        Assert.That(messages, Is.EqualTo(4_018));
    }

    [Test]
    public void Reading_a_cut_session_allocates_nothing()
    {
        string path = Feed.File("session", new BitMexFlow(5).Write(1_000).ToArray()[..^9]);
        Assert.That(AllocationTests.AllocatedBy(() => CaptureSource.Open([path], Feed.Options()), source => source.Fault?.Sentence, out string? sentence), Is.Zero);
        Assert.That(sentence, Does.Contain("is cut in the middle of the line"));
    }

    private static void Compare(OrderBooks books, int instrument, NaiveBitMex naive, string symbol, string where)
    {
        long[] prices = new long[512];
        long[] sizes = new long[512];
        foreach (Side side in (Side[])[Side.Buy, Side.Sell])
        {
            int count = books.Top(instrument, side, prices, sizes);
            Assert.That(prices.Take(count).Zip(sizes, (p, s) => (p / 1_000_000_000m, s)), Is.EqualTo(naive.Side(symbol, side.ToString())), where);
        }

        Assert.That(books.Trust(instrument), Is.EqualTo(BookTrust.Good), where);
    }

    private static unsafe void Step(
        SeededRandom random, BitMexLevels levels, Dictionary<(int Instrument, ulong Id), (Side Side, long Price, long Size)> naive, int instrument, int step)
    {
        ulong id = (ulong)random.Next(200);
        BitMexLevel* level = levels.Find(instrument, id, Side.None);
        Assert.That(level != null, Is.EqualTo(naive.ContainsKey((instrument, id))));
        (Side Side, long Price, long Size) value = (random.Chance(0.5) ? Side.Buy : Side.Sell, (long)(id * 4) + random.Next(4), random.Next(4));
        if (step % 5_000 == 4_999)
        {
            levels.Clear(instrument);
            naive.Keys.Where(k => k.Instrument == instrument).ToList().ForEach(k => naive.Remove(k));
        }
        else if (level == null)
        {
            levels.Add(instrument, id, Side.None, value.Side, value.Price, value.Size);
            naive.Add((instrument, id), value);
        }
        else if (random.Chance(0.4))
        {
            levels.Remove(level);
            naive.Remove((instrument, id));
        }
        else
        {
            levels.Change(level, value.Side, value.Price, value.Size);
            naive[(instrument, id)] = value;
        }
    }

    /// <summary>Changes bytes, and cuts, doubles and moves lines, behind the first.</summary>
    private static byte[] Damage(SeededRandom random, byte[] whole)
    {
        List<byte> bytes = [.. whole];
        byte[] alphabet = "{}[]\",:0123456789eE.-\\ntu\n "u8.ToArray();
        int first = bytes.IndexOf((byte)'\n') + 1;
        for (int i = random.Next(1, 40); i > 0; i--)
        {
            int at = random.Next(first, bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = alphabet[random.Next(alphabet.Length)];
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(30), bytes.Count - at));
                    break;
                case 3:
                    bytes.Insert(at, alphabet[random.Next(alphabet.Length)]);
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(first, Math.Min(random.Next(300), bytes.Count - first)));
                    break;
            }
        }

        return [.. bytes[..(random.Chance(0.5) ? bytes.Count : random.Next(first, bytes.Count + 1))]];
    }

    private static void Check(MarketDataSource source, int bytes, string where)
    {
        MarketEvent[] events = new MarketEvent[3];
        var open = new HashSet<int>();
        long written = 0;
        int count;
        for (long reads = 0; (count = source.Read(events)) >= 0; reads++)
        {
            Assert.That(reads, Is.LessThan((2 * bytes) + 100), where);
            written += count;
            for (int i = 0; i < count; i++)
            {
                Assert.That(source.TryGetMessage(i, out _) || events[i].Kind is EventKind.Clear or EventKind.Status, where);
                source.WriteDetail(i, TextWriter.Null);
                Assert.That(source.TypeName(0), Is.EqualTo("orderBookL2/partial"));
                _ = events[i].Flags.HasFlag(EventFlags.LastOfEvent) ? open.Remove(events[i].Instrument) : open.Add(events[i].Instrument);
            }
        }

        BitMexStatistics s = source.Statistics.BitMex!;
        Assert.That(open, Is.Empty, where);
        Assert.That(source.Statistics.Events, Is.EqualTo(written), where);
        Assert.That(source.Statistics.MessagesByType[BitMexTables.NoJson], Is.EqualTo(s.MalformedMessages + s.NestedMessages), where);
        Assert.That(s.Quotes.Agreed + s.Quotes.Differed + s.Quotes.Unsettled, Is.EqualTo(s.Quotes.Seen), where);
    }
}
