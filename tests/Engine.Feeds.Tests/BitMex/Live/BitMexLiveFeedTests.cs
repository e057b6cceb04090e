using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Core.Events;
using Engine.Core.Time;
using Engine.Feeds.BitMex.Live;
using Engine.Feeds.Captures;
using Engine.Simulator.Live.BitMex;

namespace Engine.Feeds.Tests.BitMex.Live;

public class BitMexLiveFeedTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(40);

    [Test]
    public void A_session_with_every_fault_replays_to_the_same_events_and_its_books_recover()
    {
        string path = Recording();
        List<MarketEvent> events = [];
        FeedStatistics live;
        ulong hash;
        FeedNotices notices = new();
        using (BitMexServer server = new(new BitMexServerOptions { FrameBytes = 700, FundingEvery = TimeSpan.FromMilliseconds(1) }, new WallClock()))
        {
            server.Start();
            BitMexLiveOptions options = LiveSession.Options(server) with { Parks = true };
            FeedOptions read = Feed.Options() with { HashesPayloads = true, Notices = notices };
            using BitMexLiveFeed feed = BitMexLiveFeed.Open(options, read, new WallClock(), path);
            Until(feed, events, () => Agrees(events, feed, server), "the first books");
            server.Step(300);
            Until(feed, events, () => Agrees(events, feed, server), "the changed books");

            server.LoseInsert("ETHUSD");
            Until(feed, events, () => feed.Counters.Resubscriptions == 1 && Agrees(events, feed, server), "the book behind an unknown id");
            server.LoseDelete("SHIBXBT");
            Until(feed, events, () => feed.Counters.Resubscriptions == 2 && Agrees(events, feed, server), "the book behind a crossed one");
            server.CutNextMessage();
            server.Step(50);
            Until(feed, events, () => feed.Counters.Opened == 2 && Agrees(events, feed, server), "the books behind a cut connection");
            server.Stop();
            Until(feed, events, () => feed.Counters.Closed >= 3, "failed attempts");
            server.Refuse(503);
            server.Start();
            Until(feed, events, () => feed.Counters.Refused >= 2, "refusals");
            server.Accept();
            Until(feed, events, () => feed.Counters.Opened == 3 && Agrees(events, feed, server), "the books behind a restart");
            server.Step(1_000);
            Until(feed, events, () => Agrees(events, feed, server) && Refers(events, feed, server), "the last books and prices of reference");
            feed.Stop();
            Until(feed, events, () => false, "the end");
            Assert.That(feed.Fault, Is.Null);
            Assert.That((feed.WantedBooks, feed.UnknownBooks, feed.LostLines), Is.EqualTo((2L, 0L, 0L)));
            live = feed.Statistics;
            hash = feed.PayloadHash;
            AssertTold(notices, feed);
        }

        using MarketDataSource source = CaptureSource.Open([path], Feed.Options() with { HashesPayloads = true });
        Feed.Result replay = Feed.ReadAll(source);
        Assert.That(replay.Fault, Is.Null);
        Assert.That(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(replay.Events)).SequenceEqual(
            MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(events))), Is.True, $"{replay.Events.Count} events against {events.Count}");
        Assert.That(events, Has.Count.GreaterThan(2_000));
        Assert.That(events.Select(e => e.Kind).Distinct(), Is.SupersetOf(new[]
        {
            EventKind.SnapshotBegin, EventKind.SnapshotEnd, EventKind.LevelSet, EventKind.Trade, EventKind.Status, EventKind.Clear, EventKind.Gap,
            EventKind.IndexPrice, EventKind.MarkPrice, EventKind.Funding,
        }));
        foreach (EventKind kind in (EventKind[])[EventKind.IndexPrice, EventKind.MarkPrice, EventKind.Funding])
        {
            Assert.That(events.Count(e => e.Kind == kind && !e.Flags.HasFlag(EventFlags.FromSnapshot)), Is.Positive, $"{kind} in updates");
        }

        Assert.That(replay.Statistics.MessagesByType.ToArray(), Is.EqualTo(live.MessagesByType.ToArray()));
        Assert.That((replay.Statistics.Bytes, replay.Statistics.Events, replay.Statistics.Gaps), Is.EqualTo((live.Bytes, live.Events, live.Gaps)));
        Assert.That(replay.Statistics.Bytes, Is.EqualTo(new FileInfo(path).Length));
        Assert.That(replay.Statistics.Irregularities(), Is.EqualTo(live.Irregularities()));
        Assert.That(live.BitMex!.Quotes.Differed, Is.Zero);
        Assert.That(source.PayloadHash, Is.EqualTo(hash).And.Not.Zero);
    }

    [Test]
    public void The_session_ends_where_it_is_told_to_from_outside()
    {
        using BitMexServer server = new(new BitMexServerOptions(), new WallClock());
        server.Start();
        int mustEnd = 0;
        BitMexLiveSettings settings = new()
        {
            Session = LiveSession.Options(server),
            Parks = true,
            RecordPath = Recording(),
            MustEnd = () => Volatile.Read(ref mustEnd) != 0,
        };
        using BitMexLiveFeed feed = (BitMexLiveFeed)settings.Open(Feed.Options());
        List<MarketEvent> events = [];
        Until(feed, events, () => Agrees(events, feed, server), "the books");
        Volatile.Write(ref mustEnd, 1);
        Until(feed, events, () => false, "the end");
        Assert.That(Agrees(events, feed, server), "an end that was asked for empties no book");
        Assert.That((feed.Fault, feed.Faults.Count, feed.PayloadHash), Is.EqualTo(((SourceFault?)null, 0L, 0UL)), "nothing was asked to be hashed");
        Assert.That(feed.RecordedLines, Is.EqualTo(File.ReadLines(settings.RecordPath).Count()), "the recording is whole when the end is told");
    }

    [Test]
    public void Every_byte_behind_the_address_counts_in_the_hash_and_so_does_the_order()
    {
        const string Session = """
            ws://venue <-> 1700000000.000000001
            ws://venue <- 1700000000.1: {"op":"subscribe","args":["quote:A"]}
            1700000000.2: {"info":"hello"}
            1700000000.2: {"info":"hullo"}
            ws://venue <!> 1700000000.3: lost
            http://venue <!> 1700000000.4: 503

            """;
        ulong whole = Hash(Session);
        Assert.That(whole, Is.Not.Zero.And.EqualTo(Hash(Session)));
        string[] others =
        [
            Session.Replace("000001", "000002", StringComparison.Ordinal), Session.Replace("quote:A", "quote:B", StringComparison.Ordinal),
            Session.Replace("hello", "hallo", StringComparison.Ordinal), Session.Replace("0.2: ", "0.21: ", StringComparison.Ordinal),
            Session.Replace("lost", "last", StringComparison.Ordinal), Session.Replace("503", "502", StringComparison.Ordinal),
            Session.Replace("http://venue <!> 1700000000.4", "ws://venue <!> 1700000000.4", StringComparison.Ordinal),
            Session.Replace("hello", "?", StringComparison.Ordinal).Replace("hullo", "hello", StringComparison.Ordinal).Replace("?", "hullo", StringComparison.Ordinal),
            Session[..(Session.TrimEnd().LastIndexOf('\n') + 1)], Session + "1700000000.5: {}\n",
        ];
        Assert.That(others.Select(o => Hash(o)).Append(whole).Distinct().Count(), Is.EqualTo(others.Length + 1));
        Assert.That(Hash(Session, false), Is.Zero);
    }

    private static ulong Hash(string session, bool hashes = true)
    {
        string path = Feed.File("hashed.txt", System.Text.Encoding.ASCII.GetBytes(session));
        using MarketDataSource source = CaptureSource.Open([path], Feed.Options() with { HashesPayloads = hashes });
        Feed.ReadAll(source);
        return source.PayloadHash;
    }

    /// <summary>What the session of every fault has told: in order, and each refusal with its status.</summary>
    private static void AssertTold(FeedNotices notices, BitMexLiveFeed feed)
    {
        List<FeedNotice> told = [];
        while (notices.TryTake(out FeedNotice notice))
        {
            told.Add(notice);
        }

        FeedNotice[] refusals = [.. told.Where(n => n.Kind == FeedNoticeKind.Refused)];
        Assert.That(refusals.Select(n => n.Count), Is.All.EqualTo(503));
        Assert.That(refusals, Has.Length.EqualTo(feed.Counters.Refused));
        Assert.That(told.Where(n => n.Kind != FeedNoticeKind.Refused).Select(n => n.Kind), Is.EqualTo(new[]
        {
            FeedNoticeKind.Connected, FeedNoticeKind.Contradiction, FeedNoticeKind.Contradiction, FeedNoticeKind.Disconnected,
            FeedNoticeKind.Connected, FeedNoticeKind.Disconnected, FeedNoticeKind.Connected,
        }));
        Assert.That(told.Where(n => n.Kind == FeedNoticeKind.Contradiction).Select(n => feed.Instruments.Symbol(n.Stream)), Is.EqualTo(new[] { "ETHUSD", "SHIBXBT" }));
        Assert.That(told.Where(n => n.Kind == FeedNoticeKind.Connected).Select(n => n.Count > 0), Is.EqualTo(new[] { false, true, true }), "the first is no return");
        Assert.That(feed.Faults.Count, Is.EqualTo(feed.Counters.Closed));
        Assert.That(feed.Faults.Last, Does.Contain("no connection: "));
    }

    [Test]
    public void A_recording_killed_at_any_byte_reads_up_to_its_last_whole_line()
    {
        string path = Recording();
        using (BitMexServer server = new(new BitMexServerOptions(), new WallClock()))
        {
            server.Start();
            using BitMexLiveFeed feed = BitMexLiveFeed.Open(LiveSession.Options(server), Feed.Options(), new WallClock(), path);
            List<MarketEvent> events = [];
            Until(feed, events, () => Agrees(events, feed, server), "the books");
            server.Step(5);
            Until(feed, events, () => Agrees(events, feed, server), "the changed books");
            feed.Stop();
            Until(feed, events, () => false, "the end");
        }

        byte[] whole = File.ReadAllBytes(path);
        int ends = 0;
        long last = -1;
        for (int length = whole.Length - 4_000; length <= whole.Length; length += length < whole.Length - 300 ? 97 : 1)
        {
            byte[] cut = whole[..length];
            Feed.Result result = Feed.Read(cut);
            int lines = cut.Count(b => b == '\n');
            bool isWhole = cut[^1] == '\n';
            long read = result.Statistics.MessagesByType.ToArray().Sum() + result.Statistics.BitMex!.SentLines
                + result.Statistics.BitMex.Opened + result.Statistics.BitMex.Closed;
            Assert.That(read, Is.InRange(lines, isWhole ? lines : lines + 1), $"cut at {length}");
            Assert.That(read, Is.GreaterThanOrEqualTo(last), $"cut at {length}");
            last = read;
            ends += isWhole ? 1 : 0;
        }

        Assert.That(ends, Is.GreaterThanOrEqualTo(2));
    }

    [Test]
    public void Wrong_options_and_files_that_exist_are_refused_at_once()
    {
        BitMexLiveOptions options = new() { Symbols = ["XBTUSD"], WebSocket = new Uri("ws://127.0.0.1:1/realtime") };
        string path = Feed.File("recording", [1]);
        Assert.That(() => BitMexLiveFeed.Open(options, Feed.Options(), new WallClock(), path), Throws.InstanceOf<IOException>());
        Assert.That(() => BitMexLiveFeed.Open(options with { Symbols = [] }, Feed.Options(), new WallClock()), Throws.ArgumentException);
    }

    /// <summary>Reads until something holds, or to the end.</summary>
    private static void Until(BitMexLiveFeed feed, List<MarketEvent> events, Func<bool> holds, string what)
    {
        MarketEvent[] buffer = new MarketEvent[256];
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            int count = feed.Read(buffer);
            if (count < 0)
            {
                Assert.That(what, Is.EqualTo("the end"), "the session ended early");
                return;
            }

            events.AddRange(buffer.AsSpan(0, count));
            if (!feed.IsIdle)
            {
                continue;
            }

            if (holds())
            {
                return;
            }

            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(s_deadline), $"{what} did not come; fault: {feed.Fault?.Sentence}");
            Thread.Sleep(1);
        }
    }

    /// <summary>Whether the books that the events make equal the server's own.</summary>
    private static bool Agrees(List<MarketEvent> events, BitMexLiveFeed feed, BitMexServer server) => BitMexSymbol.Usual.All(symbol =>
        Book(events, feed, symbol.Name, Side.Buy).SequenceEqual(Truth(server, symbol.Name, true))
        && Book(events, feed, symbol.Name, Side.Sell).SequenceEqual(Truth(server, symbol.Name, false)));

    /// <summary>Whether the last word of the events on index, mark and funding is the server's own.</summary>
    private static bool Refers(List<MarketEvent> events, BitMexLiveFeed feed, BitMexServer server) => BitMexSymbol.Usual.All(symbol =>
    {
        int instrument = feed.Instruments.Find(symbol.Name);
        BitMexReferenceTexts truth = server.Reference(symbol.Name);
        MarketEvent funding = Last(EventKind.Funding);
        return (Last(EventKind.IndexPrice).Price, Last(EventKind.MarkPrice).Price) == (Units(truth.IndexPrice), Units(truth.MarkPrice))
            && (truth.FundingRate is null
                ? funding.Kind == EventKind.None
                : funding.Price == Units(truth.FundingRate) && funding.Quantity == truth.FundingTime / 1_000_000 * 1_000_000);

        MarketEvent Last(EventKind kind) => events.LastOrDefault(e => e.Instrument == instrument && e.Kind == kind);
    });

    private static long Units(string number) => (long)(decimal.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture) * 1_000_000_000);

    private static IEnumerable<(long, long)> Truth(BitMexServer server, string symbol, bool isBuy) => server.Book(symbol, isBuy)
        .Select(level => (Units(level.Price), level.Size));

    /// <summary>A side of a book made of events in the plainest way, best first.</summary>
    private static IEnumerable<(long, long)> Book(List<MarketEvent> events, BitMexLiveFeed feed, string symbol, Side side)
    {
        int instrument = feed.Instruments.Find(symbol);
        SortedDictionary<long, long> levels = [];
        foreach (MarketEvent e in events)
        {
            if ((e.Kind == EventKind.Clear && e.Instrument is MarketEvent.AllInstruments)
                || (e.Kind is EventKind.Clear or EventKind.SnapshotBegin && e.Instrument == instrument))
            {
                levels.Clear();
            }
            else if (e.Kind == EventKind.LevelSet && e.Instrument == instrument && e.Side == side)
            {
                levels[e.Price] = e.Quantity;
            }
        }

        IEnumerable<(long, long)> filled = levels.Where(level => level.Value > 0).Select(level => (level.Key, level.Value));
        return side == Side.Buy ? filled.Reverse() : filled;
    }

    private static string Recording()
    {
        string path = Feed.File("session.txt", []);
        File.Delete(path);
        return path;
    }
}
