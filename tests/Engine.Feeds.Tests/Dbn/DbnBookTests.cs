using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.Feeds.Captures;
using Engine.TestKit;
using Engine.TestKit.Books;
using Engine.TestKit.Captures;

namespace Engine.Feeds.Tests.Dbn;

/// <summary>
/// A random market written as MBO and as MBP-10: the books that come of the files are those of a naive book that took the same
/// flow, record by record. Order ids repeat between instruments, as they may in DBN.
/// </summary>
public class DbnBookTests
{
    private const int Instruments = 4;
    private const int Steps = 2_500;
    private const long Tick = 250_000_000;

    private static IEnumerable<ulong> FlowSeeds() => Seeds.Take(2);

    private static EngineLimits Limits => new() { Instruments = 16, Orders = 1 << 12, Levels = 1 << 12, LevelsPerSide = 512, WindowTrades = 64 };

    [TestCaseSource(nameof(FlowSeeds))]
    public void Orders_give_the_books_of_the_flow(ulong seed)
    {
        var flow = new Flow(seed);
        DbnWriter writer = new DbnWriter().Map("S0", 100).Map("S1", 101).Map("S2", 102).Map("S3", 103);
        flow.Run(Steps, writer, null);
        using OrderBooks books = new(Limits);
        int record = 0;
        NaiveBooks naive = new(Limits);
        Read(writer, e =>
        {
            BookStatus status = books.Apply(ref e);
            Assert.That(status, Is.EqualTo(BookStatus.Applied).Or.EqualTo(BookStatus.NotABookEvent), $"seed {seed}, event {record}: {EventText.Of(e)}");
            if (e.Kind == EventKind.Clear)
            {
                Assert.That(e.Flags.HasFlag(EventFlags.LastOfEvent), Is.False, "the end of the snapshot, of the same record, follows");
                return;
            }

            foreach (MarketEvent expected in flow.Expected[record])
            {
                MarketEvent copy = expected;
                naive.Apply(ref copy);
            }

            string? difference = BookComparison.OfBook(books, naive, e.Instrument, e.Price);
            difference ??= record % 64 == 0 ? BookComparison.OfQueues(books, naive, e.Instrument) : null;
            Assert.That(difference, Is.Null, $"seed {seed}, record {record}");
            record++;
        });
        Assert.That(record, Is.EqualTo(flow.Expected.Count).And.GreaterThan(Steps));
        Assert.That(books.CountTrust(BookTrust.Good), Is.EqualTo(Instruments), "one was cleared on the way, and is known from there on");
        Assert.That(flow.Executions, Is.GreaterThan(100));
    }

    [TestCaseSource(nameof(FlowSeeds))]
    public void Levels_give_the_top_of_the_books_of_the_flow(ulong seed)
    {
        DbnWriter levels = new DbnWriter(schema: 2).Map("S0", 100).Map("S1", 101).Map("S2", 102).Map("S3", 103);
        var flow = new Flow(seed);
        flow.Run(Steps, new DbnWriter(), levels);
        using OrderBooks books = new(Limits);
        int record = 0;
        var prices = new long[32];
        var sizes = new long[32];
        Read(levels, e =>
        {
            BookStatus status = books.Apply(ref e);
            Assert.That(status, Is.EqualTo(BookStatus.Applied).Or.EqualTo(BookStatus.NotABookEvent), $"seed {seed}, record {record}: {EventText.Of(e)}");
            if (!e.Flags.HasFlag(EventFlags.LastOfEvent))
            {
                return;
            }

            foreach ((Side side, List<(long, long)> expected) in (ReadOnlySpan<(Side, List<(long, long)>)>)
                [(Side.Buy, flow.Tops[record].Bids), (Side.Sell, flow.Tops[record].Asks)])
            {
                int count = books.Top(e.Instrument, side, prices, sizes);
                Assert.That(
                    Enumerable.Range(0, count).Select(i => (prices[i], sizes[i])).SequenceEqual(expected), Is.True, $"seed {seed}, record {record}, {side}");
            }

            record++;
        });
        Assert.That(record, Is.EqualTo(flow.Tops.Count).And.GreaterThan(Steps));
        Assert.That(books.CountTrust(BookTrust.Good), Is.EqualTo(Instruments));
        Assert.That(flow.Tops.Max(top => top.Bids.Count), Is.EqualTo(10));
    }

    [Test]
    public void One_event_at_a_time_gives_the_same_events()
    {
        DbnWriter writer = new DbnWriter(schema: 2).Map("S0", 100);
        new Flow(5).Run(300, writer, writer);
        string path = Feed.File("mixed", writer.ToArray());
        using MarketDataSource one = CaptureSource.Open([path], Feed.Options());
        using MarketDataSource many = CaptureSource.Open([path], Feed.Options());
        Feed.Result single = Feed.ReadAll(one, 1);
        Feed.Result whole = Feed.ReadAll(many);
        Assert.That(single.Events.Select(e => EventText.Of(e)), Is.EqualTo(whole.Events.Select(e => EventText.Of(e))));
        Assert.That(single.Messages, Is.EqualTo(whole.Messages));
        Assert.That(whole.Events, Has.Count.GreaterThan(600));
    }

    private static void Read(DbnWriter writer, Action<MarketEvent> take)
    {
        using MarketDataSource source = CaptureSource.Open([Feed.File("flow", writer.ToArray())], Feed.Options());
        var events = new MarketEvent[100];
        int count;
        while ((count = source.Read(events)) >= 0)
        {
            foreach (MarketEvent e in events.AsSpan(0, count))
            {
                take(e);
            }
        }

        Assert.That(source.Fault, Is.Null);
        Assert.That(source.Statistics.Irregularities().Where(i => i.Key != "unmapped_messages"), Is.Empty);
    }

    /// <summary>Orders come, change, go and trade; each step is written, and told to the naive books as it is meant.</summary>
    private sealed class Flow(ulong seed)
    {
        private readonly SeededRandom _random = new(seed);
        private readonly List<(int Instrument, ulong Id, bool IsBid, long Price, uint Size)> _live = [];
        private readonly NaiveBooks _naive = new(Limits);
        private readonly ulong[] _ids = new ulong[Instruments];
        private DbnWriter _orders = null!;
        private DbnWriter? _levels;
        private uint _sequence;
        private uint _events;

        /// <summary>By record: what the naive books are told.</summary>
        public List<MarketEvent[]> Expected { get; } = [];

        /// <summary>By mbp-10 record: the top of the book.</summary>
        public List<(List<(long, long)> Bids, List<(long, long)> Asks)> Tops { get; } = [];

        public int Executions { get; private set; }

        public void Run(int steps, DbnWriter orders, DbnWriter? levels)
        {
            (_orders, _levels) = (orders, levels);
            for (int i = 0; i < Instruments; i++)
            {
                Write(i, 'R', 'N', 0, DbnWriter.NoPrice, 0, i == 0
                    ? new MarketEvent { Kind = EventKind.Status, Instrument = i, Venue = Venue.Dbn, Flags = EventFlags.SessionStart }
                    : new MarketEvent { Kind = EventKind.Status, Instrument = i, Venue = Venue.Dbn });
            }

            for (int step = 0; step < steps; step++)
            {
                Step(step == steps / 2);
            }
        }

        private void Step(bool clears)
        {
            if (clears)
            {
                _live.RemoveAll(o => o.Instrument == 2);
                Write(2, 'R', 'N', 0, DbnWriter.NoPrice, 0,
                    new MarketEvent { Kind = EventKind.Clear, Instrument = 2, Venue = Venue.Dbn },
                    new MarketEvent { Kind = EventKind.SnapshotEnd, Instrument = 2, Venue = Venue.Dbn });
            }
            else if (_live.Count < 20 || _random.Chance(200.0 / (200 + _live.Count)))
            {
                Add();
            }
            else
            {
                Touch(_random.Next(_live.Count));
            }
        }

        private void Add()
        {
            int instrument = _random.Next(Instruments);
            bool isBid = _random.Chance(0.5);
            long price = (1_000 + (isBid ? -_random.Next(1, 25) : _random.Next(1, 25))) * Tick;
            uint size = (uint)_random.Next(1, 90);
            ulong id = ++_ids[instrument];
            _live.Add((instrument, id, isBid, price, size));
            Write(instrument, 'A', isBid ? 'B' : 'A', id, price, size, On(instrument, EventKind.Add, id, isBid, price, size));
        }

        private void Touch(int index)
        {
            (int instrument, ulong id, bool isBid, long price, uint size) = _live[index];
            char side = isBid ? 'B' : 'A';
            uint taken = _random.Chance(0.5) ? size : (uint)_random.Next(1, (int)size + 1);
            switch (_random.Next(3))
            {
                case 0:
                    long moved = price + ((isBid ? -1 : 1) * _random.Next(0, 3) * Tick);
                    uint now = (uint)_random.Next(1, 90);
                    _live[index] = (instrument, id, isBid, moved, now);
                    Write(instrument, 'M', side, id, moved, now, On(instrument, EventKind.Modify, id, isBid, moved, now));
                    return;
                case 1:
                    // An aggressor's trade, the fill of the order that rests, and its cancel: the book changes once.
                    Executions++;
                    Write(instrument, 'T', isBid ? 'A' : 'B', 0, price, taken);
                    Write(instrument, 'F', side, id, price, taken);
                    break;
            }

            Write(instrument, 'C', side, id, price, taken, On(instrument, EventKind.Cancel, id, isBid, price, taken));
            if (taken == size)
            {
                _live.RemoveAt(index);
            }
            else
            {
                _live[index] = (instrument, id, isBid, price, size - taken);
            }
        }

        private void Write(int instrument, char action, char side, ulong id, long price, uint size, params MarketEvent[] expected)
        {
            byte flags = (byte)(action is 'T' or 'F' ? 0 : 0x80);
            ulong time = 1_600_000_000_000_000_000 + (_events * 1_000UL);
            _events += flags == 0 ? 0u : 1;
            _sequence++;
            _orders.Mbo(action, side, id, price, size, (uint)(100 + instrument), flags, time, sequence: _sequence);
            Expected.Add(expected);
            for (int i = 0; i < expected.Length; i++)
            {
                MarketEvent e = expected[i];
                _naive.Apply(ref e);
            }

            if (_levels is not null && action != 'F')
            {
                List<(long, long)> bids = Top(instrument, Side.Buy), asks = Top(instrument, Side.Sell);
                Tops.Add((bids, asks));
                _levels.Mbp10(action, side, price, size, [.. Enumerable.Range(0, 10).Select(i => Level(bids, asks, i))], (uint)(100 + instrument), 0x80, time, sequence: _sequence);
            }
        }

        private static DbnLevel Level(List<(long Price, long Size)> bids, List<(long Price, long Size)> asks, int i)
        {
            (long bid, long bidSize) = i < bids.Count ? bids[i] : (DbnWriter.NoPrice, 0);
            (long ask, long askSize) = i < asks.Count ? asks[i] : (DbnWriter.NoPrice, 0);
            return new DbnLevel(bid, (uint)bidSize, ask, (uint)askSize);
        }

        private List<(long, long)> Top(int instrument, Side side) =>
            [.. _naive.Levels(instrument, side).Take(10).Select(level => (level.Price, level.Queue.Sum(o => o.Quantity)))];

        /// <summary>Ids of the naive books are apart by instrument in the way that the documentation of the decoder says.</summary>
        private static MarketEvent On(int instrument, EventKind kind, ulong id, bool isBid, long price, uint size) => new()
        {
            Kind = kind,
            Instrument = instrument,
            Venue = Venue.Dbn,
            OrderId = id | ((ulong)instrument << 48),
            Side = isBid ? Side.Buy : Side.Sell,
            Price = price,
            Quantity = size,
            Flags = EventFlags.LastOfEvent,
        };
    }
}
