using Engine.Books;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Feeds.Captures;
using Engine.Simulator;

namespace Engine.Feeds.Tests.Simulated;

/// <summary>A simulated day in one venue's packets, read back through the venue's decoder.</summary>
internal sealed class VenueDay
{
    private VenueDay(SimulationResult written, Feed.Result read)
    {
        Written = written;
        Read = read;

        // Channels interleave by receive time; an instrument's own events are in the order of their times on every venue.
        ByTime = [.. read.Events.OrderBy(e => e.ExchangeTime)];
    }

    public SimulationResult Written { get; }

    public Feed.Result Read { get; }

    public MarketEvent[] ByTime { get; }

    public FeedStatistics Statistics => Read.Statistics;

    public static VenueDay Of(SimulationOptions options)
    {
        using var bytes = new MemoryStream();
        SimulationResult written = Simulation.Run(options, bytes);
        return new VenueDay(written, Feed.Read(bytes.ToArray()));
    }

    /// <summary>Counters of what is out of the ordinary, but those named.</summary>
    public string[] Irregularities(params string[] expected) =>
        [.. Statistics.Irregularities().Where(item => !expected.Contains(item.Key)).Select(item => $"{item.Key}={item.Value}")];

    /// <summary>Walks the day's books from one time to the next.</summary>
    public Books Walk() => new(this);

    /// <summary>The day's books at a time that only moves on.</summary>
    internal sealed class Books(VenueDay day) : IDisposable
    {
        private readonly OrderBooks _books = new(new EngineLimits { Instruments = 1_000 });
        private int _at;

        public OrderBooks State => _books;

        /// <summary>Applies every event up to a time, itself included.</summary>
        public void GoTo(long exchangeTime)
        {
            for (; _at < day.ByTime.Length && day.ByTime[_at].ExchangeTime <= exchangeTime; _at++)
            {
                MarketEvent e = day.ByTime[_at];
                BookStatus status = _books.Apply(ref e);
                if (status is not (BookStatus.Applied or BookStatus.NotABookEvent))
                {
                    Assert.Fail($"{e.Venue} event {_at}, {e.Kind} of order {e.OrderId}: {status}");
                }
            }
        }

        /// <summary>Every level of a symbol, best first, with its orders from oldest to youngest.</summary>
        public IEnumerable<string> Orders(string symbol, Side side)
        {
            int instrument = day.Read.Instruments.Find(symbol);
            foreach ((int rank, long price, long _) in Levels(instrument, side))
            {
                yield return $"{side} {price}: {string.Join(' ', _books.Queue(instrument, side, rank))}";
            }
        }

        /// <summary>Every level of a symbol, best first, with its quantity.</summary>
        public IEnumerable<string> Levels(string symbol, Side side) =>
            Levels(day.Read.Instruments.Find(symbol), side).Select(level => $"{side} {level.Price}: {level.Quantity}");

        public void Dispose() => _books.Dispose();

        private IEnumerable<(int Rank, long Price, long Quantity)> Levels(int instrument, Side side)
        {
            Assert.That(instrument, Is.GreaterThanOrEqualTo(0), "the symbol is known");
            long[] prices = new long[_books.Depth(instrument, side)];
            long[] quantities = new long[prices.Length];
            int count = _books.Top(instrument, side, prices, quantities);
            Assert.That(count, Is.EqualTo(prices.Length));
            return prices.Select((price, rank) => (rank, price, quantities[rank]));
        }
    }
}
